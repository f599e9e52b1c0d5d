package dev.modelops.core.internal.storage;

import dev.modelops.NotFoundException;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.StorageException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A log of several in a PostgreSQL database, on connections of the host's. Whoever appends locks the head row of its log
 * and no other, so that logs do not hold one another up.
 */
final class PostgresDialect implements Dialect {
    /** Nothing here needs a later one; the build tries 18 alone. */
    private static final int LEAST_SERVER = 130_000;

    /** What ends a session that holds the head and does nothing: less than others wait for it. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    /** 40003 says of a statement, and of a commit, that whether it was completed is not known. */
    private static final Set<String> LOST_STATES =
            Set.of("40003", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04", "53300");

    private final DataSource source;
    private final String log;
    private final boolean create;
    private final PostgresSchema schema;
    private final Duration patience;
    private final Duration idle;

    /** What the connections lead to, once known. */
    private volatile String place = "a database";

    /** The number of the log in the database, once known. */
    private volatile int id;

    PostgresDialect(DataSource source, String log, boolean create, Duration patience) {
        this(source, log, create, PostgresSchema.CURRENT, patience, IDLE);
    }

    PostgresDialect(
            DataSource source, String log, boolean create, PostgresSchema schema, Duration patience, Duration idle) {
        this.source = source;
        this.log = log;
        this.create = create;
        this.schema = schema;
        this.patience = patience;
        this.idle = idle;
    }

    @Override
    public void prepare() throws SQLException {
        try (LogConnection borrowed = connectToWrite()) {
            Connection connection = borrowed.connection();
            place = place(connection);
            requirePostgres(connection);
            requireServer(connection);
            connection.setAutoCommit(false);
            int version = PostgresSchema.version(connection);
            schema.requireKnown(version, name());
            if (version == 0 && !create) {
                throw missing();
            }
            if (version < schema.newest()) {
                permitted(
                        "make its tables of version " + schema.newest(),
                        () -> schema.migrate(connection, name(), patience));
                connection.commit();
            }
            Integer found = PostgresSchema.find(connection, log);
            if (found == null) {
                if (!create) {
                    throw missing();
                }
                permitted("add it", () -> PostgresSchema.add(connection, log, patience));
                connection.commit();
                found = PostgresSchema.find(connection, log);
            }
            if (found == null) {
                throw missing();
            }
            id = found;
        }
    }

    /** Returns the names of all logs in the database. */
    List<String> logs() throws SQLException {
        try (LogConnection borrowed = borrow()) {
            requirePostgres(borrowed.connection());
            int version = PostgresSchema.version(borrowed.connection());
            schema.requireKnown(version, "the database");
            return version == 0 ? List.of() : PostgresSchema.logs(borrowed.connection());
        }
    }

    /** Returns the heads of some logs, in one question. Logs that are not there are left out. */
    Map<String, LogHead> heads(Set<String> logs) throws SQLException {
        try (LogConnection borrowed = borrow();
                PreparedStatement query = borrowed.connection()
                        .prepareStatement("SELECT size, root, name FROM modelops_head WHERE name = ANY (?)")) {
            query.setArray(1, borrowed.connection().createArrayOf("text", logs.toArray()));
            Map<String, LogHead> heads = new HashMap<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    heads.put(rows.getString(3), borrowed.headAt(rows));
                }
            }
            return heads;
        }
    }

    @Override
    public LogConnection connectToRead() throws SQLException {
        return borrow();
    }

    @Override
    public LogConnection connectToWrite() throws SQLException {
        LogConnection borrowed = borrow();
        try {
            if (borrowed.connection().isReadOnly()) {
                borrowed.connection().setReadOnly(false);
            }
            return borrowed;
        } catch (SQLException | RuntimeException e) {
            closeAfter(borrowed, e);
            throw e;
        }
    }

    @Override
    public boolean keepsConnections() {
        return false;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
    }

    /**
     * Commits. A commit whose wait for the standby was cancelled is reported by the server as done, with a warning; here
     * it is in doubt, since it would not survive a fail-over.
     */
    @Override
    public void commit(Connection connection) throws SQLException {
        connection.clearWarnings();
        connection.commit();
        SQLWarning warning = connection.getWarnings();
        if (warning != null) {
            throw new SQLException("the server warned at the commit: " + warning.getMessage(), "08007", warning);
        }
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        connection.rollback();
    }

    /** Classifies by SQLSTATE (PostgreSQL's manual, appendix A). */
    @Override
    public Failure classify(SQLException failure) {
        String state = state(failure);
        if (state == null) {
            return isOfConnection(failure) ? Failure.LOST : Failure.OTHER;
        }
        if (LOST_STATES.contains(state) || state.startsWith("08")) {
            return Failure.LOST;
        }
        return switch (state) {
            case "55P03" -> Failure.LOCKED;
            case "53100" -> Failure.FULL;
            case "58030" -> Failure.IO;
            case "25006" -> Failure.READ_ONLY;
            case "42501", "3D000" -> Failure.NO_ACCESS;
            case "42P01", "42703", "3F000" -> Failure.FOREIGN;
            case "57014", "25P02" -> Failure.ROLLED_BACK;
            default ->
                switch (state.substring(0, 2)) {
                    case "40", "53" -> Failure.ROLLED_BACK;
                    case "23" -> Failure.REFUSED;
                    case "28" -> Failure.NO_ACCESS;
                    case "XX" -> state.equals("XX000") ? Failure.OTHER : Failure.DAMAGED;
                    default -> Failure.OTHER;
                };
        };
    }

    @Override
    public String explain(Failure kind, SQLException failure) {
        return switch (kind) {
            case FOREIGN ->
                "its tables are not those of this library (" + failure.getMessage()
                        + "); check the database, and the schema that connections begin in";
            case READ_ONLY ->
                "the server only reads (" + failure.getMessage()
                        + "); after a fail-over connect to the server that is now the primary, or use a role that may write";
            case NO_ACCESS ->
                "the database refused access (" + failure.getMessage()
                        + "); check the user, the password and the rights of the role";
            default -> String.valueOf(failure.getMessage());
        };
    }

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public String name() {
        return "the log " + log + " in " + place;
    }

    /** Borrows a connection. An interrupt could keep a pool from lending one, so it waits until after. */
    private LogConnection borrow() throws SQLException {
        boolean interrupted = Thread.interrupted();
        try {
            Connection connection = source.getConnection();
            try {
                return new PostgresConnection(connection, name(), id, patience, idle);
            } catch (SQLException | RuntimeException e) {
                try (connection) {
                    throw e;
                }
            }
        } catch (SQLException e) {
            throw state(e) == null ? new SQLException(e.getMessage(), "08001", e) : e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void requirePostgres(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        String why = switch (product.toLowerCase(Locale.ROOT)) {
            case "postgresql" -> "";
            case "sqlite" -> "a log in a SQLite file is opened by its path: use Storages.directory or sqlite";
            case "h2" -> "H2 does not force a commit to the disk, so acts that were acknowledged could be lost";
            default -> "how it orders and keeps commits is not tested";
        };
        if (!why.isEmpty()) {
            throw new StorageException("a log cannot be kept in " + product + ": " + why + "; use PostgreSQL");
        }
    }

    private void requireServer(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT current_setting('server_version_num')::integer,"
                        + " current_setting('server_version'), current_setting('server_encoding'),"
                        + " current_setting('fsync', true), current_schema()")) {
            if (!rows.next()) {
                throw new StorageException(name() + " cannot be opened: the server does not tell its settings");
            }
            if (rows.getInt(1) < LEAST_SERVER) {
                throw new StorageException(
                        name() + " needs PostgreSQL 13 or later; found " + rows.getString(2) + "; upgrade the server");
            }
            if (!"UTF8".equals(rows.getString(3))) {
                throw new StorageException(name() + " needs a database with the encoding UTF8; found "
                        + rows.getString(3) + "; create one with it");
            }
            if ("off".equals(rows.getString(4))) {
                throw new StorageException(name() + " cannot be kept on a server with fsync=off: it acknowledges what"
                        + " is not on its disk; set fsync=on");
            }
            if (rows.getString(5) == null) {
                throw new StorageException(
                        name() + " has no schema to be in: none of those in search_path is there; set the search_path"
                                + " of the role or of the connections to one that is");
            }
        }
    }

    private void permitted(String what, Change change) throws SQLException {
        try {
            change.make();
        } catch (SQLException e) {
            if ("42501".equals(state(e))) {
                throw new StorageException(
                        name() + " is not there as this release needs it, and this role may not " + what + " ("
                                + e.getMessage() + "); open it once as the owner of the schema, or have an"
                                + " administrator run what Storages.postgresScript returns",
                        e);
            }
            throw e;
        }
    }

    private NotFoundException missing() {
        return new NotFoundException("there is no log " + log + " in " + place
                + "; check the name and the database, or create the log first");
    }

    /** Where connections lead to, without anything that may be a password. */
    private static String place(Connection connection) throws SQLException {
        String url = connection.getMetaData().getURL();
        if (url == null) {
            return "a PostgreSQL database";
        }
        int end = url.indexOf('?');
        return end < 0 ? url : url.substring(0, end);
    }

    private static @Nullable String state(SQLException failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof SQLException e
                    && e.getSQLState() != null
                    && e.getSQLState().length() == 5) {
                return e.getSQLState();
            }
        }
        return null;
    }

    private static boolean isOfConnection(SQLException failure) {
        return failure instanceof SQLTransientConnectionException
                || failure instanceof SQLNonTransientConnectionException
                || failure instanceof SQLRecoverableException;
    }

    private static void closeAfter(LogConnection connection, Exception cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** A change of tables. */
    private interface Change {
        void make() throws SQLException;
    }
}
