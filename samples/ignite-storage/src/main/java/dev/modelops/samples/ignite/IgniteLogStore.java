package dev.modelops.samples.ignite;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.lang.ErrorGroups;
import org.apache.ignite.lang.IgniteException;
import org.apache.ignite.sql.SqlRow;
import org.apache.ignite.sql.async.AsyncResultSet;
import org.apache.ignite.table.RecordView;
import org.apache.ignite.table.Table;
import org.apache.ignite.table.Tuple;
import org.apache.ignite.tx.TransactionOptions;
import org.jspecify.annotations.Nullable;

/**
 * One log of several in an Apache Ignite 3 cluster. All tables are one partition with three replicas, so that a commit
 * is one Raft round; a writer holds the row of its log in {@code modelops_lock} from its first statement to its commit.
 *
 * <p>Nodes must be started with {@code ignite.raft.fsync=true}: by default they acknowledge what is only in memory.
 */
public final class IgniteLogStore implements LogStore {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Shorter than others wait: a process that stopped with the lock is thrown out before they give up. */
    private static final Duration HOLD = Duration.ofSeconds(15);

    private static final int READ_RECORDS = 512;
    private static final int WRITE_BYTES = 1 << 20;

    private static final String SCHEMA = """
            CREATE ZONE IF NOT EXISTS modelops (PARTITIONS 1, REPLICAS %d) STORAGE PROFILES['default'];
            CREATE TABLE IF NOT EXISTS modelops_lock (log VARCHAR PRIMARY KEY, taken BIGINT) ZONE modelops;
            CREATE TABLE IF NOT EXISTS modelops_head (log VARCHAR PRIMARY KEY, size BIGINT NOT NULL,
              root VARBINARY(32) NOT NULL) ZONE modelops;
            CREATE TABLE IF NOT EXISTS modelops_record (log VARCHAR, idx BIGINT, body VARBINARY(65535) NOT NULL,
              PRIMARY KEY (log, idx)) ZONE modelops;
            CREATE TABLE IF NOT EXISTS modelops_seal (log VARCHAR, size BIGINT, start BIGINT NOT NULL,
              note VARCHAR(1000000) NOT NULL, PRIMARY KEY USING SORTED (log, size)) ZONE modelops;
            CREATE TABLE IF NOT EXISTS modelops_checkpoint (log VARCHAR, size BIGINT,
              note VARCHAR(1000000) NOT NULL, PRIMARY KEY USING SORTED (log, size)) ZONE modelops;
            """;

    private static final String SEALS =
            "SELECT start, size, note FROM modelops_seal WHERE log = ? AND size > ? ORDER BY size LIMIT ?";
    private static final String CHECKPOINTS =
            "SELECT size, note FROM modelops_checkpoint WHERE log = ? AND size >= ? ORDER BY size LIMIT ?";
    private static final String LATEST =
            "SELECT size, note FROM modelops_checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1";

    private final List<String> addresses;
    private final String log;
    private final Random random = new Random();
    private final ReentrantLock writing = new ReentrantLock(true);
    private @Nullable Session current;
    private volatile boolean closed;

    private IgniteLogStore(String log, List<String> addresses) {
        this.addresses = addresses;
        this.log = log;
    }

    /** Makes the tables, once for a cluster. */
    public static void createTables(int replicas, String... addresses) {
        try (IgniteClient client = IgniteClient.builder().addresses(addresses).build()) {
            client.sql().executeScript(SCHEMA.formatted(replicas));
        }
    }

    /** Opens a log, which is there as soon as something is appended to it. */
    public static IgniteLogStore open(String log, String... addresses) {
        IgniteLogStore store = new IgniteLogStore(log, List.of(addresses));
        var unused = store.head();
        return store;
    }

    /** Returns the connections to the cluster: new ones after a failure. */
    private synchronized Session session() throws TimeoutException {
        requireUsable();
        Session session = current;
        if (session == null) {
            session = Session.connect(addresses);
            current = session;
        }
        return session;
    }

