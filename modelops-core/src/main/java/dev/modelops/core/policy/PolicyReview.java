package dev.modelops.core.policy;

import dev.modelops.core.internal.policy.GovernanceSchema;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.policy.RuleTerms;
import dev.modelops.core.internal.policy.analysis.CoverageCollector;
import dev.modelops.core.internal.policy.analysis.GovernedSchema;
import dev.modelops.core.internal.policy.analysis.PolicyComparison;
import dev.modelops.core.internal.policy.analysis.PolicyDocument;
import dev.modelops.core.internal.policy.analysis.PolicyLint;
import dev.modelops.core.internal.policy.analysis.PolicyTestFile;
import dev.modelops.core.internal.policy.analysis.Witness;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.PolicyPrinter;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.PolicyCoverage;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.PolicyTestReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Policies under review, before anybody puts them into force: what is suspicious about them, how they differ from others,
 * what tests exercise of them. Immutable.
 *
 * <pre>{@code
 * PolicyReview now = PolicyReview.of(Policies.builtIn());
 * PolicyReview next = PolicyReview.read(Path.of("policies.cedar"));
 * next.findings().forEach(System.err::println);
 * if (now.compare(next) instanceof PolicyReview.Different different) {
 *     System.err.println(different.witness());
 * }
 * }</pre>
 */
public final class PolicyReview {
    private final PolicyDocument document;
    private final @Nullable Schema schema;
    private final boolean isGoverned;

    private PolicyReview(PolicyDocument document, @Nullable Schema schema, boolean isGoverned) {
        this.document = document;
        this.schema = schema;
        this.isGoverned = isGoverned;
    }

    /** Something about a rule that its author should look at. */
    public enum Kind {
        /** Something that the schema does not allow. */
        INVALID,
        /** An attribute that the schema does not declare: nobody provides it. */
        UNKNOWN_ATTRIBUTE,
        /** An optional attribute, read without {@code has} where it may be absent. */
        MISSING_HAS,
        /** A head that no request can meet. */
        UNREACHABLE_SCOPE,
        /** Conditions that are never met. */
        NEVER_TRUE,
        /** A condition that is always met. */
        ALWAYS_TRUE,
        /** A rule that is there twice, but for id and annotations. */
        DUPLICATE,
        /** A permit that forbids leave nothing of. */
        COVERED_BY_FORBID,
        /** A rule that changes nothing because another does all it does. */
        SHADOWED,
        /** A text where {@code in} wants an entity. */
        TEXT_WITH_IN,
        /** The set is too large to look for some of these. */
        NOT_DECIDED
    }

    /** How bad a finding is. */
    public enum Severity {
        /** The rule cannot be meant so. */
        ERROR,
        /** The rule is probably not meant so. */
        WARNING,
        /** The rule could be simpler. */
        NOTE
    }

    /**
     * One thing found.
     *
     * @param rule the id of the rule
     * @param kind what it is
     * @param severity how bad
     * @param message what it is, why it matters, and what to do
     * @param line the line on which the rule begins, from 1, if it was read from text
     * @param column the column at which it begins
     */
    public record Finding(
            String rule, Kind kind, Severity severity, String message, OptionalInt line, OptionalInt column) {
        /** Returns all of it on one line. */
        @Override
        public String toString() {
            String place = line.isEmpty() ? "" : line.getAsInt() + ":" + column.orElse(1) + ": ";
            return place + severity + " " + kind + " in rule '" + rule + "': " + message;
        }
    }

    /** What policies decide. */
    public enum Outcome {
        /** The request is allowed. */
        ALLOWED,
        /** The request is refused, but by soft rules alone, so that it can be overridden. */
        DENIED_UNLESS_OVERRIDDEN,
        /** The request is refused. */
        DENIED
    }

    /** What a comparison came to: {@link Same}, {@link Different} or {@link Unknown}. */
    public sealed interface Comparison {}

    /** Both decide every request alike, which is proven. */
    public record Same() implements Comparison {}

    /**
     * They decide a request differently.
     *
     * @param witness the request, in words
     * @param request the request with its entities, as JSON: principal, action, resource, context and entities in the
     *     forms of Cedar
     * @param before what the first decides
     * @param after what the second decides
     * @param rulesBefore the rules that determine the first decision
     * @param rulesAfter the rules that determine the second
     */
    public record Different(
            String witness,
            String request,
            Outcome before,
            Outcome after,
            List<String> rulesBefore,
            List<String> rulesAfter)
            implements Comparison {
        /**
         * Creates the outcome.
         *
         * @param witness the request, in words
         * @param request the request with its entities, as JSON
         * @param before what the first decides
         * @param after what the second decides
         * @param rulesBefore the rules that determine the first decision
         * @param rulesAfter the rules that determine the second
         */
        public Different {
            rulesBefore = List.copyOf(rulesBefore);
            rulesAfter = List.copyOf(rulesAfter);
        }
    }

