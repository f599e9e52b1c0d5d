package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.If;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.List;
import java.util.Map;

/** Short ways to write expressions in tests. */
final class Exprs {
    static final Expr TRUE = bool(true);
    static final Expr FALSE = bool(false);
    static final Expr PRINCIPAL = new Var(Variable.PRINCIPAL);
    static final Expr ACTION = new Var(Variable.ACTION);
    static final Expr RESOURCE = new Var(Variable.RESOURCE);
    static final Expr CONTEXT = new Var(Variable.CONTEXT);
    static final Expr ERROR = get(CONTEXT, "missing");

    private Exprs() {}

    static Expr bool(boolean value) {
        return new Literal(BoolValue.of(value));
    }

    static Expr num(long value) {
        return new Literal(new LongValue(value));
    }

    static Expr str(String value) {
        return new Literal(new StringValue(value));
    }

    static EntityUid uid(String type, String id) {
        return new EntityUid(type, id);
    }

    static Expr entity(String type, String id) {
        return new Literal(uid(type, id));
    }

    static Expr set(Expr... elements) {
        return new SetOf(List.of(elements));
    }

    static Expr record(Map<String, Expr> attributes) {
        return RecordOf.of(attributes);
    }

    static Expr get(Expr of, String... names) {
        Expr at = of;
        for (String name : names) {
            at = new GetAttr(at, name);
        }
        return at;
    }

    static Expr has(Expr of, String name) {
        return new Has(of, name);
    }

    static Expr bin(Expr left, BinaryOperator operator, Expr right) {
        return new Binary(operator, left, right);
    }

    static Expr and(Expr left, Expr right) {
        return bin(left, BinaryOperator.AND, right);
    }

    static Expr or(Expr left, Expr right) {
        return bin(left, BinaryOperator.OR, right);
    }

    static Expr eq(Expr left, Expr right) {
        return bin(left, BinaryOperator.EQUAL, right);
    }

    static Expr in(Expr left, Expr right) {
        return bin(left, BinaryOperator.IN, right);
    }

    static Expr not(Expr operand) {
        return new Unary(UnaryOperator.NOT, operand);
    }

    static Expr neg(Expr operand) {
        return new Unary(UnaryOperator.NEGATE, operand);
    }

    static Expr isEmpty(Expr operand) {
        return new Unary(UnaryOperator.IS_EMPTY, operand);
    }

    static Expr choose(Expr condition, Expr then, Expr otherwise) {
        return new If(condition, then, otherwise);
    }

    static Expr decimal(String text) {
        return call(ExtensionFunction.DECIMAL, str(text));
    }

    static Expr call(ExtensionFunction function, Expr... arguments) {
        return new Call(function, List.of(arguments));
    }
}
