package dev.modelops.core.internal.policy.cedar;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Cedar duration: a signed 64-bit count of milliseconds. */
public record DurationValue(long milliseconds) implements ExtensionValue, Comparable<DurationValue> {
    private static final Pattern FORM = Pattern.compile(
            "-?(?:0*([0-9]{1,19})d)?(?:0*([0-9]{1,19})h)?(?:0*([0-9]{1,19})m)?(?:0*([0-9]{1,19})s)?(?:0*([0-9]{1,19})ms)?");
    private static final long[] UNITS = {86_400_000, 3_600_000, 60_000, 1_000, 1};
    private static final String[] SUFFIXES = {"d", "h", "m", "s", "ms"};
    private static final int LONGEST = 4096;

    /**
     * Parses the form that Cedar's {@code duration} function reads: whole numbers of {@code d}, {@code h}, {@code m},
     * {@code s} and {@code ms}, in this order, each at most once and at least one of them, perhaps after a minus.
     *
     * @throws EvaluationException if the text has another form or the value does not fit
     */
    public static DurationValue parse(String text) {
        Matcher form = FORM.matcher(text.length() > LONGEST ? "" : text);
        if (text.isEmpty() || text.equals("-") || !form.matches() || form.start() == form.end()) {
            throw new EvaluationException("duration must be numbers of d, h, m, s and ms in this order, such as 1h30m,"
                    + " but was \"" + Names.brief(text) + "\"");
        }
        BigInteger all = BigInteger.ZERO;
        for (int i = 0; i < UNITS.length; i++) {
            String number = form.group(i + 1);
            if (number != null) {
                all = all.add(new BigInteger(number).multiply(BigInteger.valueOf(UNITS[i])));
            }
        }
        BigInteger signed = text.charAt(0) == '-' ? all.negate() : all;
        if (signed.bitLength() >= Long.SIZE) {
            throw new EvaluationException("duration must fit in 64 bits of milliseconds, but was \"" + text + "\"");
        }
        return new DurationValue(signed.longValue());
    }

    @Override
    public int compareTo(DurationValue other) {
        return Long.compare(milliseconds, other.milliseconds);
    }

    @Override
    public ExtensionFunction constructor() {
        return ExtensionFunction.DURATION;
    }

    @Override
    public String typeName() {
        return "duration";
    }

    /** Returns a text that {@link #parse} reads back, in the largest units. */
    @Override
    public String toString() {
        if (milliseconds == 0) {
            return "0ms";
        }
        StringBuilder text = new StringBuilder(milliseconds < 0 ? "-" : "");
        long rest = milliseconds;
        for (int i = 0; i < UNITS.length; i++) {
            long number = Math.abs(rest / UNITS[i]);
            if (number != 0) {
                text.append(number).append(SUFFIXES[i]);
            }
            rest %= UNITS[i];
        }
        return text.toString();
    }
}
