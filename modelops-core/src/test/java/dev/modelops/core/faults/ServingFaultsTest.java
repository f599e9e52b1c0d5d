package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Served;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.signing.VerificationException;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Handles under load, under attack, and with loaders that fail. */
@Tag("every-store")
class ServingFaultsTest {
    private static final int SWAPS = TestStorage.KIND == TestStorage.Kind.MEMORY ? 200 : 33;

    @TempDir
    Path dir;

    private final ExecutorService callers = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        callers.shutdownNow();
    }

    /** A model that knows its version and fails when it is used after it was closed. */
    private static final class Closing implements AutoCloseable {
        private final ModelRef ref;
        private final AtomicInteger closed = new AtomicInteger();

        Closing(ModelRef ref) {
            this.ref = ref;
        }

        ModelRef use() {
            if (closed.get() > 0) {
                throw new IllegalStateException(ref + " was used after it was closed");
            }
            Thread.onSpinWait();
            if (closed.get() > 0) {
                throw new IllegalStateException(ref + " was closed while it was used");
            }
            return ref;
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private static ModelHandle<String> open(ModelOps ops, ModelLoader<String> loader) {
        return ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, loader);
    }

    private static String weights(VerifiedArtifact artifact) throws IOException {
        try (var in = artifact.open("weights.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void manyThreadsCallThroughManySwaps() throws Exception {
        Queue<Closing> loaded = new ConcurrentLinkedQueue<>();
        try (ModelOps ops = Site.inMemory()) {
            ModelRef one = Site.promoted(ops, dir, 1);
            ModelRef two = Site.promoted(ops, dir, 2);
            ModelHandle<Closing> closeable = ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> {
                Closing model = new Closing(artifact.ref());
                loaded.add(model);
                return model;
            });
            ModelHandle<ModelRef> plain =
                    ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> artifact.ref());
            AtomicBoolean over = new AtomicBoolean();
            AtomicLong calls = new AtomicLong();
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                running.add(callers.submit(() -> {
                    while (!over.get()) {
                        Served<ModelRef> used = closeable.apply(Closing::use);
                        assertThat(used.value()).isEqualTo(used.version());
                        Served<ModelRef> seen = plain.apply("", (model, nothing) -> model);
                        assertThat(seen.value()).isEqualTo(seen.version());
                        calls.addAndGet(2);
                        if (calls.get() % 64 == 0) {
                            Thread.yield();
                        }
                    }
                    return calls;
                }));
            }
            for (int swap = 0; swap < SWAPS; swap++) {
                ModelRef next = swap % 2 == 0 ? one : two;
                Site.registry(ops, Site.RITA).promote(next, Site.PRODUCTION);
                assertThat(closeable.apply(Closing::use).version()).isEqualTo(next);
                assertThat(plain.version()).contains(next);
            }
            over.set(true);
            for (Future<?> caller : running) {
                caller.get();
            }
            assertThat(calls.get()).isPositive();
        }
        assertThat(loaded)
                .hasSize(SWAPS + 1)
                .allSatisfy(model -> assertThat(model.closed).hasValue(1));
        Site.requireNoThreads();
    }

    @Test
    void aModelInUseIsClosedOnlyAfterTheCall() throws Exception {
        Queue<Closing> loaded = new ConcurrentLinkedQueue<>();
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            ModelHandle<Closing> handle = ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> {
                Closing model = new Closing(artifact.ref());
                loaded.add(model);
                return model;
            });
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch leave = new CountDownLatch(1);
            Future<Served<ModelRef>> call = callers.submit(() -> handle.apply(model -> {
                inside.countDown();
                try {
                    leave.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return model.use();
            }));
            inside.await();
            Site.promoted(ops, dir, 2);
            assertThat(handle.apply(Closing::use).value()).hasToString("risk@2");
            assertThat(loaded.element().closed).hasValue(0);
            leave.countDown();
            assertThat(call.get().version()).hasToString("risk@1");
            Site.await("the old model is closed", () -> loaded.element().closed.get() == 1);
        }
        assertThat(loaded).allSatisfy(model -> assertThat(model.closed).hasValue(1));
    }

    @Test
    void aLoaderThatFailsKeepsTheVersionBefore() throws Exception {
        List<Throwable> failures = List.of(
                new IOException("no"),
                new IllegalStateException("no"),
                new LinkageError("no"),
                new StackOverflowError());
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            AtomicInteger loads = new AtomicInteger();
            ModelHandle<String> handle = open(ops, artifact -> {
                int number = artifact.ref().version().value();
                loads.incrementAndGet();
                if (number > 1 && number <= failures.size() + 1) {
                    Throwable failure = failures.get(number - 2);
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    throw (Exception) failure;
                }
                return weights(artifact);
            });
            for (int i = 0; i < failures.size(); i++) {
                ModelRef bad = Site.promoted(ops, dir, i + 2);
                assertThat(Site.registry(ops, Site.RITA)
                                .champion(Site.RISK, Site.PRODUCTION)
                                .map(ModelVersion::ref))
                        .contains(bad);
                assertThat(handle.apply(model -> model).version()).hasToString("risk@1");
            }
            ModelRef good = Site.promoted(ops, dir, failures.size() + 2);
            assertThat(handle.apply(model -> model).version()).isEqualTo(good);
            assertThat(handle.apply(model -> model).value()).contains("bias=" + good.version());
            assertThat(loads.get()).isGreaterThanOrEqualTo(failures.size() + 2);
        }
    }

    @Test
    void aLoadThatFailedIsTriedAgainThoughNothingHappensInTheLog() throws Exception {
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            AtomicInteger loads = new AtomicInteger();
            ModelHandle<String> handle = open(ops, artifact -> {
                if (loads.incrementAndGet() < 3) {
                    throw new IOException("the disk is away");
                }
                return "model";
            });
            long before = ops.position().size();
            assertThatThrownBy(() -> handle.apply(model -> model)).hasMessageContaining("the disk is away");
            Site.await("the model is loaded", () -> handle.version().isPresent());
            assertThat(loads).hasValue(3);
            assertThat(ops.position().size()).isEqualTo(before);
        }
    }

    @Test
    void aLoadThatFailedIsNotTriedAgainForEveryEntry() throws Exception {
        try (ModelOps ops = Site.inMemory()) {
            ModelRef ref = Site.promoted(ops, dir, 1);
            AtomicInteger loads = new AtomicInteger();
            ModelHandle<String> handle = open(ops, artifact -> {
                loads.incrementAndGet();
                throw new IOException("broken");
            });
            for (int i = 0; i < 60; i++) {
                Site.registry(ops, Site.ADA).comment(ref, "noise " + i);
                Thread.sleep(5);
            }
            assertThatThrownBy(() -> handle.apply(model -> model)).hasMessageContaining("broken");
            assertThat(loads.get()).isLessThan(10);
            Site.registry(ops, Site.RITA).revoke(ref, "leaked");
            assertThatThrownBy(() -> handle.apply(model -> model)).isNotInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void aHandleWhoseFirstLoadFailsSaysWhy() {
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            ModelHandle<String> handle = open(ops, artifact -> {
                throw new LinkageError("no native code");
            });
            assertThatThrownBy(() -> handle.apply(model -> model))
                    .isInstanceOf(ModelOpsException.class)
                    .hasMessageContaining("no native code");
        }
    }

    @Test
    void revokingRefusesAtOnceInTheSameProcess() throws Exception {
        try (ModelOps ops = Site.inMemory()) {
            for (int round = 1; round <= 20; round++) {
                ModelRef ref = Site.promoted(ops, dir, round);
                ModelHandle<String> handle = open(ops, artifact -> "model");
                assertThat(handle.apply(model -> model).version()).isEqualTo(ref);
                // Other acts keep the serving thread reconciling while the version is revoked.
                Future<?> noise =
                        callers.submit(() -> Site.registry(ops, Site.ADA).comment(ref, "noise"));
                Site.registry(ops, Site.RITA).revoke(ref, "leaked");
                assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(AccessDeniedException.class);
                noise.get();
                for (int i = 0; i < 200; i++) {
                    assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(AccessDeniedException.class);
                }
                handle.close();
            }
        }
    }

    @Test
    void revokingRefusesInAnotherProcessOnceItPolls() throws Exception {
        Path folder = dir.resolve("store");
        LogKey key = Site.create(folder);
        try (ModelOps here = Site.open(folder, key);
                ModelOps there = Site.open(folder, key)) {
            ModelRef ref = Site.promoted(here, dir, 1);
            there.sync();
            ModelHandle<String> handle = open(there, artifact -> "model");
            assertThat(handle.apply(model -> model).version()).isEqualTo(ref);
            Site.registry(here, Site.RITA).revoke(ref, "leaked");
            Site.await("the other process refuses", () -> {
                try {
                    handle.apply(model -> model);
                    return false;
                } catch (AccessDeniedException e) {
                    return true;
                }
            });
        }
        Site.requireNoThreads();
    }

    @Test
    void anAlteredBlobNeverLoads() throws Exception {
        Path folder = dir.resolve("store");
        LogKey key = Site.create(folder);
        List<String> seen = new ArrayList<>();
        try (ModelOps ops = Site.open(folder, key)) {
            ModelRef one = Site.promoted(ops, dir, 1);
            ModelHandle<String> handle = open(ops, artifact -> {
                String weights = weights(artifact);
                seen.add(weights);
                return weights;
            });
            ModelVersion two = Site.register(ops, dir, "risk", 2);
            Site.registry(ops, Site.VERA).approve(two.ref(), Site.PRODUCTION, "VR-2");
            alter(ops, folder, two);
            Site.registry(ops, Site.RITA).promote(two.ref(), Site.PRODUCTION);
            assertThat(handle.apply(model -> model).version()).isEqualTo(one);
            ModelHandle<String> fresh = open(ops, ServingFaultsTest::weights);
            assertThatThrownBy(() -> fresh.apply(model -> model)).isInstanceOf(VerificationException.class);
            assertThat(seen).hasSize(1);
        }
    }

    private void alter(ModelOps ops, Path folder, ModelVersion version) {
        Path model = dir.resolve("downloaded");
        Path bundle = dir.resolve("downloaded.sig");
        Site.registry(ops, Site.ADA).download(version.ref(), model, bundle, Progress.NONE);
        String hex = Digest.sha256Of(Bytes.ofUtf8("income=0.25\ndebt=-0.75\nbias=2\n"))
                .toHex();
        Models.tamper(
                folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2)));
    }

    @Test
    void aHandleOutlivesNothing() throws Exception {
        ModelOps ops = Site.inMemory();
        Site.promoted(ops, dir, 1);
        ModelHandle<String> handle = open(ops, artifact -> "model");
        ModelHandle<String> closed = open(ops, artifact -> "model");
        closed.close();
        assertThatThrownBy(() -> closed.apply(model -> model)).isInstanceOf(ClosedException.class);
        closed.close();
        ops.close();
        assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> handle.apply("", (model, input) -> model)).isInstanceOf(ClosedException.class);
        assertThat(handle.version()).isEmpty();
        handle.close();
        Site.requireNoThreads();
    }

    @Test
    void aHandleWithoutChampionSaysSoAndFollows() throws Exception {
        try (ModelOps ops = Site.inMemory()) {
            ModelHandle<String> handle = open(ops, artifact -> "model");
            assertThatThrownBy(() -> handle.apply(model -> model))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("promote");
            Site.promoted(ops, dir, 1);
            assertThat(handle.apply(model -> model).value()).isEqualTo("model");
            Site.registry(ops, Site.ADMIN).revokeRole(Site.SCORING, Role.SERVICE);
            assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(AccessDeniedException.class);
            Site.registry(ops, Site.ADMIN).grantRole(Site.SCORING, Role.SERVICE);
            Site.await("the handle serves again", () -> handle.version().isPresent());
        }
    }

    @Test
    void aModelThatFailsToCloseHoldsNothingUp() throws Exception {
        AtomicInteger closes = new AtomicInteger();
        try (ModelOps ops = Site.inMemory()) {
            Site.promoted(ops, dir, 1);
            ModelHandle<AutoCloseable> handle = ops.as(Site.SCORING)
                    .serving()
                    .open("risk", Site.PRODUCTION, artifact -> () -> {
                        closes.incrementAndGet();
                        throw new LinkageError("cannot close");
                    });
            Site.promoted(ops, dir, 2);
            assertThat(handle.version()).isPresent();
            Site.promoted(ops, dir, 3);
            Site.await("both are closed", () -> closes.get() == 2);
        }
        assertThat(closes).hasValue(3);
        Site.requireNoThreads();
    }
}
