package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.Expr;

/** How many steps of checking are left, so that a small policy over a large schema cannot keep us for hours. */
final class Effort {
    private long left;

    Effort(long steps) {
        this.left = steps;
    }

    void spend(long steps, Expr at) {
        left -= steps;
        if (left < 0) {
            left = 0;
            throw new Rejected(
                    Finding.Kind.TOO_LARGE,
                    at,
                    "checking these policies for every kind of request the schema allows takes too many steps; "
                            + "validate fewer policies at once, or name actions and types in their scopes");
        }
    }
}
