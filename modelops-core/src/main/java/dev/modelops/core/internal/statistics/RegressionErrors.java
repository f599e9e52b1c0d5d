package dev.modelops.core.internal.statistics;

/**
 * How predicted values compare with what they turned out to be, as sums of the errors (predicted less actual). Two of them add
 * up exactly.
 *
 * @param errors the errors and their squares
 * @param amounts the errors without their sign
 * @param squares the squared errors and the squares of these
 */
public record RegressionErrors(CenteredSums errors, CenteredSums amounts, CenteredSums squares) {
    /** Nothing. */
    public static final RegressionErrors NONE =
            new RegressionErrors(CenteredSums.NONE, CenteredSums.NONE, CenteredSums.NONE);

    private static final double LARGEST = 1e70;

    /** Checks that counts agree. */
    public RegressionErrors {
        if (errors.count() != amounts.count() || errors.count() != squares.count()) {
            throw new IllegalArgumentException("the counts of errors do not agree with each other");
        }
    }

    /** Collects errors one by one; not for use by several threads. */
    public static final class Builder {
        private long count;
        private double sum;
        private double amounts;
        private double squares;
        private double fourths;

        /** Starts with nothing. */
        public Builder() {}

        /** Adds a prediction and what it turned out to be. */
        public Builder add(double predicted, double actual) {
            double error = predicted - actual;
            if (!(Math.abs(error) < LARGEST)) {
                throw new IllegalArgumentException("errors below " + LARGEST
                        + " can be summed, but predicted and actual were " + predicted + " and " + actual);
            }
            count++;
            sum += error;
            amounts += Math.abs(error);
            squares += error * error;
            fourths += error * error * error * error;
            return this;
        }

        /** Returns what was added. */
        public RegressionErrors build() {
            return new RegressionErrors(
                    CenteredSums.of(count, sum, squares),
                    CenteredSums.of(count, amounts, squares),
                    CenteredSums.of(count, squares, fourths));
        }
    }

    /** Returns the sums of both. */
    public RegressionErrors plus(RegressionErrors other) {
        return new RegressionErrors(
                errors.plus(other.errors), amounts.plus(other.amounts), squares.plus(other.squares));
    }

    /** Returns how many predictions there are. */
    public long count() {
        return errors.count();
    }

    /** Returns the mean error: above zero if predictions are too high. */
    public double bias() {
        return errors.mean();
    }

    /** Returns the mean absolute error. */
    public double meanAbsoluteError() {
        return amounts.mean();
    }

    /** Returns the root of the mean squared error. */
    public double rootMeanSquaredError() {
        return StrictMath.sqrt(squares.mean());
    }
}
