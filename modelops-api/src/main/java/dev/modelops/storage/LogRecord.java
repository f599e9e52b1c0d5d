package dev.modelops.storage;

import dev.modelops.Bytes;

/**
 * One stored entry of a log. The bytes are kept exactly as given.
 *
 * @param index the place in the log, from 0, without gaps
 * @param body the entry's bytes, 1 to {@link #MOST_BYTES}
 */
public record LogRecord(long index, Bytes body) {
    /** The most bytes that a body may have. */
    public static final int MOST_BYTES = 65_535;
}