    /**
     * Drops connections on which something failed. A client goes on sending to the node that was the primary: after all
     * nodes were started again, every request of its would be refused.
     */
    private synchronized void drop(@Nullable Session failed) {
        if (failed != null && failed == current) {
            current = null;
            failed.client.close();
        }
    }

    /** Asks the primary replica, which answers with what was committed last. */
    @Override
    public LogHead head() {
        Tuple row = ask(
                "read the head",
                session -> session.heads.getAsync(null, Tuple.create().set("log", log)));
        return row == null ? LogHead.EMPTY : new LogHead(row.longValue("size"), Digest.sha256(bytes(row, "root")));
    }

    /** Reads by key: records below the head are all there and never change. */
    @Override
    public List<LogRecord> read(long from, int limit) {
        LogStore.requireRange(from, limit);
        long end = Math.min(head().size(), from + Math.min(limit, READ_RECORDS));
        List<Tuple> keys = new ArrayList<>();
        for (long index = from; index < end; index++) {
            keys.add(Tuple.create().set("log", log).set("idx", index));
        }
        if (keys.isEmpty()) {
            return List.of();
        }
        List<Tuple> rows = ask("read records", session -> session.records.getAllAsync(null, keys));
        List<LogRecord> found = new ArrayList<>();
        for (Tuple row : rows) {
            if (row == null) {
                throw new IntegrityException("the log " + log + " has no record " + (from + found.size())
                        + ", though its head is at " + end + " or later; keep it as it is, and restore a copy");
            }
            found.add(new LogRecord(row.longValue("idx"), Bytes.of(bytes(row, "body"))));
        }
        return List.copyOf(found);
    }

    /** Asks for the head first: what this client was told before, a query of it never lacks. */
    @Override
    public List<LogSeal> seals(long from, int limit) {
        LogStore.requireRange(from, limit);
        var unused = head();
        List<LogSeal> found = new ArrayList<>();
        for (SqlRow row : query("read seals", SEALS, log, from, limit)) {
            found.add(new LogSeal(row.longValue("start"), row.longValue("size"), text(row)));
        }
        return List.copyOf(found);
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        LogStore.requireRange(fromSize, limit);
        var unused = head();
        return query("read checkpoints", CHECKPOINTS, log, fromSize, limit).stream()
                .map(row -> new LogCheckpoint(row.longValue("size"), text(row)))
                .toList();
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        var unused = head();
        return query("read the latest checkpoint", LATEST, log).stream()
                .map(row -> new LogCheckpoint(row.longValue("size"), text(row)))
                .findFirst();
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        LogStore.requireReached(checkpoint, head());
        Tuple row =
                Tuple.create().set("log", log).set("size", checkpoint.size()).set("note", checkpoint.note());
        // False if there is one already, which stays.
        var unused = ask("publish a checkpoint", session -> session.checkpoints.insertAsync(null, row));
    }

