package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.LogPosition;

/**
 * What was copied, exported or imported.
 *
 * @param position the end of the log in the copy: what was written to the original after it is not there
 * @param root the root over the entries up to there, recomputed
 * @param entries how many entries were written now
 * @param skippedEntries how many were there from an earlier attempt, and are the same
 * @param checkpoints how many checkpoints were written now
 * @param blobs how many blobs were written now
 * @param skippedBlobs how many were there, and have the content that their digest says
 * @param bytes the size of the blobs written now
 * @param texts how many erasable texts were written now
 */
public record TransferReport(
        LogPosition position,
        Digest root,
        long entries,
        long skippedEntries,
        long checkpoints,
        long blobs,
        long skippedBlobs,
        long bytes,
        long texts) {}
