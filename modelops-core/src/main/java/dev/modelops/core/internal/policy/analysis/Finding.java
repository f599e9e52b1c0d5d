package dev.modelops.core.internal.policy.analysis;

/**
 * Something about a policy that its author should look at.
 *
 * @param policy the id of the policy
 * @param kind what it is
 * @param severity how bad
 * @param message what, why it matters and what to do
 */
public record Finding(String policy, Kind kind, Severity severity, String message) {
    /** What is found. */
    public enum Kind {
        /** Something the schema does not allow. */
        INVALID,
        /** An attribute that the schema does not declare, so that nobody provides it. */
        UNKNOWN_ATTRIBUTE,
        /** An optional attribute, read where it may be absent. */
        MISSING_HAS,
        /** A head that no request meets. */
        UNREACHABLE_SCOPE,
        /** Conditions that are never met. */
        NEVER_TRUE,
        /** A condition that is always met. */
        ALWAYS_TRUE,
        /** A policy that is there twice. */
        DUPLICATE,
        /** A permit that forbids leave nothing of. */
        COVERED_BY_FORBID,
        /** A policy that changes nothing because another does all it does. */
        SHADOWED,
        /** A text where {@code in} wants an entity. */
        TEXT_WITH_IN,
        /** Policies too large to be analysed. */
        NOT_DECIDED
    }

    /** How bad a finding is. */
    public enum Severity {
        /** The policy cannot be meant so. */
        ERROR,
        /** The policy is probably not meant so. */
        WARNING,
        /** The policy could be simpler. */
        NOTE
    }
}
