package dev.modelops.core.internal.storage;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log in a database. One connection writes, under a fair lock within the process and the database's own lock between
 * processes; a few others read. Callers' interrupts are kept and otherwise ignored: waits are bounded instead.
 *
 * <p>After an I/O failure while writing a file, the store refuses everything until it is opened again: what the system
 * still holds in memory may not be on the disk, and asking it to write again proves nothing. A server sees to that
 * itself: when it cannot be reached, its store begins anew at the next use, the first included.
 */
class JdbcLogStore implements LogStore {
    private static final Logger LOG = LoggerFactory.getLogger(JdbcLogStore.class);
    private static final int READERS = 4;
    private static final String NOTHING_CHANGED = "nothing was changed";
    private static final String IN_DOUBT = "whether it was committed is not known";
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Dialect dialect;
    private final Duration patience;
    private final ReentrantLock writing = new ReentrantLock(true);
    private final Semaphore reading = new Semaphore(READERS, true);
    private final ConcurrentLinkedDeque<LogConnection> readers = new ConcurrentLinkedDeque<>();

    /** Guarded by {@link #writing}. */
    private @Nullable LogConnection writer;

    /**
     * When a commit was left in doubt, until something was committed after it: what is read meanwhile may not be as
     * durable as a commit makes it. Guarded by {@link #writing}.
     */
    private boolean unsettled;

    /** Until when to look for the database again, while unsettled. Guarded by {@link #writing}. */
    private long settleUntil;

    private final Object preparing = new Object();
    private volatile boolean prepared;
    private volatile boolean closed;
    private volatile @Nullable String failure;

    /** Opens the log in a database, and creates it in an empty one. A server that is away is opened at the first use. */
    JdbcLogStore(Dialect dialect) {
        this.dialect = dialect;
        this.patience = dialect.patience();
        try {
            prepare();
            head();
        } catch (SQLException e) {
            if (dialect.classify(e) != Dialect.Failure.LOST) {
                throw translate("open", e, false);
            }
        } catch (ModelOpsException e) {
            closeReaders(e);
            throw e;
        }
    }

    private void prepare() throws SQLException {
        if (!prepared) {
            synchronized (preparing) {
                if (!prepared) {
                    dialect.prepare();
                    prepared = true;
                }
            }
        }
    }

    @Override
    public LogHead head() {
        return query("read the head of", LogConnection::head);
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        LogStore.requireRange(from, limit);
        return query("read records of", connection -> connection.read(from, limit));
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        LogStore.requireRange(from, limit);
        return query("read seals of", connection -> connection.seals(from, limit));
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        LogStore.requireRange(fromSize, limit);
        return query("read checkpoints of", connection -> connection.checkpoints(fromSize, limit));
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        return query("read the latest checkpoint of", LogConnection::latestCheckpoint);
    }

    @Override
    public <R> R append(Work<R> work) {
        return write("append to", connection -> {
            AtomicBoolean appended = new AtomicBoolean();
            R result = work.runLocked(this, connection.lockHead(), batch -> {
                insert(connection, batch);
                appended.set(true);
            });
            return new Outcome<>(result, appended.get());
        });
    }

    private void insert(LogConnection connection, Batch batch) {
        try {
            connection.insert(batch);
        } catch (SQLException e) {
            throw translate("append to", e, false);
        }
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        write("publish a checkpoint in", connection -> {
            LogStore.requireReached(checkpoint, connection.lockHead());
            connection.insert(checkpoint);
            return new Outcome<>(checkpoint, true);
        });
    }

