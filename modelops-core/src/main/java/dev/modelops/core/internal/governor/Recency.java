package dev.modelops.core.internal.governor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Knows how long ago the state of this process was last proved to be the newest.
 *
 * <p>Time is counted by a ticker that nobody can set. Some tickers stand still while a machine sleeps, so the clock is
 * asked too, and the longer time counts: at worst a clock that was set forward makes the state look too old. That shows
 * only when there was no proof for a while, since each proof starts both counts anew.
 */
public final class Recency {
    private final Clock clock;
    private final LongSupplier ticker;
    private final Duration grace;
    private volatile Moment last;
    private volatile String trouble = "";

    /**
     * A moment in both ways of counting.
     *
     * @param ticks in nanoseconds, comparable only with other ticks
     * @param at by the clock
     */
    public record Moment(long ticks, Instant at) {}

    /** Begins now, with a grace within which the clock is not asked. */
    public Recency(Clock clock, LongSupplier ticker, Duration grace) {
        this.clock = clock;
        this.ticker = ticker;
        this.grace = grace;
        this.last = moment();
    }

    /** Returns the present moment: to be taken before the head is read. */
    public Moment moment() {
        return new Moment(ticker.getAsLong(), clock.instant());
    }

    /** Returns a past moment by the clock; one that the clock says is to come is the present one. */
    public Moment moment(Instant past) {
        Moment now = moment();
        Duration before = Duration.between(past, now.at());
        return before.isNegative() ? now : new Moment(now.ticks() - before.toNanos(), past);
    }

    /** Takes note that the state was the newest at a moment. */
    public synchronized void proved(Moment moment) {
        if (moment.ticks() - last.ticks() >= 0) {
            last = moment;
            trouble = "";
        }
    }

    /** Begins from a moment in the past. */
    public synchronized void begin(Moment moment) {
        last = moment;
    }

    /** Takes note that it could not be found out whether the state is the newest. */
    public void failed(String why) {
        trouble = why;
    }

    /** Returns the last moment at which the state was known to be the newest. */
    public Moment last() {
        return last;
    }

    /** Returns why the last attempt failed, empty if it did not. */
    public String trouble() {
        return trouble;
    }

    /** Returns how long ago the state was known to be the newest. */
    public Duration age() {
        Moment since = last;
        Duration counted = Duration.ofNanos(ticker.getAsLong() - since.ticks());
        if (counted.compareTo(grace) <= 0) {
            return counted;
        }
        Duration byClock = Duration.between(since.at(), clock.instant());
        return byClock.compareTo(counted) > 0 ? byClock : counted;
    }
}
