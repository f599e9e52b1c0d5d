package dev.modelops.samples.benchmarks;

import java.nio.file.Path;
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
 * What group commit on SQLite costs without governance: callers queue rows of 256 bytes, one thread drains the queue, and
 * for each batch locks and reads a head row, inserts the rows, updates the head, and commits durably.
 */
final class BareLoop implements AutoCloseable {
    private static final int ROW = 256;
    private static final int MOST_IN_BATCH = 1024;

    private final BlockingQueue<CompletableFuture<Long>> queue = new ArrayBlockingQueue<>(10_000);
    private final Connection connection;
    private final Thread committer = new Thread(this::run, "bare-committer");
    private volatile boolean closing;

    BareLoop(Path file) throws SQLException {
        this.connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        execute("PRAGMA journal_mode=WAL");
        execute("PRAGMA synchronous=FULL");
        execute("CREATE TABLE head (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL)");
        execute("CREATE TABLE record (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)");
        execute("INSERT INTO head VALUES (1, 0, zeroblob(32))");
        committer.start();
    }

    /** Appends a row and returns once it is durable. */
    long append() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        queue.add(answer);
        try {
            return answer.get(30, TimeUnit.SECONDS);
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
        try (PreparedStatement select = connection.prepareStatement("SELECT size, root FROM head WHERE id = 1");
                PreparedStatement insert = connection.prepareStatement("INSERT INTO record VALUES (?, ?)");
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
        execute("BEGIN IMMEDIATE");
        long size;
        byte[] root;
        try (ResultSet head = select.executeQuery()) {
            size = head.getLong(1);
            root = head.getBytes(2);
        }
        for (int i = 0; i < batch.size(); i++) {
            insert.setLong(1, size + i);
            insert.setBytes(2, new byte[ROW]);
            insert.addBatch();
        }
        insert.executeBatch();
        update.setLong(1, size + batch.size());
        update.setBytes(2, root);
        update.executeUpdate();
        execute("COMMIT");
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).complete(size + i);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
