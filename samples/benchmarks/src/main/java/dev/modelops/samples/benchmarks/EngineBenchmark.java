package dev.modelops.samples.benchmarks;

import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Candidates;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.schema.EntityJson;
import dev.modelops.policy.Decision;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The same decision by several engines, everything it needs at hand: the last of many policies permits. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class EngineBenchmark {
    /** How many policies permit. */
    @Param({"10", "100", "1000"})
    public int policies;

    private ReadyDecision ready;
    private Candidates candidates;
    private Query query;
    private OtherEngines.CedarJava cedarJava;
    private OtherEngines.Casbin casbin;

    /** Loads the policies into all engines and sees that all allow. */
    @Setup
    public void load() {
        ready = new ReadyDecision(policies);
        EntityUid promote = new EntityUid("Action", "promote");
        candidates = new Authorizer(PolicyParser.policySet(Promotions.text(policies))).candidates(promote, Set.of());
        query = new StoredQuery(
                new EntityUid("User", "ada"),
                promote,
                new EntityUid("Version", "risk-3"),
                EntityJson.readContext(Promotions.CONTEXT, null),
                EntityJson.read(Promotions.entities(policies), null));
        cedarJava = new OtherEngines.CedarJava(policies);
        casbin = new OtherEngines.Casbin(policies);
        if (!ready.decide().isAllowed() || !cedar() || !cedarJava() || !casbin()) {
            throw new IllegalStateException("an engine refuses the promotion");
        }
    }

    /** Our engine: a request with its facts ready, a decision with its reasons. */
    @Benchmark
    public Decision decision() {
        return ready.decide();
    }

    /** Our Cedar alone, on the policies and entities that cedar-java has. */
    @Benchmark
    public boolean cedar() {
        return candidates.authorize(query).cedarAllows();
    }

    /** The reference implementation of Cedar, policies kept parsed. */
    @Benchmark
    public boolean cedarJava() {
        return cedarJava.allows();
    }

    /** JCasbin. */
    @Benchmark
    public boolean casbin() {
        return casbin.allows();
    }
}
