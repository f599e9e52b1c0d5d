package dev.modelops.core.internal.transfer;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a zip file in which nothing is compressed and nothing tells the time, so that equal content makes equal bytes. The
 * file gets its name when it is whole and on the disk; it never replaces one.
 */
final class PlainZipWriter {
    private static final int BUFFER = 128 * 1024;
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final ZipOutputStream zip;
    private final Progress progress;
    private final Set<Digest> blobs = new HashSet<>();
    private long blobBytes;
    private int files;

    private PlainZipWriter(ZipOutputStream zip, Progress progress) {
        this.zip = zip;
        this.progress = progress;
    }

    /** What is written into the file. */
    interface Content<R> {
        R write(PlainZipWriter zip) throws IOException;
    }

    /**
     * Writes a file.
     *
     * @throws StorageException if there is one of that name already, or it cannot be written
     * @throws CancellationException if the progress said so; nothing is left
     */
    static <R> R write(Path file, Progress progress, Content<R> content) {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null || Files.exists(absolute)) {
            throw new StorageException("'" + file + "' exists already; name a file to be made");
        }
        Path temporary = folder.resolve(absolute.getFileName() + ".part");
        boolean whole = false;
        try {
            R result;
            try (FileOutputStream out = new FileOutputStream(temporary.toFile());
                    ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(out, BUFFER))) {
                zip.setMethod(ZipOutputStream.STORED);
                result = content.write(new PlainZipWriter(zip, progress));
                zip.finish();
                zip.flush();
                out.getFD().sync();
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
            force(folder);
            whole = true;
            return result;
        } catch (IOException e) {
            throw new StorageException(
                    "'" + file + "' could not be written (" + e
                            + "); nothing was left of it, check space and access, and try again",
                    e);
        } finally {
            if (!whole) {
                delete(temporary);
            }
        }
    }

    /** Returns the digest of the file that some content makes. */
    static <R> Digest digest(Progress progress, Content<R> content) {
        MessageDigest sha256 = Crypto.sha256();
        try (ZipOutputStream zip =
                new ZipOutputStream(new DigestOutputStream(OutputStream.nullOutputStream(), sha256))) {
            zip.setMethod(ZipOutputStream.STORED);
            var unused = content.write(new PlainZipWriter(zip, progress));
        } catch (IOException e) {
            throw new StorageException("content could not be read: " + e.getMessage(), e);
        }
        return Digest.sha256(sha256.digest());
    }

    /** Adds a file. */
    void add(String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        begin(name, content.length, crc.getValue());
        zip.write(content);
        zip.closeEntry();
    }

    /** Adds a blob, unless it was added before. Read twice: the length and checksum of what is not compressed come first. */
    void addBlob(BlobStore from, Digest digest) throws IOException {
        if (!blobs.add(digest)) {
            return;
        }
        CRC32 crc = new CRC32();
        long[] length = {0};
        read(from, digest, (buffer, n) -> {
            crc.update(buffer, 0, n);
            length[0] += n;
        });
        begin(PlainZip.blob(digest), length[0], crc.getValue());
        read(from, digest, (buffer, n) -> zip.write(buffer, 0, n));
        zip.closeEntry();
        blobBytes += length[0];
    }

    /** Adds content that is in memory, unless it was added before. */
    void addBlob(Digest digest, Bytes content) throws IOException {
        if (!blobs.add(digest)) {
            return;
        }
        byte[] bytes = content.toByteArray();
        CRC32 crc = new CRC32();
        crc.update(bytes);
        begin(PlainZip.blob(digest), bytes.length, crc.getValue());
        zip.write(bytes);
        zip.closeEntry();
        blobBytes += bytes.length;
    }

    /** Returns how many blobs were added. */
    int blobs() {
        return blobs.size();
    }

    /** Returns the size of the blobs that were added. */
    long blobBytes() {
        return blobBytes;
    }

    private void begin(String name, long length, long crc) throws IOException {
        if (++files > PlainZip.MOST_FILES) {
            throw new StorageException("an archive may have " + PlainZip.MOST_FILES
                    + " files, but this log needs more; copy the store to another instead");
        }
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        entry.setSize(length);
        entry.setCompressedSize(length);
        entry.setCrc(crc);
        zip.putNextEntry(entry);
    }

    private void read(BlobStore from, Digest digest, Sink sink) throws IOException {
        MessageDigest sha256 = Crypto.sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream content = from.open(digest)) {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                if (progress.isCancelled()) {
                    throw new CancellationException("writing was cancelled; nothing is left of the file");
                }
                sha256.update(buffer, 0, n);
                sink.write(buffer, n);
            }
        }
        if (!Arrays.equals(sha256.digest(), digest.value().toByteArray())) {
            throw new IntegrityException("blob " + digest + " has other content than its digest says");
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
