package dev.modelops.core.internal.experiment;

/**
 * Stops asking what keeps failing: open after a number of failures in a row, half open after a while, when one call may try,
 * and closed again if that succeeds (Nygard, "Release It!", 2007).
 */
final class Breaker {
    private final int failuresToOpen;
    private final long pauseNanos;
    private int failures;
    private long openedAt;
    private boolean trying;
    private volatile State state = State.CLOSED;

    /** How it stands. */
    enum State {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    Breaker(int failuresToOpen, long pauseNanos) {
        if (failuresToOpen < 1 || pauseNanos < 0) {
            throw new IllegalArgumentException(
                    "a breaker opens after at least one failure, and waits for no negative time");
        }
        this.failuresToOpen = failuresToOpen;
        this.pauseNanos = pauseNanos;
    }

    State state() {
        return state;
    }

    /** Tells whether a call may be made now; the caller who is told so must say how it went, or {@link #abandon} it. */
    boolean permits(long now) {
        return state == State.CLOSED || tries(now);
    }

    private synchronized boolean tries(long now) {
        if (state == State.CLOSED) {
            return true;
        }
        if (trying || now - openedAt < pauseNanos) {
            return false;
        }
        state = State.HALF_OPEN;
        trying = true;
        return true;
    }

    synchronized void succeeded() {
        failures = 0;
        trying = false;
        state = State.CLOSED;
    }

    synchronized void failed(long now) {
        failures++;
        if (state == State.HALF_OPEN || failures >= failuresToOpen) {
            state = State.OPEN;
            openedAt = now;
            trying = false;
        }
    }

    /** Takes back a permission that was not used. */
    synchronized void abandon() {
        trying = false;
        if (state == State.HALF_OPEN) {
            state = State.OPEN;
        }
    }
}
