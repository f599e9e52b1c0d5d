package dev.modelops.audit;

import dev.modelops.Digest;
import dev.modelops.LogPosition;

/**
 * A signed statement of the log's size and root (C2SP tlog-checkpoint).
 *
 * @param origin the identity of the log
 * @param position the size it covers
 * @param root the root of the Merkle tree over the entries
 * @param note the whole signed note, as published
 */
public record Checkpoint(String origin, LogPosition position, Digest root, String note) {}
