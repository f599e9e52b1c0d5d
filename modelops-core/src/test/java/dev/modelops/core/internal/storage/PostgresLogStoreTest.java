package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;

class PostgresLogStoreTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static PostgresServer.Database database;
    private static int count;

    private String log;

    @BeforeAll
    static void createDatabase() {
        database = PostgresServer.database();
    }

    @AfterAll
    static void dropDatabase() {
        database.close();
    }

    @BeforeEach
    void nameTheLog() {
        count++;
        log = "log-" + count;
    }

    private LogStore open() {
        return SharedStores.open(database.dataSource(), log, true);
    }

    // Several logs

    @Test
    void logsOfOneDatabaseDoNotSeeOneAnother() {
        try (LogStore one = open();
                LogStore other = SharedStores.open(database.dataSource(), log + "/other", true)) {
            Appends.add(one, "a", "b");
            one.publish(new LogCheckpoint(2, "checkpoint"));

            assertThat(other.head()).isEqualTo(LogHead.EMPTY);
            assertThat(other.read(0, 10)).isEmpty();
            assertThat(other.seals(0, 10)).isEmpty();
            assertThat(other.latestCheckpoint()).isEmpty();

            Appends.add(other, "x");
            assertThat(one.read(0, 10)).extracting(r -> r.body().toUtf8()).containsExactly("a", "b");
            assertThat(other.read(0, 10)).extracting(r -> r.body().toUtf8()).containsExactly("x");
        }
        assertThat(Storages.logs(database.dataSource()))
                .contains(log, log + "/other")
                .isSorted();
    }

    @Test
    void aLogThatIsLockedHoldsUpNoOther() {
        try (LogStore one = open();
                LogStore other = SharedStores.open(database.dataSource(), log + "/other", true)) {
            one.append(transaction -> {
                assertThat(Appends.add(other, "x")).isEqualTo(1);
                return Appends.append(transaction, "a");
            });
        }
    }

    @Test
    void aLogThatIsNotThereIsNotCreatedUnlessAskedFor() {
        assertThatThrownBy(() -> Storages.existingJdbc(
                        database.dataSource(), log, Storages.inMemory().blobs()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("no log " + log);
        assertThat(Storages.logs(database.dataSource())).doesNotContain(log);
    }

    @Test
    void anEmptyDatabaseHasNoLogsAndGetsNoTablesByAsking() {
        try (PostgresServer.Database empty = PostgresServer.database()) {
            assertThat(Storages.logs(empty.dataSource())).isEmpty();
            assertThatThrownBy(() -> SharedStores.open(empty.dataSource(), "main", false))
                    .isInstanceOf(NotFoundException.class);
            assertThat(empty.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-a", "a;b", "a'b", "a\nb", "\u00e4"})
    void oddNamesAreRefused(String name) {
        assertThatThrownBy(() -> SharedStores.open(database.dataSource(), name, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the name of a log");
    }

    @Test
    void theLogWithoutANameIsMain() {
        try (Storage storage =
                Storages.jdbc(database.dataSource(), Storages.inMemory().blobs())) {
            Appends.add(storage.log(), "a");
        }
        try (LogStore main = SharedStores.open(database.dataSource(), "main", false)) {
            assertThat(main.head().size()).isEqualTo(1);
        }
    }

    // Guards

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE modelops_record SET body = '\\x00'",
                "DELETE FROM modelops_record",
                "TRUNCATE modelops_record",
                "UPDATE modelops_seal SET note = 'x'",
                "DELETE FROM modelops_seal",
                "TRUNCATE modelops_seal",
                "UPDATE modelops_checkpoint SET note = 'x'",
                "DELETE FROM modelops_checkpoint",
                "TRUNCATE modelops_checkpoint",
                "UPDATE modelops_schema SET version = 7",
                "DELETE FROM modelops_schema",
                "TRUNCATE modelops_schema",
                "UPDATE modelops_text SET since = 0",
                "TRUNCATE modelops_text",
                "DELETE FROM modelops_head",
                "TRUNCATE modelops_head",
                "UPDATE modelops_head SET size = size - 1",
                "UPDATE modelops_head SET size = size",
                "UPDATE modelops_head SET name = name || 'x', size = size + 1",
                "UPDATE modelops_head SET log_id = -log_id, size = size + 1",
                "UPDATE modelops_head SET root = '\\x00', size = size + 1",
                "SET session_replication_role = replica; DELETE FROM modelops_record",
                "INSERT INTO modelops_record SELECT log_id, 0, '\\x00' FROM modelops_head WHERE size > 0",
                "INSERT INTO modelops_record VALUES (1, 7, '')",
                "INSERT INTO modelops_record VALUES (1, -1, '\\x00')",
                "INSERT INTO modelops_seal VALUES (1, 7, 7, 'x')",
                "INSERT INTO modelops_head SELECT -1, name, 0, root FROM modelops_head"
            })
    void theTablesRefuseWhatIsNoAppendFromTheirOwnerToo(String change) throws SQLException {
        try (LogStore store = open()) {
            Appends.add(store, "a");
            store.publish(new LogCheckpoint(1, "checkpoint"));
            List<String> before = dump();

            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> statement.execute(change))
                        .extracting(SQLException::getSQLState)
                        .asString()
                        .startsWith("23");
            }

            assertThat(dump()).isEqualTo(before);
        }
    }

    private static List<String> dump() {
        List<String> all = new ArrayList<>();
        for (String table : List.of("head", "record", "seal", "checkpoint", "schema")) {
            all.addAll(database.ask("SELECT '" + table + "' || t::text FROM modelops_" + table + " t ORDER BY 1"));
        }
        return all;
    }

    @Test
    void theApplicationsRoleMayAddToLogsAndNothingElse() throws SQLException {
        try (PostgresServer.Database owned = PostgresServer.database()) {
            String role = owned.name() + "-app";
            owned.run("CREATE ROLE \"" + role + "\" LOGIN PASSWORD 'secret'");
            try {
                owned.run(Storages.postgresScript("team/risk", role));
                DataSource application = owned.dataSource(role, "secret");
                try (Storage storage = Storages.jdbc(
                        application, "team/risk", Storages.inMemory().blobs())) {
                    Appends.add(storage.log(), "a", "b");
                    storage.log().publish(new LogCheckpoint(2, "checkpoint"));
                    storage.log().publish(new LogCheckpoint(2, "another"));
                    assertThat(storage.log().read(0, 10)).hasSize(2);
                    Bytes text = Bytes.ofUtf8("text");
                    Digest commitment = Digest.sha256Of(text);
                    storage.texts().put(Map.of(commitment, text));
                    assertThat(storage.texts().find(commitment)).contains(text);
                    assertThat(storage.texts().erase(commitment)).isTrue();
                    assertThat(storage.texts().find(commitment)).isEmpty();
                }
                assertThat(Storages.logs(application)).containsExactly("team/risk");
                for (String change : List.of(
                        "UPDATE modelops_record SET body = '\\x00'",
                        "DELETE FROM modelops_record",
                        "TRUNCATE modelops_record",
                        "UPDATE modelops_seal SET note = 'x'",
                        "DELETE FROM modelops_checkpoint",
                        "DELETE FROM modelops_head",
                        "INSERT INTO modelops_head VALUES (7, 'mine', 0, '\\x00')",
                        "UPDATE modelops_head SET name = 'mine'",
                        "INSERT INTO modelops_schema VALUES (7)",
                        "ALTER TABLE modelops_record DISABLE TRIGGER ALL",
                        "ALTER TABLE modelops_record DROP COLUMN body",
                        "DROP TRIGGER modelops_append_only ON modelops_record",
                        "DROP TABLE modelops_record",
                        "CREATE OR REPLACE FUNCTION modelops_refuse() RETURNS trigger LANGUAGE plpgsql AS"
                                + " $$ BEGIN RETURN NULL; END $$",
                        "CREATE TRIGGER other BEFORE INSERT ON modelops_record FOR EACH ROW"
                                + " EXECUTE FUNCTION modelops_refuse()",
                        "SET session_replication_role = replica",
                        "GRANT DELETE ON modelops_record TO \"" + role + "\"")) {
                    try (Connection connection = application.getConnection();
                            Statement statement = connection.createStatement()) {
                        assertThatExceptionOfType(SQLException.class)
                                .as(change)
                                .isThrownBy(() -> {
                                    statement.execute(change);
                                    // A grant of nothing is a warning.
                                    if (statement.getWarnings() != null) {
                                        throw new SQLException(statement.getWarnings());
                                    }
                                })
                                .satisfies(e ->
                                        assertThat(e.getSQLState()).as(change).isIn("42501", null));
                    }
                }
                assertThatThrownBy(() -> SharedStores.open(application, "another", true))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("may not add it")
                        .hasMessageContaining("postgresScript");
                try (LogStore store = SharedStores.open(application, "team/risk", false)) {
                    assertThat(store.head().size()).isEqualTo(2);
                }
            } finally {
                owned.run("DROP OWNED BY \"" + role + "\"", "DROP ROLE \"" + role + "\"");
            }
        }
    }

    @Test
    void aRoleThatMayNotMakeTablesIsToldWhoMay() {
        try (PostgresServer.Database owned = PostgresServer.database()) {
            String role = owned.name() + "_app";
            owned.run("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
            try {
                assertThatThrownBy(() -> SharedStores.open(owned.dataSource(role, "secret"), "main", true))
                        .isInstanceOf(StorageException.class)
                        .hasMessageContaining("may not make its tables")
                        .hasMessageContaining("owner of the schema");
            } finally {
                owned.run("DROP ROLE " + role);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\"b", "a;b", "1a"})
    void oddRolesAreRefused(String role) {
        assertThatThrownBy(() -> Storages.postgresScript("main", role))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a role must be");
    }

    // Migration

    @Test
    void tablesOfAnOlderReleaseAreBroughtUpToDateAndKeepWhatTheyHold() throws SQLException {
        List<String> added =
                List.of("ALTER TABLE modelops_record ADD COLUMN kind TEXT", "CREATE TABLE later (a INTEGER)");
        int present = PostgresSchema.CURRENT.newest();
        PostgresSchema later = after(added);
        try (PostgresServer.Database own = PostgresServer.database()) {
            try (LogStore store = SharedStores.open(own.dataSource(), "main", true)) {
                Appends.add(store, "a");
            }
            try (LogStore store =
                    new JdbcLogStore(new PostgresDialect(own.dataSource(), "main", false, later, PATIENCE, PATIENCE))) {
                assertThat(store.read(0, 10)).hasSize(1);
                Appends.add(store, "b");
            }
            assertThat(own.ask("SELECT version FROM modelops_schema ORDER BY 1"))
                    .containsExactly("1", "2", "3", "" + (present + 1));
            assertThat(own.ask("SELECT count(*) FROM later")).containsExactly("0");

            assertThatThrownBy(() -> SharedStores.open(own.dataSource(), "main", true))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("newer release")
                    .hasMessageContaining("version " + (present + 1))
                    .hasMessageContaining("upgrade modelops-core");
            assertThatThrownBy(() -> Storages.logs(own.dataSource())).hasMessageContaining("newer release");
        }
    }

    private static PostgresSchema after(List<String> next) {
        List<List<String>> steps = new ArrayList<>(PostgresSchema.CURRENT.steps());
        steps.add(next);
        return new PostgresSchema(steps);
    }

    @Test
    void theScriptBringsASchemaUpToDateAndAddsLogsAndRolesAsOftenAsItIsRun() throws SQLException {
        PostgresSchema first =
                new PostgresSchema(List.of(PostgresSchema.CURRENT.steps().get(0)));
        try (PostgresServer.Database own = PostgresServer.database()) {
            String role = own.name() + "_app";
            String other = own.name() + "_other";
            own.run(
                    "CREATE ROLE " + role + " LOGIN PASSWORD 'secret'",
                    "CREATE ROLE " + other + " LOGIN PASSWORD 'secret'");
            try {
                try (LogStore store = new JdbcLogStore(
                        new PostgresDialect(own.dataSource(), "main", true, first, PATIENCE, PATIENCE))) {
                    Appends.add(store, "a");
                }
                own.run(Storages.postgresScript("main", role));
                own.run(Storages.postgresScript("main", role));
                own.run(Storages.postgresScript("second", role));
                own.run(Storages.postgresScript("second", other));
                assertThat(own.ask("SELECT version FROM modelops_schema ORDER BY 1"))
                        .containsExactly("1", "2", "3");
                assertThat(own.ask("SELECT name || ' ' || size FROM modelops_head ORDER BY log_id"))
                        .containsExactly("main 1", "second 0");
                for (String each : List.of(role, other)) {
                    try (LogStore store = SharedStores.open(own.dataSource(each, "secret"), "second", false)) {
                        Appends.add(store, "b");
                    }
                }
                own.run("INSERT INTO modelops_schema (version) VALUES (99)");
                assertThatThrownBy(() -> own.run(Storages.postgresScript("main", role)))
                        .rootCause()
                        .hasMessageContaining("version 99, newer than the release");
            } finally {
                for (String each : List.of(role, other)) {
                    own.run("DROP OWNED BY " + each, "DROP ROLE " + each);
                }
            }
        }
    }

    @Test
    void noRoleMovesAHeadButOverRecordsThatAreAllThereAndSealed() throws SQLException {
        String insert = "INSERT INTO modelops_record SELECT log_id, %d, '\\x00' FROM modelops_head";
        String seal = "INSERT INTO modelops_seal SELECT log_id, %d, %d, 'note' FROM modelops_head";
        String move = "UPDATE modelops_head SET size = %d";
        try (PostgresServer.Database own = PostgresServer.database();
                LogStore store = SharedStores.open(own.dataSource(), "main", true)) {
            Appends.add(store, "a", "b");
            for (List<String> attempt : List.of(
                    List.of(move.formatted(3)),
                    List.of(insert.formatted(2), move.formatted(3)),
                    List.of(seal.formatted(2, 3), move.formatted(3)),
                    List.of(insert.formatted(2), seal.formatted(2, 4), move.formatted(4)),
                    List.of(insert.formatted(3), seal.formatted(2, 4), move.formatted(4)),
                    List.of(insert.formatted(2), seal.formatted(1, 3), move.formatted(3)),
                    List.of(insert.formatted(2), seal.formatted(2, 4), move.formatted(3)),
                    List.of("SET session_replication_role = replica", move.formatted(3)))) {
                try (Connection connection = own.dataSource().getConnection();
                        Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    for (String step : attempt.subList(0, attempt.size() - 1)) {
                        statement.execute(step);
                    }
                    assertThatExceptionOfType(SQLException.class)
                            .as(attempt.toString())
                            .isThrownBy(() -> statement.execute(attempt.get(attempt.size() - 1)))
                            .withMessageContaining("a head that moves from 2 to")
                            .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("23001"));
                    connection.rollback();
                }
            }
            assertThat(store.head().size()).isEqualTo(2);
            try (Connection connection = own.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                // Whoever fakes tables of his own convinces nobody.
                statement.execute("CREATE TEMPORARY TABLE modelops_seal AS SELECT 1 AS log_id, 2 AS start, 3 AS size");
                statement.execute("CREATE TEMPORARY TABLE modelops_record AS SELECT 1 AS log_id, 2 AS idx");
                assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute(move.formatted(3)));
            }
            Appends.add(store, "c");
            assertThat(store.head().size()).isEqualTo(3);
        }
    }

    @Test
    void aMigrationThatFailsChangesNothing() {
        PostgresSchema broken = after(List.of("CREATE TABLE half (a INTEGER)", "SELECT 1 / 0"));
        try (PostgresServer.Database own = PostgresServer.database()) {
            assertThatThrownBy(() -> new JdbcLogStore(
                            new PostgresDialect(own.dataSource(), "main", true, broken, PATIENCE, PATIENCE)))
                    .isInstanceOf(StorageException.class);
            assertThat(own.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
                    .isEmpty();
        }
    }

    @Test
    void manyCanCreateOpenAndCloseTheSameLogAtOnce() throws Exception {
        int many = 6;
        ExecutorService threads = Executors.newFixedThreadPool(many);
        try {
            for (int round = 0; round < 5; round++) {
                try (PostgresServer.Database own = PostgresServer.database()) {
                    CyclicBarrier start = new CyclicBarrier(many);
                    Callable<Long> open = () -> {
                        start.await();
                        try (LogStore store = SharedStores.open(own.dataSource(), "main", true)) {
                            return Appends.add(store, "a");
                        }
                    };
                    for (Future<Long> future : threads.invokeAll(Collections.nCopies(many, open))) {
                        assertThat(future.get()).isBetween(1L, (long) many);
                    }
                    assertThat(own.ask("SELECT count(*) FROM modelops_record")).containsExactly("" + many);
                    assertThat(own.ask("SELECT count(*) FROM modelops_head")).containsExactly("1");
                    assertThat(own.ask("SELECT count(*) FROM modelops_schema"))
                            .containsExactly("" + PostgresSchema.CURRENT.newest());
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    // Damage

    @Test
    void aMissingRecordIsDamageAndNotTheEnd() {
        try (PostgresServer.Database own = PostgresServer.database();
                LogStore store = SharedStores.open(own.dataSource(), log, true)) {
            Appends.add(store, "a", "b", "c", "d");
            own.run(
                    "ALTER TABLE modelops_record DISABLE TRIGGER ALL",
                    "DELETE FROM modelops_record WHERE idx IN (1, 3)");

            assertDamaged(() -> store.read(0, 10));
            assertDamaged(() -> store.read(1, 1));
            assertDamaged(() -> store.read(3, 1));
            assertDamaged(() -> store.append(transaction -> transaction.read(3, 1)));
            assertThat(store.read(2, 1)).hasSize(1);
            assertThat(store.read(4, 1)).isEmpty();
        }
    }

    @Test
    void recordsPastTheHeadAreDamageAndNoForkIsAppended() {
        try (LogStore store = open()) {
            Appends.add(store, "a");
            database.run("INSERT INTO modelops_record SELECT log_id, 1, '\\x00' FROM modelops_head WHERE name = '" + log
                    + "'");

            assertDamaged(() -> store.read(0, 10));
            assertDamaged(() -> store.read(1, 10));
            assertThat(store.read(0, 1)).hasSize(1);
            assertDamaged(() -> Appends.add(store, "b"));
            assertDamaged(() -> store.append(transaction -> {
                Appends.append(transaction, "b");
                assertDamaged(() -> transaction.read(0, 10));
                return 0;
            }));
            assertThat(store.head().size()).isEqualTo(1);
        }
    }

    @Test
    void aHeadThatIsGoneIsDamage() {
        try (PostgresServer.Database own = PostgresServer.database();
                LogStore store = SharedStores.open(own.dataSource(), log, true)) {
            Appends.add(store, "a");
            own.run("ALTER TABLE modelops_head DISABLE TRIGGER ALL", "DELETE FROM modelops_head");

            assertDamaged(store::head);
            assertDamaged(() -> store.read(0, 1));
            assertDamaged(() -> store.read(1, 1));
            assertDamaged(() -> Appends.add(store, "a"));
        }
    }

    @Test
    void tablesThatAreGoneAreReported() {
        try (PostgresServer.Database own = PostgresServer.database();
                LogStore store = SharedStores.open(own.dataSource(), "main", true)) {
            own.run("DROP TABLE modelops_record CASCADE");

            assertThatThrownBy(() -> store.read(0, 1))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("not those of this library");
        }
    }

    // Connections

    @Test
    void aReadReturnsFourMebibytesAtMostButForTheLastBody() {
        Bytes body = Bytes.of(new byte[65_535]);
        try (LogStore store = open()) {
            Appends.add(store, Stream.generate(() -> body).limit(100).toList());
            assertThat(store.read(0, 1_000)).hasSize(65);
            assertThat(store.read(65, 1_000)).hasSize(35);
        }
    }

    @Test
    void recordsOfVeryDifferentSizesAreReadInOrder() {
        try (LogStore store = open()) {
            List<Bytes> bodies = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                bodies.add(Bytes.of(new byte[i % 500 == 499 ? 60_000 : 1 + i % 7]));
            }
            Appends.add(store, bodies);
            assertThat(store.read(0, 10_000)).extracting(LogRecord::body).isEqualTo(bodies);
        }
    }

    @Test
    void readingIsARangeScanInOrder() {
        try (PostgresServer.Database own = PostgresServer.database();
                LogStore store = SharedStores.open(own.dataSource(), log, true)) {
            Appends.add(store, Collections.nCopies(20_000, Bytes.of(new byte[300])));
            own.run("ANALYZE");
            for (int limit : List.of(10, 1_000, 16_384)) {
                String query = LogConnection.SELECT_RECORDS.replace("?", "1").replace("LIMIT 1", "LIMIT " + limit);
                assertThat(String.join("\n", own.ask("EXPLAIN " + query)))
                        .contains("Index Scan using modelops_record_pkey")
                        .doesNotContain("Sort");
            }
        }
    }

    @Test
    void aPoolOfOneIsEnoughAndGetsItsConnectionsBackAsTheyWere() throws SQLException {
        for (boolean autoCommit : List.of(true, false)) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(database.dataSource());
            config.setMaximumPoolSize(1);
            config.setAutoCommit(autoCommit);
            config.setReadOnly(!autoCommit);
            config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
            config.setConnectionTimeout(5_000);
            try (HikariDataSource pool = new HikariDataSource(config);
                    LogStore store = SharedStores.open(pool, log + autoCommit, true);
                    LogStore other = SharedStores.open(pool, log + autoCommit + "/other", true)) {
                Appends.add(store, "a");
                store.append(transaction -> {
                    assertThat(store.read(0, 10)).hasSize(1);
                    assertThat(store.head().size()).isEqualTo(1);
                    return Appends.append(transaction, "b");
                });
                store.publish(new LogCheckpoint(2, "checkpoint"));
                assertThat(other.read(0, 10)).isEmpty();
                assertThatThrownBy(() -> store.append(transaction -> {
                            Appends.append(transaction, "c");
                            throw new IllegalStateException("the work failed");
                        }))
                        .hasMessage("the work failed");
                assertThat(store.read(0, 10)).hasSize(2);
                assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
                try (Connection connection = pool.getConnection()) {
                    assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
                    assertThat(connection.isReadOnly()).isEqualTo(!autoCommit);
                    assertThat(connection.getNetworkTimeout()).isZero();
                    assertThat(settings(connection)).isEqualTo(settings(null));
                    if (!autoCommit) {
                        connection.rollback();
                    }
                }
                store.close();
                other.close();
                assertThat(pool.isClosed()).isFalse();
            }
        }
    }

    @Test
    void connectionsThatAreNoPoolsComeBackAsTheyWere() throws SQLException {
        OneConnection one = new OneConnection(database.dataSource().getConnection());
        one.connection().setAutoCommit(false);
        one.connection().setReadOnly(true);
        one.connection().setNetworkTimeout(Runnable::run, 44_000);
        try (LogStore store = SharedStores.open(one.source(), log, true)) {
            Appends.add(store, "a");
            assertThat(store.read(0, 10)).hasSize(1);
            assertThatThrownBy(() -> store.append(transaction -> {
                        throw new IllegalStateException("the work failed");
                    }))
                    .hasMessage("the work failed");
        }
        try (Connection connection = one.connection()) {
            assertThat(connection.getAutoCommit()).isFalse();
            assertThat(connection.isReadOnly()).isTrue();
            assertThat(connection.getNetworkTimeout()).isEqualTo(44_000);
            assertThat(settings(connection)).isEqualTo(settings(null));
            connection.rollback();
            assertThat(database.ask("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND"
                            + " datname = current_database()"))
                    .containsExactly("0");
        }
    }

    private static List<String> settings(@Nullable Connection given) throws SQLException {
        List<String> settings = new ArrayList<>();
        try (Connection fresh = database.connect();
                Statement statement = (given == null ? fresh : given).createStatement();
                ResultSet rows = statement.executeQuery("SELECT name || '=' || setting FROM pg_settings WHERE name IN"
                        + " ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout',"
                        + " 'synchronous_commit', 'search_path') ORDER BY name")) {
            while (rows.next()) {
                settings.add(rows.getString(1));
            }
        }
        return settings;
    }

    @Test
    void whatTheHostSetForItsConnectionsDoesNotWeakenACommit() throws SQLException {
        OneConnection one = new OneConnection(database.dataSource().getConnection());
        try (Connection connection = one.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off; SET statement_timeout = 20000;"
                    + " SET default_transaction_isolation = serializable");
            try (LogStore store = SharedStores.open(one.source(), log, true)) {
                List<String> within = store.append(transaction -> {
                    Appends.append(transaction, "a");
                    try {
                        return List.of(
                                show(connection, "synchronous_commit"),
                                show(connection, "statement_timeout"),
                                show(connection, "transaction_isolation"),
                                show(connection, "lock_timeout"),
                                show(connection, "idle_in_transaction_session_timeout"));
                    } catch (SQLException e) {
                        throw new AssertionError(e);
                    }
                });
                assertThat(within).containsExactly("on", "0", "read committed", "30s", "10s");
            }
            assertThat(show(connection, "synchronous_commit")).isEqualTo("off");
            assertThat(show(connection, "statement_timeout")).isEqualTo("20s");

            statement.execute("SET synchronous_commit = remote_apply");
            try (LogStore store = SharedStores.open(one.source(), log, true)) {
                assertThat(store.<String>append(transaction -> {
                            try {
                                return show(connection, "synchronous_commit");
                            } catch (SQLException e) {
                                throw new AssertionError(e);
                            }
                        }))
                        .isEqualTo("remote_apply");
            }
        }
    }

    private static String show(Connection connection, String setting) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW " + setting)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    @Test
    void anInterruptedCallerCanOpen() {
        Thread.currentThread().interrupt();
        try (LogStore store = open()) {
            Appends.add(store, "a");
            assertThat(store.read(0, 1)).hasSize(1);
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aLockHeldTooLongByAnotherProcessIsReported() throws SQLException {
        try (LogStore store = new JdbcLogStore(new PostgresDialect(
                        database.dataSource(), log, true, PostgresSchema.CURRENT, Duration.ofMillis(100), PATIENCE));
                Connection other = database.connect();
                Statement lock = other.createStatement()) {
            other.setAutoCommit(false);
            lock.execute("SELECT 1 FROM modelops_head WHERE name = '" + log + "' FOR UPDATE");

            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .withMessageContaining("another process held its lock")
                    .matches(e -> !e.isInDoubt());

            assertThat(store.head()).isEqualTo(LogHead.EMPTY);
            other.rollback();
            Appends.add(store, "a");
        }
    }

    // Databases that cannot hold a log

    @Test
    void otherDatabasesAreRefusedWithAReason() {
        assertRefused(new SQLiteDataSource(), "by its path");
        assertRefused(new OneConnection(OneConnection.ofProduct("H2")).source(), "does not force a commit");
        assertRefused(new OneConnection(OneConnection.ofProduct("Oracle")).source(), "is not tested");
    }

    @Test
    void aDatabaseInAnotherEncodingIsRefused() {
        database.run("CREATE DATABASE " + database.name() + "_latin TEMPLATE template0 ENCODING 'LATIN1'");
        try (PostgresServer.Database latin = new PostgresServer.Database(
                database.url().replace(database.name(), database.name() + "_latin"),
                database.user(),
                database.password(),
                database.name() + "_latin")) {
            assertRefused(latin.dataSource(), "encoding UTF8; found LATIN1");
        }
    }

    @Test
    void aWrongPasswordOrDatabaseIsToldAtOnce() {
        assertThatThrownBy(() -> SharedStores.open(
                        PostgresServer.Database.dataSource(
                                database.url() + "_not", database.user(), database.password()),
                        log,
                        true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("refused access");
    }

    @Test
    void aSearchPathThatLeadsNowhereIsRefused() {
        assertRefused(
                PostgresServer.Database.dataSource(
                        database.url() + "?currentSchema=nowhere", database.user(), database.password()),
                "no schema to be in");
    }

    @Test
    void logsMayBeInAnotherSchema() {
        database.run("CREATE SCHEMA governance");
        DataSource source = PostgresServer.Database.dataSource(
                database.url() + "?currentSchema=governance", database.user(), database.password());
        try (LogStore store = SharedStores.open(source, log, true)) {
            Appends.add(store, "a");
        }
        assertThat(database.ask("SELECT count(*) FROM governance.modelops_record"))
                .containsExactly("1");
        assertThat(Storages.logs(source)).containsExactly(log);
    }

    @Test
    void aRoleThatOnlyReadsIsToldSo() {
        try (LogStore store = open()) {
            Appends.add(store, "a");
        }
        DataSource source = PostgresServer.Database.dataSource(
                database.url() + "?options=-c%20default_transaction_read_only=on",
                database.user(),
                database.password());
        try (LogStore store = SharedStores.open(source, log, false)) {
            assertThat(store.read(0, 10)).hasSize(1);
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "b"))
                    .withMessageContaining("only reads")
                    .withMessageContaining("fail-over")
                    .matches(e -> !e.isInDoubt());
        }
    }

    private void assertRefused(DataSource source, String why) {
        assertThatThrownBy(() -> SharedStores.open(source, log, true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(why);
    }

    private static void assertDamaged(Callable<?> call) {
        assertThatThrownBy(call::call).isInstanceOf(IntegrityException.class);
    }

    @Test
    void messagesNameTheDatabaseAndNoPassword() {
        DataSource source = PostgresServer.Database.dataSource(
                database.url() + "?options=-c%20default_transaction_read_only=on&password=hush",
                database.user(),
                database.password());
        try (LogStore store = open()) {
            assertThat(store.head()).isEqualTo(new LogHead(0, LogHead.EMPTY.root()));
        }
        try (LogStore store = SharedStores.open(source, log, false)) {
            assertThatThrownBy(() -> Appends.add(store, "b"))
                    .hasMessageContaining(log)
                    .hasMessageContaining(database.name())
                    .hasMessageNotContaining("hush");
        }
    }
}
