package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;

/**
 * What a transfer did.
 *
 * @param size how many entries the target has
 * @param root the root over them
 * @param entries how many of them were written
 * @param skippedEntries how many were there before
 * @param checkpoints how many checkpoints were written
 * @param blobs how many blobs were written
 * @param skippedBlobs how many were there before
 * @param bytes the size of the blobs written
 * @param texts how many erasable texts were written
 */
public record Tally(
        long size,
        Digest root,
        long entries,
        long skippedEntries,
        long checkpoints,
        long blobs,
        long skippedBlobs,
        long bytes,
        long texts) {}
