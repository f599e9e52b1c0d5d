package dev.modelops.core.internal.serving;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Numbers predictions: each thread takes a run of numbers at a time, so that threads do not meet on one counter. */
final class Predictions {
    private static final int RUN = 1024;
    private static final int PLACES = 64;

    private final long node;
    private final AtomicLong runs = new AtomicLong();
    private final ThreadLocal<Run> current = ThreadLocal.withInitial(Run::new);

    /** Saves most threads looking theirs up. A run is safe to see in part: whose it is is asked before it is used. */
    private final @Nullable Run[] places = new Run[PLACES];

    /** Of the thread that made it alone, which is never taken for another. */
    private static final class Run extends WeakReference<Thread> {
        private static final int NEXT = 15;
        private static final int END = 16;

        /** Alone in its cache lines, wherever it is moved to: beside another thread's, each would wait for the other. */
        private final long[] numbers = new long[32];

        Run() {
            super(Thread.currentThread());
        }
    }

    Predictions(long node) {
        this.node = node;
    }

    long node() {
        return node;
    }

    long next() {
        Thread thread = Thread.currentThread();
        Run run = places[(int) thread.getId() & (PLACES - 1)];
        if (run == null || !run.refersTo(thread)) {
            run = lookUp(thread);
        }
        long[] numbers = run.numbers;
        if (numbers[Run.NEXT] == numbers[Run.END]) {
            take(numbers);
        }
        return numbers[Run.NEXT]++;
    }

    private Run lookUp(Thread thread) {
        Run run = current.get();
        int place = (int) thread.getId() & (PLACES - 1);
        Run there = places[place];
        // Whoever came first stays: two that took turns would write the place with every call.
        if (there == null || there.refersTo(null)) {
            places[place] = run;
        }
        return run;
    }

    private void take(long[] numbers) {
        numbers[Run.NEXT] = runs.getAndIncrement() * RUN;
        numbers[Run.END] = numbers[Run.NEXT] + RUN;
    }
}
