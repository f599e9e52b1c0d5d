package dev.modelops.policy;

import dev.modelops.Principal;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a decision was about and what it rests on.
 *
 * @param principal who asked, null if that is not known
 * @param action what was asked for, null if that is not known
 * @param determining the rules that determined the decision, by id; copied in
 * @param erred the rules that could not be evaluated, by id; copied in
 * @param obligations what falls due because the request was allowed; copied in
 * @param facts the facts that the determining rules read and that the refusal names, by name: each a {@link Boolean},
 *     {@link Long}, {@link String}, {@link BigDecimal} or list of texts; {@code "(masked)"} in place of the value of a fact
 *     that the policy set masks; copied in
 * @param overriding how soft rules were passed, null if none was
 * @param cedarAllows whether Cedar itself would allow the request by the same rules: it knows no levels, no required gates
 *     and no overrides, and passes over a rule that cannot be evaluated
 */
public record Explanation(
        @Nullable Principal principal,
        @Nullable Action action,
        List<Determining> determining,
        List<Erred> erred,
        List<Obligation> obligations,
        SortedMap<String, Object> facts,
        @Nullable Overriding overriding,
        boolean cedarAllows) {
    private static final SortedMap<String, Object> NO_FACTS = Collections.emptySortedMap();
    private static final Explanation ALLOWED =
            new Explanation(null, null, List.of(), List.of(), List.of(), NO_FACTS, null, true);
    private static final Explanation DENIED =
            new Explanation(null, null, List.of(), List.of(), List.of(), NO_FACTS, null, false);

    /**
     * Creates an explanation.
     *
     * @param principal who asked, null if that is not known
     * @param action what was asked for, null if that is not known
     * @param determining the rules that determined the decision
     * @param erred the rules that could not be evaluated
     * @param obligations what falls due because the request was allowed
     * @param facts the facts used
     * @param overriding how soft rules were passed, null if none was
     * @param cedarAllows whether Cedar itself would allow the request
     */
    public Explanation {
        determining = List.copyOf(determining);
        erred = List.copyOf(erred);
        obligations = List.copyOf(obligations);
        if (!(facts instanceof LateFacts)) {
            facts = facts.isEmpty() ? NO_FACTS : Collections.unmodifiableSortedMap(new TreeMap<>(facts));
        }
    }

    /**
     * Returns facts for an explanation that are read only if somebody asks for one of them.
     *
     * @param reading gives the facts by name, the same whenever it is called and on whatever thread; called once at most, and
     *     copied
     * @return the facts
     */
    public static SortedMap<String, Object> factsWhenAsked(Supplier<? extends Map<String, Object>> reading) {
        return new LateFacts(reading);
    }

    /** Returns the explanation of a decision about which no more is known than its outcome. */
    static Explanation none(boolean allowed) {
        return allowed ? ALLOWED : DENIED;
    }

    /**
     * Returns this explanation, of the decision about a request.
     *
     * @param asker who asked
     * @param request what was asked for
     * @return the changed copy
     */
    public Explanation about(Principal asker, @Nullable Action request) {
        return new Explanation(asker, request, determining, erred, obligations, facts, overriding, cedarAllows);
    }

    /**
     * A rule that determined a decision.
     *
     * @param rule its id
     * @param effect {@code permit} or {@code forbid}
     * @param reason what the rule is for, from its annotation {@code @reason} or else {@code @description}; empty if it has
     *     neither, or where the decision was read from the log: there the policy set tells
     * @param source where the rule stands in the text it was read from, such as {@code credit.cedar:12}; empty where it was
     *     not read from text: a log keeps its policy sets as JSON, in which rules have no place
     */
    public record Determining(String rule, String effect, String reason, String source) {
        /**
         * Creates a rule that was not read from text.
         *
         * @param rule its id
         * @param effect {@code permit} or {@code forbid}
         * @param reason what the rule is for
         */
        public Determining(String rule, String effect, String reason) {
            this(rule, effect, reason, "");
        }
    }

    /**
     * A rule that could not be evaluated.
     *
     * @param rule its id
     * @param kind what went wrong: {@code missing}, {@code type}, {@code overflow}, {@code fact} or {@code value}
     * @param where the part of the rule that could not be evaluated, in Cedar; empty if that is not known
     */
    public record Erred(String rule, String kind, String where) {}

    /**
     * How soft rules were passed.
     *
     * @param reason the reason that was given
     * @param rules the ids of the rules that were passed, sorted; copied in
     * @param permittedBy the ids of the rules that permit it, sorted; copied in
     */
    public record Overriding(String reason, List<String> rules, List<String> permittedBy) {
        /**
         * Creates the record of an override.
         *
         * @param reason the reason that was given
         * @param rules the ids of the rules that were passed
         * @param permittedBy the ids of the rules that permit it
         */
        public Overriding {
            rules = List.copyOf(rules);
            permittedBy = List.copyOf(permittedBy);
        }
    }

    /** Returns who asked for what, in words, if both are known. */
    Optional<String> request() {
        return principal == null || action == null ? Optional.empty() : Optional.of("'" + action + "' by " + principal);
    }
}
