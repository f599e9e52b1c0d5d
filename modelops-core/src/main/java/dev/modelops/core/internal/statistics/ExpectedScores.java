package dev.modelops.core.internal.statistics;

import com.google.common.primitives.ImmutableLongArray;
import java.util.Arrays;
import java.util.List;

/**
 * How well predicted probabilities would do if they were right, before anybody knows what happened (confidence-based
 * performance estimation, NannyML 2022): a prediction with probability p that was decided for is expected to be right with p,
 * any other with 1 - p. It holds as long as the probabilities are calibrated, so it follows a change of inputs and is blind to
 * a change of what the inputs mean. Two of them add up exactly.
 *
 * @param counts how many predictions there are in each of {@link BinaryScores#CELLS} cells of the probability
 * @param probabilities the sum of the probabilities in each cell
 * @param decided how many were decided for
 * @param truePositives the sum of the probabilities of those decided for
 * @param right the probabilities of the decision being right
 * @param brier the expected squared errors, p(1 - p)
 */
public record ExpectedScores(
        ImmutableLongArray counts,
        List<ExactSum> probabilities,
        long decided,
        ExactSum truePositives,
        CenteredSums right,
        CenteredSums brier) {
    /** Nothing. */
    public static final ExpectedScores NONE = new Builder(0.5).build();

    /** Copies the list, and checks that counts agree. */
    public ExpectedScores {
        probabilities = List.copyOf(probabilities);
        if (counts.length() != BinaryScores.CELLS || probabilities.size() != BinaryScores.CELLS) {
            throw new IllegalArgumentException("scores are counted in " + BinaryScores.CELLS + " cells");
        }
        long all = counts.stream().sum();
        if (decided < 0 || decided > all || right.count() != all || brier.count() != all) {
            throw new IllegalArgumentException("the counts of expected scores do not agree with each other");
        }
    }

    /** What is expected of decisions, as numbers of predictions. */
    public record Confusion(double truePositives, double falsePositives, double falseNegatives, double trueNegatives) {}

    /** Collects probabilities one by one, without allocation; not for use by several threads. */
    public static final class Builder {
        private final double threshold;
        private final long[] counts = new long[BinaryScores.CELLS];
        private final double[] probabilities = new double[BinaryScores.CELLS];
        private long decided;
        private double truePositives;
        private double right;
        private double rightSquares;
        private double brier;
        private double brierSquares;

        /** Starts with nothing; probabilities of at least {@code threshold} count as decided for. */
        public Builder(double threshold) {
            this.threshold = threshold;
        }

        /** Adds a probability from 0 to 1. */
        public Builder add(double probability) {
            int cell = BinaryScores.cell(probability);
            counts[cell]++;
            probabilities[cell] += probability;
            double correct = 1 - probability;
            if (probability >= threshold) {
                decided++;
                truePositives += probability;
                correct = probability;
            }
            right += correct;
            rightSquares += correct * correct;
            double error = probability * (1 - probability);
            brier += error;
            brierSquares += error * error;
            return this;
        }

        /** Returns what was added. */
        public ExpectedScores build() {
            long all = Arrays.stream(counts).sum();
            return new ExpectedScores(
                    ImmutableLongArray.copyOf(counts),
                    Arrays.stream(probabilities).mapToObj(ExactSum::of).toList(),
                    decided,
                    ExactSum.of(truePositives),
                    CenteredSums.of(all, right, rightSquares),
                    CenteredSums.of(all, brier, brierSquares));
        }
    }

    /** Returns the sums of both. */
    public ExpectedScores plus(ExpectedScores other) {
        return new ExpectedScores(
                Counts.sum(counts, other.counts),
                ExactSum.plus(probabilities, other.probabilities),
                decided + other.decided,
                truePositives.plus(other.truePositives),
                right.plus(other.right),
                brier.plus(other.brier));
    }

    /** Returns how many predictions there are. */
    public long count() {
        return right.count();
    }

    /** Returns the expected confusion matrix. */
    public Confusion confusion() {
        double positives = probabilities.stream().mapToDouble(ExactSum::value).sum();
        double hit = truePositives.value();
        return new Confusion(hit, decided - hit, positives - hit, count() - decided - (positives - hit));
    }

    /** Returns the expected share of right decisions. */
    public double accuracy() {
        return right.mean();
    }

    /** Returns the expected area under the receiver operating characteristic. */
    public RankedScores.Area area() {
        double[] positives = probabilities.stream().mapToDouble(ExactSum::value).toArray();
        double[] negatives = new double[positives.length];
        for (int i = 0; i < positives.length; i++) {
            negatives[i] = Math.max(0, counts.get(i) - positives[i]);
        }
        return RankedScores.area(positives, negatives);
    }
}
