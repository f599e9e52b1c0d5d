package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import java.util.List;

/**
 * An expression with its type in one environment, what is known to be there if it is true, and the parts that may be
 * evaluated; those that cannot be reached are left out.
 */
record Typed(Expr expr, Type type, Capabilities capabilities, List<Typed> parts) {
    Typed(Expr expr, Type type, Typed... parts) {
        this(expr, type, Capabilities.NONE, List.of(parts));
    }

    boolean isFalse() {
        return type == Type.BoolType.FALSE;
    }
}