    /**
     * Neither was found out.
     *
     * @param reasons why, and which rules it is about
     */
    public record Unknown(List<String> reasons) implements Comparison {
        /**
         * Creates the outcome.
         *
         * @param reasons why
         */
        public Unknown {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * Reads policies from a file: Cedar text if it is named {@code .cedar}, the Cedar JSON policy format if {@code .json}.
     *
     * @param file the file
     * @return the policies
     * @throws dev.modelops.policy.InvalidPolicyException if the file cannot be read or holds something else
     */
    public static PolicyReview read(Path file) {
        return new PolicyReview(PolicyDocument.read(file), null, false);
    }

    /**
     * Reads policies from Cedar text. A policy's id is its {@code @id}, else {@code policy0}, {@code policy1} and so on by
     * its place.
     *
     * @param text the text
     * @return the policies
     * @throws dev.modelops.policy.InvalidPolicyException if it is not Cedar
     */
    public static PolicyReview ofCedar(String text) {
        return new PolicyReview(PolicyDocument.ofCedar(text), null, false);
    }

    /**
     * Takes the policies of a set.
     *
     * @param set the set
     * @return the policies
     * @throws dev.modelops.policy.InvalidPolicyException if it cannot be read
     */
    public static PolicyReview of(PolicySet set) {
        return new PolicyReview(PolicyDocument.ofJson(set.document()), null, false);
    }

    /**
     * Says what requests look like, so that more can be found and compared.
     *
     * @param file a Cedar schema, as JSON if the file is named {@code .json}, else as text
     * @return the same policies, held against the schema
     * @throws dev.modelops.policy.InvalidPolicyException if the file cannot be read or is not a schema
     */
    public PolicyReview withSchema(Path file) {
        return new PolicyReview(document, PolicyDocument.schema(file), false);
    }

    /**
     * Says what requests look like, so that more can be found and compared.
     *
     * @param text a Cedar schema as text
     * @return the same policies, held against the schema
     * @throws dev.modelops.policy.InvalidPolicyException if it is not a schema
     */
    public PolicyReview withSchema(String text) {
        return new PolicyReview(document, PolicyDocument.schema(text), false);
    }

    /**
     * Says that requests are those that a log decides: holds the policies against {@link Policies#schema(java.util.Collection)
     * the schema} of what policies may speak of, with the metrics they read, the standard life cycle and the facts that
     * hosts usually give. Where a log or its host has others, use {@link #withSchema(String)} with a schema that names them.
     *
     * @return the same policies, held against that schema
     */
    public PolicyReview governed() {
        return new PolicyReview(document, null, true);
    }

    private @Nullable Schema schemaFor(PolicyReview... others) {
        if (!isGoverned) {
            return schema;
        }
        List<CedarPolicySet> sets = new ArrayList<>();
        sets.add(document.policies());
        for (PolicyReview other : others) {
            sets.add(other.document.policies());
        }
        return GovernedSchema.of(sets);
    }

    /**
     * Returns the policies in the form that logs keep.
     *
     * @return the set
     */
    public PolicySet policySet() {
        return document.policySet();
    }

    /**
     * Returns the policies as Cedar text, always written in the same way.
     *
     * @return the text
     */
    public String toCedar() {
        return PolicyPrinter.print(document.policies());
    }

    /**
     * Validates the policies strictly, if there is a schema, and looks for rules that cannot be meant as they stand. What
     * it finds about conditions is so for every request; it follows from comparisons of one attribute with constants, other
     * comparisons are taken to come out any way.
     *
     * @return what was found, in the order of the text, or by rule
     */
    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        for (dev.modelops.core.internal.policy.analysis.Finding one : PolicyLint.of(document.policies(), schemaFor())) {
            found.add(new Finding(
                    one.policy(),
                    Kind.valueOf(one.kind().name()),
                    Severity.valueOf(one.severity().name()),
                    one.message(),
                    place(document.lines().get(one.policy())),
                    place(document.columns().get(one.policy()))));
        }
        if (isGoverned) {
            GovernedSchema.problems(document.policies())
                    .forEach((rule, problem) -> found.add(new Finding(
                            rule,
                            Kind.INVALID,
                            Severity.ERROR,
                            problem,
                            place(document.lines().get(rule)),
                            place(document.columns().get(rule)))));
        }
        found.sort(Comparator.<Finding>comparingInt(one -> one.line().orElse(0))
                .thenComparingInt(one -> one.column().orElse(0)));
        return List.copyOf(found);
    }

    private static OptionalInt place(@Nullable Integer known) {
        return known == null ? OptionalInt.empty() : OptionalInt.of(known);
    }

