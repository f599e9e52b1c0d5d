package dev.modelops.core.internal.statistics;

import java.util.Arrays;

/** Tests of whether counts or means differ by more than chance. */
public final class Significance {
    private Significance() {}

    /**
     * What a test found.
     *
     * @param statistic the test statistic
     * @param degreesOfFreedom those of its chi-square distribution, 0 for one that is normal
     * @param pValue the probability of a statistic at least as large if there is no difference
     */
    public record Test(double statistic, int degreesOfFreedom, double pValue) {}

    /** Two counts over the same cells. */
    public record Pair(long[] reference, long[] current) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Pair pair
                    && Arrays.equals(reference, pair.reference)
                    && Arrays.equals(current, pair.current);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(reference) + Arrays.hashCode(current);
        }

        @Override
        public String toString() {
            return Arrays.toString(reference) + " and " + Arrays.toString(current);
        }
    }

    /**
     * Tests whether counts came from a distribution that is known (Pearson 1900). The weights need not add up to 1; a count
     * in a cell without weight is infinitely unlikely.
     */
    public static Test chiSquareGoodnessOfFit(long[] observed, double[] expected) {
        requireSameCells(observed.length, expected.length);
        double weight = 0;
        for (double cell : expected) {
            if (!(cell >= 0) || Double.isInfinite(cell)) {
                throw new IllegalArgumentException("weights are finite and not negative, but one was " + cell);
            }
            weight += cell;
        }
        double scale = total(observed) / weight;
        double statistic = 0;
        int cells = 0;
        for (int i = 0; i < observed.length; i++) {
            double mean = expected[i] * scale;
            if (mean > 0) {
                statistic += (observed[i] - mean) * (observed[i] - mean) / mean;
                cells++;
            } else if (observed[i] > 0) {
                statistic = Double.POSITIVE_INFINITY;
            }
        }
        return test(statistic, cells - 1);
    }

    /** Tests whether two samples of counts came from one distribution (Pearson's chi-square of homogeneity). */
    public static Test chiSquare(long[] reference, long[] current) {
        return homogeneity(reference, current, (observed, mean) -> (observed - mean) * (observed - mean) / mean);
    }

    /** Tests whether two samples of counts came from one distribution, by the likelihood ratio (Wilks 1938). */
    public static Test gTest(long[] reference, long[] current) {
        return homogeneity(
                reference,
                current,
                (observed, mean) -> observed == 0 ? 0 : 2 * observed * StrictMath.log(observed / mean));
    }

    /**
     * Tests whether a share is larger in the second sample than in the first, by the pooled normal approximation.
     *
     * @return a one-sided test
     */
    public static Test shareIncreased(long referenceHits, long reference, long currentHits, long current) {
        return new Test(
                shareScore(referenceHits, reference, currentHits, current),
                0,
                Distributions.normalSurvival(shareScore(referenceHits, reference, currentHits, current)));
    }

    /** Tests whether a share differs between two samples, by the pooled normal approximation. */
    public static Test shareDiffers(long referenceHits, long reference, long currentHits, long current) {
        double score = shareScore(referenceHits, reference, currentHits, current);
        return new Test(score, 0, Distributions.normalTwoSided(score));
    }

    private static double shareScore(long referenceHits, long reference, long currentHits, long current) {
        if (reference <= 0 || current <= 0) {
            throw new IllegalArgumentException(
                    "two samples are needed, but they are of " + reference + " and " + current);
        }
        double pooled = (double) (referenceHits + currentHits) / (reference + current);
        double difference = (double) currentHits / current - (double) referenceHits / reference;
        return score(difference, StrictMath.sqrt(pooled * (1 - pooled) * (1.0 / reference + 1.0 / current)));
    }

    /** Returns the score of a difference of which the standard error is known; 0 if both are 0. */
    public static double score(double difference, double standardError) {
        return difference == 0 ? 0 : difference / standardError;
    }

    /** Tests whether an estimate is larger than zero, given its standard error. */
    public static Test increased(double difference, double standardError) {
        double score = score(difference, standardError);
        return new Test(score, 0, Distributions.normalSurvival(score));
    }

    /** Tests whether an estimate differs from zero, given its standard error. */
    public static Test differs(double difference, double standardError) {
        double score = score(difference, standardError);
        return new Test(score, 0, Distributions.normalTwoSided(score));
    }

    /**
     * Joins neighbouring cells until each may be expected to hold {@code least} observations in the smaller sample if there
     * is no difference, so that the chi-square approximation holds (Cochran 1954).
     */
    public static Pair pooled(long[] reference, long[] current, double least) {
        requireSameCells(reference.length, current.length);
        double share = (double) Math.min(total(reference), total(current)) / (total(reference) + total(current));
        long[] first = new long[reference.length];
        long[] second = new long[reference.length];
        int cells = 0;
        boolean full = true;
        for (int i = 0; i < reference.length; i++) {
            if (full) {
                cells++;
            }
            first[cells - 1] += reference[i];
            second[cells - 1] += current[i];
            full = (first[cells - 1] + second[cells - 1]) * share >= least;
        }
        if (!full && cells > 1) {
            first[cells - 2] += first[cells - 1];
            second[cells - 2] += second[cells - 1];
            cells--;
        }
        return new Pair(Arrays.copyOf(first, cells), Arrays.copyOf(second, cells));
    }

    /**
     * Returns what the population stability index of two samples of one distribution exceeds with this probability: it is
     * about (1/n + 1/m) times a chi-square variable with one degree of freedom less than there are cells.
     */
    public static double stabilityIndexThreshold(long reference, long current, int cells, double probability) {
        return (1.0 / reference + 1.0 / current) * Distributions.chiSquareUpperQuantile(probability, cells - 1);
    }

    private interface Term {
        double of(double observed, double mean);
    }

    private static Test homogeneity(long[] reference, long[] current, Term term) {
        requireSameCells(reference.length, current.length);
        double first = total(reference);
        double second = total(current);
        double statistic = 0;
        int cells = 0;
        for (int i = 0; i < reference.length; i++) {
            double both = reference[i] + current[i];
            if (both > 0) {
                statistic += term.of(reference[i], both * (first / (first + second)));
                statistic += term.of(current[i], both * (second / (first + second)));
                cells++;
            }
        }
        return test(Math.max(0, statistic), cells - 1);
    }

    private static Test test(double statistic, int degreesOfFreedom) {
        return new Test(
                statistic,
                degreesOfFreedom,
                degreesOfFreedom < 1
                        ? Double.isInfinite(statistic) ? 0 : 1
                        : Distributions.chiSquareSurvival(statistic, degreesOfFreedom));
    }

    private static long total(long[] counts) {
        long total = 0;
        for (long count : counts) {
            if (count < 0) {
                throw new IllegalArgumentException("counts are not negative, but one was " + count);
            }
            total += count;
        }
        if (total == 0) {
            throw new IllegalArgumentException("there is no sample: nothing was counted");
        }
        return total;
    }

    private static void requireSameCells(int one, int other) {
        if (one != other) {
            throw new IllegalArgumentException("both need the same cells, but there are " + one + " and " + other);
        }
    }
}
