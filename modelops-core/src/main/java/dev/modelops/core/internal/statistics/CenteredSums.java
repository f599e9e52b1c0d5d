package dev.modelops.core.internal.statistics;

import java.math.BigInteger;

/**
 * Count, sum and sum of squares of values, each less a center that is known beforehand, so that little is lost when their
 * variance is read off. Two of them add up exactly, in any order.
 *
 * @param count how many values
 * @param sum the sum of their distances from the center
 * @param squares the sum of the squares of these
 */
public record CenteredSums(long count, ExactSum sum, ExactSum squares) {
    private static final int UNIT = 1074;
    private static final int QUOTIENT_BITS = 64;

    /** No values. */
    public static final CenteredSums NONE = new CenteredSums(0, ExactSum.ZERO, ExactSum.ZERO);

    /** Checks the count. */
    public CenteredSums {
        if (count < 0) {
            throw new IllegalArgumentException("a count is not negative, but was " + count);
        }
    }

    /** Returns the sums of values about the center 0. */
    public static CenteredSums of(double... values) {
        CenteredSums sums = NONE;
        for (double value : values) {
            sums = sums.plus(of(1, value, value * value));
        }
        return sums;
    }

    /** Returns sums that were made elsewhere. */
    public static CenteredSums of(long count, double sum, double squares) {
        return new CenteredSums(count, ExactSum.of(sum), ExactSum.of(squares));
    }

    /** Returns the sums of both. */
    public CenteredSums plus(CenteredSums other) {
        return new CenteredSums(count + other.count, sum.plus(other.sum), squares.plus(other.squares));
    }

    /** Returns the mean distance from the center, 0 if there are no values. */
    public double mean() {
        return count == 0 ? 0 : sum.value() / count;
    }

    /** Returns the variance of the sample as an estimate of that of its source, 0 for less than two values. */
    public double variance() {
        if (count < 2) {
            return 0;
        }
        // n * squares - sum^2 without rounding: the two may be nearly the same.
        BigInteger n = BigInteger.valueOf(count);
        BigInteger spread =
                squares.units().shiftLeft(UNIT).multiply(n).subtract(sum.units().pow(2));
        if (spread.signum() <= 0) {
            return 0;
        }
        BigInteger pairs = n.multiply(n.subtract(BigInteger.ONE));
        int digits = pairs.bitLength() + QUOTIENT_BITS - spread.bitLength();
        BigInteger quotient =
                digits >= 0 ? spread.shiftLeft(digits).divide(pairs) : spread.divide(pairs.shiftLeft(-digits));
        return Math.scalb(quotient.doubleValue(), -digits - 2 * UNIT);
    }

    /** Returns the root of the variance. */
    public double deviation() {
        return StrictMath.sqrt(variance());
    }

    /** Returns the standard error of the mean, 0 for less than two values. */
    public double standardError() {
        return count < 2 ? 0 : StrictMath.sqrt(variance() / count);
    }
}
