package dev.modelops.core.internal.policy.cedar.validation;

import org.jspecify.annotations.Nullable;

/**
 * Something a policy has wrong, or probably wrong.
 *
 * @param policy the id of the policy
 * @param kind what is wrong
 * @param message what was expected, what was found and what to do, in a sentence
 * @param expression the expression at fault in Cedar text, shortened if long
 * @param environment the first kind of request in which it is at fault; null if it depends on none
 */
public record Finding(
        String policy,
        Kind kind,
        String message,
        String expression,
        @Nullable RequestEnvironment environment) {

    /** Tells whether a policy with this finding fails validation. */
    public boolean isError() {
        return kind != Kind.IMPOSSIBLE_POLICY;
    }

    @Override
    public String toString() {
        return "policy '" + policy + "': " + message + "; in: " + expression
                + (environment == null ? "" : "; for " + environment);
    }

    /** What can be wrong with a policy. */
    public enum Kind {
        /** An entity type that the schema does not declare. */
        UNKNOWN_ENTITY_TYPE,
        /** An action that the schema does not declare. */
        UNKNOWN_ACTION,
        /** An entity of an enumerated type with an id that is none of the type's. */
        UNKNOWN_ENTITY_ID,
        /** An operand of a type that the operator does not take. */
        UNEXPECTED_TYPE,
        /** Two values that must have one type and have two. */
        INCOMPATIBLE_TYPES,
        /** An attribute that the type does not declare. */
        UNKNOWN_ATTRIBUTE,
        /** An optional attribute, read where it may be absent. */
        UNGUARDED_ATTRIBUTE,
        /** A tag of a type without tags. */
        TAGS_NOT_DECLARED,
        /** A tag, read where it may be absent. */
        UNGUARDED_TAG,
        /** A set literal without elements, whose type nobody can tell. */
        EMPTY_SET,
        /** An extension constructor on anything but one valid text literal. */
        EXTENSION_LITERAL,
        /** An extension function with more or fewer arguments than it takes. */
        WRONG_ARGUMENTS,
        /** A head of which no action applies to any of its principals and resources. */
        NOT_APPLICABLE,
        /** More entities dereferenced in a row than the level allows. */
        LEVEL,
        /** A policy that would take too long to check. */
        TOO_LARGE,
        /** A policy whose conditions are false for all requests the schema allows; the only warning. */
        IMPOSSIBLE_POLICY
    }
}
