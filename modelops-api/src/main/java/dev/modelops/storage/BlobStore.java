package dev.modelops.storage;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Consumer;

/**
 * Keeps content under its SHA-256 digest. Implemented by storage authors; {@code BlobStoreContract} in
 * {@code modelops-testkit} tests every clause.
 *
 * <p>Content is streamed, so that memory stays flat whatever its size. A blob is there whole or not at all, and durable
 * when {@link #put} returns. Safe for use by many threads and processes. Every method throws {@link StorageException}
 * when the store cannot do its work. Digests of any other algorithm than {@code sha256} are
 * {@link IllegalArgumentException}.
 */
public interface BlobStore extends AutoCloseable {
    /**
     * Stores content, unless it is there already. Reads the content to its end and does not close it.
     *
     * @param digest the SHA-256 digest of the content
     * @param content the content, from its beginning
     * @throws IntegrityException if the content has another digest; nothing is stored
     */
    void put(Digest digest, InputStream content);

    /**
     * Opens content for reading. The caller closes the stream, and checks what it read against the digest: a store may
     * be damaged.
     *
     * @param digest the digest of the content
     * @return the content, from its beginning
     * @throws NotFoundException if there is no such content
     */
    InputStream open(Digest digest);

    /**
     * Tells whether content is there. Opens it, unless a store knows a cheaper way.
     *
     * @param digest the digest of the content
     * @return true if {@link #open} would find it
     */
    default boolean contains(Digest digest) {
        try (InputStream content = open(digest)) {
            return content != null;
        } catch (NotFoundException e) {
            return false;
        } catch (IOException e) {
            throw new StorageException(digest + " is there, but could not be closed: " + e.getMessage(), e);
        }
    }

    /**
     * Deletes content.
     *
     * @param digest the digest of the content
     * @return true if it was there
     */
    boolean delete(Digest digest);

    /**
     * Visits every blob once, in any order, without holding them all in memory. What is put or deleted meanwhile may be
     * visited or not; what is not whole never is. An exception of the visitor ends the listing and passes through. The
     * visitor may call other methods of the store.
     *
     * @param visitor what is told of each
     */
    void list(Consumer<? super StoredBlob> visitor);

    /**
     * Passes content on while it is hashed, and checks it as {@link #put} must, for implementations to use. What was
     * passed on is known to be right only when this returns: until then, nobody may find it in the store.
     *
     * @param digest the SHA-256 digest of the content
     * @param content the content, from its beginning; read to its end and not closed
     * @param target where it is to go; not closed
     * @throws IntegrityException if the content has another digest
     * @throws StorageException if the content could not be read to its end
     * @throws IOException if it could not be written
     * @throws IllegalArgumentException if the digest is of another algorithm than {@code sha256}
     */
    static void copy(Digest digest, InputStream content, OutputStream target) throws IOException {
        digest.requireSha256();
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        for (int n = read(digest, content, buffer); n >= 0; n = read(digest, content, buffer)) {
            sha256.update(buffer, 0, n);
            target.write(buffer, 0, n);
            length += n;
        }
        Digest found = Digest.sha256(sha256.digest());
        if (!found.equals(digest)) {
            throw new IntegrityException("content was to have the digest " + digest + ", but its " + length
                    + " bytes have " + found + "; nothing was stored, check where it comes from");
        }
    }

    private static int read(Digest digest, InputStream content, byte[] buffer) {
        try {
            return content.read(buffer);
        } catch (IOException e) {
            throw new StorageException(
                    "could not store " + digest + ": its content could not be read to the end (" + e.getMessage()
                            + "); nothing was stored, try again",
                    e);
        }
    }

    /** Releases what the store holds. Later calls throw {@link StorageException}; a second close does nothing. */
    @Override
    void close();
}
