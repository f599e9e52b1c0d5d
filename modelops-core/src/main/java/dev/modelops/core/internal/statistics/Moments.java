package dev.modelops.core.internal.statistics;

/**
 * Count, mean, spread and range of a sample, one value at a time (Welford 1962) or of two samples together (Chan, Golub and
 * LeVeque 1979).
 *
 * @param count how many values
 * @param mean their mean, 0 if there are none
 * @param squares the sum of their squared distances from the mean
 * @param least the least of them, positive infinity if there are none
 * @param most the largest, negative infinity if there are none
 */
public record Moments(long count, double mean, double squares, double least, double most) {
    /** No values. */
    public static final Moments NONE = new Moments(0, 0, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

    /** Returns the moments of one sample. */
    public static Moments of(double... values) {
        Moments moments = NONE;
        for (double value : values) {
            moments = moments.plus(value);
        }
        return moments;
    }

    /** Returns these moments with one value more. */
    public Moments plus(double value) {
        long now = count + 1;
        double distance = value - mean;
        double moved = mean + distance / now;
        return new Moments(
                now, moved, squares + distance * (value - moved), Math.min(least, value), Math.max(most, value));
    }

    /** Returns the moments of both samples together. */
    public Moments plus(Moments other) {
        if (count == 0) {
            return other;
        } else if (other.count == 0) {
            return this;
        }
        long now = count + other.count;
        double distance = other.mean - mean;
        return new Moments(
                now,
                mean + distance * other.count / now,
                squares + other.squares + distance * distance * count / now * other.count,
                Math.min(least, other.least),
                Math.max(most, other.most));
    }

    /** Returns the variance of the sample as an estimate of that of its source, 0 for less than two values. */
    public double variance() {
        return count < 2 ? 0 : squares / (count - 1);
    }

    /** Returns the root of the variance. */
    public double deviation() {
        return StrictMath.sqrt(variance());
    }

    /** Returns the standard error of the mean. */
    public double standardError() {
        return count < 2 ? 0 : StrictMath.sqrt(variance() / count);
    }
}
