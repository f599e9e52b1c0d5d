package dev.modelops.core.internal.policy.cedar;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Cedar datetime: a signed 64-bit count of milliseconds since 1970 began in UTC. */
public record DatetimeValue(long epochMilliseconds) implements ExtensionValue, Comparable<DatetimeValue> {
    private static final long DAY = 86_400_000;
    private static final Pattern FORM = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})"
            + "(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]{3}))?(?:Z|([+-])([0-9]{2})([0-9]{2})))?");
    private static final int LONGEST = 28;
    private static final long FIRST_WRITTEN = LocalDate.of(0, 1, 1).toEpochDay() * DAY;
    private static final long LAST_WRITTEN = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY - 1;
    private static final DateTimeFormatter TEXT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /**
     * Parses the forms that Cedar's {@code datetime} function reads: {@code 2024-10-15}, {@code 2024-10-15T11:35:00Z},
     * {@code 2024-10-15T11:35:00.000+0100} and their mixtures.
     *
     * @throws EvaluationException if the text has another form or there is no such day or time
     */
    public static DatetimeValue parse(String text) {
        Matcher form = FORM.matcher(text.length() > LONGEST ? "" : text);
        if (!form.matches()) {
            throw bad(text, "");
        }
        try {
            long day = LocalDate.of(number(form, 1), number(form, 2), number(form, 3))
                    .toEpochDay();
            if (form.group(4) == null) {
                return new DatetimeValue(day * DAY);
            }
            long second = LocalTime.of(number(form, 4), number(form, 5), number(form, 6))
                    .toSecondOfDay();
            long millisecond = form.group(7) == null ? 0 : number(form, 7);
            if (form.group(8) != null) {
                LocalTime offset = LocalTime.of(number(form, 9), number(form, 10));
                second -= (form.group(8).equals("-") ? -1 : 1) * offset.toSecondOfDay();
            }
            return new DatetimeValue(day * DAY + second * 1_000 + millisecond);
        } catch (DateTimeException e) {
            throw bad(text, ": " + e.getMessage());
        }
    }

    private static int number(Matcher form, int group) {
        return Integer.parseInt(form.group(group));
    }

    private static EvaluationException bad(String text, String why) {
        return new EvaluationException("datetime must be such as 2024-10-15, 2024-10-15T11:35:00Z or"
                + " 2024-10-15T11:35:00.000+0100, but was \"" + Names.brief(text) + "\"" + why);
    }

    /** Returns the moment some time later. */
    public DatetimeValue offset(DurationValue by) {
        try {
            return new DatetimeValue(Math.addExact(epochMilliseconds, by.milliseconds()));
        } catch (ArithmeticException e) {
            throw new EvaluationException("offset leads to a datetime that does not fit in 64 bits of milliseconds");
        }
    }

    /** Returns how much later this is than another. */
    DurationValue since(DatetimeValue other) {
        try {
            return new DurationValue(Math.subtractExact(epochMilliseconds, other.epochMilliseconds));
        } catch (ArithmeticException e) {
            throw new EvaluationException(
                    "durationSince gives a duration that does not fit in 64 bits of milliseconds");
        }
    }

    /** Returns the beginning of the day. */
    DatetimeValue toDate() {
        try {
            return new DatetimeValue(Math.multiplyExact(Math.floorDiv(epochMilliseconds, DAY), DAY));
        } catch (ArithmeticException e) {
            throw new EvaluationException("toDate gives a datetime that does not fit in 64 bits of milliseconds");
        }
    }

    /** Returns the time since the beginning of the day. */
    DurationValue toTime() {
        return new DurationValue(Math.floorMod(epochMilliseconds, DAY));
    }

    @Override
    public int compareTo(DatetimeValue other) {
        return Long.compare(epochMilliseconds, other.epochMilliseconds);
    }

    @Override
    public ExtensionFunction constructor() {
        return ExtensionFunction.DATETIME;
    }

    /** Returns the constructor's call, offset from 1970 if the year has no four digits. */
    @Override
    public Expr toExpr() {
        return isWritten()
                ? ExtensionValue.super.toExpr()
                : new Expr.Call(
                        ExtensionFunction.OFFSET,
                        List.of(
                                Expr.Call.of(ExtensionFunction.DATETIME, "1970-01-01"),
                                new DurationValue(epochMilliseconds).toExpr()));
    }

    @Override
    public String typeName() {
        return "datetime";
    }

    private boolean isWritten() {
        return epochMilliseconds >= FIRST_WRITTEN && epochMilliseconds <= LAST_WRITTEN;
    }

    /** Returns the text that {@link #parse} reads back; milliseconds since 1970 where the year has no four digits. */
    @Override
    public String toString() {
        return isWritten() ? TEXT.format(Instant.ofEpochMilli(epochMilliseconds)) : epochMilliseconds + "ms";
    }
}
