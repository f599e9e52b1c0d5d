package dev.modelops.policy;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import java.time.Instant;
import java.util.List;

/**
 * The answer to a request, with what led to it. Rendered in three ways: {@link #forUser} for whoever was refused,
 * {@link #forAuditor} for whoever has to judge it later, {@link #toJson} for programs.
 */
public sealed interface Decision {
    /**
     * Returns the ids of the rules that determined the decision, sorted.
     *
     * @return permitting rules of an {@link Allow}, forbidding or missing rules of a {@link Deny}
     */
    List<String> rules();

    /**
     * Returns every condition that was not met. A {@link Deny} has at least one; an {@link Allow} has those of advisory rules
     * and of soft rules that were overridden.
     *
     * @return the conditions
     */
    List<Requirement> unmet();

    /**
     * Returns what the request was and what the decision rests on.
     *
     * @return the explanation
     */
    Explanation explanation();

    /**
     * Returns what the host now has to see to, because the request was allowed; empty for a {@link Deny}.
     *
     * @return the obligations
     */
    default List<Obligation> obligations() {
        return explanation().obligations();
    }

    /**
     * Returns the identity of the policy set that decided.
     *
     * @return the digest of its document
     */
    Digest policy();

    /**
     * Returns the state of the log that the decision rests on.
     *
     * @return the position
     */
    LogPosition asOf();

    /**
     * Returns the time of the decision.
     *
     * @return the time
     */
    Instant at();

    /**
     * Tells whether the request is permitted.
     *
     * @return true for {@link Allow}
     */
    default boolean isAllowed() {
        return this instanceof Allow;
    }

    /**
     * Returns the decision for whoever asked: each condition not met, how to meet it and whom to ask. Tells the values of
     * no facts but the roles held. At most 24 lines of 100 characters; where there is more to say than fits, each condition
     * is cut short and the rest is only named.
     *
     * @return the text, its lines parted by {@code \n}
     */
    default String forUser() {
        return DecisionText.forUser(this, explanation().request().orElse("the request"));
    }

    /**
     * Returns the decision for an auditor: all that is known about it, values included.
     *
     * @return the text, its lines parted by {@code \n}
     */
    default String forAuditor() {
        return DecisionText.forAuditor(this);
    }

    /**
     * Returns the decision as JSON, on one line, members always in the same order. The form is version 1; it may gain
     * members, but those it has keep their name and meaning:
     *
     * <ul>
     *   <li>{@code v}: 1
     *   <li>{@code id}: the command id of the act, by which the log's entry about it names it too; only of decisions about
     *       acts, not of checks, reads and serving, which nothing records
     *   <li>{@code outcome}: {@code "allow"} or {@code "deny"}; {@code cause}: the name of the {@link Cause}, of a deny only
     *   <li>{@code principal}, {@code action} (as policies call it), {@code resource} and {@code environment}: what was asked,
     *       each only where known
     *   <li>{@code at}: the time, in ISO 8601; {@code asOf}: the position of the log; {@code policy}: the digest of the set
     *   <li>{@code determining}: objects with {@code rule}, {@code effect}, {@code reason}, only where one is known, and
     *       {@code source}, file and line of the rule, only where it was read from text
     *   <li>{@code unmet}: objects with {@code rule}, {@code level}, {@code fact}, {@code expected}, {@code actual}, {@code
     *       remedy} and {@code evidence}: the values of the facts that the condition rests on, by name, and whose approvals
     *       counted where it counts approvals; only where known
     *   <li>{@code erred}: objects with {@code rule}, {@code kind} and {@code where}
     *   <li>{@code obligations}: objects with {@code rule}, {@code id} and {@code parameters}
     *   <li>{@code override}: {@code reason}, {@code rules} and {@code permittedBy}, only where soft rules were passed
     *   <li>{@code facts}: the values used, by name, {@code "(masked)"} where the policy set masks them
     *   <li>{@code cedarOutcome}: what Cedar itself would say by the same rules
     * </ul>
     *
     * @return the JSON text
     */
    default String toJson() {
        return DecisionText.json(this);
    }

