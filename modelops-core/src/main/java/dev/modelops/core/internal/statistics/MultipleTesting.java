package dev.modelops.core.internal.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Adjusts p-values of tests that are made together, so that more tests do not mean more false alarms. */
public enum MultipleTesting {
    /** Holds the probability of any false alarm, whatever the tests have to do with each other (Bonferroni 1936). */
    BONFERRONI {
        @Override
        public double[] adjust(double[] pValues) {
            double[] adjusted = pValues.clone();
            for (int i = 0; i < adjusted.length; i++) {
                adjusted[i] = Math.min(1, adjusted[i] * adjusted.length);
            }
            return adjusted;
        }
    },
    /**
     * Holds the expected share of false alarms among all (Benjamini and Hochberg 1995), for tests that are independent or
     * positively dependent; if nothing differs at all, that is the probability of any.
     */
    BENJAMINI_HOCHBERG {
        @Override
        public double[] adjust(double[] pValues) {
            int[] descending = IntStream.range(0, pValues.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> pValues[i])
                            .reversed())
                    .mapToInt(Integer::intValue)
                    .toArray();
            double[] adjusted = new double[pValues.length];
            double least = 1;
            for (int i = 0; i < descending.length; i++) {
                int rank = descending.length - i;
                least = Math.min(least, pValues[descending[i]] * descending.length / rank);
                adjusted[descending[i]] = least;
            }
            return adjusted;
        }
    };

    /** Returns the adjusted p-values, in the same order; each may be compared with the level itself. */
    public abstract double[] adjust(double[] pValues);
}
