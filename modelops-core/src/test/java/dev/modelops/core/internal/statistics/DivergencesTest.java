package dev.modelops.core.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

/** Distances between distributions, against vectors made with SciPy 1.17, and against Hipparchus and Apache Commons. */
class DivergencesTest {
    private static final Offset<Double> EXACT = within(5e-11);
    private static final long[] REFERENCE = {16, 18, 16, 14, 12, 12};
    private static final long[] CURRENT = {16, 16, 16, 16, 16, 8};

    @Test
    void categoricalCountsOfEightyEight() {
        assertThat(Divergences.populationStabilityIndex(REFERENCE, CURRENT)).isEqualTo(.0372183816, EXACT);
        assertThat(Divergences.kullbackLeibler(REFERENCE, CURRENT)).isEqualTo(.0189096770, EXACT);
        assertThat(Divergences.kullbackLeibler(CURRENT, REFERENCE)).isEqualTo(.0183087046, EXACT);
        assertThat(Divergences.jensenShannonDistance(REFERENCE, CURRENT)).isEqualTo(.0680481962, EXACT);
        assertThat(Divergences.jensenShannonDistanceBase2(REFERENCE, CURRENT)).isEqualTo(.0817342133, EXACT);
        assertThat(Divergences.jensenShannonDivergence(REFERENCE, CURRENT)).isEqualTo(.0046305570, EXACT);
        assertThat(Divergences.hellinger(REFERENCE, CURRENT)).isEqualTo(.0681277437, EXACT);
        assertThat(Divergences.totalVariation(REFERENCE, CURRENT)).isEqualTo(.0681818182, EXACT);
        assertThat(Divergences.lInfinity(REFERENCE, CURRENT)).isEqualTo(.0454545455, EXACT);
    }

    @Test
    void stabilityIndexOfDeciles() {
        double[] expected = new double[10];
        Arrays.fill(expected, .1);
        double[] far = {.05, .07, .08, .09, .10, .11, .11, .12, .13, .14};
        double[] near = {.08, .09, .10, .11, .12, .10, .10, .10, .10, .10};

        assertThat(Divergences.populationStabilityIndex(expected, far)).isEqualTo(.0777565357, EXACT);
        assertThat(Divergences.populationStabilityIndex(expected, near)).isEqualTo(.0101160092, within(1e-10));
    }

    @Test
    void smallNumericSamples() {
        double[] x = {38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0};
        double[] y = {39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8};
        double[] values = values(x, y);

        assertThat(Divergences.kolmogorovSmirnov(counts(x, values), counts(y, values)))
                .isEqualTo(.625, EXACT);
        double distance = Divergences.wasserstein(counts(x, values), counts(y, values), values);
        assertThat(distance).isEqualTo(4.1625, EXACT);
        Moments moments = Moments.of(x);
        assertThat(distance / Math.sqrt(moments.squares() / moments.count())).isEqualTo(.7812361058, EXACT);
    }

    @Test
    void normalGridOfAThousand() {
        DoubleUnaryOperator quantile = new NormalDistribution()::inverseCumulativeProbability;
        double[] reference = IntStream.rangeClosed(1, 1000)
                .mapToDouble(i -> quantile.applyAsDouble((i - .5) / 1000))
                .toArray();
        double[] current = Arrays.stream(reference).map(r -> 1.1 * r + .25).toArray();
        double[] values = values(reference, current);
        long[] all = counts(reference, values);
        long[] now = counts(current, values);

        assertThat(Divergences.kolmogorovSmirnov(all, now)).isEqualTo(.102, EXACT);
        double distance = Divergences.wasserstein(all, now, values);
        assertThat(distance).isEqualTo(.2503833791, within(1e-9));
        Moments moments = Moments.of(reference);
        assertThat(distance / Math.sqrt(moments.squares() / moments.count())).isEqualTo(.2505463802, within(1e-9));

        double[] edges = IntStream.range(1, 10)
                .mapToDouble(i -> quantile(reference, i / 10.0))
                .toArray();
        assertThat(edges)
                .containsExactly(
                        new double[] {-1.279278, -.840551, -.523826, -.253088, 0, .253088, .523826, .840551, 1.279278},
                        within(5e-7));
        long[] deciles = binned(reference, edges);
        assertThat(deciles).containsOnly(100);
        long[] counts = binned(current, edges);
        assertThat(counts).containsExactly(82, 79, 80, 83, 86, 91, 97, 106, 121, 175);
        assertThat(Divergences.populationStabilityIndex(deciles, counts)).isEqualTo(.0655282790, EXACT);
        assertThat(Divergences.jensenShannonDistanceBase2(deciles, counts)).isEqualTo(.1082256753, EXACT);
        assertThat(Divergences.jensenShannonDistance(deciles, counts)).isEqualTo(.0901037850, EXACT);
    }

