package dev.modelops.storage;

/**
 * Where one governed log lives: its entries, the content they name, and the texts they commit to. Closing a
 * {@link dev.modelops.ModelOps} closes the storage it was opened on.
 *
 * @param log the entries, seals and checkpoints
 * @param blobs model files, signatures and evidence, by digest
 * @param texts what people wrote, by commitment; erasable
 */
public record Storage(LogStore log, BlobStore blobs, ErasableStore texts) implements AutoCloseable {
    /**
     * Creates a storage whose texts are where the log says or, if it has none beside it, among the blobs: an erasure is
     * then a deletion of a blob and reaches as far as that does, so these blobs must not go through a cache that other
     * hosts hold too.
     *
     * @param log the entries, seals and checkpoints
     * @param blobs model files, signatures and evidence, by digest
     */
    public Storage(LogStore log, BlobStore blobs) {
        this(log, blobs, log.texts().orElseGet(() -> new BlobTexts(blobs)));
    }

    /**
     * Tells whether texts are kept among the blobs.
     *
     * @return true for a storage without a store of its own for texts
     */
    public boolean keepsTextsAsBlobs() {
        return texts instanceof BlobTexts;
    }

    /** Closes all stores. */
    @Override
    public void close() {
        try (blobs;
                texts) {
            log.close();
        }
    }
}
