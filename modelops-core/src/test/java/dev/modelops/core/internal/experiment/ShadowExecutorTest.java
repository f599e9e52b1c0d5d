package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.internal.experiment.ShadowExecutor.Numbers;
import dev.modelops.core.internal.experiment.ShadowExecutor.Result;
import dev.modelops.serving.Deployment.Shadow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Challengers that do their worst. */
class ShadowExecutorTest {
    private final ConcurrentLinkedQueue<Result> results = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Object> answers = new ConcurrentLinkedQueue<>();

    private ShadowExecutor executor(Shadow settings) {
        return new ShadowExecutor(settings, System::nanoTime, (result, answer, thrown) -> {
            results.add(result);
            if (answer != null) {
                answers.add(answer);
            }
        });
    }

    private static Shadow settings(int threads, int capacity, Duration deadline, int failuresToOpen) {
        return new Shadow(threads, capacity, deadline, 1, failuresToOpen, Duration.ofHours(1));
    }

    /** What a challenger may do. */
    enum Worst {
        THROWS {
            @Override
            Object answer() {
                throw new IllegalStateException("a challenger's failure");
            }
        },
        THROWS_CHECKED {
            @Override
            Object answer() throws Exception {
                throw new Exception("a challenger's failure");
            }
        },
        THROWS_ERROR {
            @Override
            Object answer() {
                throw new AssertionError("a challenger's failure");
            }
        },
        OVERFLOWS_THE_STACK {
            @Override
            Object answer() {
                return deeper(1);
            }

            private int deeper(int depth) {
                return depth == 0 ? 0 : 1 + deeper(depth + 1);
            }
        },
        RUNS_OUT_OF_MEMORY {
            @Override
            Object answer() {
                return List.of(new long[Integer.MAX_VALUE], new long[Integer.MAX_VALUE]);
            }
        },
        INTERRUPTS_ITSELF {
            @Override
            Object answer() throws Exception {
                Thread.currentThread().interrupt();
                Thread.sleep(1);
                return "never";
            }
        };

        abstract Object answer() throws Exception;
    }

    @ParameterizedTest
    @EnumSource(Worst.class)
    void whateverAChallengerThrowsIsAResult(Worst worst) {
        try (ShadowExecutor executor = executor(settings(1, 10, Duration.ofMinutes(5), 100))) {
            assertThat(executor.offer(worst::answer)).isTrue();
            assertThat(executor.offer(() -> "fine")).isTrue();
            await("two results", () -> results.size() == 2);

            assertThat(results).containsExactly(Result.FAILED, Result.ANSWERED);
            assertThat(answers).containsExactly("fine");
            assertThat(executor.lost()).isZero();
        }
    }

    @Test
    void aChallengerThatSleepsIsInterruptedAtItsDeadline() {
        try (ShadowExecutor executor = executor(settings(1, 10, Duration.ofMillis(50), 100))) {
            executor.offer(() -> {
                Thread.sleep(TimeUnit.MINUTES.toMillis(10));
                return "late";
            });
            executor.offer(() -> "fine");
            await("two results", () -> results.size() == 2);

            assertThat(results).contains(Result.LATE);
            assertThat(answers).doesNotContain("late");
        }
    }

