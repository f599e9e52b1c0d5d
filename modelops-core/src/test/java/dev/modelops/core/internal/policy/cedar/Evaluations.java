package dev.modelops.core.internal.policy.cedar;

import org.jspecify.annotations.Nullable;

/** Evaluates single expressions for tests in other packages. */
public final class Evaluations {
    private Evaluations() {}

    /** Returns the value of an expression, null if it has none. */
    public static @Nullable Value of(Expr expr, Query query) {
        try {
            return ExprCompiler.compile(expr).evaluate(query);
        } catch (EvaluationException e) {
            return null;
        }
    }
}
