package dev.modelops.storage;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import java.io.InputStream;
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
     * Tells whether content is there.
     *
     * @param digest the digest of the content
     * @return true if {@link #open} would find it
     */
    boolean contains(Digest digest);

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

    /** Releases what the store holds. Later calls throw {@link StorageException}; a second close does nothing. */
    @Override
    void close();
}
