package dev.modelops.core.internal.storage;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A log store in memory that keeps its contract, but for one fault. */
final class FaultyLogStore implements LogStore {
    private final Shared shared;
    private final @Nullable LogFault fault;
    private boolean closed;

    FaultyLogStore(Shared shared, @Nullable LogFault fault) {
        this.shared = shared;
        this.fault = fault;
        synchronized (shared) {
            shared.open.add(this);
        }
    }

    /** What stores on the same storage share. */
    static final class Shared {
        private final ReentrantLock lock = new ReentrantLock(true);
        private final Set<FaultyLogStore> open = new HashSet<>();
        private final List<LogRecord> records = new ArrayList<>();
        private final List<LogSeal> seals = new ArrayList<>();
        private final List<LogCheckpoint> checkpoints = new ArrayList<>();
        private LogHead head = LogHead.EMPTY;
        private final Instant begun = Instant.now();
        private int appends;
        private boolean broken;
    }

    @Override
    public LogHead head() {
        synchronized (shared) {
            requireOpen();
            return shared.head.size() == 0 && fault == LogFault.EMPTY_ROOT_IS_ZERO
                    ? new LogHead(0, Digest.sha256(new byte[32]))
                    : shared.head;
        }
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        synchronized (shared) {
            requireOpen();
            if (!inRange(from, limit)) {
                return List.of();
            }
            List<LogRecord> all = shared.records;
            if (fault == LogFault.READS_THE_LAST_PAST_THE_END && from > all.size() && !all.isEmpty()) {
                return List.of(all.get(all.size() - 1));
            }
            if (from >= all.size()) {
                return List.of();
            }
            if (fault == LogFault.STOPS_AFTER_FOUR_MEBIBYTES && bytes(all.subList(0, (int) from)) > 4 << 20) {
                return List.of();
            }
            long end = from + limit + (fault == LogFault.READS_ONE_MORE ? 1 : 0);
            List<LogRecord> some = List.copyOf(all.subList((int) from, (int) Math.min(all.size(), end)));
            return fault == LogFault.STOPS_AFTER_FOUR_MEBIBYTES && bytes(some) > 5 << 20 ? some.subList(0, 90) : some;
        }
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        synchronized (shared) {
            requireOpen();
            if (!inRange(from, limit)) {
                return List.of();
            }
            if (fault == LogFault.HANDS_OUT_ITS_LIST && from == 0 && limit > shared.seals.size()) {
                return shared.seals;
            }
            return shared.seals.stream()
                    .filter(seal ->
                            fault == LogFault.SEALS_FROM_IS_INCLUSIVE ? seal.size() >= from : seal.size() > from)
                    .map(seal ->
                            fault == LogFault.SEALS_START_AT_ZERO ? new LogSeal(0, seal.size(), seal.note()) : seal)
                    .limit(limit)
                    .toList();
        }
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        synchronized (shared) {
            requireOpen();
            if (!inRange(fromSize, limit)) {
                return List.of();
            }
            return shared.checkpoints.stream()
                    .sorted(Comparator.comparingLong(
                            checkpoint -> fault == LogFault.CHECKPOINTS_COME_AS_PUBLISHED ? 0 : checkpoint.size()))
                    .filter(checkpoint -> checkpoint.size() >= fromSize)
                    .limit(limit)
                    .toList();
        }
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        synchronized (shared) {
            requireOpen();
            List<LogCheckpoint> all = shared.checkpoints;
            if (all.isEmpty() && fault == LogFault.HAS_A_CHECKPOINT_OF_NOTHING) {
                return Optional.of(new LogCheckpoint(0, "nothing"));
            }
            if (fault == LogFault.LATEST_IS_LAST_PUBLISHED && !all.isEmpty()) {
                return Optional.of(all.get(all.size() - 1));
            }
            return all.stream().max(Comparator.comparingLong(LogCheckpoint::size));
        }
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        synchronized (shared) {
            requireOpen();
            if (fault != LogFault.TAKES_CHECKPOINTS_AHEAD_OF_THE_LOG) {
                LogStore.requireReached(checkpoint, shared.head);
            }
            boolean there = shared.checkpoints.stream().anyMatch(other -> other.size() == checkpoint.size());
            if (there && fault == LogFault.REPLACES_CHECKPOINTS) {
                shared.checkpoints.removeIf(other -> other.size() == checkpoint.size());
                there = false;
            }
            if (!there) {
                shared.checkpoints.add(
                        fault == LogFault.TRIMS_CHECKPOINTS
                                ? new LogCheckpoint(
                                        checkpoint.size(), checkpoint.note().strip())
                                : checkpoint);
            }
        }
    }

