package dev.modelops.core.internal.statistics;

/**
 * The mixture sequential probability ratio test (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2017) of whether the mean of
 * observations with known variance is 0, against a normal prior of it.
 *
 * @param variance that of one observation
 * @param prior the variance of the mean before anything was observed
 */
public record MixtureRatio(double variance, double prior) {
    /** Checks the parameters. */
    public MixtureRatio {
        if (!(variance > 0) || !(prior > 0) || Double.isInfinite(variance) || Double.isInfinite(prior)) {
            throw new IllegalArgumentException(
                    "variances are above 0 and finite, but were " + variance + " and " + prior);
        }
    }

    /** Returns the logarithm of how much more likely the mean of so many observations is under the prior than under 0. */
    public double logRatio(long count, double mean) {
        double spread = variance + count * prior;
        return StrictMath.log(variance / spread) / 2
                + (double) count * count * prior * mean * mean / (2 * variance * spread);
    }

    /** Returns a p-value that is valid at any time; the least of all so far is one too. */
    public double pValue(long count, double mean) {
        return Math.min(1, StrictMath.exp(-logRatio(count, mean)));
    }

    /** Returns how far the interval of means that the test does not refuse reaches to either side of the observed one. */
    public double halfWidth(long count, double alpha) {
        double spread = variance + count * prior;
        double log = StrictMath.log(StrictMath.sqrt(spread / variance) / alpha);
        return StrictMath.sqrt(2 * variance * spread / ((double) count * count * prior) * log);
    }
}
