package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Gives equal expressions equal numbers, so that comparing them takes no walk through them. */
final class ExprNumbers {
    private final Map<Expr, Integer> known = new IdentityHashMap<>();
    private final Map<List<Object>, Integer> numbers = new HashMap<>();

    int of(Expr expr) {
        Integer number = known.get(expr);
        if (number == null) {
            List<Object> shape = new ArrayList<>();
            shape.add(expr.getClass());
            shape.add(own(expr));
            expr.parts().forEach(part -> shape.add(of(part)));
            number = numbers.computeIfAbsent(shape, unseen -> numbers.size());
            known.put(expr, number);
        }
        return number;
    }

    /** Returns what tells an expression from others of its kind, apart from its parts. */
    private static Object own(Expr expr) {
        if (expr instanceof Literal literal) {
            return literal.value();
        } else if (expr instanceof Var var) {
            return var.variable();
        } else if (expr instanceof Unary unary) {
            return unary.operator();
        } else if (expr instanceof Binary binary) {
            return binary.operator();
        } else if (expr instanceof GetAttr get) {
            return get.name();
        } else if (expr instanceof Has has) {
            return has.name();
        } else if (expr instanceof Like like) {
            return like.pattern();
        } else if (expr instanceof Is is) {
            return is.type();
        } else if (expr instanceof RecordOf record) {
            return record.attributes().keySet();
        } else if (expr instanceof Call call) {
            return call.function();
        }
        return "";
    }
}
