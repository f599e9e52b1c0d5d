package dev.modelops.samples.benchmarks;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.ModelName;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelRegistry;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Deciding a promotion that is allowed: every gate is looked at. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class PolicyBenchmark {
    /** How many rules are added to the built-in ones. */
    @Param({"0", "78"})
    public int added;

    private Governed governed;
    private ModelRegistry registry;
    private Action promotion;

    /** Opens a log. */
    @Setup
    public void open() {
        governed = Governed.create(Storages.inMemory(), policies(added));
        registry = governed.releaseManager().registry();
        promotion = Action.promote(governed.version(), PRODUCTION);
        Decision decision = registry.check(promotion);
        if (!decision.isAllowed()) {
            throw new IllegalStateException("the promotion is refused: " + decision);
        }
    }

    /** Closes the log. */
    @TearDown
    public void close() {
        governed.close();
    }

    /** Decides on the present state, facts included. */
    @Benchmark
    public Decision check() {
        return registry.check(promotion);
    }

    /** Adds gates on promotion to the built-in rules: half for other models, a quarter on metrics, a quarter on facts. */
    static PolicySet policies(int added) {
        Rules rules = Rules.from(Policies.builtIn());
        for (int i = 0; i < added; i++) {
            Rules.Rule gate = rules.forbid("gate-" + i).on(Action.Type.PROMOTE);
            if (i % 2 == 0) {
                gate.model(ModelName.of("model-" + i))
                        .unless(Condition.metric("auc").atLeast("0.9"));
            } else if (i % 4 == 1) {
                gate.unless(Condition.metric("auc").atLeast("0." + (100 + i)));
            } else {
                gate.unless(Condition.fact("approvals.independent").atLeast(1));
            }
        }
        return rules.build();
    }
}
