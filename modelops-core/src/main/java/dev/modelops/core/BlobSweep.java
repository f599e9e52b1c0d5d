package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.core.internal.audit.OrphanBlobs;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Removes blobs that no entry of the log names: what uploads left behind that were refused, or broken off by a crash.
 * Spares what entries name that are appended meanwhile, by whichever process: it removes under the lock of the log, and
 * makes sure before each removal that it still has it. The blob store must be this log's alone: blobs of another log would
 * look like orphans.
 *
 * <p>One risk is left: a removal that the blob store has begun cannot be called back. If it takes so long that the database
 * ends the transaction (PostgreSQL after 10 seconds), or if the connection breaks during it, another process may
 * append an entry that names this one blob, and find it there, just before it goes. {@link #run} then throws an
 * {@link IntegrityException} that names the blob; sweep when both stores answer fast.
 *
 * <p>The log must be intact up to its end and reach the checkpoint that the inspection's memory recalls: in a log that was
 * put back from a backup, blobs of the lost entries would look like orphans too.
 *
 * @param isDryRun true if nothing was removed
 * @param kept how many blobs are named by an entry
 * @param young how many are named by none, but were put within the grace period
 * @param orphans the digests of those that were removed, or would be: the first 1000
 * @param orphanCount how many they are
 * @param orphanBytes how much room they take
 */
public record BlobSweep(
        boolean isDryRun, long kept, long young, List<Digest> orphans, long orphanCount, long orphanBytes) {
    private static final Duration LEAST_GRACE = Duration.ofHours(1);
    private static final int MOST_NAMED = 1000;

    /**
     * Creates a report. The digests are copied.
     *
     * @param isDryRun true if nothing was removed
     * @param kept how many blobs are named by an entry
     * @param young how many are named by none, but were put within the grace period
     * @param orphans the digests of those that were removed, or would be
     * @param orphanCount how many they are
     * @param orphanBytes how much room they take
     */
    public BlobSweep {
        orphans = List.copyOf(orphans);
    }

    /**
     * Tells what a sweep would remove, and removes nothing.
     *
     * @param store the store, opened with a memory
     * @param grace how long a blob must have been there, at least an hour; a day or more is usual
     * @param progress told of the entries read, and asked whether to go on
     * @return the report
     * @throws IntegrityException if the log cannot be believed, is older than remembered, or no checkpoint is remembered
     * @throws IllegalArgumentException if the grace period is under an hour
     */
    public static BlobSweep dryRun(StoreInspection store, Duration grace, Progress progress) {
        OrphanBlobs sweep = sweep(store, grace, progress);
        Map<Digest, Long> found = sweep.find();
        return report(true, sweep, found);
    }

    /**
     * Removes the orphans. Locks the head of the log for a moment, again and again, so writers wait now and then. When it
     * fails, what it removed before stays removed.
     *
     * @param store the store, opened with a memory
     * @param grace how long a blob must have been there, at least an hour; a day or more is usual
     * @param progress told of the entries read, and asked whether to go on
     * @return the report
     * @throws IntegrityException if the log cannot be believed, is older than remembered, or no checkpoint is remembered; or
     *     if the lock was lost during a removal, and a blob that was removed is named by an entry since
     * @throws dev.modelops.storage.StorageException if a store does not answer, or the lock was lost
     * @throws IllegalArgumentException if the grace period is under an hour
     */
    public static BlobSweep run(StoreInspection store, Duration grace, Progress progress) {
        OrphanBlobs sweep = sweep(store, grace, progress);
        sweep.find();
        Map<Digest, Long> removed = sweep.remove();
        return report(false, sweep, removed);
    }

    private static OrphanBlobs sweep(StoreInspection store, Duration grace, Progress progress) {
        if (grace.compareTo(LEAST_GRACE) < 0) {
            throw new IllegalArgumentException("expected a grace period of at least " + LEAST_GRACE + ", found " + grace
                    + "; uploads may be under way");
        }
        store.requireRemembered();
        return new OrphanBlobs(store.storage(), store::followed, grace, progress);
    }

    private static BlobSweep report(boolean isDryRun, OrphanBlobs sweep, Map<Digest, Long> orphans) {
        return new BlobSweep(
                isDryRun,
                sweep.kept(),
                sweep.young(),
                orphans.keySet().stream().limit(MOST_NAMED).toList(),
                orphans.size(),
                orphans.values().stream().mapToLong(Long::longValue).sum());
    }
}
