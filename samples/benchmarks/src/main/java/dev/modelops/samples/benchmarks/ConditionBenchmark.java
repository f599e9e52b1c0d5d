package dev.modelops.samples.benchmarks;

import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Candidates;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.schema.EntityJson;
import java.util.Set;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One condition of three parts, all of which hold. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class ConditionBenchmark {
    /** What a lambda looks at. */
    public record Facts(double auc, Set<String> roles, long approvals) {}

    private Facts facts;
    private Predicate<Facts> lambda;
    private OtherEngines.Cel cel;
    private Candidates policy;
    private Query query;

    /** Prepares the condition in its three forms. */
    @Setup
    public void prepare() {
        facts = new Facts(0.807, Set.of("approver", "reader"), 2);
        lambda = given -> given.auc() >= 0.80 && given.roles().contains("approver") && given.approvals() >= 2;
        cel = new OtherEngines.Cel();
        EntityUid promote = new EntityUid("Action", "promote");
        policy = new Authorizer(PolicyParser.policySet("""
                        permit (principal, action, resource)
                        when { context.auc.greaterThanOrEqual(decimal("0.80"))
                          && principal.roles.contains("approver") && context.approvals >= 2 };
                        """)).candidates(promote, Set.of());
        EntityStore entities = EntityJson.read(Promotions.entities(1), null);
        query = new StoredQuery(
                new EntityUid("User", "ada"),
                promote,
                new EntityUid("Version", "risk-3"),
                EntityJson.readContext(Promotions.CONTEXT, null),
                entities);
        if (!lambda() || !cel() || !policy()) {
            throw new IllegalStateException("a form of the condition does not hold");
        }
    }

    /** Java. */
    @Benchmark
    public boolean lambda() {
        return lambda.test(facts);
    }

    /** CEL, compiled. */
    @Benchmark
    public boolean cel() {
        return cel.allows();
    }

    /** One policy of ours. */
    @Benchmark
    public boolean policy() {
        return policy.authorize(query).cedarAllows();
    }
}
