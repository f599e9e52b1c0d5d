package dev.modelops.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;

/**
 * The stored end of a log: a claim, which readers check by recomputing it from the records.
 *
 * @param size the number of records, at least 0
 * @param root the root of the RFC 6962 SHA-256 Merkle tree over the records' bodies
 */
public record LogHead(long size, Digest root) {
    /** The head of a new log: no records, and the root of the empty tree. */
    public static final LogHead EMPTY = new LogHead(0, Digest.sha256Of(Bytes.of(new byte[0])));
}