    @Override
    public <R> R append(Work<R> work) {
        requireUsable();
        if (writing.isHeldByCurrentThread()) {
            throw new IllegalStateException("an append is under way on this thread");
        }
        writing.lock();
        try {
            requireUsable();
            LockedHead locked = lock();
            R result;
            try {
                result = work.runLocked(this, head(), locked::insert);
            } catch (Throwable e) {
                locked.rollback(e);
                throw e;
            }
            if (locked.appended) {
                locked.commit();
            } else {
                locked.rollback(null);
            }
            return result;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Takes the lock of the log. The engine makes an older transaction wait and ends a younger one at once, so whoever is
     * ended tries again. Nothing has been done yet, so anything else that goes wrong here may be tried again, too: the
     * replicas choose a new primary some seconds after the node of the last one was lost.
     */
    private LockedHead lock() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Session session = null;
            LockedHead locked = null;
            try {
                session = session();
                locked = new LockedHead(
                        session,
                        settled(session.client
                                .transactions()
                                .beginAsync(new TransactionOptions().timeoutMillis(HOLD.toMillis()))));
                Tuple row = Tuple.create().set("log", log).set("taken", System.nanoTime());
                var unused = settled(session.locks.upsertAsync(locked.transaction, row));
                return locked;
            } catch (IgniteException | TimeoutException e) {
                if (locked != null) {
                    locked.rollback(e);
                }
                boolean held = isHeld(e);
                if (!held) {
                    drop(session);
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new StorageException(
                            "could not lock the log " + log + " for " + PATIENCE.toSeconds() + " s (" + e.getMessage()
                                    + "); nothing was changed, try again",
                            e);
                }
                // At random, so that nobody comes too late again and again; not often, since each refusal costs the
                // node.
                LockSupport.parkNanos((held ? 5_000_000L : 100_000_000L) + random.nextInt(20_000_000));
            }
        }
    }

