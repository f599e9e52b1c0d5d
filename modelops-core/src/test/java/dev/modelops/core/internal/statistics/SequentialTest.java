package dev.modelops.core.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statistics that may be looked at more than once, against vectors that GrowthBook publishes and ones made with SciPy 1.17. */
class SequentialTest {
    private static final Offset<Double> EXACT = within(5e-8);

    @ParameterizedTest
    @CsvSource({"10, 2.8727330", "100, .3855055", "1000, .0959817", "10000, .0324172"})
    void halfWidthsOfUnitVarianceTunedForAThousand(long count, double width) {
        assertThat(new ConfidenceSequence(.05, 1000).halfWidth(count, 1 / Math.sqrt(count)))
                .isEqualTo(width, EXACT);
    }

    /** GrowthBook's pair of samples: sums 1396.87 and 2422.7 of 3,000 and 3,461. */
    @Test
    void relativeUpliftOfGrowthBook() {
        double champion = 1396.87 / 3000;
        double challenger = 2422.7 / 3461;
        double championVariance = (52377.9767 - 1396.87 * champion) / 2999 / 3000;
        double challengerVariance = (134698.29 - 2422.7 * challenger) / 3460 / 3461;
        double uplift = (challenger - champion) / champion;
        double error = Math.sqrt(challengerVariance / (champion * champion)
                + championVariance * challenger * challenger / Math.pow(champion, 4));

        assertThat(uplift).isEqualTo(.50336, within(5e-6));
        assertThat(error).isEqualTo(.33341, within(5e-6));
        ConfidenceSequence sequence = new ConfidenceSequence(.05, 1000);
        double width = sequence.halfWidth(6461, error);
        assertThat(uplift - width).isEqualTo(-.55844, within(1e-5));
        assertThat(uplift + width).isEqualTo(1.56516, within(1e-5));
        assertThat(sequence.pValue(6461, uplift, error)).isEqualTo(1);
    }

    @Test
    void proportionsOfGrowthBook() {
        double champion = 1396.0 / 3000;
        double challenger = 2422.0 / 3461;
        double uplift = (challenger - champion) / champion;
        double error = Math.sqrt(challenger * (1 - challenger) / 3461 / (champion * champion)
                + champion * (1 - champion) / 3000 * challenger * challenger / Math.pow(champion, 4));
        double width = new ConfidenceSequence(.05, 5000).halfWidth(6461, error);

        assertThat(uplift).isEqualTo(.50386, within(5e-6));
        assertThat(uplift - width).isEqualTo(.40098, within(1e-5));
        assertThat(uplift + width).isEqualTo(.60675, within(1e-5));
    }

    @Test
    void oneSidedBoundOfGrowthBook() {
        ConfidenceSequence sequence = new ConfidenceSequence(.05, 5000);

        assertThat(.2343766667 - sequence.oneSidedWidth(6461, .1298308125)).isEqualTo(-.1265684417, within(1e-9));
        // Published as found by halving to four digits.
        assertThat(sequence.oneSidedPValue(6461, .2343766667, .1298308125)).isEqualTo(.46316, within(2e-4));
        assertThat(sequence.oneSidedPValue(6461, -.2, .13)).isEqualTo(1);
    }

    @Test
    void pValuesAndIntervalsSayTheSame() {
        Random random = new Random(8);
        for (int i = 0; i < 1000; i++) {
            long count = 10L + random.nextInt(10_000);
            double error = .01 + random.nextDouble();
            double alpha = .001 + random.nextDouble() * .2;
            double estimate = random.nextGaussian() * error * 4;
            ConfidenceSequence sequence = new ConfidenceSequence(alpha, 1000);

            assertThat(sequence.pValue(count, estimate, error) < alpha)
                    .isEqualTo(Math.abs(estimate) > sequence.halfWidth(count, error));
            assertThat(sequence.oneSidedPValue(count, estimate, error) < alpha)
                    .isEqualTo(estimate > sequence.oneSidedWidth(count, error));
            MixtureRatio ratio = new MixtureRatio(error * error * count, .1);
            assertThat(ratio.pValue(count, estimate) < alpha)
                    .isEqualTo(Math.abs(estimate) > ratio.halfWidth(count, alpha));
        }
    }

