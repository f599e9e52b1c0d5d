package dev.modelops.core.faults;

import static dev.modelops.core.faults.Site.ADA;
import static dev.modelops.core.faults.Site.SCORING;
import static dev.modelops.core.faults.Site.VERA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Alias;
import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must not be possible at any time: a log that cannot be read again, and trust given without a proof. */
@Tag("every-store")
class LastingTrustTest {
    @TempDir
    Path dir;

    @Test
    void anActThatCouldNotBeReadAgainIsRefusedAndLeavesTheLogWhole() {
        LogKey key = Site.create(dir.resolve("store"));
        try (ModelOps ops = Site.open(dir.resolve("store"), key)) {
            assertThatThrownBy(() -> Site.registry(ops, ADA)
                            .register(Site.spec(dir, "risk", 1).tag("\uD800", "half a character")))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(Site.register(ops, dir, "risk", 1).ref()).hasToString("risk@1");
        }
        try (ModelOps again = Site.open(dir.resolve("store"), key)) {
            assertThat(again.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aGenesisThatCouldNotBeReadAgainBeginsNoLog() {
        Genesis genesis = Site.genesis().grant(Principal.of("example.org", "é".repeat(255)), Role.AUDITOR);
        Principal longest = Principal.of("\u20ac".repeat(255), "\u20ac".repeat(255));
        try (Storage storage = Storages.inMemory()) {
            assertThatThrownBy(() -> ModelOps.create(storage, genesis.grant(longest, Role.AUDITOR)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(storage.log().head().size()).isZero();
        }
    }

    @Test
    void theLogKeySignsNoFirstEntryButItsOwn() throws Exception {
        Path theirs = dir.resolve("theirs");
        Genesis forged = Site.genesis().grant(Principal.of("example.org", "mallory"), Role.ADMIN);
        LogKey key = Site.create(theirs, forged);
        try (Attacker attacker = Attacker.on(theirs)) {
            attacker.run("DELETE FROM modelops_checkpoint");
        }

        try (Storage storage = Storages.directory(theirs)) {
            assertThatThrownBy(() -> ModelOps.create(storage, Site.genesis()))
                    .isInstanceOf(VersionConflictException.class);
            assertThat(storage.log().latestCheckpoint()).isEmpty();
            assertThat(ModelOps.create(storage, forged)).isEqualTo(key);
        }
    }

    @Test
    void aProcessWithoutTheLogKeyRemembersCheckpointsToo() {
        InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
        LogKey key = Site.create(dir.resolve("store"));
        try (ModelOps signing = Site.open(dir.resolve("store"), key)) {
            Site.register(signing, dir, "risk", 1);
            signing.audit().checkpoint();
        }
        try (ModelOps reading = ModelOps.open(Storages.directory(dir.resolve("store")), key)
                .memory(memory)
                .start()) {
            assertThat(reading.position().size()).isPositive();
        }
        assertThat(memory.recall(key.origin())).isPresent();
    }

    @Test
    void noCheckpointIsSignedOnceTheLogCannotBeBelieved() throws Exception {
        InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
        Path store = dir.resolve("store");
        LogKey key = Site.create(store);
        try (ModelOps ops =
                Site.opening(Storages.directory(store), key).memory(memory).start()) {
            Site.register(ops, dir, "risk", 1);
            String seen = ops.audit().checkpoint().note();
            try (Attacker attacker = Attacker.on(store)) {
                attacker.run("UPDATE modelops_head SET size = size - 1");
            }
            Site.await("the altered head is noticed", () -> {
                try {
                    ops.sync();
                    return false;
                } catch (IntegrityException e) {
                    return true;
                }
            });
            assertThatThrownBy(() -> ops.audit().checkpoint()).isInstanceOf(IntegrityException.class);
            assertThat(memory.recall(key.origin())).contains(seen);
        }
    }

    @Test
    void followingGoesOnAfterAStoreFailedInAWayThatNoStoreShould() throws Exception {
        Path store = dir.resolve("store");
        LogKey key = Site.create(store);
        AtomicBoolean fails = new AtomicBoolean();
        CountDownLatch failed = new CountDownLatch(1);
        Storage real = Storages.existingDirectory(store);
        LogStore failing = (LogStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LogStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("head") && fails.get()) {
                        failed.countDown();
                        throw new OutOfMemoryError("as a test");
                    }
                    try {
                        return method.invoke(real.log(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (ModelOps writing = Site.open(store, key);
                ModelOps reading =
                        Site.opening(new Storage(failing, real.blobs()), key).start()) {
            fails.set(true);
            failed.await();
            fails.set(false);
            Site.register(writing, dir, "risk", 1);
            Site.await("the reader follows", () -> reading.position().equals(writing.position()));
        }
    }

    @Test
    void aClosedHandleRefusesAtOnceEvenBehindALoaderThatDoesNotReturn() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            ModelHandle<String> handle =
                    ops.as(SCORING).serving().open("risk", Environment.PRODUCTION, artifact -> "model");
            assertThat(handle.apply(model -> model).value()).isEqualTo("model");
            Future<?> opening =
                    other.submit(() -> ops.as(SCORING).serving().open("risk", Environment.PRODUCTION, artifact -> {
                        blocked.countDown();
                        release.await();
                        return "slow";
                    }));
            blocked.await();
            Future<?> closing = Executors.newSingleThreadExecutor().submit(handle::close);
            Site.await("the handle refuses", () -> handle.version().isEmpty());
            assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(ClosedException.class);
            release.countDown();
            closing.get();
            opening.get();
        } finally {
            release.countDown();
            other.shutdownNow();
        }
    }

    @Test
    void aLoaderThatReturnsNothingIsAFailureWithAReason() {
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            try (ModelHandle<Object> handle =
                    ops.as(SCORING).serving().open("risk", Environment.PRODUCTION, nothing())) {
                assertThatThrownBy(() -> handle.apply(model -> model)).hasMessageContaining("returned null");
                assertThat(handle.version()).isEmpty();
            }
        }
    }

    @SuppressWarnings("NullAway") // What a loader written without nullness checks may do.
    private static ModelLoader<Object> nothing() {
        return artifact -> null;
    }

    @Test
    void anEmbeddedFolderWhoseEntriesAreGoneDoesNotBeginAnew() throws Exception {
        Path store = dir.resolve("embedded");
        ModelOps.embedded(store).close();
        Files.delete(store.resolve("log.db"));
        assertThatThrownBy(() -> ModelOps.embedded(store))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("backup");
    }

    @Test
    void theFirstOfManyRefusalsOfOnePersonDoNotHideThoseOfAnother() {
        try (ModelOps ops = Site.inMemory()) {
            ModelVersion version = Site.register(ops, dir, "risk", 1);
            for (int i = 0; i < 150; i++) {
                String model = "invented-" + i;
                assertThatThrownBy(() -> Site.registry(ops, Site.STRANGER).find(ModelName.of(model), Alias.of("a")))
                        .isInstanceOf(AccessDeniedException.class);
            }
            assertThatThrownBy(() -> Site.registry(ops, ADA).approve(version.ref(), Environment.PRODUCTION, "mine"))
                    .isInstanceOf(AccessDeniedException.class);
            long before = ops.position().size();
            assertThatThrownBy(() -> Site.registry(ops, VERA).promote(version.ref(), Environment.PRODUCTION))
                    .isInstanceOf(AccessDeniedException.class);
            assertThat(ops.position().size()).isEqualTo(before + 1);
            assertThat(before).isLessThan(150);
        }
    }
}
