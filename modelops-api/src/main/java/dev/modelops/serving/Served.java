package dev.modelops.serving;

import dev.modelops.ModelRef;

/**
 * A result and where it came from.
 *
 * @param <R> the result
 * @param value the result
 * @param version the version that gave it
 * @param node the process that gave it: a random number drawn when the log was opened
 * @param sequence the count of results of that process
 */
public record Served<R>(R value, ModelRef version, long node, long sequence) {
    /**
     * Returns the identity of this prediction, unique over processes.
     *
     * @return 16 hexadecimal digits, a hyphen, and 16 more
     */
    public String predictionId() {
        return String.format("%016x-%016x", node, sequence);
    }
}
