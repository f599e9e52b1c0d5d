package dev.modelops.samples.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What group commit on a database costs without governance: callers queue rows, one thread drains the queue, and for each
 * batch locks and reads a head row, inserts the rows, updates the head, and commits durably. Several processes may do so in
 * one database.
 */
final class BareLoop implements AutoCloseable {
    private static final int MOST_IN_BATCH = 1024;

    private final BlockingQueue<CompletableFuture<Long>> queue = new ArrayBlockingQueue<>(10_000);
    private final boolean sqlite;
    private final Connection connection;
    private final int length;
    private final Thread committer = new Thread(this::run, "bare-committer");
    private volatile boolean closing;

    /** Begins with an empty table in SQLite or PostgreSQL, or goes on with that of another process. */
    BareLoop(String url, int length) throws SQLException {
        this.sqlite = url.startsWith("jdbc:sqlite:");
        this.connection = DriverManager.getConnection(url);
        this.length = length;
        if (sqlite) {
            execute("PRAGMA busy_timeout=60000");
            execute("PRAGMA journal_mode=WAL");
            execute("PRAGMA synchronous=FULL");
        }
        String bytes = sqlite ? "BLOB" : "BYTEA";
        execute("CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY, size BIGINT NOT NULL, root " + bytes
                + " NOT NULL)");
        execute("CREATE TABLE IF NOT EXISTS record (idx " + (sqlite ? "INTEGER" : "BIGINT") + " PRIMARY KEY, body "
                + bytes + " NOT NULL)");
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO head VALUES (1, 0, ?) ON CONFLICT DO NOTHING")) {
            insert.setBytes(1, new byte[32]);
            insert.executeUpdate();
        }
        connection.setAutoCommit(sqlite);
        committer.start();
    }

    /** Appends a row and returns once it is durable. */
    long append() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        queue.add(answer);
        try {
            return answer.get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a row was not appended", e);
        }
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        closing = true;
        committer.join();
        connection.close();
    }

    private void run() {
        List<CompletableFuture<Long>> batch = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT size, root FROM head WHERE id = 1" + (sqlite ? "" : " FOR UPDATE"));
                PreparedStatement insert = connection.prepareStatement(
                        sqlite
                                ? "INSERT INTO record VALUES (?, ?)"
                                : "INSERT INTO record SELECT ?::bigint + b.place - 1, b.body"
                                        + " FROM unnest(?::bytea[]) WITH ORDINALITY AS b (body, place)");
                PreparedStatement update =
                        connection.prepareStatement("UPDATE head SET size = ?, root = ? WHERE id = 1")) {
            while (!closing) {
                CompletableFuture<Long> first = queue.poll(50, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, MOST_IN_BATCH - 1);
                    commit(batch, select, insert, update);
                    batch.clear();
                }
            }
        } catch (SQLException | InterruptedException e) {
            batch.forEach(answer -> answer.completeExceptionally(e));
        }
    }

    private void commit(
            List<CompletableFuture<Long>> batch,
            PreparedStatement select,
            PreparedStatement insert,
            PreparedStatement update)
            throws SQLException {
        if (sqlite) {
            execute("BEGIN IMMEDIATE");
        }
        long size;
        byte[] root;
        try (ResultSet head = select.executeQuery()) {
            head.next();
            size = head.getLong(1);
            root = head.getBytes(2);
        }
        insert(insert, size, batch.size());
        update.setLong(1, size + batch.size());
        update.setBytes(2, root);
        update.executeUpdate();
        if (sqlite) {
            execute("COMMIT");
        } else {
            connection.commit();
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).complete(size + i);
        }
    }

    private void insert(PreparedStatement insert, long from, int rows) throws SQLException {
        if (sqlite) {
            for (int i = 0; i < rows; i++) {
                insert.setLong(1, from + i);
                insert.setBytes(2, new byte[length]);
                insert.addBatch();
            }
            insert.executeBatch();
        } else {
            insert.setLong(1, from);
            insert.setArray(2, connection.createArrayOf("bytea", new byte[rows][length]));
            insert.executeUpdate();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
