package dev.modelops.core.internal.storage;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** SQLite that fails once at one point, with one of its result codes, or that may grow only so far. */
final class FailingDialect implements Dialect {
    private final Dialect sqlite;
    private final At at;
    private final int code;
    private final AtomicBoolean failed = new AtomicBoolean();
    private int pages;

    FailingDialect(Path file, At at, int code) {
        this.sqlite = new SqliteDialect(file, Duration.ofSeconds(30));
        this.at = at;
        this.code = code;
    }

    /** Where it fails. */
    enum At {
        BEGIN,
        COMMIT,
        AFTER_COMMIT,
        ROLLBACK,
        NEVER
    }

    void limitPages(int most) {
        pages = most;
    }

    @Override
    public void prepare() throws SQLException {
        sqlite.prepare();
    }

    @Override
    public LogConnection connectToRead() throws SQLException {
        return sqlite.connectToRead();
    }

    @Override
    public LogConnection connectToWrite() throws SQLException {
        return sqlite.connectToWrite();
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        if (pages > 0) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA max_page_count=" + pages);
            }
        }
        fail(At.BEGIN);
        sqlite.begin(connection);
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        fail(At.COMMIT);
        sqlite.commit(connection);
        fail(At.AFTER_COMMIT);
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        fail(At.ROLLBACK);
        sqlite.rollback(connection);
    }

    @Override
    public Failure classify(SQLException failure) {
        return sqlite.classify(failure);
    }

    @Override
    public boolean keepsConnections() {
        return sqlite.keepsConnections();
    }

    @Override
    public String explain(Failure kind, SQLException failure) {
        return sqlite.explain(kind, failure);
    }

    @Override
    public Duration patience() {
        return sqlite.patience();
    }

    @Override
    public String name() {
        return sqlite.name();
    }

    private void fail(At here) throws SQLException {
        if (here == at && failed.compareAndSet(false, true)) {
            throw new SQLException("injected failure", null, code);
        }
    }
}
