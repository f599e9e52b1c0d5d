package dev.modelops.core.internal.serving;

import dev.modelops.serving.Deployment;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls of one version and holds them against rules of health. Striped as leases are; the count of a stripe
 * decides which calls are timed.
 */
final class Watch {
    private static final int STRIPES = 16;
    private static final int APART = 16;
    private static final int FAILED = 1;
    private static final int INVALID = 2;
    private static final int SAMPLE = 16;
    private static final int LEAST_SAMPLES = 64;
    private static final double TAIL = 0.95;

    private final Deployment.Health rules;
    private final @Nullable Latencies latencies;
    private final @Nullable Instant since;
    private final AtomicLongArray counts = new AtomicLongArray(STRIPES * APART);

    private Watch(Deployment.Health rules, @Nullable Latencies latencies, @Nullable Instant since) {
        this.rules = rules;
        this.latencies = latencies;
        this.since = since;
    }

    /** Returns a watch over the first calls of a version. */
    static Watch trial(Deployment.Health rules, @Nullable Latencies latencies, Instant since) {
        return new Watch(rules, latencies, since);
    }

    /** Returns one that only times calls, to compare later versions with. */
    static Watch timing(Deployment.Health rules, Latencies latencies) {
        return new Watch(rules, latencies, null);
    }

    boolean isTrial() {
        return since != null;
    }

    /** Tells whether the first calls were made, or the time for them is over. */
    boolean isOver(Instant now) {
        return since != null && (sum(0) >= rules.calls() || !now.isBefore(since.plus(rules.time())));
    }

    /** Counts a call, and returns when it began if it is to be timed, else 0. */
    long begin() {
        long count = counts.getAndIncrement(stripe());
        return latencies != null && (count & SAMPLE - 1) == 0 ? System.nanoTime() | 1 : 0;
    }

    /** Takes the result of a call, and tells whether it is one to worry about. */
    boolean isAmiss(long begun, @Nullable Object result) {
        if (begun != 0 && latencies != null) {
            latencies.add(System.nanoTime() - begun);
        }
        if (since == null || isValid(result)) {
            return false;
        }
        counts.incrementAndGet(stripe() + INVALID);
        return true;
    }

    /** A check that throws has not found the result to be valid. */
    private boolean isValid(@Nullable Object result) {
        try {
            return rules.isValid(result);
        } catch (RuntimeException | Error e) {
            return false;
        }
    }

    /** Takes what a call threw, and tells whether it counts against the model. */
    boolean isFailure(Throwable thrown) {
        if (since == null || !counts(thrown)) {
            return false;
        }
        counts.incrementAndGet(stripe() + FAILED);
        return true;
    }

    private boolean counts(Throwable thrown) {
        try {
            return rules.counts(thrown);
        } catch (RuntimeException | Error e) {
            return true;
        }
    }

    /** Returns which rule is broken, in words; null if none is, or the watch only times calls. */
    @Nullable String breach(@Nullable Latencies before) {
        if (since == null) {
            return null;
        }
        long calls = sum(0);
        if (calls < rules.least()) {
            return null;
        }
        long failed = sum(FAILED);
        if (failed > rules.failures() * calls) {
            return failed + " of " + calls + " calls failed";
        }
        long invalid = sum(INVALID);
        if (invalid > rules.invalid() * calls) {
            return invalid + " of " + calls + " results were invalid";
        }
        if (latencies == null
                || before == null
                || latencies.count() < LEAST_SAMPLES
                || before.count() < LEAST_SAMPLES) {
            return null;
        }
        double times = (double) latencies.quantile(TAIL) / before.quantile(TAIL);
        return times > rules.slowdown()
                ? String.format(
                        Locale.ROOT,
                        "95 %% of calls took up to %d ns, %.1f times as long as before",
                        latencies.quantile(TAIL),
                        times)
                : null;
    }

    private long sum(int of) {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += counts.get(stripe * APART + of);
        }
        return sum;
    }

    private static int stripe() {
        return (int) (Thread.currentThread().getId() & (STRIPES - 1)) * APART;
    }
}
