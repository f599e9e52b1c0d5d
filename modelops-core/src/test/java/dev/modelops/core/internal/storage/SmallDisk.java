package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A log in a SQLite file that may not grow beyond a number of pages, as on a full disk. */
public final class SmallDisk {
    private SmallDisk() {}

    /** Opens a log whose file may have so many pages. */
    public static LogStore sqlite(Path file, int pages) {
        Dialect dialect = new SqliteDialect(file, Duration.ofSeconds(30));
        return new JdbcLogStore(new Dialect() {
            @Override
            public void prepare() throws SQLException {
                dialect.prepare();
            }

            @Override
            public LogConnection connectToRead() throws SQLException {
                return dialect.connectToRead();
            }

            @Override
            public LogConnection connectToWrite() throws SQLException {
                LogConnection connection = dialect.connectToWrite();
                try (Statement statement = connection.connection().createStatement()) {
                    statement.execute("PRAGMA max_page_count=" + pages);
                }
                return connection;
            }

            @Override
            public void begin(Connection connection) throws SQLException {
                dialect.begin(connection);
            }

            @Override
            public void commit(Connection connection) throws SQLException {
                dialect.commit(connection);
            }

            @Override
            public void rollback(Connection connection) throws SQLException {
                dialect.rollback(connection);
            }

            @Override
            public Failure classify(SQLException failure) {
                return dialect.classify(failure);
            }

            @Override
            public boolean keepsConnections() {
                return dialect.keepsConnections();
            }

            @Override
            public String explain(Failure kind, SQLException failure) {
                return dialect.explain(kind, failure);
            }

            @Override
            public Duration patience() {
                return dialect.patience();
            }

            @Override
            public String name() {
                return dialect.name();
            }
        });
    }
}
