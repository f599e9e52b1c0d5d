package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StoredBlob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The SQL of a log on one connection. Used by one thread at a time. */
class LogConnection implements AutoCloseable {
    /** The most bytes of bodies that one read returns, but for the last body. */
    static final int MAX_READ_BYTES = 4 << 20;

    private static final int MAX_READ_RECORDS = 16_384;

    private static final String SELECT_HEAD = "SELECT size, root FROM modelops_head WHERE log_id = ?";

    /** Each row with the size of the log, so that a hole or a row beyond the head shows in the same snapshot. */
    static final String SELECT_RECORDS = "SELECT (SELECT h.size FROM modelops_head h WHERE h.log_id = ?), r.idx, r.body"
            + " FROM modelops_record r WHERE r.log_id = ? AND r.idx >= ? ORDER BY r.idx LIMIT ?";

    /** The size of the log with the first record from an index on, if there is one: in one snapshot, too. */
    static final String SELECT_END =
            "SELECT h.size, r.idx, r.body FROM modelops_head h LEFT JOIN modelops_record r ON r.log_id = h.log_id"
                    + " AND r.idx >= ? WHERE h.log_id = ? ORDER BY r.idx LIMIT 1";

    private static final String SELECT_SEALS =
            "SELECT start, size, note FROM modelops_seal WHERE log_id = ? AND size > ? ORDER BY size LIMIT ?";

    private static final String SELECT_CHECKPOINTS =
            "SELECT size, note FROM modelops_checkpoint WHERE log_id = ? AND size >= ? ORDER BY size LIMIT ?";

    private static final String SELECT_LATEST_CHECKPOINT =
            "SELECT size, note FROM modelops_checkpoint WHERE log_id = ? ORDER BY size DESC LIMIT 1";

    private static final String SELECT_TEXT = "SELECT content FROM modelops_text WHERE log_id = ? AND commitment = ?";

    private static final String INSERT_RECORD = "INSERT INTO modelops_record (log_id, idx, body) VALUES (?, ?, ?)";

    private static final String INSERT_SEAL =
            "INSERT INTO modelops_seal (log_id, start, size, note) VALUES (?, ?, ?, ?)";

    private static final String UPDATE_HEAD =
            "UPDATE modelops_head SET size = ?, root = ? WHERE log_id = ? AND size = ?";

    private static final String INSERT_CHECKPOINT =
            "INSERT INTO modelops_checkpoint (log_id, size, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

    private final Connection connection;
    private final String name;
    private final int log;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    LogConnection(Connection connection, String name, int log) {
        this.connection = connection;
        this.name = name;
        this.log = log;
    }

    final Connection connection() {
        return connection;
    }

    final int log() {
        return log;
    }

    final LogHead head() throws SQLException {
        PreparedStatement query = prepare(SELECT_HEAD);
        query.setInt(1, log);
        try (ResultSet rows = query.executeQuery()) {
            return head(rows);
        }
    }

    /** Locks the head of the log for the rest of the transaction, where beginning it has not, and reads it. */
    LogHead lockHead() throws SQLException {
        return head();
    }

    final LogHead head(ResultSet rows) throws SQLException {
        if (!rows.next()) {
            throw damaged("has no head");
        }
        return headAt(rows);
    }

    final LogHead headAt(ResultSet rows) throws SQLException {
        byte[] root = rows.getBytes(2);
        long size = rows.getLong(1);
        if (size < 0 || root == null || root.length != 32) {
            throw damaged("has a head that is none: size " + size);
        }
        return new LogHead(size, Digest.sha256(root));
    }

    List<LogRecord> read(long from, int limit) throws SQLException {
        PreparedStatement query = prepare(SELECT_RECORDS);
        query.setInt(1, log);
        query.setInt(2, log);
        query.setLong(3, from);
        query.setInt(4, Math.min(limit, MAX_READ_RECORDS));
        List<LogRecord> records = records(query, from);
        if (records == null) {
            PreparedStatement end = prepare(SELECT_END);
            end.setLong(1, from);
            end.setInt(2, log);
            records = records(end, from);
        }
        if (records == null) {
            throw damaged("has no head");
        }
        return records;
    }

    /** Returns null if the query had no row. */
    private @Nullable List<LogRecord> records(PreparedStatement query, long from) throws SQLException {
        List<LogRecord> records = new ArrayList<>();
        boolean any = false;
        try (ResultSet rows = query.executeQuery()) {
            long bytes = 0;
            while (bytes < MAX_READ_BYTES && rows.next()) {
                any = true;
                long size = rows.getLong(1);
                if (rows.wasNull()) {
                    throw damaged("has no head");
                }
                long index = rows.getLong(2);
                boolean none = rows.wasNull();
                if (none && from >= size) {
                    return List.of();
                }
                if (!none && index >= size) {
                    throw damaged("has a record " + index + " beyond its head at " + size);
                }
                long expected = from + records.size();
                if (none || index != expected) {
                    throw damaged("has no record " + expected + ", though its head is at " + size);
                }
                byte[] body = rows.getBytes(3);
                if (body == null || body.length < 1 || body.length > LogRecord.MOST_BYTES) {
                    throw damaged("has a record " + index + " without a proper body");
                }
                records.add(new LogRecord(index, Bytes.of(body)));
                bytes += body.length;
                adapt(rows, records.size(), bytes);
            }
        }
        return any ? List.copyOf(records) : null;
    }

    /** Called after each record, so that what is fetched at once can follow the size of records. */
    void adapt(ResultSet rows, int records, long bytes) throws SQLException {}

