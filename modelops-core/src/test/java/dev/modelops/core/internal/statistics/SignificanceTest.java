package dev.modelops.core.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.statistics.Significance.Pair;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.hipparchus.distribution.continuous.BetaDistribution;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.stat.inference.ChiSquareTest;
import org.hipparchus.stat.inference.GTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of significance, against vectors made with SciPy 1.17, and against Hipparchus and Apache Commons. */
class SignificanceTest {
    private static final Offset<Double> EXACT = within(5e-11);
    private static final long[] REFERENCE = {16, 18, 16, 14, 12, 12};
    private static final long[] CURRENT = {16, 16, 16, 16, 16, 8};

    @Test
    void categoricalCountsOfEightyEight() {
        Significance.Test goodness =
                Significance.chiSquareGoodnessOfFit(CURRENT, new double[] {16, 18, 16, 14, 12, 12});
        assertThat(goodness.statistic()).isEqualTo(3.1746031746, EXACT);
        assertThat(goodness.degreesOfFreedom()).isEqualTo(5);
        assertThat(goodness.pValue()).isEqualTo(.6730876007, EXACT);

        Significance.Test twoSample = Significance.chiSquare(REFERENCE, CURRENT);
        assertThat(twoSample.statistic()).isEqualTo(1.6224089636, EXACT);
        assertThat(twoSample.pValue()).isEqualTo(.8985262394, EXACT);

        Significance.Test g = Significance.gTest(REFERENCE, CURRENT);
        assertThat(g.statistic()).isEqualTo(1.6299560650, EXACT);
        assertThat(g.pValue()).isEqualTo(.8976032399, EXACT);
    }

    @Test
    void unequalArmsOfFiveThousand() {
        Significance.Test test = Significance.chiSquareGoodnessOfFit(new long[] {5000, 5200}, new double[] {.5, .5});

        assertThat(test.statistic()).isEqualTo(3.9215686275, EXACT);
        assertThat(test.pValue()).isEqualTo(.0476703807, EXACT);
    }

    @Test
    void theChiSquareAndGTestsAgreeWithTwoOthers() {
        Random random = new Random(3);
        for (int round = 0; round < 100; round++) {
            int cells = 2 + random.nextInt(12);
            long[] one = random.longs(cells, 1, 200).toArray();
            long[] other = random.longs(cells, 1, 200).toArray();
            double[] weights = Arrays.stream(one).asDoubleStream().toArray();

            Significance.Test chiSquare = Significance.chiSquare(one, other);
            assertThat(chiSquare.statistic())
                    .isEqualTo(new ChiSquareTest().chiSquareDataSetsComparison(one, other), within(1e-9));
            assertThat(chiSquare.pValue())
                    .isEqualTo(new ChiSquareTest().chiSquareTestDataSetsComparison(one, other), within(1e-12));
            assertThat(chiSquare.pValue())
                    .isEqualTo(
                            org.apache.commons.statistics.inference.ChiSquareTest.withDefaults()
                                    .test(one, other)
                                    .getPValue(),
                            within(1e-12));
            Significance.Test goodness = Significance.chiSquareGoodnessOfFit(other, weights);
            assertThat(goodness.pValue()).isEqualTo(new ChiSquareTest().chiSquareTest(weights, other), within(1e-12));
            Significance.Test g = Significance.gTest(one, other);
            assertThat(g.statistic()).isEqualTo(new GTest().gDataSetsComparison(one, other), within(1e-8));
            assertThat(g.pValue()).isEqualTo(new GTest().gTestDataSetsComparison(one, other), within(1e-11));
        }
    }

    @Test
    void tailsAndQuantilesAgreeWithAnother() {
        NormalDistribution normal = new NormalDistribution();
        for (double z = -8; z <= 8; z += .37) {
            assertThat(Distributions.normalSurvival(z)).isEqualTo(normal.cumulativeProbability(-z), within(1e-15));
        }
        for (double p = 1e-9; p < 1; p = p * 1.7 + 1e-9) {
            assertThat(Distributions.normalUpperQuantile(p))
                    .isEqualTo(-normal.inverseCumulativeProbability(p), within(1e-8));
        }
        for (int df : new int[] {1, 2, 9, 30, 200}) {
            ChiSquaredDistribution chiSquare = new ChiSquaredDistribution(df);
            for (double p : new double[] {1e-6, .001, .01, .05, .5, .99}) {
                assertThat(Distributions.chiSquareUpperQuantile(p, df))
                        .isEqualTo(chiSquare.inverseCumulativeProbability(1 - p), within(1e-6 * df));
                double x = Distributions.chiSquareUpperQuantile(p, df);
                assertThat(Distributions.chiSquareSurvival(x, df)).isEqualTo(p, within(1e-12));
            }
        }
        assertThat(Distributions.beta(.3, 2.5, 7))
                .isEqualTo(new BetaDistribution(2.5, 7).cumulativeProbability(.3), within(1e-14));
        assertThat(Distributions.chiSquareSurvival(400, 1)).isBetween(5e-89, 6e-89);
    }

