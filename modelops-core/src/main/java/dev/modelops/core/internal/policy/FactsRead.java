package dev.modelops.core.internal.policy;

import dev.modelops.core.internal.policy.cedar.AttributePath;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import java.util.HashSet;
import java.util.Set;

/**
 * The names of the facts that a policy may read.
 *
 * @param all whether it may read any fact, since it does more with the context than read attributes of it
 */
record FactsRead(boolean all, Set<String> names) {
    static FactsRead of(CedarPolicy policy) {
        Set<String> names = new HashSet<>();
        boolean all = false;
        for (CedarPolicy.Clause clause : policy.clauses()) {
            all |= collect(clause.body(), names);
        }
        return new FactsRead(all, names);
    }

    boolean reads(String fact) {
        if (all || names.contains(fact)) {
            return true;
        }
        for (int dot = fact.indexOf('.'); dot > 0; dot = fact.indexOf('.', dot + 1)) {
            if (names.contains(fact.substring(0, dot))) {
                return true;
            }
        }
        return false;
    }

    private static boolean collect(Expr expr, Set<String> names) {
        Expr read = expr instanceof Has has ? new GetAttr(has.of(), has.name()) : expr;
        if (read instanceof GetAttr) {
            AttributePath path = AttributePath.of(read);
            if (path != null) {
                names.add(path.dotted());
                return false;
            }
            return true;
        }
        boolean all = expr instanceof Var var && var.variable() == Expr.Variable.CONTEXT;
        for (Expr part : expr.parts()) {
            all |= collect(part, names);
        }
        return all;
    }
}
