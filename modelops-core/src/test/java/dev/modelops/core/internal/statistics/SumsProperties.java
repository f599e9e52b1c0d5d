package dev.modelops.core.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.hipparchus.stat.descriptive.DescriptiveStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums and moments: whatever the order, the same. */
class SumsProperties {
    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sumsAreExact(int seed) {
        Random random = new Random(seed);
        ExactSum sum = ExactSum.ZERO;
        BigDecimal exact = BigDecimal.ZERO;
        for (int i = 0; i < 30; i++) {
            double value = Math.scalb(random.nextGaussian(), random.nextInt(2000) - 1050);
            sum = sum.plus(value);
            exact = exact.add(new BigDecimal(value));
        }

        assertThat(sum.value()).isEqualTo(exact.doubleValue());
        assertThat(ExactSum.of(sum.parts())).isEqualTo(sum);
        assertThat(sum.parts().stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(exact);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void sumsAddUpInAnyOrder(int seed) {
        Random random = new Random(seed);
        CenteredSums[] parts = new CenteredSums[5];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = CenteredSums.of(
                    random.doubles(random.nextInt(20)).map(x -> x * 1e9 - .1).toArray());
        }
        CenteredSums left = Arrays.stream(parts).reduce(CenteredSums.NONE, CenteredSums::plus);
        CenteredSums right =
                parts[4].plus(parts[2].plus(parts[0].plus(parts[3]))).plus(parts[1]);

        assertThat(right).isEqualTo(left).hasSameHashCodeAs(left);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void momentsAgreeWithAnother(int seed) {
        Random random = new Random(seed);
        double[] values =
                random.doubles(2 + random.nextInt(200)).map(x -> x * 10 + seed).toArray();
        int cut = random.nextInt(values.length + 1);
        Moments moments =
                Moments.of(Arrays.copyOf(values, cut)).plus(Moments.of(Arrays.copyOfRange(values, cut, values.length)));
        DescriptiveStatistics other = new DescriptiveStatistics(values);

        assertThat(moments.count()).isEqualTo(values.length);
        assertThat(moments.mean()).isEqualTo(other.getMean(), within(1e-10));
        assertThat(moments.variance()).isEqualTo(other.getVariance(), within(1e-9));
        assertThat(moments.least()).isEqualTo(other.getMin());
        assertThat(moments.most()).isEqualTo(other.getMax());
        assertThat(CenteredSums.of(values).variance()).isEqualTo(other.getVariance(), within(1e-7));
        assertThat(CenteredSums.of(values).mean()).isEqualTo(other.getMean(), within(1e-10));
    }

    @Test
    void theVarianceOfNumbersFarFromZeroIsNotLost() {
        double[] values = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};

        assertThat(Moments.of(values).variance()).isEqualTo(30, within(1e-9));
        CenteredSums sums =
                CenteredSums.of(Arrays.stream(values).map(x -> x - 1e9).toArray());
        assertThat(sums.variance()).isEqualTo(30, within(1e-12));
        assertThat(CenteredSums.of(.1, .1, .1).variance()).isLessThan(1e-17);
        assertThat(CenteredSums.of(1e-160, 3e-160).variance()).isEqualTo(2e-320, within(1e-322));
        assertThat(CenteredSums.of(1e140, 3e140).variance()).isEqualTo(2e280, within(1e266));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void scoresAddUpInAnyOrder(int seed) {
        Random random = new Random(seed);
        BinaryScores one = scores(random);
        BinaryScores two = scores(random);
        BinaryScores three = scores(random);

        assertThat(one.plus(two).plus(three)).isEqualTo(three.plus(one.plus(two)));
        assertThat(one.plus(BinaryScores.NONE)).isEqualTo(one);
    }

    private static BinaryScores scores(Random random) {
        BinaryScores.Builder scores = new BinaryScores.Builder(.3);
        for (int i = random.nextInt(30); i > 0; i--) {
            scores.add(random.nextDouble(), random.nextBoolean());
        }
        return scores.build();
    }

    @Test
    void whatHasNoSumIsRefused() {
        assertThatThrownBy(() -> ExactSum.of(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ExactSum.ZERO.plus(Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ExactSum.of(Double.MIN_VALUE).plus(-Double.MIN_VALUE)).isEqualTo(ExactSum.ZERO);
        assertThat(ExactSum.of(Double.MAX_VALUE).plus(1).plus(-Double.MAX_VALUE).value())
                .isEqualTo(1);
        // Half way between two doubles, and a little more.
        assertThat(ExactSum.of(0x1p60).plus(0x1p7).value()).isEqualTo(0x1p60);
        assertThat(ExactSum.of(0x1p60).plus(0x1p7).plus(0x1p-1000).value()).isEqualTo(0x1p60 + 0x1p8);
        assertThat(ExactSum.of(-0.0)).isEqualTo(ExactSum.ZERO);
    }
}
