package dev.modelops.samples.cli;

import dev.modelops.LogPosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** The state of the log that a command looks at. */
sealed interface AsOf {
    /** The newest state. */
    record Now() implements AsOf {}

    /** The state after a number of entries. */
    record AtPosition(LogPosition position) implements AsOf {}

    /** The state at a time. */
    record AtTime(Instant time) implements AsOf {}

    static AsOf parse(String text) {
        if (text.matches("[0-9]+")) {
            return new AtPosition(parsePosition(text));
        }
        try {
            return new AtTime(parseTime(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("expected a number of entries such as 42, or a time such as"
                    + " 2026-03-31T12:00:00Z or 2026-03-31, but found '" + text + "'");
        }
    }

    static LogPosition parsePosition(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("expected a number of entries such as 42, but found '" + text + "'");
        }
        return LogPosition.of(Long.parseLong(text));
    }

    /** Reads an instant, a time with an offset, or a date, which stands for its beginning in UTC. */
    static Instant parseTime(String text) {
        try {
            if (text.matches("\\d{4}-\\d{2}-\\d{2}")) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "expected a time such as 2026-03-31T12:00:00Z or 2026-03-31, but found '" + text + "'");
        }
    }
}