    /** The mean of the index without drift, and what it exceeds in 5 and 1 of 100 windows. */
    @ParameterizedTest
    @CsvSource({
        "1000, 1000, 10, .0180, .0338, .0433",
        "10000, 500, 10, .0189, .0355, .0455",
        "10000, 1000, 20, .0209, .0332, .0398",
        "100000, 10000, 10, .0010, .0019, .0024"
    })
    void thresholdsOfTheStabilityIndexFollowTheSampleSizes(
            long reference, long current, int cells, double mean, double five, double one) {
        assertThat((1.0 / reference + 1.0 / current) * (cells - 1)).isEqualTo(mean, within(6e-5));
        assertThat(Significance.stabilityIndexThreshold(reference, current, cells, .05))
                .isEqualTo(five, within(6e-5));
        assertThat(Significance.stabilityIndexThreshold(reference, current, cells, .01))
                .isEqualTo(one, within(6e-5));
    }

    @Test
    void twoSharesAreComparedAsChiSquareDoes() {
        Significance.Test test = Significance.shareDiffers(30, 200, 60, 250);
        Significance.Test chiSquare = Significance.chiSquare(new long[] {30, 170}, new long[] {60, 190});

        assertThat(test.statistic() * test.statistic()).isEqualTo(chiSquare.statistic(), within(1e-12));
        assertThat(test.pValue()).isEqualTo(chiSquare.pValue(), within(1e-14));
        assertThat(Significance.shareIncreased(30, 200, 60, 250).pValue())
                .isEqualTo(chiSquare.pValue() / 2, within(1e-14));
        assertThat(Significance.shareIncreased(60, 250, 30, 200).pValue()).isGreaterThan(.98);
        assertThat(Significance.shareDiffers(0, 10, 0, 10).pValue()).isEqualTo(1);
    }

    @Test
    void sparseCellsAreJoinedWithTheirNeighbours() {
        long[] reference = {100, 1, 0, 200, 2, 1};
        long[] current = {10, 0, 1, 20, 0, 0};

        Pair pooled = Significance.pooled(reference, current, 5);

        assertThat(pooled).isEqualTo(new Pair(new long[] {100, 204}, new long[] {10, 21}));
        assertThat(Significance.pooled(new long[] {1, 1}, new long[] {1, 1}, 5))
                .isEqualTo(new Pair(new long[] {2}, new long[] {2}));
    }

    @Test
    void whatWasNeverExpectedIsInfinitelyUnlikely() {
        assertThat(Significance.chiSquareGoodnessOfFit(new long[] {5, 1}, new double[] {1, 0})
                        .pValue())
                .isZero();
        assertThat(Significance.chiSquare(new long[] {5}, new long[] {7}).pValue())
                .isEqualTo(1);
        assertThatThrownBy(() -> Significance.chiSquare(new long[] {0, 0}, new long[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Significance.chiSquare(new long[] {-1, 2}, new long[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Benjamini and Hochberg (1995), section 3.2: their fifteen p-values, of which four are significant at 5 %. */
    @Test
    void theExampleOfBenjaminiAndHochberg() {
        double[] p = {
            .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1.0
        };

        double[] falseDiscovery = MultipleTesting.BENJAMINI_HOCHBERG.adjust(p);
        double[] bonferroni = MultipleTesting.BONFERRONI.adjust(p);

        assertThat(Arrays.stream(falseDiscovery).filter(adjusted -> adjusted <= .05))
                .hasSize(4);
        assertThat(Arrays.stream(bonferroni).filter(adjusted -> adjusted <= .05))
                .hasSize(3);
        assertThat(falseDiscovery[3]).isEqualTo(.0095 * 15 / 4, EXACT);
        assertThat(falseDiscovery[14]).isEqualTo(1);
        assertThat(bonferroni[2]).isEqualTo(.0285, EXACT);
    }

    @Test
    void adjustedValuesDoNotDependOnTheOrder() {
        double[] p = {.04, .001, .9, .02, .02};

        assertThat(MultipleTesting.BENJAMINI_HOCHBERG.adjust(p))
                .containsExactly(new double[] {.05, .005, .9, .1 / 3, .1 / 3}, EXACT);
        assertThat(MultipleTesting.BENJAMINI_HOCHBERG.adjust(new double[0])).isEmpty();
    }
}
