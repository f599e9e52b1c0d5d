package dev.modelops.core.internal.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result.Different;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result.Same;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result.Unknown;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.schema.Conformance;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyComparisonProperties {
    private static final int REQUESTS = 150;

    static LongStream seeds() {
        return LongStream.range(0, 150);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noRequestTellsApartWhatIsCalledTheSame(long seed) {
        for (boolean simple : new boolean[] {true, false}) {
            SmallWorld world = new SmallWorld(seed, simple);
            CedarPolicySet set = world.policies(3);
            check(world, set, world.policies(3), null);
            check(world, set, world.reworded(set, true), null);
            check(world, set, world.reworded(set, false), null);
        }
    }

    @Test
    void noRequestOfASchemaTellsApartWhatIsCalledTheSame() {
        Schema schema = SchemaText.read(SmallWorld.SCHEMA);
        int same = 0;
        int different = 0;
        for (long seed = 0; seed < 600; seed++) {
            SmallWorld world = new SmallWorld(seed, seed % 3 > 0).typed();
            CedarPolicySet set = world.policies(2);
            for (CedarPolicySet other :
                    List.of(world.policies(2), world.reworded(set, true), world.reworded(set, false))) {
                Result result = check(world, set, other, schema);
                same += result instanceof Same ? 1 : 0;
                if (result instanceof Different found) {
                    different++;
                    Cell request = found.request();
                    assertThat(Conformance.ofRequest(
                                    schema,
                                    request.principal(),
                                    request.action(),
                                    request.resource(),
                                    request.context()))
                            .isEmpty();
                }
            }
        }

        assertThat(same).isGreaterThan(30);
        assertThat(different).isGreaterThan(100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aSetInOtherWordsIsTheSame(long seed) {
        SmallWorld world = new SmallWorld(seed, seed % 2 == 0);
        CedarPolicySet set = world.policies(4);

        assertThat(PolicyComparison.of(set, world.reworded(set, false), null)).isEqualTo(new Same());
    }

    @Test
    void comparisonsWithConstantsAreNearlyAlwaysDecided() {
        int unknown = 0;
        int different = 0;
        for (long seed = 0; seed < 150; seed++) {
            SmallWorld world = new SmallWorld(seed, true);
            Result result = PolicyComparison.of(world.policies(3), world.policies(3), null);
            unknown += result instanceof Unknown ? 1 : 0;
            different += result instanceof Different ? 1 : 0;
        }

        assertThat(unknown).isLessThan(4);
        assertThat(different).isGreaterThan(110);
    }

    private static Result check(
            SmallWorld world, CedarPolicySet before, CedarPolicySet after, @Nullable Schema schema) {
        Authorizer one = new Authorizer(before);
        Authorizer other = new Authorizer(after);
        Result result = PolicyComparison.of(before, after, schema);
        if (result instanceof Different different) {
            assertThat(one.authorize(different.request()).allows())
                    .isEqualTo(different.before() == PolicyComparison.Outcome.ALLOWED);
            assertThat(other.authorize(different.request()).allows())
                    .isEqualTo(different.after() == PolicyComparison.Outcome.ALLOWED);
        } else if (result instanceof Same) {
            for (int i = 0; i < REQUESTS; i++) {
                Cell request = world.request();
                assertThat(other.authorize(request).allows())
                        .as(() -> before + "\n" + after + "\n" + request)
                        .isEqualTo(one.authorize(request).allows());
            }
        }
        return result;
    }
}