    /**
     * Permitted.
     *
     * @param rules the ids of the permitting rules, sorted; copied in
     * @param unmet the conditions of advisory and of overridden rules that were not met; copied in
     * @param explanation what the request was and what the decision rests on
     * @param policy the digest of the policy set
     * @param asOf the state decided on
     * @param at the time of the decision
     */
    record Allow(
            List<String> rules,
            List<Requirement> unmet,
            Explanation explanation,
            Digest policy,
            LogPosition asOf,
            Instant at)
            implements Decision {
        /**
         * Creates a decision.
         *
         * @param rules the ids of the permitting rules
         * @param unmet the conditions of advisory and of overridden rules that were not met
         * @param explanation what the request was and what the decision rests on
         * @param policy the digest of the policy set
         * @param asOf the state decided on
         * @param at the time of the decision
         * @throws IllegalArgumentException if a condition of a hard rule was not met
         */
        public Allow {
            rules = List.copyOf(rules);
            unmet = List.copyOf(unmet);
            for (Requirement requirement : unmet) {
                if (requirement.level() == Level.HARD) {
                    throw new IllegalArgumentException("what the hard rule '" + requirement.rule()
                            + "' demands is not met, so the request cannot be allowed");
                }
            }
        }

        /**
         * Creates a decision that has nothing more to tell.
         *
         * @param rules the ids of the permitting rules
         * @param policy the digest of the policy set
         * @param asOf the state decided on
         * @param at the time of the decision
         */
        public Allow(List<String> rules, Digest policy, LogPosition asOf, Instant at) {
            this(rules, List.of(), Explanation.none(true), policy, asOf, at);
        }
    }

    /**
     * Refused.
     *
     * @param cause the kind of refusal
     * @param rules the ids of the rules that refused, sorted; empty when no rule permits; copied in
     * @param unmet every condition that was not met, never empty; copied in
     * @param explanation what the request was and what the decision rests on
     * @param policy the digest of the policy set
     * @param asOf the state decided on
     * @param at the time of the decision
     */
    record Deny(
            Cause cause,
            List<String> rules,
            List<Requirement> unmet,
            Explanation explanation,
            Digest policy,
            LogPosition asOf,
            Instant at)
            implements Decision {
        /**
         * Creates a decision.
         *
         * @param cause the kind of refusal
         * @param rules the ids of the rules that refused
         * @param unmet every condition that was not met
         * @param explanation what the request was and what the decision rests on
         * @param policy the digest of the policy set
         * @param asOf the state decided on
         * @param at the time of the decision
         * @throws IllegalArgumentException if every condition was met, or something falls due though nothing is done
         */
        public Deny {
            rules = List.copyOf(rules);
            unmet = List.copyOf(unmet);
            if (unmet.isEmpty()) {
                throw new IllegalArgumentException("a refusal must name at least one unmet requirement");
            }
            if (!explanation.obligations().isEmpty() || explanation.overriding() != null) {
                throw new IllegalArgumentException("a refusal has no obligations and passes no rule");
            }
        }

        /**
         * Creates a decision that has nothing more to tell.
         *
         * @param cause the kind of refusal
         * @param rules the ids of the rules that refused
         * @param unmet every condition that was not met
         * @param policy the digest of the policy set
         * @param asOf the state decided on
         * @param at the time of the decision
         */
        public Deny(
                Cause cause, List<String> rules, List<Requirement> unmet, Digest policy, LogPosition asOf, Instant at) {
            this(cause, rules, unmet, Explanation.none(false), policy, asOf, at);
        }
    }

    /** The kind of a refusal. */
    enum Cause {
        /** No rule permits the request. */
        NOT_PERMITTED,
        /** At least one rule forbids it. */
        FORBIDDEN,
        /** A rule that may forbid could not be evaluated. */
        RULE_ERROR,
        /** A rule that may forbid could not be evaluated because a fact could not be established. */
        FACT_ERROR,
        /** A gate that the environment requires is not in the policy set, or is only advisory there. */
        MISSING_GATE,
        /** The host's own policy refused. */
        NARROWED
    }
}