    @Test
    void theLargestDifferenceAgreesWithTwoOthers() {
        Random random = new Random(1);
        for (int round = 0; round < 50; round++) {
            double[] x = random.doubles(20 + random.nextInt(80))
                    .map(v -> Math.rint(v * 50))
                    .toArray();
            double[] y = random.doubles(20 + random.nextInt(80))
                    .map(v -> Math.rint(v * v * 50))
                    .toArray();
            double[] values = values(x, y);
            double ours = Divergences.kolmogorovSmirnov(counts(x, values), counts(y, values));

            assertThat(ours).isEqualTo(new KolmogorovSmirnovTest().kolmogorovSmirnovStatistic(x, y), within(1e-12));
            assertThat(ours)
                    .isEqualTo(
                            org.apache.commons.statistics.inference.KolmogorovSmirnovTest.withDefaults()
                                    .statistic(x, y),
                            within(1e-12));
        }
    }

    @Test
    void theWorkIsThatOfMovingTheSortedValues() {
        Random random = new Random(2);
        for (int round = 0; round < 50; round++) {
            double[] x = random.doubles(60).toArray();
            double[] y = random.doubles(60).map(v -> v * v + .3).toArray();
            double[] values = values(x, y);
            Arrays.sort(x);
            Arrays.sort(y);
            double moved = IntStream.range(0, 60)
                    .mapToDouble(i -> Math.abs(x[i] - y[i]))
                    .average()
                    .orElseThrow();

            assertThat(Divergences.wasserstein(counts(x, values), counts(y, values), values))
                    .isEqualTo(moved, within(1e-12));
        }
    }

    @Test
    void anEmptyCellOnOneSideCountsAsHalfAnObservation() {
        long[] some = {50, 50, 0};
        long[] others = {40, 40, 20};

        assertThat(Divergences.populationStabilityIndex(some, others))
                .isEqualTo(Divergences.populationStabilityIndex(new double[] {50, 50, .5}, new double[] {40, 40, 20}));
        assertThat(Divergences.populationStabilityIndex(new double[] {50, 50, 0}, new double[] {40, 40, 20}))
                .isInfinite();
        assertThat(Divergences.populationStabilityIndex(new long[] {5, 0, 5}, new long[] {5, 0, 5}))
                .isZero();
        assertThat(Divergences.jensenShannonDistanceBase2(new long[] {5, 0}, new long[] {0, 7}))
                .isEqualTo(1, EXACT);
        assertThat(Divergences.hellinger(new long[] {5, 0}, new long[] {0, 7})).isEqualTo(1, EXACT);
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        assertThatThrownBy(() -> Divergences.hellinger(new long[] {1, 2}, new long[] {1, 2, 3}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Divergences.hellinger(new long[] {1, 2}, new long[] {0, 0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Divergences.totalVariation(new double[] {1, -1}, new double[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Divergences.wasserstein(new long[] {1, 1}, new long[] {1, 1}, new double[] {2, 1}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** By linear interpolation, as NumPy has it. */
    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }

    private static double[] values(double[] x, double[] y) {
        TreeSet<Double> values = new TreeSet<>();
        Arrays.stream(x).forEach(values::add);
        Arrays.stream(y).forEach(values::add);
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static long[] counts(double[] sample, double[] values) {
        long[] counts = new long[values.length];
        for (double value : sample) {
            counts[Arrays.binarySearch(values, value)]++;
        }
        return counts;
    }

    private static long[] binned(double[] sample, double[] edges) {
        long[] counts = new long[edges.length + 1];
        for (double value : sample) {
            counts[(int) Arrays.stream(edges).filter(edge -> edge <= value).count()]++;
        }
        return counts;
    }
}
