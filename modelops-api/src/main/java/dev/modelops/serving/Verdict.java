package dev.modelops.serving;

import dev.modelops.LogPosition;
import java.util.Optional;

/**
 * What may be concluded of an experiment at some point. It is an entry of the log with all that it was concluded from, and
 * verification concludes it again.
 *
 * @param state what may be concluded
 * @param reason why, for people
 * @param difference how the mean losses differ, empty before there are enough outcomes
 * @param experiment the experiment that was judged
 * @param position the position of the log from which the verdict stands
 * @param json all of it, sums included, as the entry holds it
 */
public record Verdict(
        State state,
        String reason,
        Optional<Difference> difference,
        Experiment experiment,
        LogPosition position,
        String json) {
    /** What may be concluded. */
    public enum State {
        /** Nothing yet. */
        CONTINUE,
        /** The challenger's losses are lower. */
        CHALLENGER_BETTER,
        /** The champion's losses are lower. */
        CHAMPION_BETTER,
        /** Any difference is too small to matter. */
        EQUIVALENT,
        /** Nothing ever, since the cases compared are not comparable. */
        INVALID,
        /** The challenger makes something worse that must not get worse. The experiment was ended for it. */
        HARM
    }

    /**
     * The mean loss of the challenger less that of the champion.
     *
     * @param count from how many observations
     * @param estimate the difference found
     * @param lower what it is at least
     * @param upper what it is at most
     * @param pValue how probable a difference like it would be, at any of the looks, if there was none
     */
    public record Difference(long count, double estimate, double lower, double upper, double pValue) {}
}
