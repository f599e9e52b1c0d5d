package dev.modelops.core.internal.storage;

import dev.modelops.IntegrityException;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;

/**
 * A log in one SQLite file, in WAL mode and synced at every commit. The file is opened by SQLite only: closing any other
 * handle on it in this process would drop SQLite's locks.
 */
final class SqliteDialect implements Dialect {
    /** "MOPS": marks the file as ours. */
    static final int APPLICATION_ID = 0x4d4f5053;

    static final int SCHEMA_VERSION = 2;

    /** Versions before it can damage a file that two processes write in WAL mode. */
    private static final List<Integer> LEAST_ENGINE = List.of(3, 51, 3);

    /** The engine's own waiting is unfair and in ever longer steps, so it is kept short and begun again. */
    private static final Duration STEP = Duration.ofMillis(20);

    /** What part of its patience a removal waits for readers. */
    private static final int FORGETTING = 20;

    /** A file holds one log. */
    private static final int LOG = 1;

    /** Those of version 1, which are only added to but for the head. */
    private static final List<String> LOG_TABLES =
            List.of("modelops_checkpoint", "modelops_head", "modelops_record", "modelops_seal");

    private static final List<String> TABLES =
            List.of("modelops_checkpoint", "modelops_head", "modelops_record", "modelops_seal", "modelops_text");

    /** Of version 2: what may go again. Pages of it that fall free are overwritten with zeros (secure_delete). */
    private static final List<String> TEXTS = List.of(
            "CREATE TABLE modelops_text (log_id INTEGER NOT NULL REFERENCES modelops_head,"
                    + " commitment BLOB NOT NULL CHECK (length(commitment) = 32),"
                    + " content BLOB NOT NULL CHECK (length(content) BETWEEN 1 AND 65535), since INTEGER NOT NULL,"
                    + " PRIMARY KEY (log_id, commitment)) STRICT, WITHOUT ROWID",
            "CREATE TRIGGER modelops_text_update BEFORE UPDATE ON modelops_text"
                    + " BEGIN SELECT RAISE(ABORT, 'a text is erased or stays as it is'); END");

    private final Path file;
    private final Duration patience;

    /** Which file it is, whatever its name; null where the file system does not say, or before it was opened. */
    private volatile @Nullable Object identity;

    SqliteDialect(Path file, Duration patience) {
        this.file = file.toAbsolutePath();
        this.patience = patience;
    }

