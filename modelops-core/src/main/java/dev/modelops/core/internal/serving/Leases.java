package dev.modelops.core.internal.serving;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the calls that use a model which must be closed. Striped, so that threads seldom meet on one counter; a stripe is
 * a cache line apart from the next.
 */
final class Leases {
    private static final int STRIPES = 16;
    private static final int APART = 16;

    private final AtomicLongArray inUse = new AtomicLongArray(STRIPES * APART);
    private volatile boolean retired;

    /** Takes a lease; returns the stripe to give it back to, or -1 if the model was retired. */
    int acquire() {
        int stripe = (int) (Thread.currentThread().getId() & (STRIPES - 1)) * APART;
        inUse.incrementAndGet(stripe);
        if (retired) {
            inUse.decrementAndGet(stripe);
            return -1;
        }
        return stripe;
    }

    /** Gives a lease back. */
    void release(int stripe) {
        inUse.decrementAndGet(stripe);
    }

    /** Gives out no more leases. */
    void retire() {
        retired = true;
    }

    /** Tells whether every lease was given back; final once retired. */
    boolean isIdle() {
        long sum = 0;
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            sum += inUse.get(stripe * APART);
        }
        return sum == 0;
    }
}