    @Test
    void mixtureRatiosOfVarianceTwo() {
        MixtureRatio ratio = new MixtureRatio(2, .1);

        assertThat(Math.exp(ratio.logRatio(400, .2))).isEqualTo(9.8479429, EXACT);
        assertThat(ratio.pValue(400, .2)).isEqualTo(.1015440, EXACT);
        assertThat(Math.exp(ratio.logRatio(1000, .1))).isEqualTo(1.6242848, EXACT);
    }

    @ParameterizedTest
    @CsvSource({".25, 8.85754e-5, 5e-10", ".5, .00557460, 5e-9", ".75, .02362512, 5e-9", "1, .05, 1e-12"})
    void spendingOfLanAndDeMets(double share, double spent, double precision) {
        assertThat(GroupSequential.spent(share, .05)).isEqualTo(spent, within(precision));
    }

    /** What tables of group-sequential designs give for four equal looks, where each side spends 2.5 % for itself. */
    @Test
    void boundsOfFourEqualLooks() {
        double[] shares = {.25, .5, .75, 1};
        double[] spent = Arrays.stream(shares)
                .map(share -> 2 * GroupSequential.spent(share, .025))
                .toArray();
        assertThat(GroupSequential.bounds(shares, spent))
                .containsExactly(new double[] {4.3326, 2.9631, 2.3590, 2.0141}, within(2e-4));
        assertThat(GroupSequential.bounds(new double[] {1}, .05)[0]).isEqualTo(1.959964, within(1e-6));
    }

    @Test
    void boundsAreCrossedAsOftenAsWasSpent() {
        double[] bounds = GroupSequential.bounds(new double[] {.3, .6, 1}, .1);
        Random random = new Random(9);
        int crossed = 0;
        for (int run = 0; run < 20_000; run++) {
            double first = random.nextGaussian() * Math.sqrt(.3);
            double second = first + random.nextGaussian() * Math.sqrt(.3);
            double third = second + random.nextGaussian() * Math.sqrt(.4);
            if (Math.abs(first) / Math.sqrt(.3) > bounds[0]
                    || Math.abs(second) / Math.sqrt(.6) > bounds[1]
                    || Math.abs(third) > bounds[2]) {
                crossed++;
            }
        }

        assertThat(crossed / 20_000.0).isEqualTo(.1, within(.007));
    }

    /** Twenty looks at two equal arms up to 5,000 each: a fixed test would be wrong in 23.6 % of such runs. */
    @Test
    void lookingTwentyTimesDoesNotRaiseFalseAlarms() {
        Random random = new Random(10);
        ConfidenceSequence sequence = new ConfidenceSequence(.05, 5000);
        int wrong = 0;
        int fixedWrong = 0;
        int found = 0;
        int runs = 500;
        for (int run = 0; run < runs; run++) {
            wrong += stops(random, .2, sequence) ? 1 : 0;
            fixedWrong += stops(random, .2, null) ? 1 : 0;
            found += stops(random, .23, sequence) ? 1 : 0;
        }

        assertThat((double) wrong / runs).isLessThan(.05);
        assertThat((double) fixedWrong / runs).isGreaterThan(.15);
        assertThat((double) found / runs).isBetween(.68, .88);
    }

    private static boolean stops(Random random, double rate, @Nullable ConfidenceSequence sequence) {
        int one = 0;
        int other = 0;
        for (int n = 1; n <= 5000; n++) {
            one += random.nextDouble() < .2 ? 1 : 0;
            other += random.nextDouble() < rate ? 1 : 0;
            if (n % 250 == 0) {
                double p = (double) one / n;
                double q = (double) other / n;
                double error = Math.sqrt((p * (1 - p) + q * (1 - q)) / n);
                double width = sequence == null ? 1.959964 * error : sequence.halfWidth(2L * n, error);
                if (Math.abs(p - q) > width) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void parametersOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new ConfidenceSequence(0, 1000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ConfidenceSequence(.05, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ConfidenceSequence(.05, 10).halfWidth(0, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MixtureRatio(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GroupSequential.bounds(new double[] {.5, .5}, .05))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> GroupSequential.spent(1.5, .05)).isInstanceOf(IllegalArgumentException.class);
    }
}
