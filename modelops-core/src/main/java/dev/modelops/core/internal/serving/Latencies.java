package dev.modelops.core.internal.serving;

import java.util.concurrent.atomic.AtomicLongArray;

/** How long calls took lately: counts in bins an eighth of an octave wide, of which old ones fade. */
final class Latencies {
    private static final int PARTS = 3;
    private static final int BINS = 64 << PARTS;
    private static final int MOST = 8192;

    private final AtomicLongArray bins = new AtomicLongArray(BINS);

    /** Counts a call. */
    void add(long nanos) {
        bins.incrementAndGet(bin(Math.max(nanos, 1)));
    }

    private static int bin(long nanos) {
        int octave = 63 - Long.numberOfLeadingZeros(nanos);
        long part = octave < PARTS ? nanos << (PARTS - octave) : nanos >>> (octave - PARTS);
        return octave << PARTS | (int) (part & (1 << PARTS) - 1);
    }

    private static long end(int bin) {
        int octave = bin >>> PARTS;
        long part = (bin & (1 << PARTS) - 1) + (1 << PARTS) + 1L;
        return octave < PARTS ? part >>> (PARTS - octave) : part << (octave - PARTS);
    }

    /** Returns how many calls count. */
    long count() {
        long sum = 0;
        for (int i = 0; i < BINS; i++) {
            sum += bins.get(i);
        }
        return sum;
    }

    /** Returns what so great a share of calls did not take longer than, in nanoseconds; 0 without calls. */
    long quantile(double share) {
        long left = (long) Math.ceil(share * count());
        for (int i = 0; i < BINS && left > 0; i++) {
            left -= bins.get(i);
            if (left <= 0) {
                return end(i);
            }
        }
        return 0;
    }

    /** Lets what is old fade, so that what is recent counts. */
    void fade() {
        if (count() > MOST) {
            for (int i = 0; i < BINS; i++) {
                bins.addAndGet(i, -(bins.get(i) / 2));
            }
        }
    }
}
