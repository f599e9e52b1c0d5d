package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.ExprCompiler;
import dev.modelops.core.internal.policy.cedar.ExprCompiler.Compiled;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.policy.PolicyCoverage;
import java.util.ArrayList;
import java.util.List;

/** Watches what requests exercise of policies. For one thread. */
public final class CoverageCollector {
    private final List<Watched> watched = new ArrayList<>();

    /** Begins to watch a set. */
    public CoverageCollector(CedarPolicySet set) {
        set.policies().forEach((id, policy) -> watched.add(new Watched(id, policy)));
    }

    private static final class Watched {
        private final String id;
        private final List<Clause> clauses;
        private final Compiled action;
        private final List<Compiled> head;
        private final List<Compiled> bodies = new ArrayList<>();
        private final boolean[] sawTrue;
        private final boolean[] sawFalse;
        private long matched;
        private long notMatched;
        private long erred;

        Watched(String id, CedarPolicy policy) {
            this.id = id;
            this.clauses = policy.clauses();
            this.action = ExprCompiler.compile(Conditions.test(policy.action(), new Var(Variable.ACTION)));
            this.head = List.of(
                    ExprCompiler.compile(Conditions.test(policy.principal(), new Var(Variable.PRINCIPAL))),
                    ExprCompiler.compile(Conditions.test(policy.resource(), new Var(Variable.RESOURCE))));
            clauses.forEach(clause -> bodies.add(ExprCompiler.compile(clause.body())));
            this.sawTrue = new boolean[clauses.size()];
            this.sawFalse = new boolean[clauses.size()];
        }

        void see(Query query) {
            if (!action.test(query)) {
                return;
            }
            for (Compiled part : head) {
                if (!part.test(query)) {
                    notMatched++;
                    return;
                }
            }
            try {
                for (int i = 0; i < sawTrue.length; i++) {
                    boolean holds = bodies.get(i).test(query);
                    sawTrue[i] |= holds;
                    sawFalse[i] |= !holds;
                    if (holds != (clauses.get(i).kind() == Clause.Kind.WHEN)) {
                        notMatched++;
                        return;
                    }
                }
                matched++;
            } catch (EvaluationException e) {
                erred++;
            }
        }

        PolicyCoverage.Rule report() {
            List<PolicyCoverage.Condition> conditions = new ArrayList<>();
            for (int i = 0; i < sawTrue.length; i++) {
                String kind = clauses.get(i).kind() == Clause.Kind.WHEN ? "when" : "unless";
                conditions.add(new PolicyCoverage.Condition(
                        kind + " { " + CedarText.of(clauses.get(i).body()) + " }", sawTrue[i], sawFalse[i]));
            }
            return new PolicyCoverage.Rule(id, matched, notMatched, erred, conditions);
        }
    }

    /** Takes note of a request. */
    public void see(Query query) {
        watched.forEach(policy -> policy.see(query));
    }

    /** Returns what was seen so far. */
    public PolicyCoverage report() {
        return new PolicyCoverage(watched.stream().map(Watched::report).toList());
    }
}
