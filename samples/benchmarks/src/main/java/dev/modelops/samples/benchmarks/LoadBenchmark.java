package dev.modelops.samples.benchmarks;

import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Making a thousand policies ready to decide. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class LoadBenchmark {
    private static final int POLICIES = 1000;

    private String policies;
    private String schema;
    private OtherEngines.Loading cedarJava;

    /** Writes the texts. */
    @Setup
    public void write() {
        policies = Promotions.text(POLICIES);
        schema = Promotions.schema();
        cedarJava = new OtherEngines.Loading(policies, schema);
        if (!cedarJava()) {
            throw new IllegalStateException("cedar-java refuses the policies");
        }
    }

    /** Ours: read schema and policies, validate, compile. */
    @Benchmark
    public Authorizer ours() {
        CedarPolicySet set = PolicyParser.policySet(policies);
        if (!new Validator(SchemaText.read(schema)).validate(set).passed()) {
            throw new IllegalStateException("the policies fail their validation");
        }
        return new Authorizer(set);
    }

    /** The reference implementation: the same. */
    @Benchmark
    public boolean cedarJava() {
        return cedarJava.passes();
    }
}
