package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogHead;
import dev.modelops.storage.StorageException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tables of logs in PostgreSQL, made and brought up to date step by step. Each step is kept for ever as it was
 * released; a change is another step. The steps run in one transaction under a lock that whoever migrates takes first.
 */
final class PostgresSchema {
    /** "MOPS" */
    private static final long LOCK = 0x4d4f5053L;

    private static final List<String> APPEND_ONLY =
            List.of("modelops_record", "modelops_seal", "modelops_checkpoint", "modelops_schema");

    private static final Pattern ROLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_$-]{0,62}");

    /** Logs in PostgreSQL as this release knows them. */
    static final PostgresSchema CURRENT = new PostgresSchema(List.of(first(), second(), third()));

    private final List<List<String>> steps;

    /** Names the steps, the first of which begins with nothing. */
    PostgresSchema(List<List<String>> steps) {
        this.steps = List.copyOf(steps);
    }

    /**
     * Returns the version of the schema in this database, or 0 where there is none. It looks into the catalogue itself:
     * {@code to_regclass} may answer from memory that a table which was made a moment ago is not there.
     */
    static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet table = statement.executeQuery("SELECT count(*) > 0 FROM pg_catalog.pg_class"
                    + " WHERE relname = 'modelops_schema' AND pg_catalog.pg_table_is_visible(oid)")) {
                if (!table.next() || !table.getBoolean(1)) {
                    return 0;
                }
            }
            try (ResultSet version = statement.executeQuery("SELECT coalesce(max(version), 0) FROM modelops_schema")) {
                return version.next() ? version.getInt(1) : 0;
            }
        }
    }

    List<List<String>> steps() {
        return steps;
    }

    int newest() {
        return steps.size();
    }

    /** Runs the steps that are missing. The connection is not in auto-commit mode; the caller commits. */
    void migrate(Connection connection, String name, Duration patience) throws SQLException {
        lock(connection, patience);
        int version = version(connection);
        requireKnown(version, name);
        for (int next = version; next < steps.size(); next++) {
            try (Statement statement = connection.createStatement()) {
                for (String step : steps.get(next)) {
                    statement.execute(step);
                }
                statement.execute("INSERT INTO modelops_schema (version) VALUES (" + (next + 1) + ")");
            }
        }
    }

    void requireKnown(int version, String name) {
        if (version > newest()) {
            throw new StorageException(name + " was made by a newer release of this library: its tables have version "
                    + version + ", and this release knows up to " + newest() + "; upgrade modelops-core");
        }
    }

    /** Adds a log unless it is there. The connection is not in auto-commit mode; the caller commits. */
    static void add(Connection connection, String log, Duration patience) throws SQLException {
        lock(connection, patience);
        try (PreparedStatement insert = connection.prepareStatement(INSERT_LOG.formatted("?", "?"))) {
            insert.setString(1, log);
            insert.setBytes(2, emptyRoot());
            insert.executeUpdate();
        }
    }

    static @Nullable Integer find(Connection connection, String log) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT log_id FROM modelops_head WHERE name = ?")) {
            query.setString(1, log);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? rows.getInt(1) : null;
            }
        }
    }

    static List<String> logs(Connection connection) throws SQLException {
        List<String> logs = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM modelops_head")) {
            while (rows.next()) {
                logs.add(rows.getString(1));
            }
        }
        return logs.stream().sorted().toList();
    }

    /**
     * Everything that a database administrator runs by hand instead: the steps that are missing, one log unless it is there,
     * and the rights of a role.
     */
    String script(String log, String role) {
        if (!ROLE.matcher(role).matches()) {
            throw new IllegalArgumentException(
                    "a role must be letters, digits, _, $ and - and begin with a letter or _, but is " + role);
        }
        StringBuilder script = new StringBuilder("BEGIN;\n");
        script.append("SELECT pg_advisory_xact_lock(").append(LOCK).append(");\n");
        script.append("DO $modelops$ DECLARE known INTEGER := 0; BEGIN\n"
                + "IF EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'modelops_schema'"
                + " AND pg_catalog.pg_table_is_visible(oid)) THEN\n"
                + "SELECT coalesce(max(made.version), 0) INTO known FROM modelops_schema made;\nEND IF;\n");
        script.append("IF known > ")
                .append(newest())
                .append(" THEN RAISE EXCEPTION 'the tables are of version %, newer"
                        + " than the release that wrote this script, which knows up to ")
                .append(newest())
                .append("', known; END IF;\n");
        int version = 0;
        for (List<String> step : steps) {
            version++;
            script.append("IF known < ").append(version).append(" THEN\n");
            step.forEach(statement -> script.append(statement).append(";\n"));
            script.append("INSERT INTO modelops_schema (version) VALUES (")
                    .append(version)
                    .append(");\nEND IF;\n");
        }
        script.append("END $modelops$;\n");
        script.append(INSERT_LOG.formatted(
                        "'" + log + "'", "'\\x" + HexFormat.of().formatHex(emptyRoot()) + "'"))
                .append(";\n");
        grants(role).forEach(grant -> script.append(grant).append(";\n"));
        return script.append("COMMIT;\n").toString();
    }

    /** What an application needs, which is neither to change nor to remove anything but a head that moves on and texts that are erased. */
    static List<String> grants(String role) {
        return List.of(
                "GRANT SELECT ON modelops_schema, modelops_head, modelops_record, modelops_seal, modelops_checkpoint TO \""
                        + role + "\"",
                "GRANT SELECT, INSERT, DELETE ON modelops_text TO \"" + role + "\"",
                "GRANT INSERT ON modelops_record, modelops_seal, modelops_checkpoint TO \"" + role + "\"",
                "GRANT UPDATE (size, root) ON modelops_head TO \"" + role + "\"");
    }

    private static final String INSERT_LOG = "INSERT INTO modelops_head (log_id, name, size, root)"
            + " SELECT coalesce(max(log_id), 0) + 1, %s, 0, %s FROM modelops_head ON CONFLICT (name) DO NOTHING";

    private static byte[] emptyRoot() {
        return LogHead.EMPTY.root().value().toByteArray();
    }

    private static void lock(Connection connection, Duration patience) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT set_config('lock_timeout', '" + patience.toMillis() + "', true),"
                    + " set_config('statement_timeout', '0', true), set_config('synchronous_commit', 'on', true)");
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
        }
    }

    private static List<String> first() {
        List<String> statements = new ArrayList<>(List.of(
                "CREATE TABLE modelops_schema (version INTEGER NOT NULL PRIMARY KEY,"
                        + " since TIMESTAMPTZ NOT NULL DEFAULT now())",
                // Room on the page lets a head be updated in place.
                "CREATE TABLE modelops_head (log_id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
                        + " size BIGINT NOT NULL CHECK (size >= 0), root BYTEA NOT NULL CHECK (length(root) = 32))"
                        + " WITH (fillfactor = 10)",
                "CREATE TABLE modelops_record (log_id INTEGER NOT NULL, idx BIGINT NOT NULL CHECK (idx >= 0),"
                        + " body BYTEA NOT NULL CHECK (length(body) BETWEEN 1 AND 65535), PRIMARY KEY (log_id, idx))",
                "CREATE TABLE modelops_seal (log_id INTEGER NOT NULL, start BIGINT NOT NULL, size BIGINT NOT NULL,"
                        + " note TEXT NOT NULL, PRIMARY KEY (log_id, size), CHECK (start >= 0 AND start < size))",
                "CREATE TABLE modelops_checkpoint (log_id INTEGER NOT NULL, size BIGINT NOT NULL CHECK (size >= 0),"
                        + " note TEXT NOT NULL, PRIMARY KEY (log_id, size))",
                "CREATE FUNCTION modelops_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$"
                        + " BEGIN RAISE EXCEPTION '% of % is refused: a log only grows', TG_OP, TG_TABLE_NAME"
                        + " USING ERRCODE = 'restrict_violation'; END $$"));
        for (String table : APPEND_ONLY) {
            statements.add(
                    guard(table, "modelops_append_only", "BEFORE UPDATE OR DELETE OR TRUNCATE", "STATEMENT", ""));
        }
        statements.add(guard("modelops_head", "modelops_stays", "BEFORE DELETE OR TRUNCATE", "STATEMENT", ""));
        statements.add(guard(
                "modelops_head",
                "modelops_grows",
                "BEFORE UPDATE",
                "ROW",
                " WHEN (NEW.size <= OLD.size OR NEW.log_id <> OLD.log_id OR NEW.name <> OLD.name)"));
        for (String table : APPEND_ONLY) {
            statements.add("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER modelops_append_only");
        }
        statements.add("ALTER TABLE modelops_head ENABLE ALWAYS TRIGGER modelops_stays");
        statements.add("ALTER TABLE modelops_head ENABLE ALWAYS TRIGGER modelops_grows");
        return List.copyOf(statements);
    }

    /** What people wrote, which may go again; autovacuum comes as soon as a row has. */
    private static List<String> second() {
        return List.of(
                "CREATE TABLE modelops_text (log_id INTEGER NOT NULL,"
                        + " commitment BYTEA NOT NULL CHECK (length(commitment) = 32),"
                        + " content BYTEA NOT NULL CHECK (length(content) BETWEEN 1 AND 65535), since BIGINT NOT NULL,"
                        + " PRIMARY KEY (log_id, commitment))"
                        + " WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 0,"
                        + " toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 0)",
                guard("modelops_text", "modelops_stays", "BEFORE UPDATE OR TRUNCATE", "STATEMENT", ""),
                "ALTER TABLE modelops_text ENABLE ALWAYS TRIGGER modelops_stays");
    }

    /** A head moves only over records that are all there, under a seal of just those. */
    private static List<String> third() {
        return List.of(
                "CREATE FUNCTION modelops_require_sealed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$"
                        + " DECLARE seals BIGINT; records BIGINT; BEGIN"
                        + " EXECUTE format('SELECT"
                        + " (SELECT count(*) FROM %1$I.modelops_seal WHERE log_id = $1 AND start = $2 AND size = $3),"
                        + " (SELECT count(*) FROM %1$I.modelops_record WHERE log_id = $1 AND idx >= $2 AND idx < $3)',"
                        + " TG_TABLE_SCHEMA) INTO seals, records USING NEW.log_id, OLD.size, NEW.size;"
                        + " IF seals <> 1 OR records <> NEW.size - OLD.size THEN"
                        + " RAISE EXCEPTION 'a head that moves from % to % is refused: % of its records and % seals of them"
                        + " are there', OLD.size, NEW.size, records, seals USING ERRCODE = 'restrict_violation';"
                        + " END IF; RETURN NEW; END $$",
                "CREATE TRIGGER modelops_sealed BEFORE UPDATE ON modelops_head FOR EACH ROW"
                        + " EXECUTE FUNCTION modelops_require_sealed()",
                "ALTER TABLE modelops_head ENABLE ALWAYS TRIGGER modelops_sealed");
    }

    private static String guard(String table, String name, String when, String each, String condition) {
        return "CREATE TRIGGER " + name + " " + when + " ON " + table + " FOR EACH " + each + condition
                + " EXECUTE FUNCTION modelops_refuse()";
    }
}
