package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Copies a whole log from one store into another: blobs before the entries that name them, entries under their original
 * seals, and checkpoints last, each compared with what the target gives back. A store without checkpoints is opened by
 * nobody, so a copy that was cut off is never mistaken for a whole one; copying again goes on from where it stopped.
 */
public final class StoreCopy {
    private static final int MOST_ROUNDS = 100;
    private static final int PAGE = 256;

    private final Storage from;
    private final Storage to;
    private final Progress progress;
    private final SealedLog source;
    private final BlobReading reading;
    private final RecentDigests settled = new RecentDigests();
    private long present;
    private long entries;
    private long blobs;
    private long skippedBlobs;

    private StoreCopy(Storage from, Storage to, Progress progress, SealedLog source) {
        this.from = from;
        this.to = to;
        this.progress = progress;
        this.source = source;
        this.reading = new BlobReading(progress);
    }

    /**
     * Copies all that the source holds.
     *
     * @throws NotFoundException if the source holds no log
     * @throws IntegrityException if what the source holds cannot be believed
     * @throws VersionConflictException if the target holds another log, or more of this one
     * @throws CancellationException if the progress said so; what was copied stays and is gone on from
     */
    public static Tally copy(Storage from, Storage to, NoteVerifier key, Progress progress) {
        return new StoreCopy(from, to, progress, SealedLog.open(from, key)).run();
    }

    private Tally run() {
        LogHead head = from.log().head();
        present = to.log().head().size();
        requireSameLog(head);
        // A log in use grows meanwhile; what comes after the last round is the next copy's business.
        for (int round = 0; round < MOST_ROUNDS && (round == 0 || head.size() > source.size()); round++) {
            SealedLog.SealedBatch batch = source.next(head);
            while (batch != null) {
                requireNotCancelled();
                batch.blobs().forEach(this::bring);
                if (batch.seal().from() < present) {
                    requireSame(batch);
                } else {
                    append(batch);
                    entries += batch.records().size();
                }
                progress.report(source.size(), 2 * Math.max(head.size(), source.size()));
                batch = source.next(head);
            }
            head = from.log().head();
        }
        long texts = CopiedTexts.copy(from, to, source.size(), source.erased());
        long checkpoints = publish();
        return new Tally(
                source.size(),
                Digest.sha256(source.root()),
                entries,
                source.size() - entries,
                checkpoints,
                blobs,
                skippedBlobs,
                reading.bytes(),
                texts);
    }

    private void requireSameLog(LogHead head) {
        if (present == 0) {
            return;
        }
        byte[] first = body(from.log(), 0);
        byte[] other = body(to.log(), 0);
        if (!Arrays.equals(first, other)) {
            throw new VersionConflictException("the store to copy to holds another log already, " + origin(other)
                    + ", with " + present + " entries; nothing was changed, name an empty store");
        }
        if (present > head.size()) {
            throw new VersionConflictException("the store to copy to is ahead: it has " + present
                    + " entries of this log, the store to copy from only " + head.size()
                    + "; nothing was changed. It is in use already, or the two were exchanged");
        }
    }

    private static byte[] body(LogStore log, long index) {
        List<LogRecord> records = log.read(index, 1);
        return records.isEmpty() ? new byte[0] : records.get(0).body().toByteArray();
    }

    private static String origin(byte[] firstEntry) {
        try {
            return "'" + Entry.decode(0, firstEntry).source() + "'";
        } catch (IllegalArgumentException e) {
            return "whose first entry cannot be read";
        }
    }

