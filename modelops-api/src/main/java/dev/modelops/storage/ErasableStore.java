package dev.modelops.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps the texts that people wrote, of one log, where they can be erased: the log holds only commitments to them.
 * Implemented by storage authors; {@code ErasableStoreContract} in {@code modelops-testkit} tests every clause.
 *
 * <p>Content is a salt and a text, kept under its own SHA-256 digest, which is the commitment. It is there whole or not at
 * all, and durable when {@link #put} returns. Safe for use by many threads and processes. Every method throws
 * {@link StorageException} when the store cannot do its work. Digests of any other algorithm than {@code sha256} are
 * {@link IllegalArgumentException}.
 */
public interface ErasableStore extends AutoCloseable {
    /** The most bytes that content may have. */
    int MOST_BYTES = 65_535;

    /**
     * Stores content that is not there already. If this fails, some of it may have been stored.
     *
     * @param contents content by its SHA-256 digest, each of 1 to {@link #MOST_BYTES} bytes
     * @throws IntegrityException if any content has another digest; nothing is stored
     * @throws IllegalArgumentException if any has too many bytes or none; nothing is stored
     */
    void put(Map<Digest, Bytes> contents);

    /**
     * Returns content as it is stored. The caller checks it against the commitment: a store may be damaged.
     *
     * @param commitment its digest
     * @return the content; empty if it is not there
     */
    Optional<Bytes> find(Digest commitment);

    /**
     * Removes content, so that when this returns nothing that the store reads or writes holds it any more. Overwrites it where
     * the medium lets it; what is not in its power (blocks of a disk, replicas, backups, the archives of a database) is for
     * its documentation to say. Does the same again if the content is not there: a removal that was cut off is completed.
     *
     * @param commitment its digest
     * @return true if it was there
     */
    boolean erase(Digest commitment);

    /**
     * Visits every content once, in any order, without holding them all in memory. What is put or erased meanwhile may be
     * visited or not. An exception of the visitor ends the listing and passes through. The visitor may call other methods
     * of the store.
     *
     * @param visitor what is told of each
     */
    void list(Consumer<? super StoredBlob> visitor);

    /**
     * Checks content as {@link #put} must, for implementations to use.
     *
     * @param contents content by its SHA-256 digest
     * @throws IntegrityException if any content has another digest
     * @throws IllegalArgumentException if any has too many bytes or none, or a digest is of another algorithm
     */
    static void requireSound(Map<Digest, Bytes> contents) {
        contents.forEach((commitment, content) -> {
            commitment.requireSha256();
            if (content.length() < 1 || content.length() > MOST_BYTES) {
                throw new IllegalArgumentException("expected 1 to " + MOST_BYTES + " bytes, found " + content.length());
            }
            if (!Digest.sha256Of(content).equals(commitment)) {
                throw new IntegrityException("content to be stored under " + commitment
                        + " has another digest; nothing was stored, send it again");
            }
        });
    }

    /** Releases what the store holds. Later calls throw {@link StorageException}; a second close does nothing. */
    @Override
    void close();
}
