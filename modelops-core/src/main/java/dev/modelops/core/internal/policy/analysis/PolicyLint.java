package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.analysis.Diagram.TooLargeException;
import dev.modelops.core.internal.policy.analysis.Finding.Kind;
import dev.modelops.core.internal.policy.analysis.Finding.Severity;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import dev.modelops.policy.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds policies that are valid and yet cannot be meant as they stand. What it finds is so for every request; it finds only
 * what follows from comparisons of one place with constants.
 */
public final class PolicyLint {
    private static final int MOST_NODES = 200_000;
    private static final int MOST_PAIRS = 200_000;
    private static final Diagram.Op WITHOUT =
            (one, other) -> one == Diagram.TRUE && other != Diagram.TRUE ? Diagram.TRUE : Diagram.FALSE;
    private static final Diagram.Op NOT_TRUE = (one, unused) -> one == Diagram.TRUE ? Diagram.FALSE : Diagram.TRUE;
    private static final Diagram.Op SATISFIED = (one, unused) -> one == Diagram.TRUE ? Diagram.TRUE : Diagram.FALSE;
    private static final Diagram.Op SATISFIED_OR_ERRING =
            (one, unused) -> one == Diagram.FALSE ? Diagram.FALSE : Diagram.TRUE;

    private final Map<String, CedarPolicy> policies;
    private final CedarPolicySet set;
    private final @Nullable Schema schema;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, Seen> seen = new LinkedHashMap<>();
    private final Set<String> wrong = new HashSet<>();
    private int pairs;

    private PolicyLint(CedarPolicySet set, @Nullable Schema schema) {
        this.set = set;
        this.policies = set.policies();
        this.schema = schema;
        policies.forEach((id, policy) -> seen.put(id, new Seen(id, policy, policies)));
    }

    /** What the settings looked at so far have shown of a policy. */
    private static final class Seen {
        private boolean reachable;
        private boolean satisfiable;
        private boolean fallible;
        private final boolean[] clauseMayFail;
        private boolean effective;

        /** The attributes asked for that no request looked at so far can have. */
        private final Set<Spot> undeclared = new TreeSet<>();

        private final Set<String> coveredBy = new TreeSet<>();
        private final Set<String> shadowedBy = new TreeSet<>();

        Seen(String id, CedarPolicy policy, Map<String, CedarPolicy> policies) {
            clauseMayFail = new boolean[policy.clauses().size()];
            policy.clauses().forEach(clause -> addAttributes(clause.body(), undeclared));
            policies.forEach((other, candidate) -> {
                boolean asFirm = PolicyComparison.level(candidate) == PolicyComparison.level(policy);
                if (!other.equals(id) && candidate.effect() == policy.effect() && asFirm) {
                    shadowedBy.add(other);
                } else if (candidate.effect() == Effect.FORBID
                        && PolicyComparison.level(candidate) == Level.HARD
                        && policy.effect() == Effect.PERMIT) {
                    coveredBy.add(other);
                }
            });
        }
    }

    private static void addAttributes(Expr expr, Set<Spot> found) {
        Spot spot = Spot.of(expr instanceof Has has ? new GetAttr(has.of(), has.name()) : expr);
        for (Spot at = spot; at != null && !at.isRoot(); at = at.parent()) {
            found.add(at);
        }
        expr.parts().forEach(part -> addAttributes(part, found));
    }

    /**
     * Returns what there is to say about policies, by their ids.
     *
     * @param schema what requests conform to; null if nothing is known of them
     */
    public static List<Finding> of(CedarPolicySet set, @Nullable Schema schema) {
        return new PolicyLint(set, schema).run();
    }

    private List<Finding> run() {
        if (schema != null) {
            validate(schema);
        }
        duplicates();
        policies.forEach((id, policy) -> policy.clauses().forEach(clause -> textWithIn(id, clause.body())));
        setAsideWhatIsWrong();
        List<Setting> settings =
                schema == null ? PolicyComparison.openSettings(policies.values()) : SchemaSetting.all(schema);
        try {
            settings.forEach(this::look);
            policies.forEach(this::conclude);
        } catch (TooLargeException e) {
            add(
                    policies.isEmpty() ? "" : policies.keySet().iterator().next(),
                    Kind.NOT_DECIDED,
                    Severity.NOTE,
                    "the set is too large to look for conditions that never or always hold and for policies without"
                            + " effect: " + e.getMessage() + "; check it in parts");
        }
        findings.sort(Comparator.comparing(Finding::policy).thenComparing(Finding::kind));
        return List.copyOf(findings);
    }

    /** What a policy does that cannot stay as it is says nothing about others. */
    private void setAsideWhatIsWrong() {
        findings.stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .forEach(finding -> wrong.add(finding.policy()));
        seen.values().forEach(known -> {
            known.coveredBy.removeAll(wrong);
            known.shadowedBy.removeAll(wrong);
        });
    }

    private void add(String policy, Kind kind, Severity severity, String message) {
        findings.add(new Finding(policy, kind, severity, message));
    }