    @Override
    public void close() {
        requireNotWithinWork();
        closed = true;
        writing.lock();
        try {
            reading.acquireUninterruptibly(READERS);
            try {
                StorageException problem = new StorageException(dialect.name() + " was not closed in order");
                if (writer != null) {
                    closeQuietly(writer, problem);
                    writer = null;
                }
                closeReaders(problem);
                if (problem.getSuppressed().length > 0) {
                    throw problem;
                }
            } finally {
                reading.release(READERS);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Returns the texts beside the log, over the same connections and under the same locks. */
    @Override
    public Optional<ErasableStore> texts() {
        return Optional.of(new JdbcTexts());
    }

    /** Asks on a connection that only reads. */
    final <R> R query(String purpose, Query<R> query) {
        if (writing.isHeldByCurrentThread() && writer != null) {
            return queryWithinWork(purpose, writer, query);
        }
        requireUsable();
        if (!Uninterruptibles.tryAcquireUninterruptibly(reading, patience)) {
            throw new StorageException("could not " + purpose + " " + dialect.name() + ": all " + READERS
                    + " connections were in use for " + patience.toSeconds() + " s; call it less often at once");
        }
        try {
            requireUsable();
            prepare();
            LogConnection connection = readers.poll();
            if (connection == null) {
                connection = dialect.connectToRead();
            }
            try {
                R result = query.run(connection);
                dialect.requireInPlace();
                keep(connection);
                return result;
            } catch (SQLException | RuntimeException e) {
                closeQuietly(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw translate(purpose, e, false);
        } finally {
            reading.release();
        }
    }

    /** Reads what is locked. A second connection might never come: all that the host has may be waiting for this lock. */
    private <R> R queryWithinWork(String purpose, LogConnection connection, Query<R> query) {
        try {
            return query.run(connection);
        } catch (SQLException e) {
            throw translate(purpose, e, false);
        }
    }

    private void keep(LogConnection reader) {
        if (dialect.keepsConnections()) {
            readers.push(reader);
        } else {
            giveBack(reader);
        }
    }

    /** Gives a connection back to the host. What was done on it is done, so a failure here is told and no more. */
    private static void giveBack(LogConnection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("a connection could not be given back in order", e);
        }
    }

    private <R> R write(String purpose, Query<Outcome<R>> query) {
        return write(purpose, query, connection -> {});
    }

    private <R> R write(String purpose, Query<Outcome<R>> query, After after) {
        requireNotWithinWork();
        requireUsable();
        if (!Uninterruptibles.tryLockUninterruptibly(writing, patience)) {
            throw new StorageException(
                    "could not " + purpose + " " + dialect.name() + ": another thread held its lock for"
                            + " longer than " + patience.toSeconds() + " s; nothing was changed, try again");
        }
        try {
            requireUsable();
            LogConnection connection = begin(purpose);
            Outcome<R> outcome;
            try {
                outcome = query.run(connection);
            } catch (SQLException e) {
                rollback(connection, e);
                throw translate(purpose, e, false);
            } catch (Throwable e) {
                rollback(connection, e);
                throw e;
            }
            finish(purpose, connection, outcome.changed());
            try {
                after.run(connection.connection());
            } catch (SQLException e) {
                throw translate(purpose, e, false);
            }
            return outcome.result();
        } finally {
            LogConnection borrowed = writer;
            if (borrowed != null && !dialect.keepsConnections()) {
                writer = null;
                giveBack(borrowed);
            }
            writing.unlock();
        }
    }

    private LogConnection begin(String purpose) {
        LogConnection connection = writer;
        try {
            if (connection == null) {
                connection = connectToWrite();
                writer = connection;
            }
            dialect.begin(connection.connection());
            return connection;
        } catch (SQLException e) {
            if (connection != null) {
                discard(connection, e);
            }
            throw translate(purpose, e, false);
        }
    }

    /** Connects. While a commit is in doubt, it waits for the database to come back: only then can the doubt end. */
    private LogConnection connectToWrite() throws SQLException {
        while (true) {
            try {
                prepare();
                return dialect.connectToWrite();
            } catch (SQLException e) {
                boolean mayComeBack = unsettled
                        && dialect.classify(e) == Dialect.Failure.LOST
                        && System.nanoTime() - settleUntil < 0
                        && !closed;
                if (!mayComeBack) {
                    throw e;
                }
            }
            Uninterruptibles.sleepUninterruptibly(PAUSE);
        }
    }

    /** Commits what changed, and also what only looked after a commit in doubt, so that what it saw is durable for sure. */
    private void finish(String purpose, LogConnection connection, boolean changed) {
        boolean committing = changed || unsettled;
        try {
            if (committing) {
                dialect.commit(connection.connection());
                unsettled = false;
            } else {
                dialect.rollback(connection.connection());
            }
        } catch (SQLException e) {
            discard(connection, e);
            ModelOpsException known = translate(purpose, e, changed);
            if (known instanceof StorageException storage && storage.isInDoubt() && !unsettled) {
                unsettled = true;
                settleUntil = System.nanoTime() + patience.toNanos();
            }
            throw known;
        }
    }

    /** Undoes what was begun. If even that fails, the connection goes: the database then undoes it itself. */
    private void rollback(LogConnection connection, Throwable cause) {
        try {
            dialect.rollback(connection.connection());
        } catch (SQLException e) {
            cause.addSuppressed(e);
            discard(connection, cause);
        }
    }

    private void discard(LogConnection connection, Throwable cause) {
        writer = null;
        closeQuietly(connection, cause);
    }

    private void closeReaders(Throwable cause) {
        for (LogConnection reader = readers.poll(); reader != null; reader = readers.poll()) {
            closeQuietly(reader, cause);
        }
    }

    private static void closeQuietly(LogConnection connection, Throwable cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private void requireUsable() {
        if (closed) {
            throw new StorageException(dialect.name() + " is closed; open it again to use it");
        }
        String failed = failure;
        if (failed != null) {
            throw new StorageException(dialect.name() + " failed before (" + failed
                    + ") and does nothing more; check the disk, then close it and open it again");
        }
    }

    private void requireNotWithinWork() {
        if (writing.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "an append is under way on this thread; use its transaction, and call the store after it");
        }
    }

    /** Turns a failure into what callers act on. */
    private ModelOpsException translate(String purpose, SQLException e, boolean committing) {
        Dialect.Failure kind = dialect.classify(e);
        String what = "could not " + purpose + " " + dialect.name() + ": ";
        return switch (kind) {
            case LOCKED ->
                new StorageException(
                        what + "another process held its lock for longer than " + patience.toSeconds() + " s; "
                                + NOTHING_CHANGED + ", try again",
                        e);
            case FULL ->
                new StorageException(
                        what + "there is no room left; nothing was changed, free some space and try again", e);
            case IO -> {
                if (dialect.keepsConnections() && writing.isHeldByCurrentThread()) {
                    failure = e.getMessage();
                }
                yield new StorageException(
                        what + "the storage failed (" + e.getMessage() + "); "
                                + (committing ? IN_DOUBT : NOTHING_CHANGED) + "; "
                                + "check the disk, then close it and open it again",
                        e,
                        committing);
            }
            case LOST ->
                new StorageException(
                        what + "the database cannot be reached, or the connection was lost (" + e.getMessage() + "); "
                                + (committing ? IN_DOUBT : NOTHING_CHANGED) + "; try again once it answers",
                        e,
                        committing);
            case ROLLED_BACK ->
                new StorageException(
                        what + "the database gave the transaction up (" + e.getMessage() + "); " + NOTHING_CHANGED
                                + ", try again",
                        e);
            case DAMAGED ->
                new IntegrityException(
                        what + "it is damaged (" + e.getMessage() + "); keep it as it is, and restore a copy", e);
            case REFUSED ->
                new IntegrityException(
                        what + "it holds records, seals or a head that it should not (" + e.getMessage()
                                + "); keep it as it is, and verify the log",
                        e);
            case FOREIGN, READ_ONLY, NO_ACCESS -> new StorageException(what + dialect.explain(kind, e), e);
            case OTHER ->
                new StorageException(
                        what + e.getMessage() + (committing ? "; " + IN_DOUBT + ", read it again" : ""), e, committing);
        };
    }

    /** The texts beside the log. Closing them does nothing: the log is what is closed. */
    private final class JdbcTexts implements ErasableStore {
        private static final int PAGE = 1024;

        @Override
        public void put(Map<Digest, Bytes> contents) {
            ErasableStore.requireSound(contents);
            write("store a text beside", connection -> {
                connection.beginDurable();
                connection.insertTexts(contents);
                return new Outcome<>(contents.size(), !contents.isEmpty());
            });
        }

        @Override
        public Optional<Bytes> find(Digest commitment) {
            commitment.requireSha256();
            return query("read a text beside", connection -> connection.findText(commitment));
        }

        @Override
        public boolean erase(Digest commitment) {
            commitment.requireSha256();
            return write(
                    "erase a text beside",
                    connection -> {
                        connection.beginDurable();
                        return new Outcome<>(connection.deleteText(commitment), true);
                    },
                    dialect::forget);
        }

        @Override
        public void list(Consumer<? super StoredBlob> visitor) {
            byte[] last = new byte[0];
            List<StoredBlob> page;
            do {
                byte[] after = last;
                page = query("list the texts beside", connection -> connection.texts(after, PAGE));
                page.forEach(visitor);
                if (!page.isEmpty()) {
                    last = page.get(page.size() - 1).digest().value().toByteArray();
                }
            } while (page.size() == PAGE);
        }

        @Override
        public void close() {
            // The log is closed, and these with it.
        }
    }

    /** Something to do after a commit. */
    private interface After {
        void run(Connection connection) throws SQLException;
    }

    /** Something to do on a connection. */
    interface Query<R> {
        R run(LogConnection connection) throws SQLException;
    }

    private record Outcome<R>(R result, boolean changed) {}
}
