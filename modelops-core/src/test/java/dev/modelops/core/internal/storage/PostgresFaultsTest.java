package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.Bytes;
import dev.modelops.core.CuttingProxy;
import dev.modelops.core.CuttingProxy.Cut;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.faults.Figures;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections and servers that fail in the middle. */
class PostgresFaultsTest {
    private static final String WAITING_FOR_STANDBY =
            "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()";

    /** Silence costs the time until it is noticed, so in a short run only some messages are tried. */
    private static final boolean IS_LONG = Integer.getInteger("modelops.fault.rounds", 2) > 2;

    private static PostgresServer server;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private PostgresServer.Database database;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void createDatabase() {
        database = server.create();
    }

    @AfterEach
    void dropDatabase() {
        threads.shutdownNow();
        database.close();
    }

    private LogStore open(DataSource source) {
        return SharedStores.open(source, "main", true);
    }

    private DataSource options(String options) {
        return PostgresServer.Database.dataSource(
                database.url() + "?options=" + options, database.user(), database.password());
    }

    @ParameterizedTest
    @EnumSource(names = {"BEFORE_COMMIT", "AFTER_COMMIT"})
    void aConnectionCutAroundTheCommitLeavesItInDoubtAndTheStoreUsable(Cut cut) {
        try (CuttingProxy proxy = CuttingProxy.before(server.port());
                HikariDataSource pool = pool(proxy.through(database.url()), 2);
                LogStore store = open(pool)) {
            Appends.add(store, "a");

            proxy.cut(cut);
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Appends.add(store, "b"))
                    .withMessageContaining("whether it was committed is not known")
                    .matches(StorageException::isInDoubt);
            assertThat(proxy.cuts()).isEqualTo(1);

            long settled = store.append(transaction -> transaction.head().size());
            assertThat(settled).isEqualTo(cut == Cut.AFTER_COMMIT ? 2 : 1);
            assertThat(store.head().size()).isEqualTo(settled);
            assertThat(Appends.add(store, "c")).isEqualTo(settled + 1);
        }
    }

    /** Before, in the middle of and after every message that a commit takes, until one needs more than there are. */
    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void aConnectionCutAtAnyMessageOfAnAppendLeavesItDoneOnceOrNotAtAll(
            boolean byServer, boolean within, TestReporter reporter) throws IOException {
        try (CuttingProxy proxy = CuttingProxy.before(server.port());
                LogStore store = open(through(proxy))) {
            Tally tally = new Tally();
            Appends.add(store, "a");
            for (int n = 0; breaks(store, proxy, new CuttingProxy.Break(byServer, n, within, false), tally); n++) {
                assertThat(n).isLessThan(200);
            }
            tally.requireBoth(byServer);
            tally.tell(
                    reporter,
                    "connection cut at each message of the " + (byServer ? "server" : "client")
                            + (within ? ", in the middle of it" : ""));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatGoesSilentAtAMessageIsGivenUp(boolean byServer, TestReporter reporter) throws IOException {
        try (CuttingProxy proxy = CuttingProxy.before(server.port());
                LogStore store = new JdbcLogStore(new PostgresDialect(
                        through(proxy),
                        "main",
                        true,
                        PostgresSchema.CURRENT,
                        Duration.ofMillis(400),
                        Duration.ofMillis(200)))) {
            Tally tally = new Tally();
            Appends.add(store, "a");
            int step = IS_LONG ? 1 : byServer ? 11 : 4;
            for (int n = 0;
                    breaks(store, proxy, new CuttingProxy.Break(byServer, n, n / step % 2 == 1, true), tally);
                    n += step) {
                assertThat(n).isLessThan(200);
            }
            tally.tell(reporter, "connection silent from a message of the " + (byServer ? "server" : "client"));
        }
    }

    /** Without a pool, whose own connections would be cut as well; how long connecting may take is for hosts to bound. */
    private DataSource through(CuttingProxy proxy) {
        String url = proxy.through(database.url());
        return PostgresServer.Database.dataSource(
                url + (url.contains("?") ? "&" : "?") + "loginTimeout=2", database.user(), database.password());
    }

    /** Appends while the connection breaks at a place, and tells whether there was such a place. */
    private static boolean breaks(LogStore store, CuttingProxy proxy, CuttingProxy.Break place, Tally tally) {
        long before = tally.size;
        int cuts = proxy.cuts();
        proxy.breakAt(place);
        String outcome;
        try {
            assertThat(Appends.add(store, "b" + before)).isEqualTo(before + 1);
            outcome = "done";
        } catch (StorageException e) {
            outcome = e.isInDoubt() ? "in doubt" : "failed";
            assertThat(e).hasMessageMatching("(?s).*(try again|not known).*");
        }
        boolean broke = proxy.cuts() > cuts;
        proxy.breakAt(null);
        long after = settled(store);
        if (!outcome.equals("in doubt")) {
            assertThat(after).as("%s: %s", place, outcome).isEqualTo(outcome.equals("done") ? before + 1 : before);
        }
        assertThat(after).isBetween(before, before + 1);
        tally.size = after;
        if (broke) {
            tally.count(outcome, after > before);
        }
        return broke;
    }

    /** Whoever was cut off may hold the lock until the server notices. */
    private static long settled(LogStore store) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            try {
                return store.append(transaction -> {
                    long size = transaction.head().size();
                    assertThat(transaction.read(size - 1, 10)).hasSize(1);
                    return size;
                });
            } catch (StorageException e) {
                assertThat(System.nanoTime()).as("never settled: " + e).isLessThan(deadline);
            }
        }
    }

    /** What became of appends whose connection was cut. */
    private static final class Tally {
        private long size = 1;
        private int done;
        private int failed;
        private int doubtfulAndThere;
        private int doubtfulAndNot;

        void count(String outcome, boolean isThere) {
            switch (outcome) {
                case "done" -> done++;
                case "failed" -> failed++;
                default -> {
                    doubtfulAndThere += isThere ? 1 : 0;
                    doubtfulAndNot += isThere ? 0 : 1;
                }
            }
        }

        void requireBoth(boolean byServer) {
            assertThat(failed).as("cut before the commit").isPositive();
            assertThat(byServer ? doubtfulAndThere : doubtfulAndNot)
                    .as("cut at the commit")
                    .isPositive();
        }

        void tell(TestReporter reporter, String what) throws IOException {
            Figures.tell(
                    reporter,
                    what,
                    "POSTGRES",
                    done + failed + doubtfulAndThere + doubtfulAndNot,
                    done,
                    doubtfulAndThere + doubtfulAndNot,
                    failed);
        }
    }

    @Test
    void aSessionEndedInTheMiddleOfTheWorkChangesNothing() {
        try (LogStore store = open(database.dataSource())) {
            Appends.add(store, "a");

            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> store.append(transaction -> {
                        endSessions();
                        return Appends.append(transaction, "b");
                    }))
                    .withMessageContaining("nothing was changed")
                    .matches(e -> !e.isInDoubt());
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> store.append(transaction -> {
                        long size = Appends.append(transaction, "b");
                        endSessions();
                        return size;
                    }))
                    .as("what the work appends is written when it has ended")
                    .matches(e -> !e.isInDoubt());

            assertThat(store.<Long>append(transaction -> transaction.head().size()))
                    .isEqualTo(1);
            assertThat(Appends.add(store, "c")).isEqualTo(2);
        }
    }

    private void endSessions() {
        assertThat(database.ask("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                        + " WHERE state = 'idle in transaction' AND datname = current_database()"))
                .containsExactly("t");
    }

    @Test
    void workThatFailsAfterItsSessionEndedIsNotHidden() {
        try (LogStore store = open(database.dataSource())) {
            IllegalStateException failure = new IllegalStateException("the work failed");
            assertThatThrownBy(() -> store.append(transaction -> {
                        endSessions();
                        throw failure;
                    }))
                    .isSameAs(failure);
            assertThat(Appends.add(store, "a")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aServerRestartedInTheMiddleOfTheWorkChangesNothing(boolean crashes) throws Exception {
        try (HikariDataSource pool = pool(database.url(), 3);
                LogStore store = open(pool)) {
            Appends.add(store, "a");

            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> store.append(transaction -> {
                        restart(crashes);
                        return Appends.append(transaction, "b");
                    }))
                    .matches(e -> !e.isInDoubt());

            assertThat(Appends.add(store, "c")).isEqualTo(2);
            assertThat(store.read(0, 10))
                    .containsExactly(new LogRecord(0, Bytes.ofUtf8("a")), new LogRecord(1, Bytes.ofUtf8("c")));
        }
    }

    /** The commit is on the server's disk and waits for a standby when the server goes. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aServerRestartedInTheMiddleOfACommitLeavesItInDoubtAndThere(boolean crashes) throws Exception {
        try (HikariDataSource pool = pool(database.url(), 3);
                LogStore store = open(pool)) {
            Appends.add(store, "a");
            standby("nobody");
            try {
                Future<Long> append = threads.submit(() -> Appends.add(store, "b"));
                await(WAITING_FOR_STANDBY);
                restart(crashes);
                assertThatThrownBy(() -> append.get(60, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                StorageException.class,
                                e -> assertThat(e.isInDoubt()).isTrue());
                standby("");
                assertThat(settled(store)).isEqualTo(2);
                assertThat(Appends.add(store, "c")).isEqualTo(3);
            } finally {
                standby("");
            }
        }
    }

    @Test
    void aServerThatIsAwayFailsEachUseAndIsFoundAgain() throws Exception {
        try (LogStore store = open(database.dataSource())) {
            Appends.add(store, "a");
            server.stop();
            try {
                for (Callable<?> use :
                        List.<Callable<?>>of(store::head, () -> store.read(0, 1), () -> Appends.add(store, "b"))) {
                    assertThatThrownBy(use::call)
                            .isInstanceOf(StorageException.class)
                            .hasMessageContaining("cannot be reached")
                            .hasMessageContaining("nothing was changed");
                }
            } finally {
                server.startAgain();
            }
            assertThat(Appends.add(store, "b")).isEqualTo(2);
        }
    }

    @Test
    void aLogIsOpenedWhileItsServerIsAwayAndReadOnceItIsBack() throws Exception {
        try (LogStore before = open(database.dataSource())) {
            Appends.add(before, "a");
        }
        server.stop();
        LogStore store;
        try {
            store = SharedStores.open(database.dataSource(), "main", false);
            assertThatThrownBy(store::head)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("cannot be reached");
        } finally {
            server.startAgain();
        }
        try (store) {
            assertThat(store.head().size()).isEqualTo(1);
            assertThat(Appends.add(store, "b")).isEqualTo(2);
        }
    }

    @Test
    void whoeverHoldsTheLockAndDoesNothingIsDisconnected() {
        try (LogStore idle = new JdbcLogStore(new PostgresDialect(
                        database.dataSource(),
                        "main",
                        true,
                        PostgresSchema.CURRENT,
                        Duration.ofSeconds(30),
                        Duration.ofMillis(300)));
                LogStore other = open(database.dataSource())) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> idle.append(transaction -> {
                        // It gets the lock while this one still believes to hold it.
                        assertThat(Appends.add(other, "a")).isEqualTo(1);
                        return Appends.append(transaction, "b");
                    }))
                    .withMessageContaining("nothing was changed")
                    .matches(e -> !e.isInDoubt());
            assertThat(Appends.add(idle, "c")).isEqualTo(2);
        }
    }

    /** A wait for the standby that is cut short by a time limit would be reported as a commit. */
    @Test
    void aCommitWaitsForItsStandbyWhateverTimeLimitTheHostSet() throws Exception {
        try (LogStore store = open(options("-c%20statement_timeout=300ms"))) {
            Appends.add(store, "a");
            standby("nobody");
            try {
                Future<Long> append = threads.submit(() -> Appends.add(store, "b"));
                await(WAITING_FOR_STANDBY);
                Thread.sleep(1_000);
                assertThat(append.isDone()).isFalse();
                standby("");
                assertThat(append.get(60, TimeUnit.SECONDS)).isEqualTo(2);
            } finally {
                standby("");
            }
        }
    }

    @Test
    void aCommitThatNoStandbyHasIsInDoubtUntilOneHas() throws Exception {
        // Whether or not the host cares for warnings.
        try (LogStore store = open(options("-c%20client_min_messages=error"))) {
            Appends.add(store, "a");
            standby("nobody");
            try {
                Future<Long> append = threads.submit(() -> Appends.add(store, "b"));
                await(WAITING_FOR_STANDBY);
                database.ask("SELECT pg_cancel_backend(pid) FROM (" + WAITING_FOR_STANDBY + ") waiting");
                assertThatThrownBy(() -> append.get(60, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                StorageException.class,
                                e -> assertThat(e.isInDoubt()).isTrue());

                Future<Long> look = threads.submit(
                        () -> store.append(transaction -> transaction.head().size()));
                await(WAITING_FOR_STANDBY);
                assertThat(look.isDone()).isFalse();
                standby("");
                assertThat(look.get(60, TimeUnit.SECONDS)).isEqualTo(2);
            } finally {
                standby("");
            }
        }
    }

    @Test
    void theServersClockIsTheRefereeOfTheHosts() {
        Instant before = Instant.now();
        try (LogStore store = open(database.dataSource())) {
            assertThat(store.time().orElseThrow())
                    .isBetween(before.minusSeconds(60), Instant.now().plusSeconds(60));
        }
    }

    private void standby(String name) throws InterruptedException {
        database.run("ALTER SYSTEM SET synchronous_standby_names = '" + name + "'", "SELECT pg_reload_conf()");
        // A session that is open already takes up the setting some time after a new one.
        Thread.sleep(500);
    }

    private void await(String query) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (database.ask(query).isEmpty()) {
            assertThat(System.nanoTime()).as("never came true: " + query).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @Test
    void aServerThatDoesNotForceItsDiskIsRefused() {
        try (PostgresServer careless = PostgresServer.start("fsync=off")) {
            assertThatThrownBy(() -> open(careless.create().dataSource()))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("fsync=off")
                    .hasMessageContaining("set fsync=on");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "55P03, LOCKED",
        "53100, FULL",
        "58030, IO",
        "25006, READ_ONLY",
        "42501, NO_ACCESS",
        "28P01, NO_ACCESS",
        "3D000, NO_ACCESS",
        "42P01, FOREIGN",
        "23505, REFUSED",
        "23514, REFUSED",
        "40003, LOST",
        "40001, ROLLED_BACK",
        "40P01, ROLLED_BACK",
        "57014, ROLLED_BACK",
        "25P02, ROLLED_BACK",
        "53200, ROLLED_BACK",
        "53300, LOST",
        "57P01, LOST",
        "57P03, LOST",
        "25P03, LOST",
        "08006, LOST",
        "08001, LOST",
        "XX001, DAMAGED",
        "XX002, DAMAGED",
        "XX000, OTHER",
        "22023, OTHER"
    })
    void failuresAreToldApart(String state, Dialect.Failure kind) {
        Dialect dialect = new PostgresDialect(database.dataSource(), "main", true, Duration.ofSeconds(1));
        assertThat(dialect.classify(new SQLException("failed", state))).isEqualTo(kind);
        assertThat(dialect.classify(new SQLException("failed", new SQLException("inner", state))))
                .isEqualTo(kind);
    }

    @Test
    void aPoolThatLendsNothingIsAServerThatIsAway() {
        Dialect dialect = new PostgresDialect(database.dataSource(), "main", true, Duration.ofSeconds(1));
        assertThat(dialect.classify(new SQLTransientConnectionException("timed out")))
                .isEqualTo(Dialect.Failure.LOST);
        assertThat(dialect.classify(new SQLException("what?"))).isEqualTo(Dialect.Failure.OTHER);
    }

    private static void restart(boolean crashes) {
        try {
            if (crashes) {
                server.kill();
            } else {
                server.stop();
            }
            server.startAgain();
        } catch (Exception e) {
            throw new AssertionError("the server could not be restarted", e);
        }
    }

    private HikariDataSource pool(String url, int size) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(PostgresServer.Database.dataSource(url, database.user(), database.password()));
        config.setMaximumPoolSize(size);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }
}
