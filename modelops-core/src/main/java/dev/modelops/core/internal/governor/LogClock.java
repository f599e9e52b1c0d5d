package dev.modelops.core.internal.governor;

import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives each batch its log time, which never goes back. A clock far ahead would hold up the writers whose clocks are
 * right, until theirs have come as far; so where the store has a clock of its own, that one says who is wrong. Of one
 * thread.
 */
final class LogClock {
    private static final Duration MOST_SKEW = Duration.ofMinutes(5);
    private static final Duration GOOD_FOR = Duration.ofSeconds(10);
    private static final Duration LEAST_JUMP = Duration.ofSeconds(1);

    private final LogStore store;
    private final Clock clock;
    private final LongSupplier ticker;
    private @Nullable Comparison last;

    /** This host's clock, found to be right by the store's. */
    private record Comparison(long ticks, Instant at) {}

    LogClock(LogStore store, Clock clock, LongSupplier ticker) {
        this.store = store;
        this.clock = clock;
        this.ticker = ticker;
    }

    /**
     * Compares this host's clock with the store's, unless that was done a moment ago. To be called before the head is
     * locked.
     *
     * @throws StorageException if this host's clock is too far ahead, or the store does not answer
     */
    void compare() {
        Instant now = clock.instant();
        if (isStillRight(now)) {
            return;
        }
        last = null;
        long ticks = ticker.getAsLong();
        Optional<Instant> theirs = store.time();
        if (theirs.isEmpty()) {
            return;
        }
        Duration ahead = Duration.between(theirs.get(), now);
        if (ahead.compareTo(MOST_SKEW) > 0) {
            throw new StorageException("this host's clock says " + now + ", but the store's says " + theirs.get()
                    + "; set the clocks right, a host's may be ahead by at most " + MOST_SKEW);
        }
        if (ahead.negated().compareTo(MOST_SKEW) <= 0) {
            last = new Comparison(ticks, now);
        }
    }

    private boolean isStillRight(Instant now) {
        Comparison known = last;
        if (known == null) {
            return false;
        }
        Duration since = Duration.ofNanos(ticker.getAsLong() - known.ticks());
        Duration jump = Duration.between(known.at(), now).minus(since).abs();
        return since.compareTo(GOOD_FOR) < 0 && jump.compareTo(LEAST_JUMP) < 0;
    }

    /**
     * Returns the time of the next entries after an entry of another time.
     *
     * @throws StorageException if that is too far ahead of this host's clock, and nothing says that the clock is right
     */
    Instant next(Instant previous) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        if (!now.isBefore(previous)) {
            return now;
        }
        if (Duration.between(now, previous).compareTo(MOST_SKEW) > 0 && last == null) {
            throw new StorageException("the log's last entry is of " + previous + ", but this host's clock says " + now
                    + "; set the clocks right, they may differ by at most " + MOST_SKEW
                    + ". If this one is right, the log was written by one that was ahead: wait until then, or open the"
                    + " log with a clock that is ahead as far (Opening.clock)");
        }
        return previous;
    }
}
