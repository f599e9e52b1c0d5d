package dev.modelops.serving;

import dev.modelops.ModelRef;

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
 */
public record Served<R>(R value, ModelRef version, By by, long node, long sequence) {
    /** What gave a result. */
    public enum By {
        /** The champion. */
        CHAMPION,
        /** A former champion, in place of the champion, which is in quarantine, was fallen back from, or could not be loaded. */
        FORMER_CHAMPION,
        /** The host's own fallback, which no version is, because calls would otherwise have been refused. */
        FALLBACK
    }

    /**
     * Returns the identity of this prediction, unique over processes.
     *
     * @return 16 hexadecimal digits, a hyphen, and 16 more
     */
    public String predictionId() {
        return String.format("%016x-%016x", node, sequence);
    }
}