    private void validate(Schema against) {
        new Validator(against).validate(set).findings().forEach(found -> {
            boolean forbids = policies.containsKey(found.policy())
                    && policies.get(found.policy()).effect() == Effect.FORBID;
            String message = found.message() + "; in: " + found.expression()
                    + (found.environment() == null ? "" : "; for " + found.environment());
            switch (found.kind()) {
                case UNKNOWN_ATTRIBUTE ->
                    add(
                            found.policy(),
                            Kind.UNKNOWN_ATTRIBUTE,
                            Severity.ERROR,
                            message + ". Nobody provides it, so "
                                    + (forbids
                                            ? "the forbid fails and refuses what it is asked about"
                                            : "the permit fails and permits nothing"));
                case UNGUARDED_ATTRIBUTE, UNGUARDED_TAG ->
                    add(
                            found.policy(),
                            Kind.MISSING_HAS,
                            Severity.ERROR,
                            message + ". Where it is absent, "
                                    + (forbids
                                            ? "the forbid fails and refuses"
                                            : "the permit fails and is passed over"));
                case IMPOSSIBLE_POLICY -> add(found.policy(), Kind.NEVER_TRUE, Severity.WARNING, message);
                case NOT_APPLICABLE -> add(found.policy(), Kind.UNREACHABLE_SCOPE, Severity.ERROR, message);
                default -> add(found.policy(), Kind.INVALID, Severity.ERROR, message);
            }
        });
    }

    private void duplicates() {
        Map<CedarPolicy, String> first = new HashMap<>();
        new TreeMap<>(policies).forEach((id, policy) -> {
            String same = first.putIfAbsent(PolicyComparison.bare(policy), id);
            if (same != null) {
                add(
                        id,
                        Kind.DUPLICATE,
                        Severity.WARNING,
                        "the policy says the same as '" + same
                                + "', but for id and annotations: whoever changes one will miss the other; remove one");
            }
        });
    }

    private void textWithIn(String id, Expr expr) {
        Expr where = expr instanceof Binary pair && pair.operator() == BinaryOperator.IN
                ? pair.right()
                : expr instanceof Is is ? is.in() : null;
        Expr what = expr instanceof Binary pair && pair.operator() == BinaryOperator.IN ? pair.left() : null;
        if (where != null && isText(where) || what != null && isText(what)) {
            add(
                    id,
                    Kind.TEXT_WITH_IN,
                    Severity.ERROR,
                    "'" + CedarText.of(expr) + "' asks whether something is in a text or a text in something, but 'in'"
                            + " is for entities, and fails; write Type::\"...\", or [\"...\"].contains(...) for texts");
        }
        expr.parts().forEach(part -> textWithIn(id, part));
    }

    private static boolean isText(Expr expr) {
        return expr instanceof Literal literal && literal.value() instanceof StringValue
                || expr instanceof SetOf set && set.elements().stream().anyMatch(PolicyLint::isText);
    }

    private void look(Setting setting) {
        Map<String, CedarPolicy> candidates = PolicyComparison.candidates(set, setting);
        Diagram diagram = new Diagram(MOST_NODES);
        Conditions conditions = Conditions.over(setting, candidates.values(), diagram);
        Map<String, Integer> functions = new LinkedHashMap<>();
        int denied = Diagram.FALSE;
        for (Map.Entry<String, CedarPolicy> entry : candidates.entrySet()) {
            int function = look(seen(entry.getKey()), entry.getValue(), conditions, diagram);
            functions.put(entry.getKey(), function);
            if (entry.getValue().effect() == Effect.FORBID
                    && PolicyComparison.level(entry.getValue()) == Level.HARD
                    && !wrong.contains(entry.getKey())) {
                denied = diagram.apply(PolicyComparison.ALSO_SATISFIED_OR_ERRING, denied, function);
            }
        }
        for (Map.Entry<String, Integer> entry : functions.entrySet()) {
            compare(entry.getKey(), entry.getValue(), functions, denied, diagram);
        }
    }

    private int look(Seen policy, CedarPolicy source, Conditions conditions, Diagram diagram) {
        int scope = conditions.scope(source);
        policy.reachable |= diagram.reaches(scope, Diagram.TRUE);
        if (diagram.reaches(scope, Diagram.TRUE)) {
            Setting setting = conditions.space().setting();
            policy.undeclared.removeIf(spot -> {
                Setting.Knowledge known = setting.of(spot);
                return known == null || known.type() != null;
            });
        }
        int soFar = scope;
        for (int i = 0; i < policy.clauseMayFail.length; i++) {
            int clause = conditions.of(source.clauses().get(i));
            int within = diagram.apply(Diagram.AND, scope, diagram.apply(NOT_TRUE, clause, Diagram.FALSE));
            policy.clauseMayFail[i] |= diagram.reaches(within, Diagram.TRUE);
            soFar = diagram.apply(Diagram.AND, soFar, clause);
        }
        policy.satisfiable |= diagram.reaches(soFar, Diagram.TRUE);
        policy.fallible |= diagram.reaches(soFar, Diagram.ERROR);
        return soFar;
    }

