package dev.modelops.core.internal.report;

import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.serving.Verdict;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How numbers, times and states are put. */
final class Words {
    /** What stands where something is not known. */
    static final String NOT_KNOWN = "NOT KNOWN";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Words() {}

    static String time(@Nullable Instant time) {
        return time == null ? NOT_KNOWN : TIME.format(time);
    }

    /** A time on an axis that is so many seconds long. */
    static String tick(double seconds, double length) {
        Instant time = Instant.ofEpochMilli(Math.round(seconds * 1000));
        return length >= 5 * 86_400 ? DAY.format(time) : MINUTE.format(time);
    }

    static String number(@Nullable Double number) {
        if (number == null) {
            return NOT_KNOWN;
        } else if (!Double.isFinite(number)) {
            return Double.isNaN(number) ? NOT_KNOWN : number > 0 ? "infinite" : "minus infinite";
        } else if (number == 0) {
            return "0";
        }
        double size = Math.abs(number);
        BigDecimal rounded = size >= 1000 && size < 1e15
                ? new BigDecimal(number).setScale(0, RoundingMode.HALF_EVEN)
                : new BigDecimal(number).round(new MathContext(3, RoundingMode.HALF_EVEN));
        return size < 1e-4 || size >= 1e15
                ? rounded.toString()
                : rounded.stripTrailingZeros().toPlainString();
    }

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    static String percent(double share) {
        return number(share * 100) + "\u00a0%";
    }

    /** "1 version", "2 versions". */
    static String counted(long count, String one) {
        return count(count) + " " + (count == 1 ? one : one + "s");
    }

    static String isAre(long count) {
        return count == 1 ? "is" : "are";
    }

    static String shortened(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
    }

    static String of(Report.Kind kind) {
        return switch (kind) {
            case REGISTERED -> "registered";
            case APPROVED -> "approved";
            case REJECTED -> "rejected";
            case PROMOTED -> "made champion";
            case STOPPED -> "taken out of use";
            case RESUMED -> "put into use again";
            case REFUSED -> "refused by policy";
            case OTHER -> "other";
        };
    }

    static String of(Verdict.State state) {
        return switch (state) {
            case CONTINUE -> "nothing can be concluded yet";
            case CHALLENGER_BETTER -> "the challenger is better";
            case CHAMPION_BETTER -> "the champion is better";
            case EQUIVALENT -> "the difference is too small to matter";
            case INVALID -> "not valid: the cases cannot be compared";
            case HARM -> "the challenger does harm and must be stopped";
        };
    }

    static String of(Alert.State state) {
        return switch (state) {
            case OK -> "fine";
            case SUSPECT -> "suspect: a window was beyond bounds";
            case FIRING -> "open: nobody has taken it on";
            case ACKNOWLEDGED -> "open: somebody has taken it on";
            case RESOLVED -> "over";
        };
    }
}
