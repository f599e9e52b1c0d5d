package dev.modelops.core.internal.experiment;

import dev.modelops.core.internal.statistics.Distributions;

/**
 * What is believed of a success rate of which nothing was believed before.
 *
 * @param successes one more than the successes seen
 * @param failures one more than the failures seen
 */
record BetaPosterior(double successes, double failures) {
    /** Beyond so many standard deviations from the mean there is nothing, not even of the most skewed of these. */
    private static final int REACH = 40;

    private static final int INTERVALS = 8_000;

    /** Checks the parameters. */
    BetaPosterior {
        if (!(successes >= 1) || !(failures >= 1) || Double.isInfinite(successes + failures)) {
            throw new IllegalArgumentException(
                    "the parameters of what is believed of a rate are finite and at least 1");
        }
    }

    /** Returns the probability that this rate is above another, to about nine digits. */
    double probabilityAbove(BetaPosterior other) {
        return variance() <= other.variance() ? expectedBelow(other) : 1 - other.expectedBelow(this);
    }

    /**
     * Returns how probable it is that the other is below this, by Simpson's rule around the mean of this. The other must vary as
     * much at least, so that nothing is too steep for the intervals.
     */
    private double expectedBelow(BetaPosterior other) {
        double deviation = StrictMath.sqrt(variance());
        double low = Math.max(0, mean() - REACH * deviation);
        double step = (Math.min(1, mean() + REACH * deviation) - low) / INTERVALS;
        double highest = logDensity(mode());
        double all = 0;
        double below = 0;
        for (int i = 0; i <= INTERVALS; i++) {
            double x = Math.min(1, low + i * step);
            double density = StrictMath.exp(logDensity(x) - highest);
            double weight = (i == 0 || i == INTERVALS ? 1 : i % 2 == 0 ? 2 : 4) * density;
            all += weight;
            below += weight < 1e-20 ? 0 : weight * Distributions.beta(x, other.successes, other.failures);
        }
        return Math.min(1, below / all);
    }

    /** Up to a constant. */
    private double logDensity(double x) {
        return (successes == 1 ? 0 : (successes - 1) * StrictMath.log(x))
                + (failures == 1 ? 0 : (failures - 1) * StrictMath.log1p(-x));
    }

    private double mode() {
        double seen = successes + failures - 2;
        return seen == 0 ? 0.5 : (successes - 1) / seen;
    }

    private double mean() {
        return successes / (successes + failures);
    }

    private double variance() {
        double sum = successes + failures;
        return successes / sum * (failures / sum) / (sum + 1);
    }
}
