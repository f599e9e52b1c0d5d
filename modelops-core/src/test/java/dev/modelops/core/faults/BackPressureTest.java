package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.OverloadedException;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.registry.Recorded;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody who asks for too much, is too slow or breaks takes it out on the others. */
class BackPressureTest {
    @TempDir
    Path dir;

    private final Storage storage = Storages.inMemory();
    private final FaultyLogStore store = new FaultyLogStore(storage.log());
    private final ExecutorService callers = Executors.newCachedThreadPool();
    private LogKey key;

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
    }

    @AfterEach
    void end() throws Exception {
        store.open();
        callers.shutdownNow();
        Site.requireNoThreads();
    }

    private ModelOps open(int capacity) {
        return Site.opening(new Storage(store, storage.blobs()), key)
                .queueCapacity(capacity)
                .start();
    }

    private Future<Recorded> comment(ModelOps ops, ModelRef ref, String text) {
        return callers.submit(() -> Site.registry(ops, Site.ADA).comment(ref, text));
    }

    @Test
    void manyRefusedReadsDoNotKeepOthersFromActing() throws Exception {
        int refusals = 500;
        try (ModelOps ops = open(64)) {
            ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
            CountDownLatch waiting = store.shut();
            List<Future<Recorded>> acts = new ArrayList<>();
            acts.add(comment(ops, ref, "first"));
            waiting.await();
            for (int i = 0; i < refusals; i++) {
                assertThatThrownBy(() -> Site.registry(ops, Site.STRANGER).model(Site.RISK))
                        .isInstanceOf(AccessDeniedException.class);
            }
            for (int i = 0; i < 50; i++) {
                acts.add(comment(ops, ref, "act " + i));
            }
            Thread.sleep(50);
            store.open();
            for (Future<Recorded> act : acts) {
                assertThat(act.get().position().size()).isPositive();
            }
        }
        try (ModelOps ops = open(64)) {
            long full = entries(ops, EntryType.ACCESS_REFUSED).size();
            long counted = entries(ops, EntryType.REFUSALS_COUNTED).stream()
                    .mapToLong(entry -> Entry.decode(0, entry.body().toByteArray())
                            .data()
                            .path("count")
                            .asLong())
                    .sum();
            assertThat(full).isOne();
            assertThat(full + counted).isEqualTo(refusals);
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    private static List<AuditEntry> entries(ModelOps ops, EntryType type) {
        return ops.as(Site.AUDITOR)
                .audit()
                .query(AuditQuery.all().type(type.typeName()))
                .items();
    }

    @Test
    void beyondTheQueueIsATypedRefusal() throws Exception {
        try (ModelOps ops = open(4)) {
            ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
            CountDownLatch waiting = store.shut();
            Future<Recorded> first = comment(ops, ref, "first");
            waiting.await();
            List<Future<Recorded>> acts = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                acts.add(comment(ops, ref, "act " + i));
            }
            Site.await(
                    "the others are refused",
                    () -> acts.stream().filter(Future::isDone).count() == 16);
            store.open();
            assertThat(first.get().position().size()).isPositive();
            int refused = 0;
            for (Future<Recorded> act : acts) {
                try {
                    act.get();
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(OverloadedException.class);
                    refused++;
                }
            }
            assertThat(refused).isEqualTo(16);
        }
    }

    @Test
    void aStoreThatStandsStillCostsRefusalsAndNoMemory() throws Exception {
        int threads = 64;
        int places = 16;
        int attempts = 500;
        String text = "x".repeat(2_000);
        try (ModelOps ops = open(places)) {
            ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
            CountDownLatch waiting = store.shut();
            Future<Recorded> first = comment(ops, ref, "first");
            waiting.await();
            long before = usedMemory();
            AtomicInteger refused = new AtomicInteger();
            AtomicInteger done = new AtomicInteger();
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(callers.submit(() -> {
                    for (int j = 0; j < attempts; j++) {
                        try {
                            Site.registry(ops, Site.ADA).comment(ref, text + j);
                            done.incrementAndGet();
                            return;
                        } catch (OverloadedException e) {
                            refused.incrementAndGet();
                        }
                    }
                }));
            }
            Site.await(
                    "all who found no place were refused each time",
                    () -> all.stream().filter(Future::isDone).count() == threads - places);
            // One refusal kept would be a caller's text and more: far beyond what is allowed for here.
            assertThat(usedMemory() - before).isLessThan(16 << 20);
            assertThat(refused.get()).isGreaterThanOrEqualTo((threads - places) * attempts);
            long size = ops.position().size();

            store.open();

            for (Future<?> each : all) {
                each.get();
            }
            assertThat(first.get().position().size()).isEqualTo(size + 1);
            assertThat(done).hasValue(places);
            assertThat(ops.sync().size()).isEqualTo(size + 1 + places);
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    private static long usedMemory() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(20);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Breaks on the committing thread, once, after so many numbers. */
    private static final class Breaking implements RandomGenerator {
        private final SplittableRandom random = new SplittableRandom(3);
        private final AtomicInteger left = new AtomicInteger();

        @Override
        public synchronized long nextLong() {
            if (Thread.currentThread().getName().equals("modelops-committer") && left.decrementAndGet() == 0) {
                throw new StackOverflowError("of one act");
            }
            return random.nextLong();
        }
    }

    @Test
    void anErrorInOneActDoesNotFailTheOthersOfItsBatch() throws Exception {
        Breaking random = new Breaking();
        try (ModelOps ops = Site.opening(new Storage(store, storage.blobs()), key)
                .random(random)
                .start()) {
            ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
            CountDownLatch waiting = store.shut();
            Future<Recorded> first = comment(ops, ref, "first");
            waiting.await();
            List<Future<Recorded>> acts = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                acts.add(comment(ops, ref, "act " + i));
            }
            Thread.sleep(100);
            long before = ops.position().size();
            // Each id takes two numbers: the third act of the second batch breaks.
            random.left.set(7);
            store.open();
            assertThat(first.get().position().size()).isEqualTo(before + 1);
            int failed = 0;
            for (Future<Recorded> act : acts) {
                try {
                    act.get();
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).hasRootCauseInstanceOf(StackOverflowError.class);
                    failed++;
                }
            }
            assertThat(failed).isOne();
            assertThat(ops.position().size()).isEqualTo(before + 10);
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aListenerThatIsFarTooSlowIsToldOfEverythingInOrder() throws Exception {
        int count = 2500;
        List<Long> told = new ArrayList<>();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        try (ModelOps ops = open(10_000)) {
            ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
            long from = ops.position().size();
            AutoCloseable listening = ops.listen(entry -> {
                inside.countDown();
                try {
                    leave.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                synchronized (told) {
                    told.add(entry.position().index());
                }
            });
            List<Future<Recorded>> acts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                acts.add(comment(ops, ref, "act " + i));
                if (i % 100 == 0) {
                    acts.get(i).get();
                }
            }
            for (Future<Recorded> act : acts) {
                act.get();
            }
            inside.await();
            // What is too old to wait in memory is read again, once the store lets it.
            store.leave();
            leave.countDown();
            Thread.sleep(50);
            store.comeBack();
            Site.await("all is told", () -> {
                synchronized (told) {
                    return told.size() >= count;
                }
            });
            assertThat(told)
                    .containsExactlyElementsOf(
                            LongStream.range(from, from + count).boxed().toList());
            listening.close();
        }
    }
}
