package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteLogStoreTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("log.db");
    }

    @Test
    void theFileIsMarkedAndSyncedAtEveryCommit() throws SQLException {
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
            assertThat(ask("PRAGMA application_id")).isEqualTo("1297043539");
            assertThat(ask("PRAGMA user_version")).isEqualTo("2");
            assertThat(ask("PRAGMA journal_mode")).isEqualTo("wal");
        }
        try (LogConnection writer = new SqliteDialect(file, Duration.ofSeconds(30)).connectToWrite()) {
            assertThat(ask(writer.connection(), "PRAGMA synchronous")).isEqualTo("2");
            assertThat(ask(writer.connection(), "PRAGMA wal_autocheckpoint")).isEqualTo("1000");
            assertThat(ask(writer.connection(), "PRAGMA foreign_keys")).isEqualTo("1");
            assertThat(ask(writer.connection(), "PRAGMA secure_delete")).isEqualTo("1");
        }
    }

    @Test
    void aFileOfVersion1IsBroughtUpToDateAndKeepsWhatItHolds() throws SQLException {
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
        }
        change("DROP TABLE modelops_text");
        change("PRAGMA user_version=1");

        try (LogStore store = Storages.sqlite(file)) {
            assertThat(store.read(0, 10)).hasSize(1);
            Bytes text = Bytes.ofUtf8("text");
            store.texts().orElseThrow().put(Map.of(Digest.sha256Of(text), text));
            assertThat(ask("PRAGMA user_version")).isEqualTo("2");
        }
    }

    @Test
    void aTextIsErasedOrStaysAsItIs() {
        Bytes text = Bytes.ofUtf8("text");
        try (LogStore store = Storages.sqlite(file)) {
            store.texts().orElseThrow().put(Map.of(Digest.sha256Of(text), text));
        }
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> change("UPDATE modelops_text SET content = x'00'"))
                .withMessageContaining("stays as it is");
    }

    @Test
    void aCommitIntoAFileThatWasMovedAwayMeanwhileIsInDoubt() throws IOException {
        Path aside = folder.resolve("aside.db");
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> store.append(transaction -> {
                        long size = Appends.append(transaction, "b");
                        move(file, aside);
                        return size;
                    }))
                    .withMessageContaining("gone from its place")
                    .matches(StorageException::isInDoubt);
            move(aside, file);
            assertThat(store.read(0, 10)).hasSize(2);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aRemovalThatAReaderHoldsUpFailsAndIsDoneLater() throws SQLException {
        Bytes text = Bytes.ofUtf8("text");
        Digest commitment = Digest.sha256Of(text);
        try (LogStore store = Storages.sqlite(file);
                Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement reader = connection.createStatement()) {
            ErasableStore texts = store.texts().orElseThrow();
            texts.put(Map.of(commitment, text));
            reader.execute("BEGIN");
            reader.executeQuery("SELECT count(*) FROM modelops_text").close();
            assertThatExceptionOfType(StorageException.class).isThrownBy(() -> texts.erase(commitment));
            Appends.add(store, "a");
            assertThat(texts.find(commitment)).isEmpty();
            reader.execute("ROLLBACK");
            assertThat(texts.erase(commitment)).isFalse();
        }
    }

    @Test
    void aReadReturnsFourMebibytesAtMostButForTheLastBody() {
        Bytes body = Bytes.of(new byte[65_535]);
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, Stream.generate(() -> body).limit(100).toList());
            assertThat(store.read(0, 1_000)).hasSize(65);
            assertThat(store.read(65, 1_000)).hasSize(35);
        }
    }

    @Test
    void readingIsARangeScan() throws SQLException {
        Storages.sqlite(file).close();
        String plan = ask("EXPLAIN QUERY PLAN " + LogConnection.SELECT_RECORDS.replace("?", "1"), "detail");
        assertThat(plan)
                .contains("SEARCH r USING PRIMARY KEY (log_id=? AND idx>?)")
                .doesNotContain("TEMP");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE modelops_record SET body = x'00'",
                "DELETE FROM modelops_record",
                "UPDATE modelops_seal SET note = 'x'",
                "DELETE FROM modelops_seal",
                "UPDATE modelops_checkpoint SET note = 'x'",
                "DELETE FROM modelops_checkpoint",
                "DELETE FROM modelops_head",
                "UPDATE modelops_head SET size = 0",
                "UPDATE modelops_head SET root = x'00'",
                "INSERT INTO modelops_record VALUES (1, 0, x'00')",
                "INSERT INTO modelops_record VALUES (1, 1, x'')",
                "INSERT INTO modelops_record VALUES (1, 1, 'text')",
                "INSERT INTO modelops_record VALUES (2, 0, x'00')"
            })
    void theTablesRefuseWhatIsNoAppend(String change) {
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
            store.publish(new LogCheckpoint(1, "checkpoint"));
        }

        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> change(change));

        try (LogStore store = Storages.sqlite(file)) {
            assertThat(store.read(0, 10)).hasSize(1);
        }
    }

    @Test
    void aMissingRecordIsDamageAndNotTheEnd() throws SQLException {
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a", "b", "c", "d");
        }
        change("DROP TRIGGER modelops_record_delete; DELETE FROM modelops_record WHERE idx IN (1, 3)");

        try (LogStore store = Storages.sqlite(file)) {
            assertDamaged(() -> store.read(0, 10));
            assertDamaged(() -> store.read(1, 1));
            assertDamaged(() -> store.read(3, 1));
            assertDamaged(() -> store.append(transaction -> transaction.read(3, 1)));
            assertThat(store.read(2, 1)).hasSize(1);
            assertThat(store.read(4, 1)).isEmpty();
        }
    }

    @Test
    void recordsPastTheHeadAreDamage() throws SQLException {
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
            change("INSERT INTO modelops_record VALUES (1, 1, x'00')");

            assertDamaged(() -> store.read(0, 10));
            assertThat(store.read(0, 1)).hasSize(1);
            assertDamaged(() -> Appends.add(store, "b"));
            assertThat(store.head().size()).isEqualTo(1);
        }
    }

    @Test
    void aHeadThatIsGoneIsDamage() throws SQLException {
        try (LogStore store = Storages.sqlite(file)) {
            change("DROP TRIGGER modelops_head_delete; DELETE FROM modelops_head");

            assertDamaged(store::head);
            assertDamaged(() -> store.read(0, 1));
            assertDamaged(() -> Appends.add(store, "a"));
        }
    }

    @Test
    void workThatGoesOnAfterAFailureGetsNothingCommitted() throws SQLException {
        try (LogStore store = Storages.sqlite(file)) {
            change("INSERT INTO modelops_record VALUES (1, 1, x'00')");

            assertDamaged(() -> store.append(transaction -> {
                Appends.append(transaction, "a");
                assertDamaged(() -> transaction.read(0, 1));
                assertDamaged(transaction::head);
                return 0;
            }));

            assertThat(store.head().size()).isZero();
            assertThat(ask("SELECT count(*) FROM modelops_record")).isEqualTo("1");
        }
    }

    @Test
    void theStoreIsNotCalledFromWithinItsWork() {
        try (LogStore store = Storages.sqlite(file)) {
            store.append(transaction -> {
                assertThatIllegalStateException().isThrownBy(() -> Appends.add(store, "a"));
                assertThatIllegalStateException().isThrownBy(() -> store.publish(new LogCheckpoint(0, "c")));
                assertThatIllegalStateException().isThrownBy(store::close);
                return Appends.append(transaction, "b");
            });
            assertThat(store.read(0, 10)).containsExactly(new LogRecord(0, Bytes.ofUtf8("b")));
        }
    }

    @Test
    void aLockHeldTooLongByAnotherProcessIsReported() throws SQLException {
        try (LogStore store = new JdbcLogStore(new SqliteDialect(file, Duration.ofMillis(50)));
                Connection other = connect();
                Statement lock = other.createStatement()) {
            lock.execute("BEGIN IMMEDIATE");

            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .withMessageContaining("another process held its lock")
                    .matches(e -> !e.isInDoubt());

            assertThat(store.head().size()).isZero();
            lock.execute("ROLLBACK");
            Appends.add(store, "a");
        }
    }

    @Test
    void aLockHeldTooLongByAnotherThreadIsReported() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (LogStore store = new JdbcLogStore(new SqliteDialect(file, Duration.ofMillis(50)))) {
            store.append(transaction -> {
                Future<?> other = threads.submit(() -> Appends.add(store, "a"));
                assertThatThrownBy(other::get)
                        .hasCauseInstanceOf(StorageException.class)
                        .hasMessageContaining("another thread held its lock");
                return 0;
            });
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void manyCanCreateOpenAndCloseTheSameLogAtOnce() throws Exception {
        int many = 6;
        ExecutorService threads = Executors.newFixedThreadPool(many);
        try {
            for (int round = 0; round < 8; round++) {
                Path shared = folder.resolve("log" + round + ".db");
                CyclicBarrier start = new CyclicBarrier(many);
                Callable<Long> open = () -> {
                    start.await();
                    try (LogStore store = Storages.sqlite(shared)) {
                        return Appends.add(store, "a");
                    }
                };
                for (Future<Long> future : threads.invokeAll(Collections.nCopies(many, open))) {
                    assertThat(future.get()).isBetween(1L, (long) many);
                }
                try (LogStore store = Storages.sqlite(shared)) {
                    assertThat(store.read(0, 10)).hasSize(many);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anInterruptedCallerCanOpen() throws Exception {
        Thread.currentThread().interrupt();
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
            assertThat(store.read(0, 1)).hasSize(1);
        }
        assertThat(Thread.interrupted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "100%41", "what?mode=memory", "a#b", "k\u00f6ln", "file:x"})
    void thePathIsTakenLiterally(String name) throws IOException {
        Path odd = Files.createDirectory(folder.resolve(name)).resolve("log?.db");
        try (LogStore store = Storages.sqlite(odd)) {
            Appends.add(store, "a");
        }
        assertThat(odd).isRegularFile();
    }

    @Test
    void aFolderIsNotALog() {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.sqlite(folder))
                .withMessageContaining("is a folder");
    }

    @Test
    void aMissingFolderIsNotCreated() {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.sqlite(folder.resolve("missing/log.db")))
                .withMessageContaining("its folder does not exist");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 99, 100, 511, 5_000})
    void aFileThatIsNoDatabaseIsRefusedAndLeftAlone(int length) throws IOException {
        byte[] garbage = new byte[length];
        Arrays.fill(garbage, (byte) 'x');
        Files.write(file, garbage);

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.sqlite(file))
                .withMessageContaining("is not a log of this library");

        assertThat(file).hasBinaryContent(garbage);
    }

    @Test
    void anEmptyFileBecomesALog() throws IOException {
        Files.createFile(file);
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "a");
        }
    }

    @Test
    void aDatabaseOfAnotherApplicationIsRefusedAndLeftAlone() throws Exception {
        change("CREATE TABLE accounts (id INTEGER)");
        byte[] before = Files.readAllBytes(file);

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.sqlite(file))
                .withMessageContaining("another application");

        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void aDatabaseMarkedByAnotherApplicationIsRefused() throws SQLException {
        change("PRAGMA application_id=7");

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.sqlite(file))
                .withMessageContaining("application_id 7");
    }

    @Test
    void aLogOfANewerReleaseIsRefused() throws SQLException {
        Storages.sqlite(file).close();
        change("PRAGMA user_version=3");

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.sqlite(file))
                .withMessageContaining("newer release")
                .withMessageContaining("upgrade modelops-core");
    }

    @Test
    void aLogThatMissesATableIsDamaged() throws SQLException {
        Storages.sqlite(file).close();
        change("DROP TABLE modelops_seal");

        assertDamaged(() -> Storages.sqlite(file));
    }

    @Test
    void aLogWithOverwrittenPagesIsDamaged() throws IOException {
        try (LogStore store = Storages.sqlite(file)) {
            for (int i = 0; i < 20; i++) {
                Appends.add(store, "x".repeat(10_000));
            }
        }
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 4096, bytes.length, (byte) 0xa5);
        Files.write(file, bytes);

        assertDamaged(() -> {
            try (LogStore store = Storages.sqlite(file)) {
                return store.read(0, 100);
            }
        });
    }

    @Test
    void aFileThatMayNotBeWrittenIsReported() {
        Storages.sqlite(file).close();
        Dialect readOnly = new FailingDialect(file, FailingDialect.At.BEGIN, 8);
        try (LogStore store = new JdbcLogStore(readOnly)) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .withMessageContaining("write access");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.51.2", "3.46.1", "3.7.0", "2.99.99", "3.51"})
    void enginesThatCanDamageALogAreRefused(String version) {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> SqliteDialect.requireEngine(version))
                .withMessageContaining("upgrade org.xerial:sqlite-jdbc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"3.51.3", "3.51.10", "3.54.1", "3.100.0", "4.0.0"})
    void laterEnginesAreTaken(String version) {
        SqliteDialect.requireEngine(version);
    }

    @Test
    void aFullDiskChangesNothingAndPasses() {
        FailingDialect dialect = new FailingDialect(file, FailingDialect.At.NEVER, 0);
        try (LogStore store = new JdbcLogStore(dialect)) {
            Appends.add(store, "a");
            dialect.limitPages(20);
            Bytes body = Bytes.of(new byte[60_000]);

            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, List.of(body, body, body)))
                    .withMessageContaining("no room left")
                    .matches(e -> !e.isInDoubt());

            assertThat(store.head().size()).isEqualTo(1);
            assertThat(store.seals(0, 10)).hasSize(1);
            dialect.limitPages(10_000);
            Appends.add(store, List.of(body, body, body));
            assertThat(store.read(0, 10)).hasSize(4);
        }
    }

    @Test
    void aDiskFullAtTheCommitChangesNothing() {
        try (LogStore store = new JdbcLogStore(new FailingDialect(file, FailingDialect.At.COMMIT, 13))) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .matches(e -> !e.isInDoubt());
            assertThat(store.head().size()).isZero();
            Appends.add(store, "b");
        }
    }

    @Test
    void aCommitThatFailsInTheStorageIsInDoubtAndStopsTheStore() {
        try (LogStore store = new JdbcLogStore(new FailingDialect(file, FailingDialect.At.COMMIT, 10))) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .matches(StorageException::isInDoubt);

            assertStopped(() -> Appends.add(store, "b"));
            assertStopped(store::head);
            assertStopped(() -> store.read(0, 1));
        }
        try (LogStore store = Storages.sqlite(file)) {
            Appends.add(store, "b");
            assertThat(store.head().size()).isEqualTo(1);
        }
    }

    @Test
    void aCommitThatFailsForAnUnknownReasonIsInDoubt() {
        try (LogStore store = new JdbcLogStore(new FailingDialect(file, FailingDialect.At.AFTER_COMMIT, 1))) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .matches(StorageException::isInDoubt);

            assertThat(store.head().size()).isEqualTo(1);
            Appends.add(store, "b");
        }
    }

    @Test
    void aFailureBeforeTheCommitIsNotInDoubt() {
        try (LogStore store = new JdbcLogStore(new FailingDialect(file, FailingDialect.At.BEGIN, 10))) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "a"))
                    .matches(e -> !e.isInDoubt());
            assertStopped(store::head);
        }
    }

    @Test
    void aRollbackThatFailsCostsTheConnectionOnly() {
        try (LogStore store = new JdbcLogStore(new FailingDialect(file, FailingDialect.At.ROLLBACK, 1))) {
            RuntimeException failure = new RuntimeException("the work failed");
            assertThatThrownBy(() -> store.append(transaction -> {
                        Appends.append(transaction, "a");
                        throw failure;
                    }))
                    .isSameAs(failure)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

            Appends.add(store, "b");
            assertThat(store.read(0, 10)).containsExactly(new LogRecord(0, Bytes.ofUtf8("b")));
        }
    }

    @Test
    void everyConnectionIsClosed() throws IOException {
        LogStore store = Storages.sqlite(file);
        Appends.add(store, "a");
        assertThat(folder.resolve("log.db-wal")).exists();

        store.close();

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    private static void assertStopped(Callable<?> call) {
        assertThatThrownBy(call::call)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("failed before")
                .hasMessageContaining("open it again");
    }

    private static void assertDamaged(Callable<?> call) {
        assertThatThrownBy(call::call).isInstanceOf(IntegrityException.class);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA foreign_keys=ON");
            for (String each : sql.split(";", -1)) {
                statement.execute(each);
            }
        }
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return ask(connection, sql);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.getString(1);
        }
    }

    private String ask(String sql, String column) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            StringBuilder all = new StringBuilder();
            while (rows.next()) {
                all.append(rows.getString(column)).append('\n');
            }
            return all.toString();
        }
    }
}
