package dev.modelops.policy;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import java.time.Instant;
import java.util.List;

/** The answer to a request, with what led to it. */
public sealed interface Decision {
    /**
     * Returns the ids of the rules that determined the decision, sorted.
     *
     * @return permitting rules of an {@link Allow}, forbidding or missing rules of a {@link Deny}
     */
    List<String> rules();

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
     * Permitted.
     *
     * @param rules the ids of the permitting rules, sorted; copied in
     * @param policy the digest of the policy set
     * @param asOf the state decided on
     * @param at the time of the decision
     */
    record Allow(List<String> rules, Digest policy, LogPosition asOf, Instant at) implements Decision {
        /**
         * Creates a decision.
         *
         * @param rules the ids of the permitting rules
         * @param policy the digest of the policy set
         * @param asOf the state decided on
         * @param at the time of the decision
         */
        public Allow {
            rules = List.copyOf(rules);
        }
    }

    /**
     * Refused.
     *
     * @param cause the kind of refusal
     * @param rules the ids of the rules that refused, sorted; empty when no rule permits; copied in
     * @param unmet every condition that was not met, never empty; copied in
     * @param policy the digest of the policy set
     * @param asOf the state decided on
     * @param at the time of the decision
     */
    record Deny(Cause cause, List<String> rules, List<Requirement> unmet, Digest policy, LogPosition asOf, Instant at)
            implements Decision {
        /**
         * Creates a decision.
         *
         * @param cause the kind of refusal
         * @param rules the ids of the rules that refused
         * @param unmet every condition that was not met
         * @param policy the digest of the policy set
         * @param asOf the state decided on
         * @param at the time of the decision
         */
        public Deny {
            rules = List.copyOf(rules);
            unmet = List.copyOf(unmet);
            if (unmet.isEmpty()) {
                throw new IllegalArgumentException("a refusal must name at least one unmet requirement");
            }
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
        /** A gate that the environment requires is not in the policy set. */
        MISSING_GATE,
        /** The host's own policy refused. */
        NARROWED
    }
}
