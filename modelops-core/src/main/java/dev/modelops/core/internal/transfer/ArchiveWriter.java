package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.tlog.EntryBundle;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TilePath;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a whole log, as it is when the writing begins, into an archive. The file gets its name when it is whole and on the
 * disk. The same log makes the same bytes.
 */
public final class ArchiveWriter {
    private static final int BUFFER = 128 * 1024;
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final Storage from;
    private final Progress progress;
    private final SealedLog source;
    private final CheckpointReader checkpointReader;
    private final LogHead head;
    private final ZipOutputStream zip;
    private final Set<Digest> written = new HashSet<>();
    private final List<byte[]> bundle = new ArrayList<>();
    private final List<ArchiveForm.Filed> seals = new ArrayList<>();
    private final List<ArchiveForm.Filed> checkpoints = new ArrayList<>();
    private long checkpointCount;
    private long bytes;
    private int files;

    private ArchiveWriter(Storage from, NoteVerifier key, Progress progress, SealedLog source, ZipOutputStream zip) {
        this.from = from;
        this.progress = progress;
        this.source = source;
        this.checkpointReader = new CheckpointReader(from.log(), key);
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
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null || Files.exists(absolute)) {
            throw new StorageException("'" + file + "' exists already; name a file to be made");
        }
        Path temporary = folder.resolve(absolute.getFileName() + ".part");
        boolean whole = false;
        try {
            Tally tally;
            try (FileOutputStream out = new FileOutputStream(temporary.toFile());
                    ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(out, BUFFER))) {
                zip.setMethod(ZipOutputStream.STORED);
                tally = new ArchiveWriter(from, key, progress, source, zip).run(key);
                zip.finish();
                zip.flush();
                out.getFD().sync();
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
            force(folder);
            whole = true;
            return tally;
        } catch (IOException e) {
            throw new StorageException(
                    "the archive '" + file + "' could not be written (" + e
                            + "); nothing was left of it, check space and access, and try again",
                    e);
        } finally {
            if (!whole) {
                delete(temporary);
            }
        }
    }

    private Tally run(NoteVerifier key) throws IOException {
        add(ArchiveForm.HEADER, new ArchiveForm.Header(new LogKey(key.vkey()), head).encode());
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
        return new Tally(
                source.size(),
                Digest.sha256(source.root()),
                source.size(),
                0,
                checkpointCount,
                written.size(),
                0,
                bytes);
    }

    private void addBundle(long index) throws IOException {
        add(ArchiveForm.bundle(index, bundle.size()), EntryBundle.encode(bundle));
        bundle.clear();
    }

    private void flush(String folder, List<ArchiveForm.Filed> notes, int from) throws IOException {
        if (notes.size() >= from) {
            add(ArchiveForm.list(folder, notes.get(0).from()), ArchiveForm.encode(notes));
            notes.clear();
        }
    }

    private void add(String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        begin(name, content.length, crc.getValue());
        zip.write(content);
        zip.closeEntry();
    }

    /** Read twice: the length and checksum of what is not compressed come before it. */
    private void add(BlobReferences.Reference reference) throws IOException {
        Digest digest = reference.digest();
        if (!written.add(digest)) {
            return;
        }
        BlobStore blobs = from.blobs();
        CRC32 crc = new CRC32();
        long[] length = {0};
        try {
            read(blobs, digest, (buffer, n) -> {
                crc.update(buffer, 0, n);
                length[0] += n;
            });
            begin(ArchiveForm.blob(digest), length[0], crc.getValue());
            read(blobs, digest, (buffer, n) -> zip.write(buffer, 0, n));
        } catch (NotFoundException | IntegrityException e) {
            throw new IntegrityException(
                    reference.what() + " cannot be archived: " + e.getMessage()
                            + "; restore it in the store, and export again",
                    e);
        }
        zip.closeEntry();
        bytes += length[0];
    }

    private void begin(String name, long length, long crc) throws IOException {
        if (++files > ArchiveForm.MOST_FILES) {
            throw new StorageException("an archive may have " + ArchiveForm.MOST_FILES
                    + " files, but this log needs more; copy the store to another instead");
        }
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        entry.setSize(length);
        entry.setCompressedSize(length);
        entry.setCrc(crc);
        zip.putNextEntry(entry);
    }

    private void read(BlobStore blobs, Digest digest, Sink sink) throws IOException {
        MessageDigest sha256 = Crypto.sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream content = blobs.open(digest)) {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                requireNotCancelled();
                sha256.update(buffer, 0, n);
                sink.write(buffer, n);
            }
        }
        if (!Arrays.equals(sha256.digest(), digest.value().toByteArray())) {
            throw new IntegrityException("blob " + digest + " has other content than its digest says");
        }
    }

    private void requireNotCancelled() {
        if (progress.isCancelled()) {
            throw new CancellationException(
                    "exporting was cancelled after " + source.size() + " entries; nothing is left of the archive");
        }
    }

    private static void force(Path folder) throws IOException {
        if (folder.getFileSystem().getSeparator().equals("/")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw new StorageException("'" + temporary + "' could not be removed: " + e.getMessage(), e);
        }
    }

    /** Takes a piece of content. */
    private interface Sink {
        void write(byte[] buffer, int length) throws IOException;
    }
}
