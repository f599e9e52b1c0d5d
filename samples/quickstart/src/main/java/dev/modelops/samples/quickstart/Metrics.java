package dev.modelops.samples.quickstart;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How well scores tell bad loans from good ones.
 *
 * @param auc the chance that a bad loan scores above a good one, ties counting half; 0.5 is guessing
 * @param brier the mean squared distance of the score from what happened; 0 is perfect
 * @param accuracy the share of loans on the right side of 0.5
 * @param loans how many loans were scored
 */
public record Metrics(double auc, double brier, double accuracy, int loans) {
    /** Measures a model on loans it has not seen. */
    public static Metrics of(Scorer scorer, List<Loan> loans) {
        double[] scores = new double[loans.size()];
        boolean[] bad = new boolean[loans.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = scorer.score(loans.get(i).applicant());
            bad[i] = loans.get(i).bad();
        }
        return of(scores, bad);
    }

    /** Measures scores that were given, by what became of the loans. */
    public static Metrics of(double[] scores, boolean[] bad) {
        if (scores.length != bad.length) {
            throw new IllegalArgumentException(
                    "every score needs an outcome, but there were " + scores.length + " and " + bad.length);
        }
        double squares = 0;
        int right = 0;
        for (int i = 0; i < scores.length; i++) {
            if (!(scores[i] >= 0 && scores[i] <= 1)) {
                throw new IllegalArgumentException("a score must be from 0 to 1, but was " + scores[i]);
            }
            double miss = scores[i] - (bad[i] ? 1 : 0);
            squares += miss * miss;
            if (scores[i] >= 0.5 == bad[i]) {
                right++;
            }
        }
        return new Metrics(auc(scores, bad), squares / scores.length, (double) right / scores.length, scores.length);
    }

    /** The rank-sum form of the area under the ROC curve; equal scores share the mean of their ranks. */
    private static double auc(double[] scores, boolean[] bad) {
        List<Integer> ascending = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .toList();
        double rankSum = 0;
        long positives = 0;
        int from = 0;
        while (from < scores.length) {
            int to = from;
            while (to < scores.length && scores[ascending.get(to)] == scores[ascending.get(from)]) {
                to++;
            }
            double rank = (from + 1 + to) / 2.0;
            for (int i = from; i < to; i++) {
                if (bad[ascending.get(i)]) {
                    rankSum += rank;
                    positives++;
                }
            }
            from = to;
        }
        long negatives = scores.length - positives;
        if (positives == 0 || negatives == 0) {
            throw new IllegalArgumentException(
                    "AUC needs good and bad loans, but there were " + negatives + " good and " + positives + " bad");
        }
        return (rankSum - positives * (positives + 1) / 2.0) / (positives * (double) negatives);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "AUC %.3f, Brier %.3f, accuracy %.3f on %,d loans", auc, brier, accuracy, loans);
    }
}
