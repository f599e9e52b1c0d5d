package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** One thread that asks for many. */
class HeadPollerTest {
    private static final Digest ROOT = Digest.sha256Of(Bytes.ofUtf8("root"));
    private static final Duration OFTEN = Duration.ofMillis(2);
    private static final Duration NEVER = Duration.ofHours(1);

    private final Map<String, LogHead> store = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile Set<String> asked = Set.of();
    private volatile boolean away;
    private final HeadPoller poller = new HeadPoller(this::read);

    private Map<String, LogHead> read(Set<String> logs) {
        questions.incrementAndGet();
        asked = logs;
        if (away) {
            throw new StorageException("the connection was refused");
        }
        Map<String, LogHead> found = new HashMap<>(store);
        found.keySet().retainAll(logs);
        return found;
    }

    /** Notes what it is told. */
    private static class Noting implements HeadPoller.Follower {
        private final AtomicInteger asking = new AtomicInteger();
        private final AtomicInteger answers = new AtomicInteger();
        private final AtomicInteger failures = new AtomicInteger();
        private volatile long size = -1;

        @Override
        public void asking() {
            asking.incrementAndGet();
        }

        @Override
        public boolean answered(LogHead head) {
            boolean moved = head.size() != size;
            size = head.size();
            answers.incrementAndGet();
            return moved;
        }

        @Override
        public void failed(Throwable reason) {
            failures.incrementAndGet();
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("never came true").isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    private static boolean isRunning() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("modelops-heads"));
    }

    @Test
    void oneQuestionAsksForAllLogsThatAreFollowed() throws Exception {
        List<Noting> notes = new ArrayList<>();
        List<HeadPoller.Following> followings = new ArrayList<>();
        for (int log = 0; log < 200; log++) {
            store.put("log-" + log, new LogHead(log + 7, ROOT));
            Noting note = new Noting();
            notes.add(note);
            followings.add(poller.follow("log-" + log, NEVER, note));
        }
        await(() -> asked.size() == 200 || questions.get() == 0);
        poller.wake();
        await(() -> notes.stream().allMatch(note -> note.answers.get() > 0));
        int before = questions.get();
        int answered = notes.get(199).answers.get();
        poller.wake();
        await(() -> notes.get(0).answers.get() > 0 && notes.get(199).answers.get() > answered);
        assertThat(questions.get() - before)
                .as("questions, by a handful of which 200 logs were told of")
                .isLessThan(20);
        assertThat(asked).hasSize(200);
        for (int log = 0; log < 200; log++) {
            assertThat(notes.get(log).size).isEqualTo(log + 7);
        }
        for (HeadPoller.Following following : followings) {
            assertThat(isRunning()).isTrue();
            following.close();
        }
        assertThat(isRunning()).isFalse();
    }

    @Test
    void theThreadEndsWithTheLastFollowerAndBeginsAgainWithTheNext() throws Exception {
        store.put("1", new LogHead(1, ROOT));
        for (int round = 0; round < 20; round++) {
            Noting note = new Noting();
            try (HeadPoller.Following following = poller.follow("1", OFTEN, note)) {
                assertThat(following).isNotNull();
                await(() -> note.answers.get() > 0);
            }
            assertThat(isRunning()).isFalse();
            int after = note.answers.get();
            Thread.sleep(5);
            assertThat(note.answers).hasValue(after);
        }
    }

    @Test
    void aFailureIsToldToAllAndTheNextAnswerToo() throws Exception {
        store.put("1", new LogHead(1, ROOT));
        store.put("2", new LogHead(2, ROOT));
        Noting one = new Noting();
        Noting two = new Noting();
        away = true;
        try (HeadPoller.Following first = poller.follow("1", OFTEN, one);
                HeadPoller.Following second = poller.follow("2", OFTEN, two)) {
            assertThat(first).isNotSameAs(second);
            await(() -> one.failures.get() > 1 && two.failures.get() > 1);
            assertThat(one.answers).hasValue(0);
            away = false;
            await(() -> one.answers.get() > 0 && two.answers.get() > 0);
        }
    }

    @Test
    void aLogThatIsGoneFailsForItsFollowerAlone() throws Exception {
        store.put("1", new LogHead(1, ROOT));
        Noting one = new Noting();
        Noting gone = new Noting();
        try (HeadPoller.Following first = poller.follow("1", OFTEN, one);
                HeadPoller.Following second = poller.follow("2", OFTEN, gone)) {
            assertThat(first).isNotSameAs(second);
            await(() -> gone.failures.get() > 0 && one.answers.get() > 1);
            assertThat(one.failures).hasValue(0);
            assertThat(gone.answers).hasValue(0);
        }
    }

    @Test
    void aFollowerThatThrowsHurtsNobodyElse() throws Exception {
        store.put("1", new LogHead(1, ROOT));
        Noting well = new Noting();
        Noting bad = new Noting() {
            @Override
            public boolean answered(LogHead head) {
                throw new LinkageError("broken");
            }

            @Override
            public void failed(Throwable reason) {
                throw new IllegalStateException("broken");
            }
        };
        try (HeadPoller.Following first = poller.follow("1", OFTEN, bad);
                HeadPoller.Following second = poller.follow("1", OFTEN, well)) {
            assertThat(first).isNotSameAs(second);
            await(() -> well.answers.get() > 2);
            away = true;
            await(() -> well.failures.get() > 1);
        }
    }

    @Test
    void aMomentIsTakenBeforeTheQuestionAndNotAfter() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        HeadPoller slow = new HeadPoller(logs -> {
            inside.countDown();
            try {
                leave.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return Map.of("1", new LogHead(1, ROOT));
        });
        Noting note = new Noting();
        try (HeadPoller.Following following = slow.follow("1", NEVER, note)) {
            assertThat(following).isNotNull();
            inside.await();
            assertThat(note.asking).hasValue(1);
            assertThat(note.answers).hasValue(0);
            leave.countDown();
            await(() -> note.answers.get() == 1);
        }
    }

    @Test
    void thePauseIsShortAfterAMoveAndGrowsToTheInterval() {
        Duration interval = Duration.ofMillis(100);
        Duration moved = HeadPoller.next(Duration.ofMillis(80), HeadPoller.Outcome.MOVED, interval);
        assertThat(moved).isEqualTo(Duration.ofMillis(10));
        Duration pause = moved;
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            pause = HeadPoller.next(pause, HeadPoller.Outcome.SAME, interval);
            pauses.add(pause.toMillis());
        }
        assertThat(pauses).containsExactly(20L, 40L, 80L, 100L, 100L);
        assertThat(HeadPoller.next(moved, HeadPoller.Outcome.MOVED, OFTEN)).isEqualTo(OFTEN);
    }

    @Test
    void aStoreInTroubleIsAskedOnceASecondAtLeast() {
        Duration interval = Duration.ofMillis(100);
        Duration pause = Duration.ofMillis(10);
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            pause = HeadPoller.next(pause, HeadPoller.Outcome.FAILED, interval);
            pauses.add(pause.toMillis());
        }
        assertThat(pauses).containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L);
        assertThat(HeadPoller.next(pause, HeadPoller.Outcome.SAME, interval)).isEqualTo(interval);
        assertThat(HeadPoller.next(NEVER, HeadPoller.Outcome.FAILED, NEVER)).isEqualTo(NEVER);
    }
}
