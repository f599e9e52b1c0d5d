package dev.modelops.core.internal.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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

    private void take() {
        for (int i = 0; i < EACH; i++) {
            assertThat(given.add(predictions.next())).isTrue();
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
    void noNumberIsGivenTwiceToThreadsThatMeetInOnePlace() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(new Masked(() -> {
                try {
                    started.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                take();
            }));
        }
        threads.add(new Thread(started::countDown));
        run(threads);

        assertThat(given).hasSize(8 * EACH);
    }

    @Test
    void noNumberIsGivenTwiceWhereThreadsEndAndOthersTakeTheirPlace() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                threads.add(new Thread(() -> {
                    for (int call = 0; call < 300; call++) {
                        given.add(predictions.next());
                    }
                }));
            }
            run(threads);
        }

        assertThat(given).hasSize(5 * 40 * 300);
    }
}