    /**
     * Compares what these policies decide with what others do, over all requests: all that conform to the schema, if these
     * have one, else any at all; what does not fit that schema leaves the answer open. A forbid that cannot be evaluated
     * denies, an advisory one does not count. Rules that compare one attribute with constants, test for presence or ask for
     * roles and types are compared exactly; where the outcome hangs on others, the answer may be {@link Unknown}, and never
     * {@link Same} without proof. Policies that are {@link #governed} are the same only if they have the same gates and
     * obligations, too, and read the facts of a host in the same rules, so that a fact that fails makes no difference.
     *
     * @param others the other policies
     * @return the outcome
     */
    public Comparison compare(PolicyReview others) {
        if (isGoverned) {
            List<String> problems =
                    new ArrayList<>(GovernedSchema.problems(document.policies()).values());
            problems.addAll(GovernedSchema.problems(others.document.policies()).values());
            if (!problems.isEmpty()) {
                return new Unknown(problems);
            }
        }
        PolicyComparison.Result result =
                PolicyComparison.of(document.policies(), others.document.policies(), schemaFor(others));
        if (result instanceof PolicyComparison.Result.Different different) {
            return new Different(
                    Witness.text(different.request()),
                    Witness.json(different.request()),
                    Outcome.valueOf(different.before().name()),
                    Outcome.valueOf(different.after().name()),
                    different.rulesBefore(),
                    different.rulesAfter());
        } else if (result instanceof PolicyComparison.Result.Unknown unknown) {
            return new Unknown(unknown.reasons());
        }
        List<String> beyond =
                isGoverned ? beyondConditions(document.policies(), others.document.policies()) : List.of();
        return beyond.isEmpty() ? new Same() : new Unknown(beyond);
    }

    /** Returns in what else sets whose conditions come to the same may decide differently in a log. */
    private static List<String> beyondConditions(CedarPolicySet before, CedarPolicySet after) {
        List<String> reasons = new ArrayList<>();
        SortedSet<String> gates = gates(before);
        SortedSet<String> others = gates(after);
        if (!gates.equals(others)) {
            SortedSet<String> only = new TreeSet<>(gates);
            only.removeAll(others);
            others.removeAll(gates);
            only.addAll(others);
            reasons.add("the forbidding rules " + only + " are in one set only: environments that require them as gates"
                    + " refuse everything where they are missing");
        }
        if (!obligations(before).equals(obligations(after))) {
            reasons.add("the obligations differ: " + obligations(before) + " and " + obligations(after));
        }
        SortedSet<String> facts = new TreeSet<>();
        if (!readers(before, facts).equals(readers(after, facts))) {
            reasons.add("they decide alike while the host can establish the facts " + facts + ", but not necessarily"
                    + " when one fails, since the rules that read them are written differently");
        }
        return reasons;
    }

    private static SortedSet<String> gates(CedarPolicySet set) {
        SortedSet<String> gates = new TreeSet<>();
        set.policies().forEach((id, policy) -> {
            if (policy.effect() == CedarPolicy.Effect.FORBID
                    && RuleTerms.of(id, policy).level() != Level.ADVISORY) {
                gates.add(id);
            }
        });
        return gates;
    }

    private static Set<Obligation> obligations(CedarPolicySet set) {
        Set<Obligation> due = new LinkedHashSet<>();
        set.policies()
                .forEach((id, policy) -> due.addAll(RuleTerms.of(id, policy).obligations()));
        return due;
    }

    /** Returns the rules that may read facts of a host, whatever they are called, and adds those facts. */
    private static Set<List<Object>> readers(CedarPolicySet set, SortedSet<String> facts) {
        Set<List<Object>> readers = new HashSet<>();
        GovernanceSchema.hostFacts(set).forEach((id, read) -> {
            CedarPolicy policy = Objects.requireNonNull(set.policies().get(id));
            readers.add(List.of(
                    policy.effect(),
                    RuleTerms.of(id, policy).level(),
                    policy.principal(),
                    policy.action(),
                    policy.resource(),
                    policy.clauses()));
            facts.addAll(read);
        });
        return readers;
    }

    /**
     * Returns what some requests exercise of the policies. A request that asks to pass soft rules, and comes so far, also
     * counts for the rules about overriding.
     *
     * @param requests the requests
     * @return the coverage
     */
    public PolicyCoverage coverage(Iterable<AccessRequest> requests) {
        PolicyEngine engine = PolicyAdmission.compile(policySet());
        CoverageCollector coverage = new CoverageCollector(document.policies());
        requests.forEach(request -> engine.queries(request, Set.of()).forEach(coverage::see));
        return coverage.report();
    }

    /**
     * Decides the requests of a policy test file, as {@code dev.modelops.testkit.PolicyTests} describes it.
     *
     * @param file the file
     * @return what came of them
     * @throws dev.modelops.policy.InvalidPolicyException if the file or the policies it names are not as they must be
     */
    public static PolicyTestReport test(Path file) {
        return PolicyTestFile.run(file);
    }
}
