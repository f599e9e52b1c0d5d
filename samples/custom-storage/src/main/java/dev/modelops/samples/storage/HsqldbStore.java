package dev.modelops.samples.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.locator.ClasspathSqlLocator;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.transaction.TransactionException;

/**
 * A log and its blobs in a HyperSQL database. Whoever updates the row of the head has it alone until the commit. It names no
 * place for erasable texts, so {@link dev.modelops.storage.Storage} keeps them as blobs: erasing one deletes its row.
 */
public final class HsqldbStore implements LogStore, BlobStore {
    private static final RowMapper<LogHead> HEAD =
            (row, sql) -> new LogHead(row.getLong("size"), Digest.parse(row.getString("root")));
    private static final RowMapper<LogRecord> RECORD =
            (row, sql) -> new LogRecord(row.getLong("idx"), Bytes.of(row.getBytes("body")));
    private static final RowMapper<LogSeal> SEAL =
            (row, sql) -> new LogSeal(row.getLong("start"), row.getLong("size"), row.getString("note"));
    private static final RowMapper<LogCheckpoint> CHECKPOINT =
            (row, sql) -> new LogCheckpoint(row.getLong("size"), row.getString("note"));
    private static final RowMapper<StoredBlob> BLOB = (row, sql) -> new StoredBlob(
            Digest.parse(row.getString("digest")), row.getLong("length"), Duration.ofSeconds(row.getLong("age")));

    private final Jdbi database;
    private volatile boolean closed;

    /** Opens the storage in a database, which is prepared for it if need be. */
    public HsqldbStore(DataSource connections) {
        String schema = ClasspathSqlLocator.create().locate(HsqldbStore.class.getPackageName() + ".schema");
        database = Jdbi.create(connections);
        transaction(sql -> sql.createScript(schema).execute());
    }

    @Override
    public LogHead head() {
        return select(HEAD, "SELECT * FROM head").get(0);
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        LogStore.requireRange(from, limit);
        return select(RECORD, "SELECT * FROM record WHERE idx >= ? ORDER BY idx LIMIT ?", from, Math.min(limit, 256));
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        LogStore.requireRange(from, limit);
        return select(SEAL, "SELECT * FROM seal WHERE size > ? ORDER BY size LIMIT ?", from, limit);
    }

    @Override
    public <R> R append(Work<R> work) {
        return transaction(sql -> work.runLocked(this, lockedHead(), batch -> {
            for (LogRecord record : batch.records()) {
                byte[] body = record.body().toByteArray();
                sql.execute("INSERT INTO record VALUES (?, ?)", record.index(), body);
            }
            LogSeal seal = batch.seal();
            sql.execute("INSERT INTO seal VALUES (?, ?, ?)", seal.from(), seal.size(), seal.note());
            String root = batch.head().root().toString();
            sql.execute("UPDATE head SET size = ?, root = ?", batch.head().size(), root);
        }));
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        transaction(sql -> {
            LogStore.requireReached(checkpoint, lockedHead());
            return sql.execute("INSERT IGNORE INTO checkpoint VALUES (?, ?)", checkpoint.size(), checkpoint.note());
        });
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        String query = "SELECT * FROM checkpoint ORDER BY size DESC LIMIT 1";
        return select(CHECKPOINT, query).stream().findFirst();
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        LogStore.requireRange(fromSize, limit);
        return select(CHECKPOINT, "SELECT * FROM checkpoint WHERE size >= ? ORDER BY size LIMIT ?", fromSize, limit);
    }

    @Override
    public Optional<Instant> time() {
        return transaction(sql ->
                sql.select("VALUES (CURRENT_TIMESTAMP)").mapTo(Instant.class).findOne());
    }

    @Override
    public void put(Digest digest, InputStream content) {
        String insert = "INSERT IGNORE INTO content (digest, bytes) VALUES (?, ?)";
        try (InputStream checked = setAside(digest, content)) {
            Argument bytes = (position, statement, context) -> statement.setBinaryStream(position, checked);
            transaction(sql -> sql.execute(insert, digest.toString(), bytes));
        } catch (IOException e) {
            throw new StorageException("could not give up what was set aside of " + digest, e);
        }
    }

    @Override
    public InputStream open(Digest digest) {
        digest.requireSha256();
        RowMapper<InputStream> content = (row, sql) -> setAside(digest, row.getBinaryStream("bytes"));
        return select(content, "SELECT bytes FROM content WHERE digest = ?", digest.toString()).stream()
                .findFirst()
                .orElseThrow(() -> new NotFoundException("there is no content with the digest " + digest));
    }

    @Override
    public boolean delete(Digest digest) {
        digest.requireSha256();
        return transaction(sql -> sql.execute("DELETE FROM content WHERE digest = ?", digest.toString())) == 1;
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        String query = "SELECT * FROM blob WHERE digest > ? ORDER BY digest LIMIT 1000";
        List<StoredBlob> page = select(BLOB, query, "");
        while (!page.isEmpty()) {
            page.forEach(visitor);
            page = select(BLOB, query, page.get(page.size() - 1).digest().toString());
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    /** Keeps content in a file until it was read, so that nobody's leisure holds up a connection, and checks it. */
    private static InputStream setAside(Digest digest, InputStream content) {
        try {
            Path file = Files.createTempFile("content", null);
            try (OutputStream out = Files.newOutputStream(file)) {
                BlobStore.copy(digest, content, out);
                return Files.newInputStream(file, StandardOpenOption.DELETE_ON_CLOSE);
            } catch (IOException | RuntimeException e) {
                Files.delete(file);
                throw e;
            }
        } catch (IOException e) {
            throw new StorageException("could not set " + digest + " aside: " + e.getMessage(), e);
        }
    }

    private LogHead lockedHead() {
        transaction(sql -> sql.execute("UPDATE head SET size = size"));
        return head();
    }

    private <R> List<R> select(RowMapper<R> row, String query, Object... values) {
        return transaction(sql -> sql.select(query, values).map(row).list());
    }

    /** Does work that is committed whole or, if it throws, not at all. Within other work it is a part of that. */
    private <R> R transaction(HandleCallback<R, RuntimeException> work) {
        if (closed) {
            throw new StorageException("the store is closed; open another one");
        }
        try {
            return database.inTransaction(work);
        } catch (JdbiException e) {
            throw new StorageException("the database failed: " + e.getMessage(), e, e instanceof TransactionException);
        }
    }
}
