package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Freshness;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.serving.ModelHandle;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host that starts while the store is down. */
class LocalCacheTest {
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");
    private static final Duration BOUND = Duration.ofMinutes(15);

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(START);
    private final Storage storage = Storages.inMemory();
    private final FaultyLogStore seen = new FaultyLogStore(storage.log());
    private final AtomicBoolean blobsAreAway = new AtomicBoolean();
    private LogKey key;
    private ModelOps far;
    private ModelRef champion;

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
        far = Site.opening(storage, key).clock(MutableClock.at(START)).start();
        champion = Site.promoted(far, dir, 1);
    }

    @AfterEach
    void end() throws Exception {
        seen.comeBack();
        far.close();
        Site.requireNoThreads();
    }

    /** The blobs as this host sees them. */
    private BlobStore blobs() {
        return (BlobStore) Proxy.newProxyInstance(
                BlobStore.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (blobsAreAway.get() && !method.getName().equals("close")) {
                        throw new StorageException("the blobs are away");
                    }
                    try {
                        return method.invoke(storage.blobs(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Opening opening() {
        return Site.opening(new Storage(seen, blobs()), key)
                .clock(clock)
                .cache(dir.resolve("cache"))
                .staleness(BOUND, Freshness.Stance.REFUSE);
    }

    private static ModelHandle<String> open(ModelOps ops) {
        return ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
    }

    /** Runs once with the store there, and ends with the store away. */
    private void runAndLoseTheStore() {
        try (ModelOps near = opening().start()) {
            assertThat(near.position()).isEqualTo(far.position());
        }
        seen.leave();
    }

    private Path kept(String name) {
        // Not walked: files that come and go beside it would end that.
        try (Stream<Path> logs = Files.list(dir.resolve("cache"))) {
            return logs.map(log -> log.resolve(name))
                    .filter(Files::exists)
                    .findFirst()
                    .orElse(dir.resolve("nothing"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void sql(String... statements) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + kept("log.db"));
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.executeUpdate(each);
            }
        }
    }

    @Test
    void aHostThatStartsWhileTheStoreIsDownServesAndLaterFollows() throws Exception {
        runAndLoseTheStore();
        Site.registry(far, Site.RITA).revoke(champion, "leaked");
        clock.advance(BOUND.minusMinutes(1));
        try (ModelOps near = opening().start()) {
            ModelHandle<String> handle = open(near);
            assertThat(handle.apply(model -> model).version()).isEqualTo(champion);
            Freshness freshness = near.freshness();
            assertThat(freshness.asOf()).isEqualTo(START);
            assertThat(freshness.age()).isBetween(BOUND.minusMinutes(1), BOUND);
            assertThat(freshness.isStale()).isFalse();
            assertThat(freshness.trouble()).contains("refused");
            assertThat(near.as(Site.AUDITOR).audit().get(0).position().index()).isZero();
            assertThatThrownBy(() -> Site.registry(near, Site.ADA).comment(champion, "hello"))
                    .isInstanceOf(StorageException.class);

            seen.comeBack();
            Site.await("the revocation is seen", () -> handle.version().isEmpty());
            assertThat(near.sync()).isGreaterThanOrEqualTo(far.position());
            Site.registry(near, Site.ADA).comment(champion, "back");
            assertThat(near.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aHandleOfSuchAHostRefusesOnceTheBoundIsOver() throws Exception {
        runAndLoseTheStore();
        clock.advance(BOUND.minusMinutes(1));
        try (ModelOps near = opening().start()) {
            ModelHandle<String> handle = open(near);
            assertThat(handle.version()).isPresent();
            clock.advance(Duration.ofMinutes(2));
            Site.await("the handle refuses", () -> handle.version().isEmpty());
        }
    }

    @Test
    void aHostDoesNotStartBeyondTheBoundUnlessItIsToServeOn() {
        runAndLoseTheStore();
        clock.advance(BOUND.plusMinutes(1));
        assertThatThrownBy(() -> opening().start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("PT16M")
                .hasMessageContaining(START.toString())
                .hasMessageContaining("bring the store back");
        try (ModelOps near =
                opening().staleness(BOUND, Freshness.Stance.SERVE_AND_ALARM).start()) {
            assertThat(open(near).apply(model -> model).version()).isEqualTo(champion);
            assertThat(near.freshness().isStale()).isTrue();
        }
    }

    @Test
    void aClockThatSaysTheContactIsToComeIsNotBelieved() {
        runAndLoseTheStore();
        clock.set(START.minusSeconds(1));
        assertThatThrownBy(() -> opening().start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("clock");
    }

    @Test
    void startingAgainAndAgainWhileTheStoreIsDownDoesNotMakeTheStateYounger() {
        runAndLoseTheStore();
        for (int minutes = 4; minutes < 15; minutes += 5) {
            clock.set(START.plus(Duration.ofMinutes(minutes)));
            try (ModelOps near = opening().start()) {
                assertThat(near.freshness().asOf()).isEqualTo(START);
            }
        }
        clock.set(START.plus(BOUND).plusSeconds(1));
        assertThatThrownBy(() -> opening().start()).isInstanceOf(StorageException.class);
    }

    @Test
    void withoutACacheNothingStarts() {
        seen.leave();
        assertThatThrownBy(() ->
                        Site.opening(new Storage(seen, storage.blobs()), key).start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("refused");
        assertThatThrownBy(() -> opening().start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("refused");
    }

    @Test
    void whatWasSeenIsKeptWhileTheHostRuns() throws Exception {
        try (ModelOps near = opening()
                .staleness(Duration.ofSeconds(2), Freshness.Stance.REFUSE)
                .start()) {
            Site.registry(far, Site.ADA).comment(champion, "later");
            String size = "\n" + far.position() + "\n";
            Site.await("the contact is written", () -> {
                try {
                    return Files.exists(kept("contact"))
                            && Files.readString(kept("contact")).contains(size);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(near.position()).isEqualTo(far.position());
        }
    }

    @Test
    void policiesAreKeptForWhenTheBlobsAreAwayToo() {
        Site.install(far, Site.policies("nobody"));
        runAndLoseTheStore();
        blobsAreAway.set(true);
        try (ModelOps near = opening().start()) {
            assertThat(Site.registry(near, Site.RITA)
                            .check(Action.promote(champion, Site.PRODUCTION))
                            .policy())
                    .isEqualTo(Site.policies("nobody").digest());
        }
    }

    @Test
    void aMemoryThatIsAheadOfTheCopyHindersNothing() {
        InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
        try (ModelOps near = opening().memory(memory).start()) {
            assertThat(near.position()).isEqualTo(far.position());
        }
        Site.registry(far, Site.ADA).comment(champion, "later");
        memory.remember(far.audit().checkpoint());
        seen.leave();
        try (ModelOps near = opening().memory(memory).start()) {
            assertThat(near.position()).isLessThan(far.position());
            seen.comeBack();
            assertThat(near.sync()).isEqualTo(far.position());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE modelops_record SET body = x'7b7d' WHERE idx = 2",
                "UPDATE modelops_head SET root = zeroblob(32)",
                "DELETE FROM modelops_checkpoint"
            })
    void aDamagedCopyIsNotServedFrom(String damage) throws Exception {
        runAndLoseTheStore();
        sql(
                "DROP TRIGGER modelops_record_update",
                "DROP TRIGGER modelops_seal_delete",
                "DROP TRIGGER modelops_head_update",
                "DROP TRIGGER modelops_checkpoint_delete",
                damage);
        assertThatThrownBy(() -> opening().start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("cannot be used");
        seen.comeBack();
        try (ModelOps near = opening().start()) {
            assertThat(open(near).version()).contains(champion);
        }
    }

    @Test
    void aCopyThatLiesAboutItsEndIsMadeAnew() throws Exception {
        runAndLoseTheStore();
        sql("DROP TRIGGER modelops_head_update", "UPDATE modelops_head SET root = zeroblob(32)");
        seen.comeBack();
        try (ModelOps near = opening().start()) {
            assertThat(near.position()).isEqualTo(far.position());
        }
        runAndLoseTheStore();
        try (ModelOps near = opening().start()) {
            assertThat(open(near).version()).contains(champion);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nonsense", "modelops.dev/contact@v1\nx\n1\ny\nz\n", "modelops.dev/contact@v1\nx\n-1\n"})
    void aContactThatCannotBeReadIsNone(String text) throws Exception {
        runAndLoseTheStore();
        Files.writeString(kept("contact"), text);
        assertThatThrownBy(() -> opening().start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("refused");
    }

    @Test
    void aContactOfAnotherLogOrPositionIsNotBelieved() throws Exception {
        runAndLoseTheStore();
        Path contact = kept("contact");
        String[] lines = Files.readString(contact).split("\n", -1);
        lines[2] = Long.toString(Long.parseLong(lines[2]) + 1);
        Files.writeString(contact, String.join("\n", lines));
        assertThatThrownBy(() -> opening().start())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("cannot be used");
    }

    @Test
    void aCacheThatCannotBeUsedDoesNotKeepAHostFromStarting() throws Exception {
        Files.writeString(dir.resolve("cache"), "not a folder");
        try (ModelOps near = opening().start()) {
            assertThat(near.position()).isEqualTo(far.position());
        }
    }

    @Test
    void aStoreThatIsOlderThanTheCacheOrAnotherIsRefused() throws Exception {
        Path now = dir.resolve("now");
        LogKey pinned = Site.create(now);
        try (ModelOps ops = Site.open(now, pinned)) {
            Site.register(ops, dir, "risk", 1);
        }
        Path old = dir.resolve("old");
        copy(now, old);
        try (ModelOps ops = cached(now, pinned)) {
            Site.registry(ops, Site.ADA).comment(champion, "seen by this host");
        }
        assertThatThrownBy(() -> cached(old, pinned))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("older than what this host has seen");
        try (ModelOps ops = Site.open(old, pinned)) {
            Site.registry(ops, Site.ADA).comment(champion, "another");
            Site.registry(ops, Site.ADA).comment(champion, "history");
        }
        assertThatThrownBy(() -> cached(old, pinned))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("differs from what this host has seen");
        assertThatThrownBy(() -> cached(dir.resolve("empty"), pinned))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("older than what this host has seen");
        try (ModelOps ops = cached(now, pinned)) {
            assertThat(ops.freshness().isStale()).isFalse();
        }
    }

    private ModelOps cached(Path folder, LogKey pinned) {
        Storage opened = Storages.directory(folder);
        boolean started = false;
        try {
            ModelOps ops =
                    Site.opening(opened, pinned).cache(dir.resolve("cache")).start();
            started = true;
            return ops;
        } finally {
            if (!started) {
                opened.close();
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }
}
