package dev.modelops.core.internal.storage;

import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A log with a copy of its beginning. What the copy has is read from it while the log does not answer; where the log ends
 * is never asked of the copy, but for a while in which it stands in for the log.
 */
public final class FallbackLogStore implements LogStore {
    private final LogStore store;
    private final LogStore copy;
    private volatile boolean standsIn;

    /** Reads from a log, and from its copy where the log does not answer. Closes neither. */
    public FallbackLogStore(LogStore store, LogStore copy) {
        this.store = store;
        this.copy = copy;
    }

    /** Lets the copy stand in for the log while something runs. */
    public <R> R standingIn(Supplier<R> work) {
        standsIn = true;
        try {
            return work.get();
        } finally {
            standsIn = false;
        }
    }

    /** Tells whether it does so now. */
    public boolean isStandingIn() {
        return standsIn;
    }

    /** The copy has none: what may have to be erased is kept in one place. */
    @Override
    public Optional<ErasableStore> texts() {
        return store.texts();
    }

    @Override
    public LogHead head() {
        return standsIn ? copy.head() : store.head();
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        return standsIn ? copy.latestCheckpoint() : store.latestCheckpoint();
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        if (standsIn) {
            return copy.read(from, limit);
        }
        try {
            return store.read(from, limit);
        } catch (StorageException e) {
            List<LogRecord> copied = fromCopy(() -> copy.read(from, limit), e);
            if (copied.isEmpty()) {
                throw e;
            }
            return copied;
        }
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        return standsIn ? copy.seals(from, limit) : store.seals(from, limit);
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        return store.checkpoints(fromSize, limit);
    }

    @Override
    public Optional<Instant> time() {
        return store.time();
    }

    @Override
    public <R> R append(Work<R> work) {
        return store.append(work);
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        store.publish(checkpoint);
    }

    @Override
    public void close() {
        // Whoever opened the two closes them.
    }

    private static <R> List<R> fromCopy(Supplier<List<R>> read, StorageException reason) {
        try {
            return read.get();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
            return List.of();
        }
    }
}
