package dev.modelops.core.internal.statistics;

/**
 * Looks that were planned beforehand: how much of the error may be spent by each (Lan and DeMets 1983, with the spending
 * function that resembles the bounds of O'Brien and Fleming), and from which score on a look may stop.
 */
public final class GroupSequential {
    private static final int INTERVALS = 800;
    private static final int HALVINGS = 80;
    private static final double FARTHEST = 9;

    private GroupSequential() {}

    /** Returns how much of a two-sided {@code alpha} is spent when this share of the information is there. */
    public static double spent(double share, double alpha) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "the share of the information is above 0 and at most 1, but was " + share);
        }
        return Distributions.normalTwoSided(Distributions.normalUpperQuantile(alpha / 2) / StrictMath.sqrt(share));
    }

    /**
     * Returns, for each look, the amount of the standard score from which on it may stop, by integration over the scores that
     * had not stopped before (Armitage, McPherson and Rowe 1969).
     *
     * @param shares the share of the information at each look, rising, at most 1
     */
    public static double[] bounds(double[] shares, double alpha) {
        double[] spent = new double[shares.length];
        for (int look = 0; look < shares.length; look++) {
            spent[look] = spent(shares[look], alpha);
        }
        return bounds(shares, spent);
    }

    /** Returns the same for any amounts that are spent up to each look. */
    static double[] bounds(double[] shares, double[] spent) {
        double[] bounds = new double[shares.length];
        double before = 0;
        double spentBefore = 0;
        double limit = 0;
        double[] density = {1};
        double step = 0;
        for (int look = 0; look < shares.length; look++) {
            if (!(shares[look] > before)) {
                throw new IllegalArgumentException(
                        "looks are at rising shares of the information, but " + shares[look] + " follows " + before);
            }
            double deviation = StrictMath.sqrt(shares[look] - before);
            double bound = bound(density, limit, step, deviation, spent[look] - spentBefore);
            bounds[look] = bound / StrictMath.sqrt(shares[look]);
            density = carried(density, limit, step, deviation, bound);
            limit = bound;
            step = 2 * bound / INTERVALS;
            before = shares[look];
            spentBefore = spent[look];
        }
        return bounds;
    }

    private static double bound(double[] density, double limit, double step, double deviation, double probability) {
        double low = 0;
        double high = limit + FARTHEST * deviation + FARTHEST;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            double[] beyond = new double[density.length];
            for (int j = 0; j < density.length; j++) {
                double from = -limit + j * step;
                beyond[j] = density[j]
                        * (Distributions.normalSurvival((middle - from) / deviation)
                                + Distributions.normalSurvival((middle + from) / deviation));
            }
            if (integral(beyond, step) > probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    private static double[] carried(double[] density, double limit, double step, double deviation, double bound) {
        double[] carried = new double[INTERVALS + 1];
        double[] from = new double[density.length];
        for (int i = 0; i <= INTERVALS; i++) {
            double to = -bound + i * 2 * bound / INTERVALS;
            for (int j = 0; j < density.length; j++) {
                double score = (to - (-limit + j * step)) / deviation;
                from[j] = density[j] * StrictMath.exp(-score * score / 2) / (deviation * StrictMath.sqrt(2 * Math.PI));
            }
            carried[i] = integral(from, step);
        }
        return carried;
    }

    /** By Simpson's rule; all weight is at one place before the first look. */
    private static double integral(double[] values, double step) {
        if (values.length == 1) {
            return values[0];
        }
        double sum = values[0] + values[values.length - 1];
        for (int i = 1; i < values.length - 1; i++) {
            sum += values[i] * (i % 2 == 0 ? 2 : 4);
        }
        return sum * step / 3;
    }
}
