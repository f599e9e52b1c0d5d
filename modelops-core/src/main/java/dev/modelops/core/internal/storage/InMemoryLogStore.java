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
import org.jspecify.annotations.Nullable;

/** A log in memory, gone with the object. Closing it does nothing, so that what it holds can be opened again. */
public final class InMemoryLogStore implements LogStore {
    private final ErasableStore texts = new InMemoryTexts();

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ReentrantLock writing = new ReentrantLock(true);

    private final Object state = new Object();
    private final List<LogRecord> records = new ArrayList<>();
    private final NavigableMap<Long, LogSeal> seals = new TreeMap<>();
    private final NavigableMap<Long, LogCheckpoint> checkpoints = new TreeMap<>();
    private LogHead head = Batch.EMPTY_LOG;

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
        Batch.requireRange(from, limit);
        synchronized (state) {
            if (from >= records.size()) {
                return List.of();
            }
            return List.copyOf(records.subList((int) from, (int) Math.min(records.size(), from + limit)));
        }
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        Batch.requireRange(from, limit);
        synchronized (state) {
            return seals.tailMap(from, false).values().stream().limit(limit).toList();
        }
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        Batch.requireRange(fromSize, limit);
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
            InMemoryTransaction transaction = new InMemoryTransaction(head());
            try {
                R result = work.run(transaction);
                commit(transaction.batch);
                return result;
            } finally {
                transaction.over = true;
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        synchronized (state) {
            Batch.requireReached(checkpoint, head);
            checkpoints.putIfAbsent(checkpoint.size(), checkpoint);
        }
    }

    /** Does nothing. */
    @Override
    public void close() {}

    private void commit(@Nullable Batch batch) {
        if (batch != null) {
            synchronized (state) {
                records.addAll(batch.records());
                seals.put(batch.seal().size(), batch.seal());
                head = batch.head();
            }
        }
    }

    private final class InMemoryTransaction implements Transaction {
        private final LogHead head;
        private boolean over;
        private @Nullable Batch batch;

        InMemoryTransaction(LogHead head) {
            this.head = head;
        }

        @Override
        public LogHead head() {
            requireOpen();
            return head;
        }

        @Override
        public List<LogRecord> read(long from, int limit) {
            requireOpen();
            return InMemoryLogStore.this.read(from, limit);
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            requireOpen();
            return InMemoryLogStore.this.seals(from, limit);
        }

        @Override
        public void append(List<LogRecord> records, LogSeal seal, LogHead head) {
            requireOpen();
            if (batch != null) {
                throw new IllegalStateException("a transaction appends at most one batch");
            }
            Batch next = new Batch(records, seal, head);
            next.requireContinues(this.head);
            batch = next;
        }

        private void requireOpen() {
            if (over) {
                throw new IllegalStateException("the transaction is over; it may only be used within its work");
            }
        }
    }
}
