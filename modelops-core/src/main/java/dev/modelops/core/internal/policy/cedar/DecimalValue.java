package dev.modelops.core.internal.policy.cedar;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A Cedar decimal: a signed 64-bit count of ten-thousandths. */
public record DecimalValue(long tenThousandths) implements ExtensionValue, Comparable<DecimalValue> {
    /** How many decimal places a decimal has. */
    public static final int PLACES = 4;

    /** How many digits fit into 64 bits whatever they are. */
    private static final int SURE_TO_FIT = 18;

    /**
     * How many digits before the point leave no doubt which count of ten-thousandths a double stands for: it is then off by
     * less than a tenth of one. Unlike the other ways to that count, this one leaves no garbage.
     */
    private static final int SURE_AS_DOUBLE = 10;

    private static final double ONE = 1e4;
    private static final int LONGEST = 4096;
    private static final Pattern FORM = Pattern.compile("-?[0-9]+\\.[0-9]{1,4}");

    /**
     * Parses the form that Cedar's {@code decimal} function reads: digits, a point, one to four digits.
     *
     * @throws EvaluationException if the text has another form or the value does not fit
     */
    public static DecimalValue parse(String text) {
        if (text.length() > LONGEST || !FORM.matcher(text).matches()) {
            throw new EvaluationException(
                    "decimal must be digits, a point and one to four digits, but was \"" + Names.brief(text) + "\"");
        }
        DecimalValue value = ofRounded(new BigDecimal(text), RoundingMode.UNNECESSARY);
        if (value == null) {
            throw new EvaluationException(
                    "decimal must lie within ±922337203685477.5807, but was \"" + Names.brief(text) + "\"");
        }
        return value;
    }

    /** Returns a number rounded to four places; null if it does not fit. Costs little even for extreme exponents. */
    public static @Nullable DecimalValue ofRounded(BigDecimal number, RoundingMode mode) {
        if (number.signum() == 0) {
            return new DecimalValue(0);
        }
        long magnitude = (long) number.precision() - number.scale();
        if (magnitude > 15) {
            return null;
        }
        if (number.scale() >= 0 && number.scale() <= PLACES && magnitude <= SURE_AS_DOUBLE) {
            return new DecimalValue(Math.round(number.doubleValue() * ONE));
        }
        BigDecimal near = magnitude < -PLACES ? BigDecimal.valueOf(number.signum(), PLACES + 1) : number;
        BigDecimal rounded = near.setScale(PLACES, mode);
        if (rounded.precision() <= SURE_TO_FIT) {
            return new DecimalValue(rounded.scaleByPowerOfTen(PLACES).longValue());
        }
        return rounded.unscaledValue().bitLength() < Long.SIZE
                ? new DecimalValue(rounded.unscaledValue().longValue())
                : null;
    }

    @Override
    public int compareTo(DecimalValue other) {
        return Long.compare(tenThousandths, other.tenThousandths);
    }

    @Override
    public ExtensionFunction constructor() {
        return ExtensionFunction.DECIMAL;
    }

    @Override
    public String typeName() {
        return "decimal";
    }

    /** Returns the shortest text that {@link #parse} reads back. */
    @Override
    public String toString() {
        BigDecimal plain = BigDecimal.valueOf(tenThousandths, PLACES).stripTrailingZeros();
        return (plain.scale() < 1 ? plain.setScale(1) : plain).toPlainString();
    }
}