    @Override
    public Optional<Instant> time() {
        synchronized (shared) {
            requireOpen();
            Instant zoned = Instant.now().plus(Duration.ofHours(fault == LogFault.ITS_TIME_IS_OF_ANOTHER_ZONE ? 2 : 0));
            return Optional.of(fault == LogFault.ITS_TIME_STANDS_STILL ? shared.begun : zoned);
        }
    }

    @Override
    public <R> R append(Work<R> work) {
        LogHead early = head();
        if (Thread.currentThread().isInterrupted() && fault == LogFault.BREAKS_WHEN_INTERRUPTED) {
            shared.broken = true;
        }
        if (fault == LogFault.READS_THE_HEAD_BEFORE_THE_LOCK) {
            Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(2));
        }
        lock();
        try {
            LogHead head = fault == LogFault.READS_THE_HEAD_BEFORE_THE_LOCK ? early : head();
            FaultyTransaction transaction = new FaultyTransaction(head);
            R result;
            try {
                result = fault == LogFault.WORKS_ON_ANOTHER_THREAD
                        ? onAnotherThread(work, transaction)
                        : work.run(transaction);
            } catch (RuntimeException e) {
                undo();
                throw e;
            } catch (Error e) {
                if (fault == LogFault.COMMITS_ON_ERRORS) {
                    commit(transaction);
                } else {
                    undo();
                }
                throw e;
            } finally {
                transaction.over = true;
            }
            commit(transaction);
            return result;
        } finally {
            shared.lock.unlock();
        }
    }

    @Override
    public void close() {
        synchronized (shared) {
            if (closed && fault == LogFault.CLOSES_ONLY_ONCE) {
                throw new StorageException("closed twice");
            }
            closed = true;
            shared.open.remove(this);
            if (fault == LogFault.CLOSES_THE_OTHERS) {
                shared.open.forEach(other -> other.closed = true);
            }
            if (fault == LogFault.FORGETS_SEALS_WHEN_CLOSED && shared.open.isEmpty()) {
                shared.seals.clear();
            }
        }
    }

    private void lock() {
        if (fault != LogFault.SWALLOWS_THE_INTERRUPT_OF_A_WAITER) {
            shared.lock.lock();
        } else if (!shared.lock.tryLock()) {
            try {
                shared.lock.lockInterruptibly();
            } catch (InterruptedException e) {
                throw new StorageException("interrupted", e);
            }
        }
    }

    private void commit(FaultyTransaction transaction) {
        List<LogRecord> records = transaction.records;
        LogSeal seal = transaction.seal;
        LogHead head = transaction.next;
        synchronized (shared) {
            if (records == null || seal == null || head == null) {
                if (fault == LogFault.SEALS_WORK_THAT_APPENDED_NOTHING) {
                    shared.seals.add(new LogSeal(shared.head.size(), shared.head.size(), "nothing"));
                }
                return;
            }
            shared.appends++;
            if (fault == LogFault.LOSES_THE_FIFTIETH_APPEND && shared.appends == 50) {
                return;
            }
            shared.seals.add(seal);
            shared.head = head;
            if (fault != LogFault.COMMITS_RECORD_BY_RECORD && fault != LogFault.SHOWS_WHAT_IS_NOT_COMMITTED) {
                shared.records.addAll(records);
            }
        }
        if (fault == LogFault.COMMITS_RECORD_BY_RECORD) {
            records.forEach(this::slowly);
        }
    }

    private void slowly(LogRecord record) {
        synchronized (shared) {
            shared.records.add(record);
        }
        Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(1));
    }

    private void undo() {
        synchronized (shared) {
            while (fault == LogFault.SHOWS_WHAT_IS_NOT_COMMITTED && shared.records.size() > shared.head.size()) {
                shared.records.remove(shared.records.size() - 1);
            }
        }
    }

    private static <R> R onAnotherThread(Work<R> work, Transaction transaction) {
        List<R> results = new CopyOnWriteArrayList<>();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        Thread thread = new Thread(() -> {
            try {
                results.add(work.run(transaction));
            } catch (RuntimeException | Error e) {
                failures.add(e);
            }
        });
        thread.start();
        Uninterruptibles.joinUninterruptibly(thread);
        failures.forEach(Throwables::throwIfUnchecked);
        return results.get(0);
    }

    private boolean inRange(long from, int limit) {
        if (fault == LogFault.TAKES_ARGUMENTS_OUT_OF_RANGE) {
            return from >= 0 && limit >= 1;
        }
        LogStore.requireRange(from, limit);
        return true;
    }

    private void requireOpen() {
        if (shared.broken || closed && fault != LogFault.WORKS_WHEN_CLOSED) {
            throw new StorageException("closed");
        }
    }

    private static long bytes(List<LogRecord> records) {
        return records.stream().mapToLong(record -> record.body().length()).sum();
    }

    private final class FaultyTransaction implements Transaction {
        private final LogHead head;
        private boolean over;
        private boolean appended;
        private @Nullable List<LogRecord> records;
        private @Nullable LogSeal seal;
        private @Nullable LogHead next;

        FaultyTransaction(LogHead head) {
            this.head = head;
        }

        @Override
        public LogHead head() {
            requireUsable();
            return head;
        }

        @Override
        public List<LogRecord> read(long from, int limit) {
            requireUsable();
            return FaultyLogStore.this.read(from, limit);
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            requireUsable();
            List<LogSeal> seals = FaultyLogStore.this.seals(from, limit);
            return fault == LogFault.TRANSACTION_SEES_NO_SEALS ? List.of() : seals;
        }

        @Override
        public void append(List<LogRecord> batch, LogSeal batchSeal, LogHead batchHead) {
            requireUsable();
            if (appended && fault != LogFault.APPENDS_TWICE) {
                throw new IllegalStateException("appended already");
            }
            appended = appended || fault == LogFault.SPOILS_THE_TRANSACTION_BY_REFUSING;
            check(batch, batchSeal, batchHead);
            appended = true;
            records = fault == LogFault.KEEPS_THE_LIST_GIVEN ? batch : kept(batch);
            seal = batchSeal;
            next = batchHead;
            if (fault == LogFault.SHOWS_WHAT_IS_NOT_COMMITTED) {
                synchronized (shared) {
                    shared.records.addAll(batch);
                }
            }
        }

        private List<LogRecord> kept(List<LogRecord> batch) {
            return batch.stream()
                    .map(record -> fault == LogFault.KEEPS_BODIES_AS_TEXT
                            ? new LogRecord(
                                    record.index(), Bytes.ofUtf8(record.body().toUtf8()))
                            : record)
                    .toList();
        }

        private void check(List<LogRecord> batch, LogSeal batchSeal, LogHead batchHead) {
            require(!batch.isEmpty() || fault == LogFault.ALLOWS_AN_EMPTY_BATCH);
            long size = records == null ? head.size() : head.size() + records.size();
            long first = batch.isEmpty() ? size : batch.get(0).index();
            boolean gap = first > size && !(fault == LogFault.ALLOWS_A_GAP && size > 0);
            boolean overlap = first < size && fault != LogFault.ALLOWS_AN_OVERLAP;
            require(!gap && !overlap);
            for (int i = 0; i < batch.size(); i++) {
                require(batch.get(i).index() == first + i || fault == LogFault.ALLOWS_HOLES);
                int length = batch.get(i).body().length();
                require(length >= 1 && length <= LogRecord.MOST_BYTES || fault == LogFault.TAKES_BODIES_OF_ANY_LENGTH);
            }
            long end = batch.isEmpty() ? size : batch.get(batch.size() - 1).index() + 1;
            boolean sealed = batchSeal.from() == first && batchSeal.size() == end;
            require(sealed || fault == LogFault.ALLOWS_ANY_SEAL);
            require(batchHead.size() == end || fault == LogFault.ALLOWS_ANY_HEAD);
        }

        private void require(boolean condition) {
            if (!condition) {
                throw new IllegalArgumentException("refused");
            }
        }

        private void requireUsable() {
            if (over && fault != LogFault.LETS_THE_TRANSACTION_ESCAPE) {
                throw new IllegalStateException("over");
            }
        }
    }
}
