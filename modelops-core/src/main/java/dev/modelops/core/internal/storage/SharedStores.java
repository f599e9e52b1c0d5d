package dev.modelops.core.internal.storage;

import com.google.common.collect.MapMaker;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/** Stores on a database server. */
public final class SharedStores {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,99}");

    /**
     * What is asked once for all logs of this process that come from one source. Neither source nor poller is kept here:
     * the stores in use keep theirs.
     */
    private static final ConcurrentMap<DataSource, HeadPoller> POLLERS =
            new MapMaker().weakKeys().weakValues().makeMap();

    private SharedStores() {}

    /** Opens a log, and creates the tables and the log where they are missing and that is asked for. */
    public static LogStore open(DataSource source, String log, boolean create) {
        HeadPoller poller = POLLERS.computeIfAbsent(source, SharedStores::poller);
        return new PostgresLogStore(new PostgresDialect(source, requireName(log), create, PATIENCE), log, poller);
    }

    private static HeadPoller poller(DataSource source) {
        PostgresDialect any = new PostgresDialect(source, "", false, PATIENCE);
        return new HeadPoller(logs -> {
            try {
                return any.heads(logs);
            } catch (SQLException e) {
                throw unread("the heads of logs in", e);
            }
        });
    }

    private static StorageException unread(String what, SQLException e) {
        return new StorageException(
                "could not read " + what + " a database: " + e.getMessage()
                        + "; check that it answers, and that this role may read its tables",
                e);
    }

    /** Returns the names of the logs in a database, sorted; none where it has no tables of this library. */
    public static List<String> logs(DataSource source) {
        try {
            return new PostgresDialect(source, "", false, PATIENCE).logs();
        } catch (SQLException e) {
            throw new StorageException(
                    "could not list the logs of a database: " + e.getMessage()
                            + "; check that it answers, and that this role may read its tables",
                    e);
        }
    }

    /** Returns the SQL that prepares a database by hand. */
    public static String script(String log, String role) {
        return PostgresSchema.CURRENT.script(requireName(log), role);
    }

    private static String requireName(String log) {
        if (!NAME.matcher(log).matches()) {
            throw new IllegalArgumentException("the name of a log must be 1 to 100 letters, digits, '.', '_', '/' and"
                    + " '-', beginning with a letter or digit, but is \"" + log + "\"");
        }
        return log;
    }
}
