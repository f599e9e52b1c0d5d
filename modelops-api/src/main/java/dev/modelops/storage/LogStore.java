package dev.modelops.storage;

import dev.modelops.IntegrityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps one append-only log: its records, the writers' seals over them, and published checkpoints. Implemented by
 * storage authors; {@code LogStoreContract} in {@code modelops-testkit} tests every clause.
 *
 * <p>Guarantees an implementation makes:
 *
 * <ul>
 *   <li>Appends are totally ordered over all processes that share the store: {@link #append} holds an exclusive lock on
 *       the head from before it reads it until the commit.
 *   <li>An append is all or nothing, and durable when {@link #append} returns: it survives the loss of the process and of
 *       power.
 *   <li>Records are dense, from 0, and are never changed, moved or removed.
 *   <li>A reader never sees part of an append.
 * </ul>
 *
 * <p>Safe for use by many threads. Every method throws {@link StorageException} when the store cannot do its work, and
 * {@link IntegrityException} where it finds its own data damaged.
 *
 * <p>What every implementation must check is here to be used: {@link #requireRange}, {@link #requireReached}, {@link
 * Batch}, and {@link Work#runLocked} for a whole transaction.
 */
public interface LogStore extends AutoCloseable {
    /**
     * Returns the head as last committed; size 0 and the root of the empty tree for a new store.
     *
     * @return the head
     */
    LogHead head();

    /**
     * Reads records in order. Fewer than the limit may be returned, also for reasons of size; none only if the log ends
     * at or before {@code from}.
     *
     * @param from the index of the first record, at least 0
     * @param limit the most to return, at least 1
     * @return records with indexes {@code from}, {@code from + 1}, …
     */
    List<LogRecord> read(long from, int limit);

    /**
     * Reads seals whose batch ends after {@code from}, in order: all there are, up to the limit.
     *
     * @param from an index, at least 0
     * @param limit the most to return, at least 1
     * @return seals with {@code size > from}, ascending
     */
    List<LogSeal> seals(long from, int limit);

    /**
     * Locks the head, runs the work, and commits what it appended. If the work throws, nothing is appended and the
     * exception passes through. The work runs once, on the calling thread, and must be short.
     *
     * @param work what to do under the lock
     * @param <R> the work's result
     * @return the work's result, once it is durable
     * @throws StorageException if the lock was not had in time, or the commit failed, or (see
     *     {@link StorageException#isInDoubt}) its outcome is not known
     */
    <R> R append(Work<R> work);

    /**
     * Stores a checkpoint. The first for a size stays: publishing another one for that size changes nothing.
     *
     * @param checkpoint the checkpoint, for a size that the log has reached
     */
    void publish(LogCheckpoint checkpoint);

    /**
     * Returns the published checkpoint with the greatest size.
     *
     * @return the checkpoint, or empty if none was published
     */
    Optional<LogCheckpoint> latestCheckpoint();

    /**
     * Reads published checkpoints in order of size: all there are, up to the limit.
     *
     * @param fromSize the least size to return
     * @param limit the most to return, at least 1
     * @return checkpoints, ascending
     */
    List<LogCheckpoint> checkpoints(long fromSize, int limit);

    /**
     * Returns the time by the store's own clock, if it has one that is not the host's. It is compared with the clocks of
     * the processes that append, so that one whose clock is far ahead is refused instead of holding up all the others. A
     * store that cannot vouch for its time, that of the world and going on, gives none.
     *
     * @return the time; empty for a store without a clock of its own
     */
    default Optional<Instant> time() {
        return Optional.empty();
    }

    /**
     * Returns the store of the texts that people write, if it is in the same place as the log. A store that is wrapped
     * must go on saying the same: texts are looked for where this says.
     *
     * @return the texts beside this log, closed with it; empty for a log without, whose texts are kept as blobs
     */
    default Optional<ErasableStore> texts() {
        return Optional.empty();
    }

    /** Releases what the store holds. Later calls throw {@link StorageException}; a second close does nothing. */
    @Override
    void close();

    /**
     * Checks what to read as every method must, for implementations to use.
     *
     * @param from the index or size to begin at
     * @param limit the most to return
     * @throws IllegalArgumentException if the beginning is below 0 or the limit below 1
     */
    static void requireRange(long from, int limit) {
        if (from < 0) {
            throw new IllegalArgumentException("reading must start at 0 or later, but was asked to start at " + from);
        }
        if (limit < 1) {
            throw new IllegalArgumentException("the limit must be at least 1, but is " + limit);
        }
    }

    /**
     * Checks a checkpoint as {@link #publish} must, for implementations to use.
     *
     * @param checkpoint the checkpoint
     * @param head the head of the log
     * @throws IllegalArgumentException if the log has not reached the checkpoint's size
     */
    static void requireReached(LogCheckpoint checkpoint, LogHead head) {
        if (checkpoint.size() < 0 || checkpoint.size() > head.size()) {
            throw new IllegalArgumentException("a checkpoint must be for a size from 0 to that of the log, "
                    + head.size() + ", but is for " + checkpoint.size());
        }
    }

    /**
     * Work done while the head is locked.
     *
     * @param <R> the result
     */
    @FunctionalInterface
    interface Work<R> {
        /**
         * Does the work. It calls no other method of the store that changes it or closes it.
         *
         * @param transaction reads and appends under the lock; not usable afterwards
         * @return the result
         */
        R run(Transaction transaction);

        /**
         * Runs the work on a head that is locked, for implementations of {@link LogStore#append} to use whose own reading
         * serves under the lock too. The transaction that the work gets keeps all that is asked of one. Its batch is
         * written when the work has ended well, so that nothing is left of work that failed; work that goes on after it
         * could not read fails all the same.
         *
         * @param store what to read from
         * @param locked the head as it was when it was locked
         * @param writer writes the batch and moves the head; not called for work that appends nothing
         * @return the work's result
         */
        default R runLocked(LogStore store, LogHead locked, Consumer<? super Batch> writer) {
            return new LockedLog(store, locked).run(this, writer);
        }
    }

    /**
     * A batch of records that continues a log, for implementations to write. One that exists may be appended.
     *
     * @param before the head that it continues
     * @param records the records, dense from there; copied in
     * @param seal the seal over them
     * @param head the head after them
     */
    record Batch(LogHead before, List<LogRecord> records, LogSeal seal, LogHead head) {
        /**
         * Creates a batch, and checks it as {@link Transaction#append} must.
         *
         * @param before the head that it continues
         * @param records the records, dense from there
         * @param seal the seal over them
         * @param head the head after them
         * @throws IllegalArgumentException if the records do not continue the head or a body is empty or too long, or if
         *     seal and head do not end where they end
         */
        public Batch {
            records = List.copyOf(records);
            long next = before.size();
            for (LogRecord record : records) {
                int length = record.body().length();
                require(
                        record.index() == next,
                        "a batch must be dense from the head: expected index " + next + ", found " + record.index());
                require(
                        length >= 1 && length <= LogRecord.MOST_BYTES,
                        "the body of record " + next + " must have 1 to " + LogRecord.MOST_BYTES + " bytes, but has "
                                + length);
                next++;
            }
            require(!records.isEmpty(), "a batch must have at least one record");
            require(
                    seal.from() == before.size() && seal.size() == next,
                    "the seal must cover the batch from " + before.size() + " to " + next + ", but covers "
                            + seal.from() + " to " + seal.size());
            require(head.size() == next, "the head must be at " + next + " after the batch, but is at " + head.size());
            head.root().requireSha256();
        }

        private static void require(boolean condition, String message) {
            if (!condition) {
                throw new IllegalArgumentException(message);
            }
        }
    }

    /**
     * The log while its head is locked. Used on one thread, within {@link Work#run} only. Whether what it reads after
     * {@link #append} has the batch in it is left open.
     */
    interface Transaction {
        /**
         * Returns the head as it was when it was locked, also after {@link #append}.
         *
         * @return the head
         */
        LogHead head();

        /**
         * Reads records as {@link LogStore#read} does.
         *
         * @param from the index of the first record
         * @param limit the most to return
         * @return the records
         */
        List<LogRecord> read(long from, int limit);

        /**
         * Reads seals as {@link LogStore#seals} does.
         *
         * @param from an index
         * @param limit the most to return
         * @return the seals
         */
        List<LogSeal> seals(long from, int limit);

        /**
         * Appends a batch of records with its seal and moves the head. At most once in a transaction.
         *
         * @param records the batch, dense from {@code head().size()}, not empty
         * @param seal the seal over exactly this batch
         * @param head the head after the batch
         * @throws IllegalArgumentException if the batch does not continue the head, or seal and head do not end where it
         *     ends; nothing is appended
         */
        void append(List<LogRecord> records, LogSeal seal, LogHead head);
    }
}
