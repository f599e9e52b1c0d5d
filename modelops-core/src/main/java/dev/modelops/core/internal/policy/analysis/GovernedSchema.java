package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.GovernanceSchema;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.registry.LifeCycle;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The schema of what policies of a log may speak of, with the metrics that some policies read. */
public final class GovernedSchema {
    private static final Set<String> OF_METRICS =
            Set.of(EntityNames.METRICS, EntityNames.METRICS_ROUNDED_UP, "regression", "increase");

    private GovernedSchema() {}

    /** Returns the schema for some sets, with the standard life cycle and the facts that hosts usually give. */
    public static Schema of(Collection<CedarPolicySet> sets) {
        Set<String> metrics = new TreeSet<>();
        for (CedarPolicySet set : sets) {
            set.policies()
                    .values()
                    .forEach(policy -> policy.clauses().forEach(clause -> collect(clause.body(), metrics)));
        }
        return SchemaText.read(GovernanceSchema.text(metrics, Map.of(), LifeCycle.standard()));
    }

    private static void collect(Expr expr, Set<String> metrics) {
        Spot spot = Spot.of(expr instanceof Has has ? new GetAttr(has.of(), has.name()) : expr);
        if (spot != null
                && spot.root() == Variable.CONTEXT
                && spot.names().size() == 2
                && OF_METRICS.contains(spot.names().get(0))) {
            metrics.add(spot.name());
        }
        expr.parts().forEach(part -> collect(part, metrics));
    }
}
