package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Content that is hashed while it is copied: what every blob store checks before it keeps it. */
final class ContentCheck {
    private static final int BUFFER = 1 << 16;

    private ContentCheck() {}

    static void requireSha256(Digest digest) {
        if (!digest.algorithm().equals("sha256")) {
            throw new IllegalArgumentException("blobs are kept by their sha256 digest, but was given " + digest);
        }
    }

    /** Reads content to its end and gives it on piece by piece. */
    static void copy(Digest expected, InputStream content, Sink sink) throws IOException {
        MessageDigest sha256 = Crypto.sha256();
        byte[] buffer = new byte[BUFFER];
        long length = 0;
        for (int n = read(expected, content, buffer); n >= 0; n = read(expected, content, buffer)) {
            sha256.update(buffer, 0, n);
            sink.write(buffer, n);
            length += n;
        }
        Digest found = Digest.sha256(sha256.digest());
        if (!found.equals(expected)) {
            throw new IntegrityException("content was to have the digest " + expected + ", but its " + length
                    + " bytes have " + found + "; nothing was stored, check where it comes from");
        }
    }

    private static int read(Digest expected, InputStream content, byte[] buffer) {
        try {
            return content.read(buffer);
        } catch (IOException e) {
            throw new StorageException(
                    "could not store " + expected + ": its content could not be read to the end (" + e.getMessage()
                            + "); nothing was stored, try again",
                    e);
        }
    }

    /** Takes a piece of content. */
    interface Sink {
        void write(byte[] buffer, int length) throws IOException;
    }
}
