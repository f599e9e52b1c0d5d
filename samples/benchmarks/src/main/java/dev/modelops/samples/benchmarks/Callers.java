package dev.modelops.samples.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Threads that do the same thing over and over for a while. */
final class Callers {
    private Callers() {}

    /** Returns how often something was done in a second by a number of threads together. */
    static double rate(int callers, Duration time, Runnable work) throws InterruptedException {
        LongAdder done = new LongAdder();
        long nanos = run(callers, time, thread -> {
            work.run();
            done.increment();
        });
        return done.sum() * 1e9 / nanos;
    }

    /** Returns how long it took each time, in nanoseconds. */
    static long[] times(int callers, Duration time, Runnable work) throws InterruptedException {
        List<LongStream.Builder> taken =
                Stream.generate(LongStream::builder).limit(callers).toList();
        var unused = run(callers, time, thread -> {
            long start = System.nanoTime();
            work.run();
            taken.get(thread).add(System.nanoTime() - start);
        });
        return taken.stream().flatMapToLong(LongStream.Builder::build).toArray();
    }

    private static long run(int callers, Duration time, IntConsumer work) throws InterruptedException {
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < callers; i++) {
            int number = i;
            Thread thread = new Thread(
                    () -> {
                        try {
                            while (System.nanoTime() - start < time.toNanos() && failure.get() == null) {
                                work.accept(number);
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
        return System.nanoTime() - start;
    }
}
