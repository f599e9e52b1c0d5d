package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.InDoubtException;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.OverloadedException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.faults.FaultyLogStore.Plan;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that fails, hangs, is full or leaves a commit in doubt. */
@Tag("every-store")
class StoreFaultsTest {
    private static final ModelRef REF = ModelRef.parse("risk@1");

    @TempDir
    Path dir;

    private FaultyLogStore log;
    private FullBlobs blobs;
    private ModelOps ops;
    private final ExecutorService callers = Executors.newCachedThreadPool();

    @BeforeEach
    void begin() {
        open(opening -> opening);
    }

    private void open(UnaryOperator<Opening> change) {
        Storage inner = TestStorage.fresh();
        LogKey key = ModelOps.create(inner, Site.genesis());
        log = new FaultyLogStore(inner.log());
        blobs = new FullBlobs(inner.blobs());
        ops = change.apply(Site.opening(new Storage(log, blobs), key)).start();
        Site.register(ops, dir, "risk", 1);
    }

    private void reopen(UnaryOperator<Opening> change) {
        ops.close();
        open(change);
    }

    @AfterEach
    void end() throws InterruptedException {
        log.open();
        ops.close();
        callers.shutdownNow();
        Site.requireNoThreads();
    }

    private Action comment(String id) {
        return Action.comment(REF, "comment " + id).as(CommandId.of(id));
    }

    private ModelRegistry ada() {
        return Site.registry(ops, Site.ADA);
    }

    private long commentsNamed(String id) {
        return ada().comments(REF).stream()
                .filter(comment -> comment.text().toString().equals("comment " + id))
                .count();
    }

    private void requireSound() {
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
        assertThat(log.isAsPlanned()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"COMMITTED_IN_DOUBT", "COMMITTED_AND_BROKEN"})
    void anActThatWasCommittedAfterAllIsDoneOnce(Plan plan) {
        log.plan(plan);
        long before = ops.position().size();
        assertThat(ada().perform(comment("a")).position().size()).isEqualTo(before + 1);
        assertThat(ada().perform(comment("a")).position().size()).isEqualTo(before + 1);
        assertThat(commentsNamed("a")).isEqualTo(1);
        requireSound();
    }

