package dev.modelops.samples.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** Threads that do the same thing over and over for a while. */
final class Callers {
    private Callers() {}

    /** Returns how often something was done in a second by a number of threads together. */
    static double rate(int callers, Duration time, Runnable work) throws InterruptedException {
        LongAdder done = new LongAdder();
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        for (int i = 0; i < callers; i++) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            while (System.nanoTime() < end && failure.get() == null) {
                                work.run();
                                done.increment();
                            }
                        } catch (RuntimeException e) {
                            failure.compareAndSet(null, e);
                        }
                    },
                    "caller-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        RuntimeException first = failure.get();
        if (first != null) {
            throw first;
        }
        return done.sum() * 1e9 / (System.nanoTime() - start);
    }
}
