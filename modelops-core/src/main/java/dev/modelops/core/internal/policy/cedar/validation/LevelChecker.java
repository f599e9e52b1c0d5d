package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.If;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that an expression reads no entity further than a number of steps from the request, so that a caller knows which
 * entities to load.
 */
final class LevelChecker {
    private final int level;
    private final EntityUid action;

    LevelChecker(int level, EntityUid action) {
        this.level = level;
        this.action = action;
    }

    void check(Typed typed) {
        Expr expr = typed.expr();
        if (expr instanceof Binary binary && readsEntity(binary.operator())) {
            reach(typed, typed.parts().get(0), level);
            check(typed.parts().get(1));
        } else if (expr instanceof Is && typed.parts().size() == 2) {
            reach(typed, typed.parts().get(0), level);
            check(typed.parts().get(1));
        } else if ((expr instanceof Has || expr instanceof GetAttr)
                && typed.parts().get(0).type() instanceof EntityType) {
            reach(typed, typed.parts().get(0), level);
        } else {
            typed.parts().forEach(this::check);
        }
    }

    private static boolean readsEntity(BinaryOperator operator) {
        return operator == BinaryOperator.IN
                || operator == BinaryOperator.HAS_TAG
                || operator == BinaryOperator.GET_TAG;
    }

    /** Takes one step, from an entity to what the reading expression wants of it. */
    private void reach(Typed reading, Typed entity, int steps) {
        if (steps == 0) {
            throw new Rejected(
                    Finding.Kind.LEVEL,
                    reading.expr(),
                    "at most " + level
                            + " entities may be read in a row, starting from the request; this reads one more; "
                            + "put what it needs into the context or closer to the principal or resource");
        }
        access(entity, steps - 1, List.of());
    }

    /** Checks an expression whose value, or what a path of attributes leads to in it, is an entity that is read. */
    private void access(Typed typed, int steps, List<String> path) {
        Expr expr = typed.expr();
        if (expr instanceof Var) {
            return;
        }
        if (expr instanceof Literal literal && literal.value().equals(action)) {
            return;
        }
        if (expr instanceof If) {
            check(typed.parts().get(0));
            typed.parts().stream().skip(1).forEach(branch -> access(branch, steps, path));
        } else if (expr instanceof GetAttr get) {
            Typed of = typed.parts().get(0);
            if (of.type() instanceof EntityType) {
                reach(typed, of, steps);
            } else {
                access(of, steps, prepend(get.name(), path));
            }
        } else if (expr instanceof Binary binary && binary.operator() == BinaryOperator.GET_TAG) {
            reach(typed, typed.parts().get(0), steps);
            check(typed.parts().get(1));
        } else if (expr instanceof RecordOf record
                && !path.isEmpty()
                && record.attributes().containsKey(path.get(0))) {
            int index = record.attributes().headMap(path.get(0)).size();
            access(typed.parts().get(index), steps, path.subList(1, path.size()));
            typed.parts().forEach(this::check);
        } else {
            throw new Rejected(
                    Finding.Kind.LEVEL,
                    expr,
                    "only entities reached from the request may be read at a level, "
                            + "but this one is written in the policy; compare it by '==', or put it into the context");
        }
    }

    private static List<String> prepend(String name, List<String> path) {
        List<String> longer = new ArrayList<>(path.size() + 1);
        longer.add(name);
        longer.addAll(path);
        return longer;
    }
}
