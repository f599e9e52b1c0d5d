package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.PostgresServer;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What asks for the heads of all logs that come from one source. */
class PostgresHeadsTest {
    private static PostgresServer.Database database;

    @BeforeAll
    static void createDatabase() {
        database = PostgresServer.database();
    }

    @AfterAll
    static void dropDatabase() {
        database.close();
    }

    @Test
    void logsOfOneSourceShareWhatAsksAndOthersDoNot() {
        DataSource one = database.dataSource();
        try (SharedLogStore a = open(one, "a");
                SharedLogStore b = open(one, "b");
                SharedLogStore other = open(database.dataSource(), "a")) {
            assertThat(a.poller()).isSameAs(b.poller()).isNotSameAs(other.poller());
            assertThat(a.logName()).isEqualTo("a");
        }
    }

    @Test
    void oneConnectionReadsManyHeadsAndLeavesOutWhatIsNotThere() throws Exception {
        PostgresDialect dialect = new PostgresDialect(database.dataSource(), "", false, Duration.ofSeconds(30));
        try (LogStore a = open(database.dataSource(), "many-a");
                LogStore b = open(database.dataSource(), "many-b")) {
            Appends.add(a, "x", "y");

            Map<String, LogHead> heads = dialect.heads(Set.of("many-a", "many-b", "nowhere"));

            assertThat(heads).containsOnly(Map.entry("many-a", a.head()), Map.entry("many-b", LogHead.EMPTY));
            assertThat(dialect.heads(Set.of())).isEmpty();
        }
    }

    @Test
    void twentyFollowersOfManyLogsAreToldByFewQuestions() throws Exception {
        AtomicInteger borrowed = new AtomicInteger();
        DataSource real = database.dataSource();
        DataSource counting = (DataSource) Proxy.newProxyInstance(
                PostgresHeadsTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                    borrowed.incrementAndGet();
                    return method.getName().equals("getConnection")
                            ? real.getConnection()
                            : method.invoke(real, arguments);
                });
        List<SharedLogStore> stores = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            stores.add(open(counting, "followed-" + i));
        }
        Map<String, Long> seen = new ConcurrentHashMap<>();
        List<HeadPoller.Following> followings = new ArrayList<>();
        for (SharedLogStore store : stores) {
            for (int i = 0; i < 20; i++) {
                String key = store.logName() + "/" + i;
                followings.add(store.poller().follow(store.logName(), Duration.ofHours(1), new HeadPoller.Follower() {
                    @Override
                    public void asking() {
                        // Nothing to prepare.
                    }

                    @Override
                    public boolean answered(LogHead head) {
                        seen.put(key, head.size());
                        return false;
                    }

                    @Override
                    public void failed(Throwable reason) {
                        throw new AssertionError(reason);
                    }
                }));
            }
        }
        for (SharedLogStore store : stores) {
            Appends.add(store, "a");
        }
        int before = borrowed.get();
        stores.get(0).poller().wake();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (seen.size() < 400 || seen.containsValue(0L)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(5);
        }
        assertThat(borrowed.get() - before).as("questions for 400 followers").isBetween(1, 50);
        followings.forEach(HeadPoller.Following::close);
        stores.forEach(LogStore::close);
    }

    @Test
    void aDatabaseThatDoesNotAnswerIsReported() {
        DataSource nowhere = PostgresServer.Database.dataSource(
                database.url().replaceFirst(":[0-9]+/", ":1/"), database.user(), database.password());
        try (SharedLogStore store = open(nowhere, "a")) {
            assertThat(store.poller()).isNotNull();
            assertThatThrownBy(store::head)
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("cannot be reached");
            assertThatThrownBy(() -> SharedStores.logs(nowhere))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("the names of the logs");
        }
    }

    private static SharedLogStore open(DataSource source, String log) {
        return (SharedLogStore) SharedStores.open(source, log, true);
    }
}
