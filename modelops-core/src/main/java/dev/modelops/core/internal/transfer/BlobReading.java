package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/** Reads blobs so that it can be cancelled, and counts what was given out. */
final class BlobReading {
    private static final int BUFFER = 128 * 1024;

    private final Progress progress;
    private long bytes;

    BlobReading(Progress progress) {
        this.progress = progress;
    }

    /** Returns how many bytes {@link #read} gave out. */
    long bytes() {
        return bytes;
    }

    /** Gives the content of a blob to a function. */
    <R> R read(BlobStore blobs, Digest digest, Function<InputStream, R> use) {
        try (InputStream content = new Watched(blobs.open(digest), true)) {
            return use.apply(content);
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
    }

    /** Tells whether a blob has the content that its digest says. */
    boolean isSound(BlobStore blobs, Digest digest) {
        MessageDigest sha256 = Crypto.sha256();
        byte[] buffer = new byte[BUFFER];
        try (InputStream content = new Watched(blobs.open(digest), false)) {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                sha256.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw unreadable(digest, e);
        }
        return Digest.sha256(sha256.digest()).equals(digest);
    }

    /** Throws unless a blob has the content that its digest says. */
    void require(BlobStore blobs, Digest digest) {
        if (!isSound(blobs, digest)) {
            throw new IntegrityException("blob " + digest + " has other content than its digest says");
        }
    }

    private static StorageException unreadable(Digest digest, IOException e) {
        return new StorageException("blob " + digest + " could not be read: " + e.getMessage(), e);
    }

    private final class Watched extends FilterInputStream {
        private final boolean isCounted;

        Watched(InputStream in, boolean isCounted) {
            super(in);
            this.isCounted = isCounted;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int from, int count) throws IOException {
            if (progress.isCancelled()) {
                throw new CancellationException(
                        "copying was cancelled within a blob; copying again goes on from there");
            }
            int n = super.read(buffer, from, count);
            if (n > 0 && isCounted) {
                bytes += n;
            }
            return n;
        }
    }
}