    private void compare(String id, int function, Map<String, Integer> all, int denied, Diagram diagram) {
        Seen policy = seen(id);
        boolean permits = policy(id).effect() == Effect.PERMIT;
        int does = diagram.apply(permits ? SATISFIED : SATISFIED_OR_ERRING, function, Diagram.FALSE);
        if (does == Diagram.FALSE) {
            return;
        }
        if (permits) {
            policy.effective |= diagram.reaches(diagram.apply(WITHOUT, does, denied), Diagram.TRUE);
            policy.coveredBy.removeIf(other -> leaves(does, other, all, diagram, false));
        }
        policy.shadowedBy.removeIf(other -> leaves(does, other, all, diagram, permits));
    }

    /** Tells whether a policy does something that another does not do. */
    private boolean leaves(int does, String other, Map<String, Integer> all, Diagram diagram, boolean permits) {
        Integer function = all.get(other);
        if (function == null) {
            return true;
        }
        if (++pairs > MOST_PAIRS) {
            throw new TooLargeException("more than " + MOST_PAIRS + " pairs of policies");
        }
        int likewise = diagram.apply(permits ? SATISFIED : SATISFIED_OR_ERRING, function, Diagram.FALSE);
        return diagram.reaches(diagram.apply(WITHOUT, does, likewise), Diagram.TRUE);
    }

    private CedarPolicy policy(String id) {
        CedarPolicy known = policies.get(id);
        if (known == null) {
            throw new IllegalStateException("no policy " + id);
        }
        return known;
    }

    private Seen seen(String id) {
        Seen known = seen.get(id);
        if (known == null) {
            throw new IllegalStateException("no policy " + id);
        }
        return known;
    }

    private boolean isWrong(String id) {
        return findings.stream()
                .anyMatch(finding -> finding.policy().equals(id) && finding.severity() == Severity.ERROR);
    }

    private void conclude(String id, CedarPolicy policy) {
        Seen known = seen(id);
        if (known.reachable && !known.undeclared.isEmpty() && !isWrong(id)) {
            add(
                    id,
                    Kind.UNKNOWN_ATTRIBUTE,
                    Severity.WARNING,
                    "it asks for " + known.undeclared.iterator().next()
                            + ", which the schema declares for no request that the head accepts: nobody provides it, so it"
                            + " counts as absent; correct the name, or declare it");
            return;
        }
        boolean reported = findings.stream()
                .anyMatch(finding -> finding.policy().equals(id)
                        && (finding.severity() == Severity.ERROR || finding.kind() == Kind.NEVER_TRUE));
        if (reported) {
            return;
        }
        if (!known.reachable) {
            add(
                    id,
                    Kind.UNREACHABLE_SCOPE,
                    Severity.WARNING,
                    "no request can meet the head of the policy, so it never applies; correct the types, entities or"
                            + " actions it names, or remove it");
            return;
        }
        if (!known.satisfiable) {
            add(
                    id,
                    Kind.NEVER_TRUE,
                    Severity.WARNING,
                    known.fallible
                            ? "the conditions can fail but never be met"
                                    + (policy.effect() == Effect.FORBID
                                            ? ", so the forbid refuses only by failing; correct them"
                                            : ", so the policy never applies; correct them, or remove it")
                            : "the head and the conditions together can never be met, so the policy never applies;"
                                    + " correct them, or remove it");
            return;
        }
        for (int i = 0; i < known.clauseMayFail.length; i++) {
            Clause clause = policy.clauses().get(i);
            if (!known.clauseMayFail[i]) {
                boolean plain = clause.body().equals(new Literal(BoolValue.of(clause.kind() == Clause.Kind.WHEN)));
                add(
                        id,
                        Kind.ALWAYS_TRUE,
                        plain ? Severity.NOTE : Severity.WARNING,
                        "the condition '" + (clause.kind() == Clause.Kind.WHEN ? "when" : "unless") + " { "
                                + CedarText.of(clause.body())
                                + " }' never holds the policy back; correct or remove it");
            }
        }
        if (policy.effect() == Effect.PERMIT && !known.effective) {
            add(
                    id,
                    Kind.COVERED_BY_FORBID,
                    Severity.WARNING,
                    "whatever it permits, "
                            + (known.coveredBy.isEmpty()
                                    ? "the forbids together refuse"
                                    : "'" + known.coveredBy.iterator().next() + "' forbids")
                            + ", so it permits nothing; narrow the forbid, or remove the permit");
            return;
        }
        known.shadowedBy.removeIf(other -> {
            boolean twins = seen(other).shadowedBy.contains(id);
            boolean duplicates = PolicyComparison.bare(policy(other)).equals(PolicyComparison.bare(policy));
            return duplicates || twins && other.compareTo(id) > 0;
        });
        if (!known.shadowedBy.isEmpty()) {
            add(
                    id,
                    Kind.SHADOWED,
                    policy.effect() == Effect.PERMIT ? Severity.WARNING : Severity.NOTE,
                    "'" + known.shadowedBy.iterator().next() + "' "
                            + (policy.effect() == Effect.PERMIT ? "permits" : "refuses")
                            + " all that it does, so it changes no decision; remove it, or narrow the other");
        }
    }
}