    @ParameterizedTest
    @EnumSource(names = {"LOST_IN_DOUBT", "LOST_AND_BROKEN", "FULL"})
    void anActThatWasNotCommittedFailsAndLeavesNothing(Plan plan) {
        log.plan(plan);
        long before = ops.position().size();
        assertThatThrownBy(() -> ada().perform(comment("a")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("try again");
        assertThat(ops.outcome(CommandId.of("a"))).isEmpty();
        assertThat(ops.position().size()).isEqualTo(before);
        ada().perform(comment("a"));
        assertThat(commentsNamed("a")).isEqualTo(1);
        requireSound();
    }

    @Test
    void aDoubtThatCannotBeSettledIsToldAndSettledByTheRetry() {
        log.plan(
                Plan.COMMITTED_IN_DOUBT,
                Plan.LOST_IN_DOUBT,
                Plan.LOST_IN_DOUBT,
                Plan.LOST_IN_DOUBT,
                Plan.LOST_IN_DOUBT,
                Plan.LOST_IN_DOUBT);
        assertThatThrownBy(() -> ada().perform(comment("a")))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("outcome(a)");
        assertThat(ops.outcome(CommandId.of("a"))).isPresent();
        ada().perform(comment("a"));
        assertThat(commentsNamed("a")).isEqualTo(1);
        requireSound();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void underAnyFaultsManyCallersWhoRetryAreServedExactlyOnce(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 40; i++) {
            log.plan(Plan.values()[random.nextInt(Plan.values().length)]);
        }
        List<Future<?>> all = new ArrayList<>();
        for (int caller = 0; caller < 4; caller++) {
            String name = "c" + caller;
            all.add(callers.submit(() -> {
                for (int i = 0; i < 15; i++) {
                    untilDone(comment(name + "-" + i));
                }
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        assertThat(ada().comments(REF))
                .hasSize(60)
                .extracting(comment -> comment.text())
                .doesNotHaveDuplicates();
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    private void untilDone(Action action) {
        while (true) {
            try {
                ada().perform(action);
                return;
            } catch (StorageException | InDoubtException e) {
                assertThat(e).hasMessageMatching(".*(try again|outcome).*");
            }
        }
    }

    @Test
    void aRefusalWhoseRecordWasLostIsRecordedTheNextTime() {
        log.plan(Plan.LOST_IN_DOUBT);
        long before = ops.position().size();
        ModelRegistry stranger = Site.registry(ops, Site.STRANGER);
        assertThatThrownBy(() -> stranger.comment(REF, "x")).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> stranger.comment(REF, "x")).isInstanceOf(AccessDeniedException.class);
        assertThat(ops.position().size()).isEqualTo(before + 1);
    }

    @Test
    void aFullBlobStoreLeavesNothingRegistered() {
        blobs.full = true;
        long before = ops.position().size();
        assertThatThrownBy(() -> Site.register(ops, dir, "risk", 2))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("free some space");
        assertThat(ops.position().size()).isEqualTo(before);
        blobs.full = false;
        assertThat(Site.register(ops, dir, "risk", 2).ref()).hasToString("risk@2");
        requireSound();
    }

    @Test
    void aFullQueueRefusesAndTheRestIsDone() throws Exception {
        reopen(opening -> opening.queueCapacity(3));
        CountDownLatch waiting = log.shut();
        Future<?> first = callers.submit(() -> ada().perform(comment("first")));
        waiting.await();
        Map<String, Future<Throwable>> queued = new TreeMap<>();
        for (int i = 0; i < 3; i++) {
            String id = "queued-" + i;
            queued.put(id, callers.submit(() -> catchThrowable(() -> ada().perform(comment(id)))));
        }
        Throwable[] refused = new Throwable[1];
        Site.await("the queue is full", () -> {
            Future<Throwable> probe = callers.submit(() -> catchThrowable(() -> ada().perform(comment("over"))));
            try {
                refused[0] = probe.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
            return refused[0] != null;
        });
        assertThat(refused[0]).isInstanceOf(OverloadedException.class).hasMessageContaining("slow");
        // A read that is refused says so, even where the refusal finds no place in the queue.
        assertThatThrownBy(() -> Site.registry(ops, Site.STRANGER).find(REF)).isInstanceOf(AccessDeniedException.class);
        log.open();
        first.get();
        assertThat(commentsNamed("first")).isEqualTo(1);
        // Which callers find a place before the queue is full is chance; each is done once or refused.
        for (Map.Entry<String, Future<Throwable>> one : queued.entrySet()) {
            Throwable failure = one.getValue().get();
            if (failure != null) {
                assertThat(failure).isInstanceOf(OverloadedException.class);
            }
            assertThat(commentsNamed(one.getKey())).isEqualTo(failure == null ? 1 : 0);
        }
        requireSound();
    }

    @Test
    void aCallerWhosePatienceEndsLearnsTheOutcomeLater() throws Exception {
        reopen(opening -> opening.patience(Duration.ofMillis(100)));
        CountDownLatch waiting = log.shut();
        assertThatThrownBy(() -> ada().perform(comment("late")))
                .isInstanceOf(InDoubtException.class)
                .hasMessageContaining("outcome(late)");
        waiting.await();
        log.open();
        Site.await("the act is done", () -> ops.outcome(CommandId.of("late")).isPresent());
        assertThat(commentsNamed("late")).isEqualTo(1);
    }

    @Test
    void anInterruptedCallerLearnsTheOutcomeLaterAndNothingElseStops() throws Exception {
        CountDownLatch waiting = log.shut();
        CompletableFuture<Throwable> caught = new CompletableFuture<>();
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            caught.complete(catchThrowable(() -> ada().perform(comment("cut-off"))));
            flag.complete(Thread.currentThread().isInterrupted());
        });
        caller.start();
        waiting.await();
        caller.interrupt();
        assertThat(caught.get()).isInstanceOf(InDoubtException.class).hasMessageContaining("outcome(cut-off)");
        assertThat(flag.get()).isTrue();
        log.open();
        Site.await("the act is done", () -> ops.outcome(CommandId.of("cut-off")).isPresent());
        ada().perform(comment("afterwards"));
        assertThat(commentsNamed("cut-off")).isEqualTo(1);
        requireSound();
    }

    @Test
    void closingAnswersActsThatWait() throws Exception {
        CountDownLatch waiting = log.shut();
        Future<Throwable> underWay = callers.submit(() -> catchThrowable(() -> ada().perform(comment("under-way"))));
        waiting.await();
        List<Future<Throwable>> queued = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String id = "queued-" + i;
            queued.add(callers.submit(() -> catchThrowable(() -> ada().perform(comment(id)))));
        }
        Thread closing = new Thread(ops::close);
        closing.start();
        Site.await(
                "closing waits for the committing thread",
                () -> Stream.of(closing.getStackTrace())
                                .anyMatch(frame -> frame.getClassName().endsWith(".Committer"))
                        && closing.getState() != Thread.State.RUNNABLE);
        log.open();
        closing.join();
        assertThat(underWay.get()).isNull();
        for (Future<Throwable> one : queued) {
            assertThat(one.get()).isInstanceOf(ClosedException.class).hasMessageContaining("open it again");
        }
        Site.requireNoThreads();
    }

    @Test
    void aCallerSeesOneOfTheTypedFailuresOnly() {
        for (Plan plan : Plan.values()) {
            log.plan(plan);
            Throwable failure = catchThrowable(() -> ada().perform(comment("typed-" + plan.ordinal())));
            if (failure != null) {
                assertThat(failure).isInstanceOf(ModelOpsException.class);
            }
        }
    }

    /** Blobs that take nothing more when full. */
    private static final class FullBlobs implements BlobStore {
        private final BlobStore store;
        private volatile boolean full;

        FullBlobs(BlobStore store) {
            this.store = store;
        }

        @Override
        public void put(Digest digest, InputStream content) {
            if (full) {
                throw new StorageException("there is no room left; free some space and try again");
            }
            store.put(digest, content);
        }

        @Override
        public InputStream open(Digest digest) {
            return store.open(digest);
        }

        @Override
        public boolean contains(Digest digest) {
            return store.contains(digest);
        }

        @Override
        public boolean delete(Digest digest) {
            return store.delete(digest);
        }

        @Override
        public void list(Consumer<? super StoredBlob> visitor) {
            store.list(visitor);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
