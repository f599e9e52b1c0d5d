package dev.modelops.core.internal.statistics;

import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How predicted probabilities compare with what happened: counts in {@value #CELLS} equal cells of the probability, and sums.
 * Two of them add up exactly. What needs an order (the area under the curve) treats probabilities of one cell as equal.
 *
 * @param positives the counts of those where it happened
 * @param negatives the counts of the others
 * @param probabilities for each of {@value #GROUPS} equal groups of the probability, the sum of these
 * @param variances for each of these groups, the sum of p(1 - p): how far the number of those where it happens may stray
 * @param truePositives where it was decided for and happened
 * @param falsePositives where it was decided for and did not happen
 * @param brier the squared errors of the probabilities
 * @param logLoss the logarithmic losses, in nats
 */
public record BinaryScores(
        ImmutableLongArray positives,
        ImmutableLongArray negatives,
        List<ExactSum> probabilities,
        List<ExactSum> variances,
        long truePositives,
        long falsePositives,
        CenteredSums brier,
        CenteredSums logLoss) {
    /** How many cells the unit interval has. */
    public static final int CELLS = 200;

    /** In how many groups calibration is told. */
    public static final int GROUPS = 10;

    /** Nothing. */
    public static final BinaryScores NONE = new Builder(0.5).build();

    private static final double LEAST_PROBABILITY = 1e-15;
    private static final int PER_GROUP = CELLS / GROUPS;
    /** From which variance on a binomial count is nearly normal. */
    private static final double LEAST_VARIANCE = 2.5;

    /** Copies the lists, and checks that counts agree. */
    public BinaryScores {
        probabilities = List.copyOf(probabilities);
        variances = List.copyOf(variances);
        if (positives.length() != CELLS
                || negatives.length() != CELLS
                || probabilities.size() != GROUPS
                || variances.size() != GROUPS) {
            throw new IllegalArgumentException("scores are counted in " + CELLS + " cells and " + GROUPS + " groups");
        }
        long happened = positives.stream().sum();
        long others = negatives.stream().sum();
        if (truePositives < 0
                || truePositives > happened
                || falsePositives < 0
                || falsePositives > others
                || brier.count() != happened + others
                || logLoss.count() != happened + others) {
            throw new IllegalArgumentException("the counts of scores do not agree with each other");
        }
    }

    /** Predictions of one group beside what happened. */
    public record Reliability(long count, double meanProbability, double share) {}

    /** Collects scores one by one; not for use by several threads. */
    public static final class Builder {
        private final double threshold;
        private final long[] positives = new long[CELLS];
        private final long[] negatives = new long[CELLS];
        private final double[] probabilities = new double[GROUPS];
        private final double[] variances = new double[GROUPS];
        private long truePositives;
        private long falsePositives;
        private double brier;
        private double brierSquares;
        private double logLoss;
        private double logLossSquares;

        /** Starts with nothing; probabilities of at least {@code threshold} count as decided for. */
        public Builder(double threshold) {
            this.threshold = threshold;
        }

        /** Adds a probability from 0 to 1 and whether it happened. */
        public Builder add(double probability, boolean happened) {
            int cell = cell(probability);
            double label = happened ? 1 : 0;
            double error = (probability - label) * (probability - label);
            double right = Math.max(LEAST_PROBABILITY, happened ? probability : 1 - probability);
            double loss = -StrictMath.log(right);
            if (happened) {
                positives[cell]++;
            } else {
                negatives[cell]++;
            }
            if (probability >= threshold) {
                if (happened) {
                    truePositives++;
                } else {
                    falsePositives++;
                }
            }
            probabilities[cell / PER_GROUP] += probability;
            brier += error;
            brierSquares += error * error;
            logLoss += loss;
            logLossSquares += loss * loss;
            variances[cell / PER_GROUP] += probability * (1 - probability);
            return this;
        }

        /** Returns what was added. */
        public BinaryScores build() {
            long count =
                    Arrays.stream(positives).sum() + Arrays.stream(negatives).sum();
            return new BinaryScores(
                    ImmutableLongArray.copyOf(positives),
                    ImmutableLongArray.copyOf(negatives),
                    Arrays.stream(probabilities).mapToObj(ExactSum::of).toList(),
                    Arrays.stream(variances).mapToObj(ExactSum::of).toList(),
                    truePositives,
                    falsePositives,
                    CenteredSums.of(count, brier, brierSquares),
                    CenteredSums.of(count, logLoss, logLossSquares));
        }
    }

    /** Returns the cell of a probability; {@link IllegalArgumentException} if it is none. */
    public static int cell(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability is from 0 to 1, but was " + probability);
        }
        return Math.min(CELLS - 1, (int) (probability * CELLS));
    }

    /** Returns the sums of both. */
    public BinaryScores plus(BinaryScores other) {
        return new BinaryScores(
                Counts.sum(positives, other.positives),
                Counts.sum(negatives, other.negatives),
                ExactSum.plus(probabilities, other.probabilities),
                ExactSum.plus(variances, other.variances),
                truePositives + other.truePositives,
                falsePositives + other.falsePositives,
                brier.plus(other.brier),
                logLoss.plus(other.logLoss));
    }

    /** Returns how many predictions there are. */
    public long count() {
        return brier.count();
    }

    /** Returns of how many it happened. */
    public long happened() {
        return positives.stream().sum();
    }

    /** Returns the area under the receiver operating characteristic, with its standard error. */
    public RankedScores.Area area() {
        return RankedScores.area(Counts.weights(positives), Counts.weights(negatives));
    }

    /** Returns the share of right decisions. */
    public double accuracy() {
        return (double) right() / count();
    }

    /** Returns the number of right decisions. */
    public long right() {
        return truePositives + negatives.stream().sum() - falsePositives;
    }

    /** Returns the share of those decided for where it happened; not a number if none was decided for. */
    public double precision() {
        return (double) truePositives / (truePositives + falsePositives);
    }

    /** Returns the share of those where it happened that were decided for; not a number if it never happened. */
    public double recall() {
        return (double) truePositives / happened();
    }

    /** Returns, for each group of probabilities that holds any, how often it happened. */
    public List<Reliability> reliability() {
        List<Reliability> groups = new ArrayList<>();
        for (int group = 0; group < GROUPS; group++) {
            long of = Counts.sum(positives, group * PER_GROUP, (group + 1) * PER_GROUP);
            long count = of + Counts.sum(negatives, group * PER_GROUP, (group + 1) * PER_GROUP);
            if (count > 0) {
                groups.add(new Reliability(count, probabilities.get(group).value() / count, (double) of / count));
            }
        }
        return List.copyOf(groups);
    }

    /** Returns the expected calibration error over ten equal groups of the probability (Naeini et al. 2015). */
    public double calibrationError() {
        double error = 0;
        for (Reliability group : reliability()) {
            error += group.count() * Math.abs(group.share() - group.meanProbability());
        }
        return error / count();
    }

    /**
     * Tests whether the probabilities are right: whether in each group it happened about as often as they say (Hosmer and
     * Lemeshow 1980, with the variance of the probabilities themselves, as nothing was fitted to these cases). Groups in which
     * it is too sure what happens are joined with the next.
     */
    public Significance.Test calibrationTest() {
        double statistic = 0;
        int groups = 0;
        double distance = 0;
        double variance = 0;
        for (int group = 0; group < GROUPS; group++) {
            long of = Counts.sum(positives, group * PER_GROUP, (group + 1) * PER_GROUP);
            distance += of - probabilities.get(group).value();
            variance += variances.get(group).value();
            if (variance >= LEAST_VARIANCE) {
                statistic += distance * distance / variance;
                groups++;
                distance = 0;
                variance = 0;
            }
        }
        return new Significance.Test(
                statistic, groups, groups == 0 ? 1 : Distributions.chiSquareSurvival(statistic, groups));
    }
}