    @Override
    public void prepare() throws SQLException {
        if (Files.isDirectory(file)) {
            throw new StorageException(name() + " is a folder, and a file was expected; name a file in it");
        }
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new StorageException(
                    name() + " cannot be opened: its folder does not exist; create it, or check the path");
        }
        try (Connection connection = connect(true)) {
            pragma(connection, "busy_timeout=" + STEP.toMillis());
            retrying(() -> {
                requireEngine(text(connection, "SELECT sqlite_version()"));
                if (within(connection, "BEGIN", () -> isNew(connection))) {
                    makeDurable(connection);
                    within(connection, "BEGIN IMMEDIATE", () -> isNew(connection) && create(connection));
                } else {
                    if (isOfVersion1(connection)) {
                        within(connection, "BEGIN IMMEDIATE", () -> isOfVersion1(connection) && addTexts(connection));
                    }
                    requireOneLog(connection);
                }
            });
        }
        identity = identity();
    }

    /** Looks at the file's attributes only, so that SQLite keeps its locks on it. */
    private @Nullable Object identity() {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (NoSuchFileException e) {
            throw new StorageException(
                    name() + " is gone from its place while it is open; put it back and try again, or close it and open"
                            + " what is to take its place",
                    e);
        } catch (IOException e) {
            throw new StorageException(
                    name() + " cannot be looked at (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "); check its folder, and try again",
                    e);
        }
    }

    @Override
    public void requireInPlace() {
        Object opened = identity;
        if (opened != null && !opened.equals(identity())) {
            throw new IntegrityException(
                    name() + " was replaced by another file while it was open, by a backup perhaps: what is written now"
                            + " would be lost; close it, verify what is there, and open that");
        }
    }

    @Override
    public LogConnection connectToRead() throws SQLException {
        return log(configured("busy_timeout=" + patience.toMillis(), "trusted_schema=OFF", "query_only=ON"));
    }

    @Override
    public LogConnection connectToWrite() throws SQLException {
        Connection connection = configured("busy_timeout=" + STEP.toMillis(), "trusted_schema=OFF");
        try {
            retrying(() -> makeDurable(connection));
            return log(connection);
        } catch (SQLException | RuntimeException e) {
            closeAfter(connection, e);
            throw e;
        }
    }

    private LogConnection log(Connection connection) {
        return new LogConnection(connection, name(), LOG);
    }

    @Override
    public boolean keepsConnections() {
        return true;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        requireInPlace();
        retrying(() -> execute(connection, "BEGIN IMMEDIATE"));
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        execute(connection, "COMMIT");
        try {
            requireInPlace();
        } catch (StorageException e) {
            // It was committed, into a file that cannot be seen now.
            throw new StorageException(String.valueOf(e.getMessage()), e, true);
        }
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        execute(connection, "ROLLBACK");
    }

    /**
     * Empties the write-ahead log, where older pages of the file would stay until they are overwritten. A reader that stays,
     * such as a backup, is not waited for as long as a lock is: nobody else writes meanwhile.
     */
    @Override
    public void forget(Connection connection) throws SQLException {
        retrying(patience.dividedBy(FORGETTING), () -> {
            if (!text(connection, "PRAGMA wal_checkpoint(TRUNCATE)").equals("0")) {
                throw new SQLException("readers keep the write-ahead log from being emptied", "", 5);
            }
        });
    }

    /** Classifies by SQLite's primary result codes (sqlite.org/rescode.html). */
    @Override
    public Failure classify(SQLException failure) {
        return switch (code(failure)) {
            case 5, 6 -> Failure.LOCKED;
            case 8 -> Failure.READ_ONLY;
            case 10 -> Failure.IO;
            case 11 -> Failure.DAMAGED;
            case 13 -> Failure.FULL;
            case 3, 14, 23 -> Failure.NO_ACCESS;
            case 19 -> Failure.REFUSED;
            case 26 -> Failure.FOREIGN;
            default -> Failure.OTHER;
        };
    }

    @Override
    public String explain(Failure kind, SQLException failure) {
        return switch (kind) {
            case FOREIGN -> "it is not a log of this library; give another place, or restore a copy";
            case READ_ONLY -> "it may not be written; give this process write access to it and to its folder";
            case NO_ACCESS ->
                "it cannot be opened (" + failure.getMessage()
                        + "); check that it is a file, that its folder exists, and that this process may write both";
            default -> String.valueOf(failure.getMessage());
        };
    }

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public String name() {
        return "the log in " + file;
    }

    static void requireEngine(String version) {
        String[] parts = version.split("\\.", -1);
        for (int i = 0; i < LEAST_ENGINE.size(); i++) {
            int found = i < parts.length ? Integer.parseInt(parts[i]) : 0;
            if (found > LEAST_ENGINE.get(i)) {
                return;
            }
            if (found < LEAST_ENGINE.get(i)) {
                throw new StorageException(
                        "SQLite 3.51.3 or later is needed, because earlier ones can damage a log that two"
                                + " processes write; found " + version + "; upgrade org.xerial:sqlite-jdbc");
            }
        }
    }

    /** Tells an empty database from one of ours, and refuses any other. */
    private boolean isNew(Connection connection) throws SQLException {
        int application = Integer.parseInt(text(connection, "PRAGMA application_id"));
        int version = Integer.parseInt(text(connection, "PRAGMA user_version"));
        TreeSet<String> tables = new TreeSet<>();
        try (PreparedStatement query =
                        connection.prepareStatement("SELECT name FROM sqlite_schema WHERE type = 'table'");
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        if (application == 0 && version == 0 && tables.isEmpty()) {
            return true;
        }
        if (application != APPLICATION_ID) {
            throw new StorageException(name() + " is a database of another application (application_id " + application
                    + ", tables " + tables + "); give another place");
        }
        if (version > SCHEMA_VERSION) {
            throw new StorageException(name() + " was made by a newer release of this library: it has version "
                    + version + ", and this release knows up to " + SCHEMA_VERSION + "; upgrade modelops-core");
        }
        List<String> needed = version == 1 ? LOG_TABLES : TABLES;
        if (version < 1 || !tables.containsAll(needed)) {
            throw new IntegrityException(
                    name() + " has version " + version + " and the tables " + tables + ", but needs " + needed
                            + ": it is damaged or was changed by hand; keep it as it is, and restore a copy");
        }
        return false;
    }

    private void requireOneLog(Connection connection) throws SQLException {
        for (String table : TABLES) {
            String stray = text(
                    connection,
                    "SELECT log_id FROM " + table + " WHERE log_id < 1 OR log_id > 1 ORDER BY log_id LIMIT 1");
            if (!stray.isEmpty()) {
                throw new IntegrityException(name() + " has a row in " + table + " for a log " + stray
                        + ", which is not there: it is damaged or was changed by hand; keep it as it is, and restore a"
                        + " copy");
            }
        }
    }

    private static boolean isOfVersion1(Connection connection) throws SQLException {
        return text(connection, "PRAGMA user_version").equals("1");
    }

    private static boolean addTexts(Connection connection) throws SQLException {
        for (String statement : TEXTS) {
            execute(connection, statement);
        }
        pragma(connection, "user_version=" + SCHEMA_VERSION);
        return true;
    }

    private static boolean create(Connection connection) throws SQLException {
        for (String statement : schema()) {
            execute(connection, statement);
        }
        try (PreparedStatement head =
                connection.prepareStatement("INSERT INTO modelops_head (log_id, size, root) VALUES (1, 0, ?)")) {
            head.setBytes(1, LogHead.EMPTY.root().value().toByteArray());
            head.executeUpdate();
        }
        return true;
    }

    private static boolean within(Connection connection, String begin, Question question) throws SQLException {
        execute(connection, begin);
        try {
            boolean answer = question.ask();
            execute(connection, "COMMIT");
            return answer;
        } catch (SQLException | RuntimeException e) {
            try {
                execute(connection, "ROLLBACK");
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private static List<String> schema() {
        List<String> statements = new ArrayList<>(List.of(
                "PRAGMA application_id=" + APPLICATION_ID,
                "PRAGMA user_version=" + SCHEMA_VERSION,
                "CREATE TABLE modelops_head (log_id INTEGER NOT NULL PRIMARY KEY, size INTEGER NOT NULL,"
                        + " root BLOB NOT NULL CHECK (length(root) = 32)) STRICT",
                "CREATE TABLE modelops_record (log_id INTEGER NOT NULL REFERENCES modelops_head, idx INTEGER NOT NULL,"
                        + " body BLOB NOT NULL CHECK (length(body) BETWEEN 1 AND 65535),"
                        + " PRIMARY KEY (log_id, idx)) STRICT, WITHOUT ROWID",
                "CREATE TABLE modelops_seal (log_id INTEGER NOT NULL REFERENCES modelops_head, start INTEGER NOT NULL,"
                        + " size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (log_id, size)) STRICT, WITHOUT ROWID",
                "CREATE TABLE modelops_checkpoint (log_id INTEGER NOT NULL REFERENCES modelops_head,"
                        + " size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (log_id, size)) STRICT, WITHOUT ROWID",
                "CREATE TRIGGER modelops_head_delete BEFORE DELETE ON modelops_head"
                        + " BEGIN SELECT RAISE(ABORT, 'a log is never deleted'); END",
                "CREATE TRIGGER modelops_head_update BEFORE UPDATE ON modelops_head"
                        + " WHEN NEW.size <= OLD.size OR NEW.log_id <> OLD.log_id"
                        + " BEGIN SELECT RAISE(ABORT, 'a log only grows'); END"));
        for (String table : LOG_TABLES) {
            if (!table.equals("modelops_head")) {
                for (String change : List.of("UPDATE", "DELETE")) {
                    statements.add("CREATE TRIGGER " + table + "_" + change.toLowerCase(Locale.ROOT) + " BEFORE "
                            + change + " ON " + table + " BEGIN SELECT RAISE(ABORT, '" + table
                            + " is append-only'); END");
                }
            }
        }
        statements.addAll(TEXTS);
        return statements;
    }

    private void makeDurable(Connection connection) throws SQLException {
        String mode = text(connection, "PRAGMA journal_mode=WAL");
        if (!mode.equals("wal")) {
            throw new StorageException(name() + " cannot be kept in WAL mode (found " + mode
                    + "), which needs a local disk; move it to one");
        }
        for (String setting : List.of(
                "synchronous=FULL",
                "fullfsync=ON",
                "checkpoint_fullfsync=ON",
                "foreign_keys=ON",
                "secure_delete=ON",
                "cell_size_check=ON")) {
            pragma(connection, setting);
        }
    }

    private Connection configured(String... settings) throws SQLException {
        Connection connection = connect(false);
        try {
            for (String setting : settings) {
                pragma(connection, setting);
            }
            return connection;
        } catch (SQLException | RuntimeException e) {
            closeAfter(connection, e);
            throw e;
        }
    }

    /** Opens the file. An interrupt could break the driver's unpacking of its native part, so it waits until after. */
    private Connection connect(boolean create) throws SQLException {
        boolean interrupted = Thread.interrupted();
        try {
            SQLiteConfig config = new SQLiteConfig();
            config.setOpenMode(SQLiteOpenMode.OPEN_URI);
            if (!create) {
                config.resetOpenMode(SQLiteOpenMode.CREATE);
            }
            SQLiteDataSource source = new SQLiteDataSource(config);
            source.setUrl("jdbc:sqlite:" + file.toUri());
            return source.getConnection();
        } catch (NoClassDefFoundError | UnsatisfiedLinkError e) {
            throw new StorageException(
                    "SQLite is not there (" + e.getMessage()
                            + "); add org.xerial:sqlite-jdbc to the class or module path,"
                            + " and let org.sqlite.tmpdir name a folder that programs may run from",
                    e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static int code(SQLException failure) {
        Throwable each = failure;
        while (each != null) {
            if (each instanceof SQLException e && e.getErrorCode() != 0) {
                return e.getErrorCode() & 0xff;
            }
            each = each.getCause();
        }
        return 0;
    }

    private void retrying(Step step) throws SQLException {
        retrying(patience, step);
    }

    private void retrying(Duration most, Step step) throws SQLException {
        long start = System.nanoTime();
        while (true) {
            try {
                step.run();
                return;
            } catch (SQLException e) {
                if (classify(e) != Failure.LOCKED || System.nanoTime() - start > most.toNanos()) {
                    throw e;
                }
            }
        }
    }

    private static void closeAfter(Connection connection, Exception cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static void pragma(Connection connection, String setting) throws SQLException {
        execute(connection, "PRAGMA " + setting);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            String text = rows.next() ? rows.getString(1) : null;
            return text == null ? "" : text;
        }
    }

    /** Something that may find the database locked. */
    private interface Step {
        void run() throws SQLException;
    }

    /** Something to find out in one transaction. */
    private interface Question {
        boolean ask() throws SQLException;
    }
}
