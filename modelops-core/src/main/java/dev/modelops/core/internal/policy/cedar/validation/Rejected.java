package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.Expr;

/** Ends the checking of a policy in one environment. */
final class Rejected extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Finding.Kind kind;
    private final transient Expr expr;

    Rejected(Finding.Kind kind, Expr expr, String message) {
        super(message, null, false, false);
        this.kind = kind;
        this.expr = expr;
    }

    Finding.Kind kind() {
        return kind;
    }

    Expr expr() {
        return expr;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
