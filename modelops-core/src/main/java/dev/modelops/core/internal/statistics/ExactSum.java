package dev.modelops.core.internal.statistics;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * A sum of doubles without any rounding, so that sums of sums are the same in whatever order they are made. Held as a whole
 * number of the smallest double; at most some 300 bytes.
 *
 * @param units the sum in units of {@link Double#MIN_VALUE}
 */
public record ExactSum(BigInteger units) {
    /** Nothing. */
    public static final ExactSum ZERO = new ExactSum(BigInteger.ZERO);

    private static final int UNIT = 1074;
    private static final int MANTISSA = 52;
    private static final int TOP_BITS = 62;
    private static final int MOST_BITS = 2200;
    /** What remains of a sum after so many doubles, each the nearest, is less than the smallest. */
    private static final int MOST_PARTS = 44;

    /** Checks the size. */
    public ExactSum {
        if (units.bitLength() > MOST_BITS) {
            throw new IllegalArgumentException("no sum of counted doubles is that large");
        }
    }

    /** Returns a finite double as it is. */
    public static ExactSum of(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("only finite numbers have a sum, but one was " + value);
        }
        long bits = Double.doubleToLongBits(value);
        int exponent = (int) (bits >>> MANTISSA) & 0x7ff;
        long mantissa = bits & ((1L << MANTISSA) - 1);
        BigInteger amount = exponent == 0
                ? BigInteger.valueOf(mantissa)
                : BigInteger.valueOf(mantissa | 1L << MANTISSA).shiftLeft(exponent - 1);
        return new ExactSum(bits < 0 ? amount.negate() : amount);
    }

    /** Returns the sum of doubles. */
    public static ExactSum of(Iterable<Double> parts) {
        ExactSum sum = ZERO;
        for (double part : parts) {
            sum = sum.plus(part);
        }
        return sum;
    }

    /** Returns the sum with one double more. */
    public ExactSum plus(double value) {
        return plus(of(value));
    }

    /** Returns the sum of both. */
    public ExactSum plus(ExactSum other) {
        return new ExactSum(units.add(other.units));
    }

    /** Returns the sums of two lists, one by one. */
    static List<ExactSum> plus(List<ExactSum> some, List<ExactSum> others) {
        List<ExactSum> sums = new ArrayList<>(some.size());
        for (int i = 0; i < some.size(); i++) {
            sums.add(some.get(i).plus(others.get(i)));
        }
        return sums;
    }

    /** Returns the nearest double. */
    public double value() {
        BigInteger amount = units.abs();
        int shift = Math.max(0, amount.bitLength() - TOP_BITS);
        long top = amount.shiftRight(shift).longValue();
        if (amount.getLowestSetBit() < shift) {
            // What was shifted out decides only which way a tie is rounded.
            top |= 1;
        }
        return units.signum() * Math.scalb((double) top, shift - UNIT);
    }

    /**
     * Returns the sum as doubles: the nearest, the nearest to what then remains, and so on until nothing does. The same sum
     * always has the same parts; nearly always there are one or two.
     */
    public List<Double> parts() {
        List<Double> parts = new ArrayList<>();
        ExactSum rest = this;
        while (rest.units.signum() != 0) {
            double part = rest.value();
            if (!Double.isFinite(part) || parts.size() == MOST_PARTS) {
                throw new ArithmeticException("the sum is beyond the range of doubles");
            }
            parts.add(part);
            rest = rest.plus(-part);
        }
        return List.copyOf(parts);
    }
}