    @Test
    void aChallengerThatNeverReturnsCostsNoMoreThanItsThreads() {
        AtomicBoolean mayReturn = new AtomicBoolean();
        ShadowExecutor executor = executor(settings(2, 4, Duration.ofMillis(30), 3));
        try {
            Callable<Object> stuck = () -> {
                while (!mayReturn.get()) {
                    Thread.onSpinWait();
                }
                return "at last";
            };
            int threads = Thread.activeCount();
            executor.offer(stuck);
            executor.offer(stuck);
            await("both threads stuck", () -> executor.lost() == 2);
            for (int i = 0; i < 10_000; i++) {
                assertThatCode(() -> executor.offer(stuck)).doesNotThrowAnyException();
            }

            Numbers numbers = executor.numbers();
            assertThat(numbers.dropped()).isGreaterThanOrEqualTo(10_000 - 4);
            assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 1);
        } finally {
            mayReturn.set(true);
            executor.close();
        }
    }

    @Test
    void whenTooManyWaitTheRestIsDroppedAndCounted() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (ShadowExecutor executor = executor(settings(1, 3, Duration.ofMinutes(5), 100))) {
            executor.offer(() -> {
                begun.countDown();
                return release.await(60, TimeUnit.SECONDS);
            });
            assertThat(begun.await(60, TimeUnit.SECONDS)).as("the first begun").isTrue();
            int taken = 0;
            for (int i = 0; i < 100; i++) {
                taken += executor.offer(() -> 1) ? 1 : 0;
            }
            release.countDown();

            assertThat(taken).isEqualTo(3);
            await("what was taken is answered", () -> results.size() == 4);
            assertThat(executor.numbers()).isEqualTo(new Numbers(4, 0, 0, 97, 0, 0));
        }
    }

    @Test
    void aChallengerThatKeepsFailingIsNotAskedForAWhile() {
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean well = new AtomicBoolean();
        Shadow settings = new Shadow(1, 100, Duration.ofMinutes(5), 1, 3, Duration.ofMillis(200));
        try (ShadowExecutor executor = executor(settings)) {
            Callable<Object> sick = () -> {
                asked.incrementAndGet();
                if (!well.get()) {
                    throw new IllegalStateException("a challenger's failure");
                }
                return "well";
            };
            await("the breaker opens", () -> {
                executor.offer(sick);
                return !executor.isAsking();
            });
            await("it is asked again", () -> {
                executor.offer(sick);
                return asked.get() > 3 + 5;
            });
            long refused = executor.numbers().refused();
            assertThat(refused).isPositive();
            well.set(true);
            await("it is well", () -> {
                executor.offer(sick);
                return answers.size() > 10;
            });
            assertThat(executor.isAsking()).isTrue();
        }
    }

    @Test
    void whatAChallengerDoesToItsInputStaysWithIt() {
        List<Integer> input = new ArrayList<>(List.of(1, 2, 3));
        try (ShadowExecutor executor = executor(settings(1, 10, Duration.ofMinutes(5), 100))) {
            executor.offerCopied(() -> {
                List<Integer> copy = new ArrayList<>(input);
                return () -> {
                    copy.clear();
                    return copy;
                };
            });
            await("one result", () -> results.size() == 1);
        }

        assertThat(input).containsExactly(1, 2, 3);
        assertThat(results).containsExactly(Result.ANSWERED);
    }

    @Test
    void aCopyThatFailsIsDroppedAndCounted() {
        try (ShadowExecutor executor = executor(settings(1, 10, Duration.ofMinutes(5), 100))) {
            assertThat(executor.offerCopied(() -> {
                        throw new StackOverflowError("a copy's failure");
                    }))
                    .isFalse();
            assertThat(executor.numbers().uncopied()).isEqualTo(1);
            assertThat(executor.offer(() -> 1)).isTrue();
        }
    }

    @Test
    void whatAListenerThrowsStopsNothing() {
        AtomicInteger told = new AtomicInteger();
        try (ShadowExecutor executor = new ShadowExecutor(
                settings(1, 10, Duration.ofMinutes(5), 100), System::nanoTime, (result, answer, thrown) -> {
                    told.incrementAndGet();
                    throw new IllegalStateException("a listener's failure");
                })) {
            executor.offer(() -> 1);
            executor.offer(() -> 2);
            await("told twice", () -> told.get() == 2);
        }
    }

    @Test
    void noThreadOutlivesClosing() {
        ShadowExecutor executor = executor(settings(3, 10, Duration.ofMinutes(5), 100));
        CountDownLatch begun = new CountDownLatch(1);
        executor.offer(() -> {
            begun.countDown();
            Thread.sleep(TimeUnit.MINUTES.toMillis(10));
            return "never";
        });
        await("begun", () -> begun.getCount() == 0);

        executor.close();

        await(
                "threads to end",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("modelops-shadow-")));
        assertThat(executor.offer(() -> 1)).isFalse();
        assertThat(executor.isAsking()).isFalse();
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> settings(0, 1, Duration.ofMillis(1), 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings(1, 0, Duration.ofMillis(1), 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> settings(1, 1, Duration.ZERO, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shadow(1, 1, Duration.ofMillis(1), 0, 1, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBreakerLetsOneTryAfterItsPause() {
        Breaker breaker = new Breaker(2, 100);
        breaker.failed(0);
        assertThat(breaker.permits(0)).isTrue();
        breaker.failed(0);
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
        assertThat(breaker.permits(99)).isFalse();
        assertThat(breaker.permits(100)).isTrue();
        assertThat(breaker.state()).isEqualTo(Breaker.State.HALF_OPEN);
        assertThat(breaker.permits(101)).isFalse();
        breaker.failed(101);
        assertThat(breaker.permits(200)).isFalse();
        assertThat(breaker.permits(201)).isTrue();
        breaker.abandon();
        assertThat(breaker.permits(202)).isTrue();
        breaker.succeeded();
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        breaker.failed(300);
        assertThat(breaker.permits(300)).isTrue();
    }

    private static void await(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - until)
                    .as("waited 60 s for: %s", what)
                    .isNegative();
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
