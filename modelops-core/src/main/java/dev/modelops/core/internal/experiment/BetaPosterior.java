package dev.modelops.core.internal.experiment;

import dev.modelops.core.internal.statistics.Distributions;

/**
 * What is believed of the rate at which an arm is right, from a flat prior: a beta distribution. An arm that is given as many
 * cases as it is probably the best (Thompson 1933) gets more of them the better it seems.
 *
 * @param right one more than the answers that were right
 * @param wrong one more than those that were not
 */
record BetaPosterior(double right, double wrong) {
    private static final int INTERVALS = 4_000;
    /** How many standard deviations from its mean a rate is looked for. */
    private static final double FARTHEST = 14;

    BetaPosterior {
        if (!(right >= 1) || !(wrong >= 1) || Double.isInfinite(right) || Double.isInfinite(wrong)) {
            throw new IllegalArgumentException("the parameters of a posterior are finite and at least 1");
        }
    }

    /** Returns the probability that this rate is above another, by Simpson's rule, to about nine digits. */
    double probabilityAbove(BetaPosterior other) {
        // Over the narrower of both, so that none is a step between two points.
        return other.variance() < variance() ? 1 - other.integral(this) : integral(other);
    }

    private double integral(BetaPosterior other) {
        double mean = right / (right + wrong);
        double deviation = StrictMath.sqrt(variance());
        double from = Math.max(0, mean - FARTHEST * deviation);
        double to = Math.min(1, mean + FARTHEST * deviation);
        double scale = Distributions.logBeta(right, wrong);
        double sum = 0;
        for (int i = 0; i <= INTERVALS; i++) {
            double rate = from + (to - from) * i / INTERVALS;
            double weight = i == 0 || i == INTERVALS ? 1 : i % 2 == 0 ? 2 : 4;
            sum += weight * density(rate, scale) * Distributions.beta(rate, other.right, other.wrong);
        }
        return Math.max(0, Math.min(1, sum * (to - from) / (3 * INTERVALS)));
    }

    private double variance() {
        double total = right + wrong;
        return right / total * (wrong / total) / (total + 1);
    }

    private double density(double rate, double scale) {
        return StrictMath.exp(power(rate, right - 1) + power(1 - rate, wrong - 1) - scale);
    }

    /** Returns the logarithm of a power, where nothing to the power of nothing is 1. */
    private static double power(double base, double exponent) {
        return exponent == 0 ? 0 : exponent * StrictMath.log(base);
    }
}
