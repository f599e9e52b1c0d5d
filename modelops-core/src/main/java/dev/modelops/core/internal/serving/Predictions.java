package dev.modelops.core.internal.serving;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers predictions: each thread takes a run of numbers at a time, so that threads do not meet on one counter. */
final class Predictions {
    private static final int RUN = 1024;

    private final long node;
    private final AtomicLong runs = new AtomicLong();
    private final ThreadLocal<Run> current;

    private static final class Run {
        private long next;
        private long end;
    }

    Predictions(long node) {
        this.node = node;
        this.current = ThreadLocal.withInitial(Run::new);
    }

    long node() {
        return node;
    }

    long next() {
        Run run = current.get();
        if (run.next == run.end) {
            run.next = runs.getAndIncrement() * RUN;
            run.end = run.next + RUN;
        }
        return run.next++;
    }
}
