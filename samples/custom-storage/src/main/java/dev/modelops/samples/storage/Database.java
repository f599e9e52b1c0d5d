package dev.modelops.samples.storage;

import dev.modelops.storage.StorageException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.sql.DataSource;

/** A database as a store uses it: for transactions, until it is closed. */
final class Database {
    private final DataSource connections;
    private volatile boolean closed;

    Database(DataSource connections, List<String> schema) {
        this.connections = connections;
        transaction(sql -> schema.stream().mapToInt(sql::update).sum());
    }

    interface Row<R> {
        R read(ResultSet row) throws SQLException;
    }

    void close() {
        closed = true;
    }

    /** Does work that is committed whole or, if it throws, not at all. */
    <R> R transaction(Function<Sql, R> work) {
        boolean committing = false;
        if (closed) {
            throw new StorageException("the store is closed; open another one");
        }
        try (Connection connection = connections.getConnection()) {
            connection.setAutoCommit(false);
            try {
                R result = work.apply(new Sql(connection));
                committing = true;
                connection.commit();
                return result;
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new StorageException("the database failed: " + e.getMessage(), e, committing);
        }
    }

    int update(String statement, Object... values) {
        return transaction(sql -> sql.update(statement, values));
    }

    <R> List<R> select(Row<R> row, String query, Object... values) {
        return transaction(sql -> sql.select(row, query, values));
    }

    record Sql(Connection connection) {
        int update(String statement, Object... values) {
            return run(statement, values, PreparedStatement::executeUpdate);
        }

        <R> List<R> select(Row<R> row, String query, Object... values) {
            return run(query, values, prepared -> {
                List<R> found = new ArrayList<>();
                try (ResultSet rows = prepared.executeQuery()) {
                    while (rows.next()) {
                        found.add(row.read(rows));
                    }
                }
                return found;
            });
        }

        private <R> R run(String statement, Object[] values, Execution<R> execution) {
            try (PreparedStatement prepared = connection.prepareStatement(statement)) {
                for (int i = 0; i < values.length; i++) {
                    prepared.setObject(i + 1, values[i]);
                }
                return execution.of(prepared);
            } catch (SQLException e) {
                throw new StorageException("the database failed: " + e.getMessage(), e);
            }
        }
    }

    private interface Execution<R> {
        R of(PreparedStatement prepared) throws SQLException;
    }
}
