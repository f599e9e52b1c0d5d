package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.internal.tlog.EntryBundle;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TilePath;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Writes a whole log, as it is when the writing begins, into an archive. The same log makes the same bytes. */
public final class ArchiveWriter {
    private final Storage from;
    private final Progress progress;
    private final SealedLog source;
    private final CheckpointReader checkpointReader;
    private final LogHead head;
    private final PlainZipWriter zip;
    private final List<byte[]> bundle = new ArrayList<>();
    private final List<ArchiveForm.Filed> seals = new ArrayList<>();
    private final List<ArchiveForm.Filed> checkpoints = new ArrayList<>();
    private long checkpointCount;

    private ArchiveWriter(Storage from, Progress progress, SealedLog source, PlainZipWriter zip) {
        this.from = from;
        this.progress = progress;
        this.source = source;
        this.checkpointReader = new CheckpointReader(from.log(), source::keyOver);
        this.head = from.log().head();
        this.zip = zip;
    }

    /**
     * Writes an archive.
     *
     * @throws NotFoundException if the store holds no log
     * @throws IntegrityException if what it holds cannot be believed
     * @throws StorageException if there is a file of that name already, or it cannot be written
     * @throws CancellationException if the progress said so; nothing is left
     */
    public static Tally write(Storage from, Path file, NoteVerifier key, Progress progress) {
        SealedLog source = SealedLog.open(from, key);
        return PlainZipWriter.write(file, progress, zip -> new ArchiveWriter(from, progress, source, zip).run(key));
    }

    private Tally run(NoteVerifier key) throws IOException {
        zip.add(ArchiveForm.HEADER, new ArchiveForm.Header(new LogKey(key.vkey()), head).encode());
        SealedLog.SealedBatch batch = source.next(head);
        while (batch != null) {
            requireNotCancelled();
            for (BlobReferences.Reference reference : batch.blobs()) {
                add(reference);
            }
            for (LogRecord record : batch.records()) {
                bundle.add(record.body().toByteArray());
                if (bundle.size() == TilePath.FULL) {
                    addBundle(record.index() / TilePath.FULL);
                }
            }
            seals.add(new ArchiveForm.Filed(
                    batch.seal().from(), batch.seal().size(), batch.seal().note()));
            flush(ArchiveForm.SEALS, seals, ArchiveForm.NOTES);
            for (byte[] hash : batch.leafHashes()) {
                LogCheckpoint checkpoint = checkpointReader.append(hash);
                if (checkpoint != null) {
                    checkpoints.add(new ArchiveForm.Filed(checkpoint.size() - 1, checkpoint.size(), checkpoint.note()));
                    checkpointCount++;
                    flush(ArchiveForm.CHECKPOINTS, checkpoints, ArchiveForm.NOTES);
                }
            }
            progress.report(source.size(), head.size());
            batch = source.next(head);
        }
        if (!bundle.isEmpty()) {
            addBundle(head.size() / TilePath.FULL);
        }
        flush(ArchiveForm.SEALS, seals, 1);
        flush(ArchiveForm.CHECKPOINTS, checkpoints, 1);
        long blobs = zip.blobs();
        long bytes = zip.blobBytes();
        CopiedTexts.each(from.log(), source.size(), source.erased(), (index, commitment) -> {
            requireNotCancelled();
            zip.addBlob(commitment, CopiedTexts.content(CachedBlobStore.texts(from), index, commitment));
        });
        return new Tally(
                source.size(),
                Digest.sha256(source.root()),
                source.size(),
                0,
                checkpointCount,
                blobs,
                0,
                bytes,
                zip.blobs() - blobs);
    }

    private void addBundle(long index) throws IOException {
        zip.add(ArchiveForm.bundle(index, bundle.size()), EntryBundle.encode(bundle));
        bundle.clear();
    }

    private void flush(String folder, List<ArchiveForm.Filed> notes, int from) throws IOException {
        if (notes.size() >= from) {
            zip.add(ArchiveForm.list(folder, notes.get(0).from()), ArchiveForm.encode(notes));
            notes.clear();
        }
    }

    private void add(BlobReferences.Reference reference) throws IOException {
        if (reference.isSparedIn(from.blobs())) {
            return;
        }
        try {
            zip.addBlob(from.blobs(), reference.digest());
        } catch (NotFoundException | IntegrityException e) {
            throw new IntegrityException(
                    reference.what() + " cannot be archived: " + e.getMessage()
                            + "; restore it in the store, and export again",
                    e);
        }
    }

    private void requireNotCancelled() {
        if (progress.isCancelled()) {
            throw new CancellationException(
                    "exporting was cancelled after " + source.size() + " entries; nothing is left of the archive");
        }
    }
}