    final List<LogSeal> seals(long from, int limit) throws SQLException {
        PreparedStatement query = prepare(SELECT_SEALS);
        query.setInt(1, log);
        query.setLong(2, from);
        query.setInt(3, limit);
        List<LogSeal> seals = new ArrayList<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                seals.add(new LogSeal(rows.getLong(1), rows.getLong(2), text(rows, 3)));
            }
        }
        return List.copyOf(seals);
    }

    final List<LogCheckpoint> checkpoints(long fromSize, int limit) throws SQLException {
        PreparedStatement query = prepare(SELECT_CHECKPOINTS);
        query.setInt(1, log);
        query.setLong(2, fromSize);
        query.setInt(3, limit);
        List<LogCheckpoint> checkpoints = new ArrayList<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                checkpoints.add(new LogCheckpoint(rows.getLong(1), text(rows, 2)));
            }
        }
        return List.copyOf(checkpoints);
    }

    final Optional<LogCheckpoint> latestCheckpoint() throws SQLException {
        PreparedStatement query = prepare(SELECT_LATEST_CHECKPOINT);
        query.setInt(1, log);
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? Optional.of(new LogCheckpoint(rows.getLong(1), text(rows, 2))) : Optional.empty();
        }
    }

    void insert(LogStore.Batch batch) throws SQLException {
        PreparedStatement records = prepare(INSERT_RECORD);
        try {
            for (LogRecord record : batch.records()) {
                records.setInt(1, log);
                records.setLong(2, record.index());
                records.setBytes(3, record.body().toByteArray());
                records.addBatch();
            }
            records.executeBatch();
        } finally {
            records.clearBatch();
        }
        PreparedStatement seal = prepare(INSERT_SEAL);
        seal.setInt(1, log);
        seal.setLong(2, batch.seal().from());
        seal.setLong(3, batch.seal().size());
        seal.setString(4, batch.seal().note());
        seal.executeUpdate();
        PreparedStatement head = prepare(UPDATE_HEAD);
        head.setLong(1, batch.head().size());
        head.setBytes(2, batch.head().root().value().toByteArray());
        head.setInt(3, log);
        head.setLong(4, batch.before().size());
        requireOneHead(head.executeUpdate(), batch.before());
    }

    final void requireOneHead(int changed, LogHead before) {
        if (changed != 1) {
            throw damaged("changed " + changed + " heads at size " + before.size() + " instead of one");
        }
    }

    final void insert(LogCheckpoint checkpoint) throws SQLException {
        PreparedStatement insert = prepare(INSERT_CHECKPOINT);
        insert.setInt(1, log);
        insert.setLong(2, checkpoint.size());
        insert.setString(3, checkpoint.note());
        insert.executeUpdate();
    }

    /** Settles for the rest of the transaction that its commit is durable, where beginning it has not. */
    void beginDurable() throws SQLException {}

    /** Returns what the database calls the seconds since 1970. */
    String now() {
        return "unixepoch()";
    }

    final void insertTexts(Map<Digest, Bytes> contents) throws SQLException {
        PreparedStatement insert = prepare("INSERT INTO modelops_text (log_id, commitment, content, since)"
                + " VALUES (?, ?, ?, " + now() + ") ON CONFLICT DO NOTHING");
        try {
            for (Map.Entry<Digest, Bytes> text : contents.entrySet()) {
                insert.setInt(1, log);
                insert.setBytes(2, text.getKey().value().toByteArray());
                insert.setBytes(3, text.getValue().toByteArray());
                insert.addBatch();
            }
            insert.executeBatch();
        } finally {
            insert.clearBatch();
            // What was bound last would stay in memory with the statement.
            insert.clearParameters();
        }
    }

    final Optional<Bytes> findText(Digest commitment) throws SQLException {
        PreparedStatement query = prepare(SELECT_TEXT);
        query.setInt(1, log);
        query.setBytes(2, commitment.value().toByteArray());
        try (ResultSet rows = query.executeQuery()) {
            return rows.next() ? Optional.ofNullable(rows.getBytes(1)).map(Bytes::of) : Optional.empty();
        }
    }

    final boolean deleteText(Digest commitment) throws SQLException {
        PreparedStatement delete = prepare("DELETE FROM modelops_text WHERE log_id = ? AND commitment = ?");
        delete.setInt(1, log);
        delete.setBytes(2, commitment.value().toByteArray());
        return delete.executeUpdate() > 0;
    }

    /** Returns a page of the texts after a commitment, ascending. */
    final List<StoredBlob> texts(byte[] after, int limit) throws SQLException {
        PreparedStatement query = prepare("SELECT commitment, length(content), " + now() + " - since FROM modelops_text"
                + " WHERE log_id = ? AND commitment > ? ORDER BY commitment LIMIT ?");
        query.setInt(1, log);
        query.setBytes(2, after);
        query.setInt(3, limit);
        List<StoredBlob> texts = new ArrayList<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                byte[] commitment = rows.getBytes(1);
                if (commitment == null || commitment.length != 32) {
                    throw damaged("has a text without a proper commitment");
                }
                texts.add(new StoredBlob(
                        Digest.sha256(commitment), rows.getLong(2), Duration.ofSeconds(Math.max(0, rows.getLong(3)))));
            }
        }
        return texts;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    final void closeStatements() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }

    final PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    private String text(ResultSet rows, int column) throws SQLException {
        String text = rows.getString(column);
        if (text == null) {
            throw damaged("has a note without text");
        }
        return text;
    }

    private IntegrityException damaged(String what) {
        return new IntegrityException(
                name + " " + what + ": it is damaged or was changed by hand; keep it as it is, and restore a copy");
    }
}
