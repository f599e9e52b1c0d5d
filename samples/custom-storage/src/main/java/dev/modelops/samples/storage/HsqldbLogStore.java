package dev.modelops.samples.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.samples.storage.Database.Row;
import dev.modelops.samples.storage.Database.Sql;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** One log in a HyperSQL database. Whoever writes the row of the head has it alone until the commit. */
public final class HsqldbLogStore implements LogStore {
    private static final List<String> SCHEMA = List.of(
            "SET FILES WRITE DELAY FALSE",
            "CREATE CACHED TABLE IF NOT EXISTS head (id INT PRIMARY KEY, size BIGINT, root CHAR(71))",
            "CREATE CACHED TABLE IF NOT EXISTS record (idx BIGINT PRIMARY KEY, body VARBINARY(65535))",
            "CREATE CACHED TABLE IF NOT EXISTS seal (start BIGINT, size BIGINT PRIMARY KEY, note LONGVARCHAR)",
            "CREATE CACHED TABLE IF NOT EXISTS checkpoint (size BIGINT PRIMARY KEY, note LONGVARCHAR)",
            "INSERT INTO head SELECT 1, 0, '" + Digest.sha256Of(Bytes.ofUtf8(""))
                    + "' FROM (VALUES 0) WHERE NOT EXISTS (SELECT * FROM head)");
    private static final Row<LogCheckpoint> CHECKPOINT = row -> new LogCheckpoint(row.getLong(1), row.getString(2));

    private final Database database;

    /** Opens the log in a database, which is prepared for it if need be. */
    public HsqldbLogStore(DataSource connections) {
        database = new Database(connections, SCHEMA);
    }

    @Override
    public LogHead head() {
        return database.transaction(HsqldbLogStore::head);
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        return database.transaction(sql -> read(sql, from, limit));
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        return database.transaction(sql -> seals(sql, from, limit));
    }

    @Override
    public <R> R append(Work<R> work) {
        return database.transaction(sql -> {
            LogHead head = lock(sql);
            Locked locked = new Locked(sql, head);
            try {
                return work.run(locked);
            } finally {
                locked.isOver = true;
            }
        });
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        database.transaction(sql -> {
            long size = checkpoint.size();
            require(size >= 0 && size <= lock(sql).size(), "a checkpoint of a size that the log has reached");
            String insert = "INSERT INTO checkpoint SELECT ?, ? FROM (VALUES 0)"
                    + " WHERE NOT EXISTS (SELECT * FROM checkpoint WHERE size = ?)";
            return sql.update(insert, size, checkpoint.note(), size);
        });
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        String query = "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1";
        return database.select(CHECKPOINT, query).stream().findFirst();
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        requireRange(fromSize, limit);
        String query = "SELECT size, note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT ?";
        return database.select(CHECKPOINT, query, fromSize, limit);
    }

    @Override
    public Optional<Instant> time() {
        Row<Instant> time = row -> row.getObject(1, OffsetDateTime.class).toInstant();
        return database.select(time, "VALUES (CURRENT_TIMESTAMP)").stream().findFirst();
    }

    @Override
    public void close() {
        database.close();
    }

    private static LogHead lock(Sql sql) {
        sql.update("UPDATE head SET size = size");
        return head(sql);
    }

    private static LogHead head(Sql sql) {
        Row<LogHead> head = row -> new LogHead(row.getLong(1), Digest.parse(row.getString(2)));
        return sql.select(head, "SELECT size, root FROM head").get(0);
    }

    private static List<LogRecord> read(Sql sql, long from, int limit) {
        requireRange(from, limit);
        Row<LogRecord> row = each -> new LogRecord(each.getLong(1), Bytes.of(each.getBytes(2)));
        String query = "SELECT idx, body FROM record WHERE idx >= ? ORDER BY idx LIMIT ?";
        return sql.select(row, query, from, Math.min(limit, 256));
    }

    private static List<LogSeal> seals(Sql sql, long from, int limit) {
        requireRange(from, limit);
        Row<LogSeal> row = each -> new LogSeal(each.getLong(1), each.getLong(2), each.getString(3));
        String query = "SELECT start, size, note FROM seal WHERE size > ? ORDER BY size LIMIT ?";
        return sql.select(row, query, from, limit);
    }

    private static void requireRange(long from, int limit) {
        require(from >= 0 && limit >= 1, "a beginning of at least 0 and a limit of at least 1");
    }

    private static void require(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("expected " + expected);
        }
    }

    /** The log as the work sees it that holds the lock. */
    private static final class Locked implements Transaction {
        private final Sql sql;
        private final LogHead head;
        private boolean hasAppended;
        private boolean isOver;

        Locked(Sql sql, LogHead head) {
            this.sql = sql;
            this.head = head;
        }

        @Override
        public LogHead head() {
            requireState(!isOver);
            return head;
        }

        @Override
        public List<LogRecord> read(long from, int limit) {
            requireState(!isOver);
            return HsqldbLogStore.read(sql, from, limit);
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            requireState(!isOver);
            return HsqldbLogStore.seals(sql, from, limit);
        }

        @Override
        public void append(List<LogRecord> records, LogSeal seal, LogHead next) {
            requireState(!isOver && !hasAppended);
            long start = head.size();
            long end = start + records.size();
            require(end > start && seal.from() == start, "a batch and its seal from " + start);
            require(seal.size() == end && next.size() == end, "a seal and a head that end at " + end);
            for (int i = 0; i < records.size(); i++) {
                LogRecord each = records.get(i);
                require(each.index() == start + i, "records without gaps from " + start);
                require(each.body().length() > 0 && each.body().length() < 65_536, "1 to 65,535 bytes");
            }
            hasAppended = true;
            for (LogRecord each : records) {
                byte[] body = each.body().toByteArray();
                sql.update("INSERT INTO record VALUES (?, ?)", each.index(), body);
            }
            sql.update("INSERT INTO seal VALUES (?, ?, ?)", start, end, seal.note());
            sql.update("UPDATE head SET size = ?, root = ?", end, next.root().toString());
        }

        private static void requireState(boolean usable) {
            if (!usable) {
                throw new IllegalStateException("expected one append, within the work of the transaction");
            }
        }
    }
}
