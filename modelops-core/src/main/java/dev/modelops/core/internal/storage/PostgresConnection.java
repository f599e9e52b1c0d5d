package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A connection of the host's, borrowed for one use and given back as it came. */
final class PostgresConnection extends LogConnection {
    /** So many of the longest records are as much as one read returns. */
    private static final int FIRST_FETCH = MAX_READ_BYTES / 65_535;

    private static final int MOST_FETCHED = 1024;

    /** How many times as long as others wait for the lock a transaction may take. */
    private static final int PATIENCES = 4;

    private static final String SETTINGS = " set_config('lock_timeout', ?, true),"
            + " set_config('idle_in_transaction_session_timeout', ?, true),"
            + " set_config('statement_timeout', '0', true), set_config('client_min_messages', 'warning', true),"
            + " set_config('synchronous_commit',"
            + " CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true)";

    /**
     * One round trip: what holds for this transaction alone, whatever the host or the server set, and then the lock. No
     * statement is timed, for a commit that waits for its standby would be cut short and reported as done; waiting for
     * the lock is bounded by its own limit, and a holder that does nothing is disconnected. Warnings are asked for, since a
     * commit that no standby has is told by one.
     */
    private static final String LOCK_HEAD = lockHead("");

    /**
     * A holder that falls silent in the middle of what it says is not idle for the server, so all of the transaction up to
     * its commit is bounded, too.
     */
    private static final String LOCK_HEAD_BOUNDED = lockHead(" set_config('transaction_timeout', ?, true),");

    /** The first that can bound a transaction. */
    private static final int BOUNDING_SERVER = 17;

    private static String lockHead(String bound) {
        return "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT" + bound + SETTINGS
                + "; SELECT size, root FROM modelops_head WHERE log_id = ? FOR UPDATE";
    }

    /** One round trip, too. */
    private static final String INSERT_BATCH = "INSERT INTO modelops_record (log_id, idx, body)"
            + " SELECT ?::integer, ?::bigint + b.place - 1, b.body FROM unnest(?::bytea[]) WITH ORDINALITY AS b (body, place);"
            + " INSERT INTO modelops_seal (log_id, start, size, note) VALUES (?, ?, ?, ?);"
            + " UPDATE modelops_head SET size = ?, root = ? WHERE log_id = ? AND size = ?";

    private final Duration patience;
    private final Duration idle;
    private final boolean autoCommit;
    private final boolean readOnly;
    private final int networkTimeout;

    PostgresConnection(Connection connection, String name, int log, Duration patience, Duration idle)
            throws SQLException {
        super(connection, name, log);
        this.patience = patience;
        this.idle = idle;
        this.autoCommit = connection.getAutoCommit();
        this.readOnly = connection.isReadOnly();
        this.networkTimeout = connection.getNetworkTimeout();
        if (!autoCommit) {
            connection.setAutoCommit(true);
        }
        if (networkTimeout == 0) {
            connection.setNetworkTimeout(
                    Runnable::run, Math.toIntExact(patience.multipliedBy(2).toMillis()));
        }
    }

    /** Returns what the server's clock says. */
    Instant time() throws SQLException {
        try (PreparedStatement query = connection()
                        .prepareStatement("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
                ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("the server does not tell the time", "08P01");
            }
            return Instant.EPOCH.plus(rows.getLong(1), ChronoUnit.MICROS);
        }
    }

    @Override
    LogHead lockHead() throws SQLException {
        boolean bounds = connection().getMetaData().getDatabaseMajorVersion() >= BOUNDING_SERVER;
        PreparedStatement lock = prepare(bounds ? LOCK_HEAD_BOUNDED : LOCK_HEAD);
        int next = 1;
        if (bounds) {
            lock.setString(
                    next++, Long.toString(patience.multipliedBy(PATIENCES).toMillis()));
        }
        lock.setString(next++, Long.toString(patience.toMillis()));
        lock.setString(next++, Long.toString(idle.toMillis()));
        lock.setInt(next, log());
        lock.execute();
        lock.getMoreResults();
        lock.getMoreResults();
        try (ResultSet rows = lock.getResultSet()) {
            return head(rows);
        }
    }

    @Override
    void beginDurable() throws SQLException {
        PreparedStatement settings = prepare("SELECT" + SETTINGS);
        settings.setString(1, Long.toString(patience.toMillis()));
        settings.setString(2, Long.toString(idle.toMillis()));
        settings.execute();
    }

    @Override
    String now() {
        return "extract(epoch FROM clock_timestamp())::bigint";
    }

    /** Fetches in parts, which needs a transaction: otherwise the driver would hold the whole answer at once. */
    @Override
    List<LogRecord> read(long from, int limit) throws SQLException {
        prepare(SELECT_RECORDS).setFetchSize(FIRST_FETCH);
        if (!connection().getAutoCommit()) {
            return super.read(from, limit);
        }
        connection().setAutoCommit(false);
        List<LogRecord> records = super.read(from, limit);
        connection().rollback();
        connection().setAutoCommit(true);
        return records;
    }

    @Override
    void adapt(ResultSet rows, int records, long bytes) throws SQLException {
        if (records % FIRST_FETCH == 0) {
            long mean = bytes / records;
            rows.setFetchSize((int) Math.max(1, Math.min(MOST_FETCHED, (MAX_READ_BYTES - bytes) / mean + 1)));
        }
    }

    @Override
    void insert(LogStore.Batch batch) throws SQLException {
        PreparedStatement insert = prepare(INSERT_BATCH);
        byte[][] bodies = new byte[batch.records().size()][];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = batch.records().get(i).body().toByteArray();
        }
        insert.setInt(1, log());
        insert.setLong(2, batch.before().size());
        insert.setArray(3, connection().createArrayOf("bytea", bodies));
        insert.setInt(4, log());
        insert.setLong(5, batch.seal().from());
        insert.setLong(6, batch.seal().size());
        insert.setString(7, batch.seal().note());
        insert.setLong(8, batch.head().size());
        insert.setBytes(9, batch.head().root().value().toByteArray());
        insert.setInt(10, log());
        insert.setLong(11, batch.before().size());
        insert.execute();
        insert.getMoreResults();
        insert.getMoreResults();
        requireOneHead(insert.getUpdateCount(), batch.before());
    }

    /** Undoes whatever is open, sets back what was set, and gives the connection back. */
    @Override
    public void close() throws SQLException {
        try (Connection borrowed = connection()) {
            if (borrowed.isClosed()) {
                return;
            }
            closeStatements();
            if (!borrowed.getAutoCommit()) {
                borrowed.rollback();
            }
            if (borrowed.getAutoCommit() != autoCommit) {
                borrowed.setAutoCommit(autoCommit);
            }
            if (borrowed.isReadOnly() != readOnly) {
                borrowed.setReadOnly(readOnly);
            }
            if (networkTimeout == 0) {
                borrowed.setNetworkTimeout(Runnable::run, 0);
            }
        }
    }
}
