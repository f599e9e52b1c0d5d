package dev.modelops.core.internal.storage;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** A log in memory, gone with the object. Closing it does nothing, so that what it holds can be opened again. */
public final class InMemoryLogStore implements LogStore {
    private final ErasableStore texts = new InMemoryTexts();

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ReentrantLock writing = new ReentrantLock(true);

    private final Object state = new Object();
    private final List<LogRecord> records = new ArrayList<>();
    private final NavigableMap<Long, LogSeal> seals = new TreeMap<>();
    private final NavigableMap<Long, LogCheckpoint> checkpoints = new TreeMap<>();
    private LogHead head = LogHead.EMPTY;

    /** Creates an empty log. */
    public InMemoryLogStore() {}

    @Override
    public Optional<ErasableStore> texts() {
        return Optional.of(texts);
    }

    @Override
    public LogHead head() {
        synchronized (state) {
            return head;
        }
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        LogStore.requireRange(from, limit);
        synchronized (state) {
            if (from >= records.size()) {
                return List.of();
            }
            return List.copyOf(records.subList((int) from, (int) Math.min(records.size(), from + limit)));
        }
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        LogStore.requireRange(from, limit);
        synchronized (state) {
            return seals.tailMap(from, false).values().stream().limit(limit).toList();
        }
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        LogStore.requireRange(fromSize, limit);
        synchronized (state) {
            return checkpoints.tailMap(fromSize, true).values().stream()
                    .limit(limit)
                    .toList();
        }
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        synchronized (state) {
            return checkpoints.isEmpty()
                    ? Optional.empty()
                    : Optional.of(checkpoints.lastEntry().getValue());
        }
    }

    @Override
    public <R> R append(Work<R> work) {
        if (writing.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "an append is under way on this thread; use its transaction, and call the store after it");
        }
        if (!Uninterruptibles.tryLockUninterruptibly(writing, PATIENCE)) {
            throw new StorageException(
                    "could not append to the log in memory: another thread held its lock for longer than "
                            + PATIENCE.toSeconds() + " s; nothing was changed, try again");
        }
        try {
            return work.runLocked(this, head(), this::commit);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        synchronized (state) {
            LogStore.requireReached(checkpoint, head);
            checkpoints.putIfAbsent(checkpoint.size(), checkpoint);
        }
    }

    /** Does nothing. */
    @Override
    public void close() {}

    private void commit(Batch batch) {
        synchronized (state) {
            records.addAll(batch.records());
            seals.put(batch.seal().size(), batch.seal());
            head = batch.head();
        }
    }
}