    private static boolean isHeld(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IgniteException known && known.code() == ErrorGroups.Transactions.ACQUIRE_LOCK_ERR) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        if (writing.isHeldByCurrentThread()) {
            throw new IllegalStateException("an append is under way on this thread");
        }
        writing.lock();
        try {
            closed = true;
            synchronized (this) {
                drop(current);
            }
        } finally {
            writing.unlock();
        }
    }

    private List<SqlRow> query(String purpose, String sql, Object... arguments) {
        return ask(
                purpose,
                session -> session.client
                        .sql()
                        .executeAsync(null, sql, arguments)
                        .thenCompose(rows -> collect(rows, new ArrayList<>())));
    }

    private static CompletableFuture<List<SqlRow>> collect(AsyncResultSet<SqlRow> rows, List<SqlRow> found) {
        rows.currentPage().forEach(found::add);
        return rows.hasMorePages()
                ? rows.fetchNextPage().thenCompose(next -> collect(next, found))
                : CompletableFuture.completedFuture(found);
    }

    private <R> R ask(String purpose, Function<Session, CompletableFuture<R>> question) {
        requireUsable();
        Session session = null;
        try {
            session = session();
            return settled(question.apply(session));
        } catch (IgniteException | TimeoutException e) {
            drop(session);
            throw new StorageException("could not " + purpose + " of the log " + log + " (" + e.getMessage() + ")", e);
        }
    }

    /** Waits whatever becomes of the thread: an interrupt ends nothing here, and is still there afterwards. */
    private static <R> R settled(CompletableFuture<R> future) throws TimeoutException {
        try {
            return future.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IgniteException known) {
                throw known;
            }
            if (e.getCause() instanceof TimeoutException) {
                throw new TimeoutException("no answer for " + PATIENCE.toSeconds() + " s");
            }
            throw e;
        }
    }

    private void requireUsable() {
        if (closed) {
            throw new StorageException("the log " + log + " is closed; open it again to use it");
        }
    }

    private static byte[] bytes(Tuple row, String column) {
        byte[] value = row.bytesValue(column);
        if (value == null) {
            throw new IntegrityException("a row has no " + column);
        }
        return value;
    }

    private static String text(SqlRow row) {
        String note = row.stringValue("note");
        if (note == null) {
            throw new IntegrityException("a row has no note");
        }
        return note;
    }

    /** Connections to the cluster, and the tables seen through them. */
    private static final class Session {
        private final IgniteClient client;
        private final RecordView<Tuple> locks;
        private final RecordView<Tuple> heads;
        private final RecordView<Tuple> records;
        private final RecordView<Tuple> seals;
        private final RecordView<Tuple> checkpoints;

        private Session(IgniteClient client) throws TimeoutException {
            this.client = client;
            this.locks = table("modelops_lock");
            this.heads = table("modelops_head");
            this.records = table("modelops_record");
            this.seals = table("modelops_seal");
            this.checkpoints = table("modelops_checkpoint");
        }

        static Session connect(List<String> addresses) throws TimeoutException {
            IgniteClient client = settled(IgniteClient.builder()
                    .addresses(addresses.toArray(String[]::new))
                    .connectTimeout(5_000)
                    .heartbeatInterval(1_000)
                    .heartbeatTimeout(3_000)
                    .backgroundReconnectInterval(1_000)
                    .buildAsync());
            try {
                return new Session(client);
            } catch (TimeoutException | RuntimeException e) {
                client.close();
                throw e;
            }
        }

        private RecordView<Tuple> table(String name) throws TimeoutException {
            Table table = settled(client.tables().tableAsync(name));
            if (table == null) {
                throw new StorageException("there is no table " + name + " in the cluster; create the tables first");
            }
            return table.recordView();
        }
    }

    /** A transaction that holds the lock of the log. */
    private final class LockedHead {
        private final Session session;
        private final org.apache.ignite.tx.Transaction transaction;
        private boolean appended;

        LockedHead(Session session, org.apache.ignite.tx.Transaction transaction) {
            this.session = session;
            this.transaction = transaction;
        }

        void insert(Batch batch) {
            try {
                insertAll(batch);
                appended = true;
            } catch (IgniteException | TimeoutException e) {
                drop(session);
                throw new StorageException(
                        "could not append to the log " + log + " (" + e.getMessage()
                                + "); nothing was changed, try again",
                        e);
            }
        }

        private void insertAll(Batch batch) throws TimeoutException {
            List<Tuple> rows = new ArrayList<>();
            int bytes = 0;
            for (LogRecord record : batch.records()) {
                byte[] body = record.body().toByteArray();
                rows.add(Tuple.create()
                        .set("log", log)
                        .set("idx", record.index())
                        .set("body", body));
                bytes += body.length;
                if (bytes >= WRITE_BYTES) {
                    insert(rows);
                    rows.clear();
                    bytes = 0;
                }
            }
            if (!rows.isEmpty()) {
                insert(rows);
            }
            LogSeal seal = batch.seal();
            Tuple sealed = Tuple.create()
                    .set("log", log)
                    .set("size", seal.size())
                    .set("start", seal.from())
                    .set("note", seal.note());
            requireNew(settled(session.seals.insertAsync(transaction, sealed)), "seal", seal.size());
            LogHead before = batch.before();
            boolean moved = before.size() == 0
                    ? settled(session.heads.insertAsync(transaction, row(batch.head())))
                    : settled(session.heads.replaceAsync(transaction, row(before), row(batch.head())));
            requireNew(moved, "head", batch.head().size());
        }

        private void insert(List<Tuple> rows) throws TimeoutException {
            List<Tuple> there = settled(session.records.insertAllAsync(transaction, rows));
            requireNew(there.isEmpty(), "record", rows.get(0).longValue("idx"));
        }

        private Tuple row(LogHead at) {
            return Tuple.create()
                    .set("log", log)
                    .set("size", at.size())
                    .set("root", at.root().value().toByteArray());
        }

        private void requireNew(boolean isNew, String what, long index) {
            if (!isNew) {
                throw new IntegrityException("the log " + log + " has another " + what + " at " + index
                        + " than its locked head allows; keep it as it is, and verify the log");
            }
        }

        void commit() {
            try {
                var unused = settled(transaction.commitAsync());
            } catch (IgniteException | TimeoutException e) {
                drop(session);
                throw new StorageException(
                        "could not commit (" + e.getMessage() + "); it may have been committed all the same", e, true);
            }
        }

        /** Ends it. If that fails, the engine ends it when its time is over. */
        void rollback(@Nullable Throwable cause) {
            try {
                var unused = settled(transaction.rollbackAsync());
            } catch (IgniteException | TimeoutException e) {
                drop(session);
                if (cause != null) {
                    cause.addSuppressed(e);
                }
            }
        }
    }
}