    /** Compares what the target held before with what it should hold. */
    private void requireSame(SealedLog.SealedBatch batch) {
        LogSeal seal = batch.seal();
        List<LogSeal> sealed = to.log().seals(seal.from(), 1);
        if (seal.size() > present || sealed.isEmpty() || !sealed.get(0).equals(seal)) {
            throw differs(seal.from());
        }
        long at = seal.from();
        while (at < seal.size()) {
            List<LogRecord> held = to.log().read(at, (int) Math.min(PAGE, seal.size() - at));
            if (held.isEmpty()) {
                throw differs(at);
            }
            for (LogRecord next : held) {
                if (at >= seal.size() || !next.equals(batch.records().get((int) (at - seal.from())))) {
                    throw differs(at);
                }
                at++;
            }
        }
    }

    private static VersionConflictException differs(long index) {
        return new VersionConflictException("the store to copy to has another entry " + index
                + ", or another seal over it, than the store to copy from; it was written to by somebody else, or"
                + " altered. Nothing was changed there: copy to an empty store, and verify both");
    }

    private void append(SealedLog.SealedBatch batch) {
        long size = to.log().append(transaction -> {
            long found = transaction.head().size();
            if (found == batch.seal().from()) {
                transaction.append(batch.records(), batch.seal(), batch.head());
            }
            return found;
        });
        if (size != batch.seal().from()) {
            throw new VersionConflictException("the store to copy to was written to meanwhile: it had "
                    + batch.seal().from() + " entries and now has " + size
                    + "; see to it that nobody else uses it, then copy again");
        }
    }

    private void bring(BlobReferences.Reference reference) {
        Digest digest = reference.digest();
        if (reference.isSparedIn(from.blobs()) || !settled.add(digest)) {
            return;
        }
        boolean isThere = to.blobs().contains(digest);
        if (isThere && reading.isSound(CachedBlobStore.behind(to.blobs()), digest)) {
            skippedBlobs++;
            return;
        }
        try {
            if (isThere) {
                // The only sound copy must not be lost to a damaged one: stores keep what they have.
                reading.require(from.blobs(), digest);
                to.blobs().delete(digest);
            }
            put(digest);
            blobs++;
        } catch (NotFoundException | IntegrityException e) {
            throw new IntegrityException(
                    reference.what() + " cannot be copied: " + e.getMessage()
                            + "; restore it in the store to copy from, and copy again",
                    e);
        }
    }

    private void put(Digest digest) {
        BlobStore target = to.blobs();
        reading.read(from.blobs(), digest, content -> {
            target.put(digest, content);
            return digest;
        });
    }

    /** Reads back what the target holds, and publishes the checkpoints that this leads to. */
    private long publish() {
        CheckpointReader reader = new CheckpointReader(from.log(), source::keyOver);
        CheckpointReader held = new CheckpointReader(to.log(), source::keyOver);
        long size = source.size();
        long published = 0;
        while (reader.size() < size) {
            requireNotCancelled();
            List<LogRecord> records = to.log().read(reader.size(), (int) Math.min(PAGE, size - reader.size()));
            if (records.isEmpty()) {
                throw lost(reader.size());
            }
            for (LogRecord record : records) {
                byte[] hash = Merkle.leafHash(record.body().toByteArray());
                LogCheckpoint checkpoint;
                try {
                    checkpoint = reader.append(hash);
                    if (held.append(hash) != null) {
                        continue;
                    }
                } catch (IntegrityException e) {
                    throw new IntegrityException(
                            "a checkpoint cannot be copied: " + e.getMessage() + "; the copy is not complete", e);
                }
                if (checkpoint != null) {
                    to.log().publish(checkpoint);
                    published++;
                }
            }
            progress.report(size + reader.size(), 2 * size);
        }
        if (!Arrays.equals(reader.root(), source.root())) {
            throw lost(size);
        }
        return published;
    }

    private static IntegrityException lost(long index) {
        return new IntegrityException("the store to copy to does not give back what was put into it before entry "
                + index + "; check it, and copy to another");
    }

    private void requireNotCancelled() {
        if (progress.isCancelled()) {
            throw new CancellationException(
                    "copying was cancelled after " + source.size() + " entries; copying again goes on from there");
        }
    }
}
