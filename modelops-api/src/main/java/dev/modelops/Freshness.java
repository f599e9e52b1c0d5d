package dev.modelops;

import java.time.Duration;
import java.time.Instant;

/**
 * How far this process has followed the log, and how long ago that was known to be the end of it. For health checks and
 * alarms.
 *
 * @param position the position followed to
 * @param asOf the last moment at which nothing had been appended beyond the position, by the host's clock
 * @param age how long ago that was: the longer of the times measured without and with the host's clock
 * @param isStale whether the age is beyond the bound the log was opened with
 * @param trouble why the log could not be followed when it was last tried; empty if it was
 */
public record Freshness(LogPosition position, Instant asOf, Duration age, boolean isStale, String trouble) {
    /** What handles do when the state is older than the bound. */
    public enum Stance {
        /** Calls are refused with {@link StaleStateException} until the store answers again. */
        REFUSE,
        /** Handles go on serving by the last state that was proved, and an error is logged at the beginning and every minute. */
        SERVE_AND_ALARM
    }
}
