package dev.modelops.monitoring;

import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import java.time.Instant;

/**
 * How it stands with one check of a version. Whoever takes a firing alert on performs {@code Action.acknowledge} with its
 * version, environment and check.
 *
 * @param version the version
 * @param environment where it serves
 * @param check what is checked, such as {@code psi:income}
 * @param state how it stands
 * @param episode which trouble it is, counted from 1, 0 before the first
 * @param since since when it stands so, by the log
 * @param position the entry that says so
 */
public record Alert(
        ModelRef version,
        Environment environment,
        String check,
        State state,
        long episode,
        Instant since,
        LogPosition position) {
    /** How it can stand with a check. */
    public enum State {
        /** Nothing is wrong. */
        OK,
        /** Something may be wrong: a window was beyond bounds. */
        SUSPECT,
        /** Something is wrong. */
        FIRING,
        /** Something is wrong and somebody has taken it on. */
        ACKNOWLEDGED,
        /** What was wrong is over. */
        RESOLVED
    }

    /**
     * Tells whether something is wrong, whoever knows of it.
     *
     * @return true if it is firing or acknowledged
     */
    public boolean isActive() {
        return state == State.FIRING || state == State.ACKNOWLEDGED;
    }
}
