package dev.modelops.core.internal.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** Numbers of predictions: given once, whichever threads ask. */
class PredictionsTest {
    private static final int EACH = 5000;

    private final Predictions predictions = new Predictions(7);
    private final Set<Long> given = ConcurrentHashMap.newKeySet();

    /** A thread that says it is another, as JDK 17 lets it. */
    private static final class Masked extends Thread {
        Masked(Runnable task) {
            super(task);
        }

        @Override
        @SuppressWarnings("deprecation")
        public long getId() {
            return -5;
        }
    }

    private void take(int numbers) {
        for (int i = 0; i < numbers; i++) {
            given.add(predictions.next());
        }
    }

    private static void run(List<Thread> threads) throws InterruptedException {
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void aThreadCountsUpwards() {
        for (long i = 0; i < EACH; i++) {
            assertThat(predictions.next()).isEqualTo(i);
        }
    }

    @Test
    void threadsThatMeetInOnePlaceTakeNoNumberOfEachOthers() throws Exception {
        for (int i = 0; i < 3; i++) {
            run(List.of(new Masked(() -> take(10))));
        }

        assertThat(given).hasSize(30).contains(0L, 9L, 1024L, 1033L, 2048L, 2057L);
    }

    @Test
    void noNumberIsGivenTwiceWhereThreadsEndAndOthersTakeTheirPlace() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                threads.add(new Thread(() -> take(300)));
            }
            run(threads);
        }

        assertThat(given).hasSize(5 * 40 * 300);
    }
}
