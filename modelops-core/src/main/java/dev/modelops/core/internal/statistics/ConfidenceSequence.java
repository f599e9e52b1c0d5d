package dev.modelops.core.internal.statistics;

/**
 * Asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024): intervals that may be looked at after
 * every observation, and all of which together hold the true value with probability 1 - alpha. They rest on the central limit
 * theorem, so some hundred observations must be there first.
 *
 * @param alpha how often, at most, the true value is ever outside
 * @param tunedFor at how many observations the interval is made to be narrow
 */
public record ConfidenceSequence(double alpha, double tunedFor) {
    /** Checks the parameters. */
    public ConfidenceSequence {
        if (!(alpha > 0 && alpha < 0.5)) {
            throw new IllegalArgumentException("alpha is between 0 and 0.5, but was " + alpha);
        }
        if (!(tunedFor >= 1) || Double.isInfinite(tunedFor)) {
            throw new IllegalArgumentException("a sequence is tuned for at least 1 observation, not for " + tunedFor);
        }
    }

    /** Returns how far the interval reaches to either side of an estimate from {@code count} observations. */
    public double halfWidth(long count, double standardError) {
        double information = information(count, alpha);
        return width(standardError, information, StrictMath.log(StrictMath.sqrt(information + 1) / alpha));
    }

    /** Returns how far below an estimate the true value is at most, if only that side is asked about. */
    public double oneSidedWidth(long count, double standardError) {
        double information = information(count, 2 * alpha);
        return width(standardError, information, StrictMath.log1p(StrictMath.sqrt(information + 1) / (2 * alpha)));
    }

    /** Returns the p-value, valid at any time, of an estimate if the true value is 0. */
    public double pValue(long count, double estimate, double standardError) {
        double information = information(count, alpha);
        double score = Significance.score(estimate, standardError);
        double log = score * score * information / (2 * (information + 1)) - StrictMath.log(information + 1) / 2;
        return Math.min(1, StrictMath.exp(-log));
    }

    /** Returns the p-value, valid at any time, of an estimate above 0 if the true value is 0 or less. */
    public double oneSidedPValue(long count, double estimate, double standardError) {
        double score = Significance.score(estimate, standardError);
        if (score <= 0) {
            return 1;
        }
        double information = information(count, 2 * alpha);
        double excess = StrictMath.expm1(score * score * information / (2 * (information + 1)));
        return Math.min(1, StrictMath.sqrt(information + 1) / (2 * excess));
    }

    private double information(long count, double level) {
        if (count < 1) {
            throw new IllegalArgumentException("there are no observations");
        }
        double log = -2 * StrictMath.log(level);
        return count * ((log + StrictMath.log(log + 1)) / tunedFor);
    }

    private static double width(double standardError, double information, double log) {
        return standardError * StrictMath.sqrt(2 * (information + 1) / information * log);
    }
}
