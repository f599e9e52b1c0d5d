package dev.modelops.serving;

import dev.modelops.ModelRef;
import java.util.Optional;

/**
 * A result and where it came from. Whoever keeps results should keep {@code by} with the version: an answer of the host's
 * own fallback is none of the version's.
 *
 * @param <R> the result
 * @param value the result
 * @param version the version that gave it; if {@code by} is {@link By#FALLBACK}, the one in whose place it was given
 * @param by what gave it
 * @param node the process that gave it: a random number drawn when the log was opened
 * @param sequence the count of calls of that process
 * @param experiment the {@linkplain Experiment#position position} of the experiment that the result counts for, 0 if for none
 * @param pair the count of the champion's answer beside which a shadow gave this one, -1 if none did
 */
public record Served<R>(R value, ModelRef version, By by, long node, long sequence, long experiment, long pair) {
    /**
     * Creates a result that counts for no experiment.
     *
     * @param value the result
     * @param version the version that gave it
     * @param by what gave it
     * @param node the process that gave it
     * @param sequence the count of calls of that process
     */
    public Served(R value, ModelRef version, By by, long node, long sequence) {
        this(value, version, by, node, sequence, 0, -1);
    }

    /** What gave a result. */
    public enum By {
        /** The champion. */
        CHAMPION,
        /** A former champion, in place of the champion, which is in quarantine, was fallen back from, or could not be loaded. */
        FORMER_CHAMPION,
        /** The host's own fallback, which no version is, because calls would otherwise have been refused. */
        FALLBACK,
        /** The champion, for one of those in an experiment who count as its own. */
        CONTROL,
        /** The challenger, for one of those in an experiment it answers for. */
        CHALLENGER,
        /** The challenger, beside the champion: nobody saw the result. */
        SHADOW
    }

    /**
     * Returns the identity of this prediction, unique over processes.
     *
     * @return 16 hexadecimal digits, a hyphen, and 16 more
     */
    public String predictionId() {
        return String.format("%016x-%016x", node, sequence);
    }

    /**
     * Returns the identity of the champion's prediction beside which this one was made.
     *
     * @return the identity, empty if it was made for itself
     */
    public Optional<String> pairOf() {
        return pair < 0 ? Optional.empty() : Optional.of(String.format("%016x-%016x", node, pair));
    }
}
