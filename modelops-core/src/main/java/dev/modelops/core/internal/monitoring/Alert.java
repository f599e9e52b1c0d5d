package dev.modelops.core.internal.monitoring;

import dev.modelops.core.internal.monitoring.Finding.Level;
import org.jspecify.annotations.Nullable;

/**
 * How it stands with one check: what was found is turned into few, lasting states, so that people hear of a trouble once. A
 * value; each step is a pure function.
 *
 * @param key what the alert is of: the monitor and the {@link Finding#key key} of the finding
 * @param state how it stands
 * @param episode which trouble this is, counted from 1, 0 before the first
 * @param latest the number of the latest window that was taken into account
 * @param within for how many windows in a row the check has been within bounds
 */
public record Alert(String key, State state, long episode, long latest, int within) {
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
        RESOLVED;

        /** Tells whether a step can lead from this state to another. */
        public boolean mayBecome(State to) {
            return switch (this) {
                case OK, RESOLVED -> to == SUSPECT || to == FIRING;
                case SUSPECT -> to == OK || to == FIRING;
                case FIRING -> to == ACKNOWLEDGED || to == RESOLVED;
                case ACKNOWLEDGED -> to == RESOLVED;
            };
        }
    }

    /**
     * A change of state. The same change is the same value wherever it is computed, so its key tells repeats apart.
     *
     * @param alert how it stands now
     * @param from how it stood
     * @param key what identifies the change
     */
    public record Transition(Alert alert, State from, String key) {}

    /**
     * A step.
     *
     * @param alert how it stands after the step
     * @param transition the change of state, or null if it is none
     */
    public record Step(Alert alert, @Nullable Transition transition) {}

    /** Returns an alert of which nothing is known yet. */
    public static Alert initial(String key) {
        return new Alert(key, State.OK, 0, Long.MIN_VALUE, 0);
    }

    /**
     * Takes a finding into account. One of a window that was taken into account before, or of an earlier one, changes nothing.
     *
     * @param clearAfter after how many windows within bounds a trouble is over
     */
    public Step next(Finding finding, int clearAfter) {
        long window = finding.latest();
        if (window <= latest) {
            return new Step(this, null);
        }
        Level level = finding.level();
        if (level == Level.UNKNOWN) {
            return new Step(new Alert(key, state, episode, window, within), null);
        }
        int calm = level == Level.WITHIN ? Math.min(within + 1, clearAfter) : 0;
        boolean over = calm >= clearAfter;
        State to = switch (state) {
            case OK, RESOLVED ->
                switch (level) {
                    case ALARMING -> State.FIRING;
                    case EXCEEDING -> State.SUSPECT;
                    default -> state;
                };
            case SUSPECT -> level == Level.ALARMING ? State.FIRING : over ? State.OK : State.SUSPECT;
            case FIRING, ACKNOWLEDGED -> over ? State.RESOLVED : state;
        };
        boolean begins = to == State.FIRING && state != State.FIRING;
        return stepTo(new Alert(key, to, begins ? episode + 1 : episode, window, calm));
    }

    /** Takes into account that somebody has taken the trouble on; changes nothing unless the alert is firing. */
    public Step acknowledge() {
        return state == State.FIRING
                ? stepTo(new Alert(key, State.ACKNOWLEDGED, episode, latest, within))
                : new Step(this, null);
    }

    private Step stepTo(Alert now) {
        if (now.state == state) {
            return new Step(now, null);
        }
        return new Step(now, new Transition(now, state, key + "#" + now.episode + "/" + now.latest + "/" + now.state));
    }
}
