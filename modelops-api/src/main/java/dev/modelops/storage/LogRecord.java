package dev.modelops.storage;

import dev.modelops.Bytes;

/**
 * One stored entry of a log. The bytes are kept exactly as given.
 *
 * @param index the place in the log, from 0, without gaps
 * @param body the entry's bytes, 1 to 65,535
 */
public record LogRecord(long index, Bytes body) {}
