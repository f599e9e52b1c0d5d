package dev.modelops.core;

import dev.modelops.LogPosition;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.transfer.ArchiveStore;
import dev.modelops.core.internal.transfer.ArchiveWriter;
import dev.modelops.core.internal.transfer.StoreCopy;
import dev.modelops.core.internal.transfer.Tally;
import dev.modelops.storage.Storage;
import java.nio.file.Path;

/**
 * Moves a whole log, with its blobs, between stores of any kind and into archives. Entries, seals and checkpoints keep
 * their bytes, so every receipt and checkpoint given out before stays good, and the pinned key stays the same. Everything
 * is verified on the way: entries under their writers' seals, checkpoints under the pinned key, blobs by their digests.
 *
 * <p>A copy is taken of what the log holds; it does not stop anybody from writing on. Stop every process that writes to the
 * original before the last copy, and open only the copy afterwards: what both are written to are two logs that contradict
 * each other. No private key is copied; open the copy with the keys of the original.
 *
 * <p>A log that was recovered ({@link LogRecovery}) is moved with all its epochs, under the key by which it goes on.
 */
public final class StoreTransfer {
    private StoreTransfer() {}

    /**
     * Copies the log in one store into another. The other must be empty, or hold the beginning of this log: then the copy
     * goes on from there, after comparing what is there. Cut off at any point, the target cannot be opened as a log, unless
     * it could be before; copying again completes it. What is appended while the copy is taken is copied too.
     *
     * @param from the storage to copy from; stays open
     * @param to the storage to copy to, used by nobody else; stays open
     * @param logKey the pinned key of the log
     * @param progress told of entries, each of which counts twice: when it is copied and when it is read back
     * @return what was copied, and up to where
     * @throws dev.modelops.NotFoundException if there is no log to copy
     * @throws dev.modelops.IntegrityException if what is there cannot be believed
     * @throws dev.modelops.VersionConflictException if the target holds another log, or more of this one
     * @throws dev.modelops.ReadOnlyException if the log has entries of a type that this release does not know
     * @throws java.util.concurrent.CancellationException if the progress said so
     */
    public static TransferReport copy(Storage from, Storage to, LogKey logKey, Progress progress) {
        return report(StoreCopy.copy(from, to, NoteVerifier.parse(logKey.text()), progress));
    }

    /**
     * Writes the log in a store into an archive: one file, which is a zip file without compression. It covers what the log
     * holds when the writing begins; the same log makes the same bytes. The file gets its name when it is whole.
     *
     * @param from the storage; stays open
     * @param archive the file to be made
     * @param logKey the pinned key of the log
     * @param progress told of entries
     * @return what was written
     * @throws dev.modelops.storage.StorageException if there is such a file already, or it cannot be written
     * @throws dev.modelops.NotFoundException if there is no log to export
     * @throws dev.modelops.IntegrityException if what is there cannot be believed
     * @throws dev.modelops.ReadOnlyException if the log has entries of a type that this release does not know
     * @throws java.util.concurrent.CancellationException if the progress said so; nothing is left
     */
    public static TransferReport export(Storage from, Path archive, LogKey logKey, Progress progress) {
        return report(ArchiveWriter.write(from, archive, NoteVerifier.parse(logKey.text()), progress));
    }

    /**
     * Opens an archive as a storage that can only be read: to be inspected and verified, or copied into another, which is
     * how it is imported.
     *
     * @param archive the file
     * @return the storage; its contents are verified by whoever reads them
     * @throws dev.modelops.NotFoundException if there is no such file
     * @throws dev.modelops.IntegrityException if it is no whole archive
     * @throws dev.modelops.storage.StorageException if it cannot be read
     */
    public static Storage archive(Path archive) {
        return ArchiveStore.open(archive);
    }

    /**
     * Returns the log key that an archive names. What is verified with it is only consistent with itself: who can replace
     * the archive can replace the key.
     *
     * @param archive the file
     * @return the key in its header
     * @throws dev.modelops.NotFoundException if there is no such file
     * @throws dev.modelops.IntegrityException if it is no whole archive
     */
    public static LogKey keyIn(Path archive) {
        return ArchiveStore.keyIn(archive);
    }

    private static TransferReport report(Tally tally) {
        return new TransferReport(
                LogPosition.of(tally.size()),
                tally.root(),
                tally.entries(),
                tally.skippedEntries(),
                tally.checkpoints(),
                tally.blobs(),
                tally.skippedBlobs(),
                tally.bytes(),
                tally.texts());
    }
}
