package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.experiment.ExperimentSpec.Arm;
import dev.modelops.core.internal.experiment.ExperimentSpec.Measure;
import dev.modelops.core.internal.experiment.ExperimentSpec.Rule;
import dev.modelops.core.internal.experiment.ExperimentSpec.Side;
import dev.modelops.core.internal.statistics.Significance;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Mode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets which. */
class AssignmentTest {
    private static final Measure MEASURE = new Measure("score", Loss.LOG_LOSS);

    /** What Optimizely's public clients test themselves by. */
    @ParameterizedTest
    @CsvSource({
        "ppid1, 1886780721, 5254",
        "ppid2, 1886780721, 4299",
        "ppid2, 1886780722, 2434",
        "ppid3, 1886780721, 5439",
        "a very very very very very very very very very very very very very very very long ppd string, 1886780721, 6128"
    })
    void bucketsAreThoseOfOptimizely(String unit, String experiment, int bucket) {
        assertThat(Assignment.bucket(unit + experiment)).isEqualTo(bucket);
    }

    /** GrowthBook's published ranges for weights .2, .3 and .5 at a coverage of .2. */
    @Test
    void slotsAreThoseOfGrowthBook() {
        assertThat(ExperimentSpec.arms(new double[] {.2, .3, .5}, .2))
                .containsExactly(new Arm(0, 2000, 400), new Arm(2000, 3000, 600), new Arm(5000, 5000, 1000));
    }

    @Test
    void theSameUnitIsAlwaysInTheSameArm() {
        ExperimentSpec spec = spec("e1", 5000, 5000);

        for (int i = 0; i < 100; i++) {
            assertThat(spec.assign("u" + i))
                    .isEqualTo(spec("e1", 5000, 5000).assign("u" + i))
                    .isNotNull();
        }
    }

    @Test
    void openingMoreMovesNobodyWhoWasIn() {
        ExperimentSpec spec = spec("ramp", 100, 100);
        for (int open : new int[] {500, 2500, 5000}) {
            ExperimentSpec wider = spec.ramped(open, open);
            for (int i = 0; i < 2000; i++) {
                Side before = spec.assign("unit-" + i);
                if (before != null) {
                    assertThat(wider.assign("unit-" + i)).isEqualTo(before);
                }
            }
            spec = wider;
        }
        assertThat(spec.assign("anybody")).isNotNull();
    }

    @Test
    void armsGetTheirSharesAndExperimentsDoNotDependOnEachOther() {
        ExperimentSpec one = spec("one", 5000, 1000);
        ExperimentSpec other = spec("other", 5000, 5000);
        long[] shares = new long[3];
        long[] crossed = new long[2];
        for (int i = 0; i < 60_000; i++) {
            Side side = one.assign("user" + i);
            shares[side == null ? 2 : side.ordinal()]++;
            if (side == Side.CHALLENGER) {
                crossed[other.assign("user" + i) == Side.CHALLENGER ? 1 : 0]++;
            }
        }

        assertThat(Significance.chiSquareGoodnessOfFit(shares, new double[] {.5, .1, .4})
                        .pValue())
                .isGreaterThan(.001);
        assertThat(crossed[1] / (double) (crossed[0] + crossed[1])).isEqualTo(.5, within(.03));
    }

    @Test
    void aShadowAnswersForNobody() {
        for (Mode mode : new Mode[] {Mode.SHADOW, Mode.CHAMPION_ONLY}) {
            ExperimentSpec spec = new ExperimentSpec(
                    "s", mode, new Arm(0, 5000, 5000), new Arm(5000, 5000, 5000), MEASURE, Rule.usual());
            assertThat(spec.assign("u")).isNull();
        }
    }

    @Test
    void armsThatOverlapOrLeaveTheBucketsAreRefused() {
        assertThatThrownBy(() -> new ExperimentSpec(
                        "x", Mode.SPLIT, new Arm(0, 6000, 0), new Arm(5000, 5000, 0), MEASURE, Rule.usual()))
                .hasMessageContaining("overlap");
        assertThatThrownBy(() -> new Arm(9000, 1001, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Arm(0, 10, 11)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Arm(-1, 10, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Assignment.bucket("a\0b", "c")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> spec("", 1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static ExperimentSpec spec(String id, int championOpen, int challengerOpen) {
        return new ExperimentSpec(
                id,
                Mode.CANARY,
                new Arm(0, 5000, championOpen),
                new Arm(5000, 5000, challengerOpen),
                MEASURE,
                Rule.usual());
    }
}
