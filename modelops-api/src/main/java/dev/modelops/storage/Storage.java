package dev.modelops.storage;

/**
 * Where one governed log lives: its entries and the content they name. Closing a
 * {@link dev.modelops.ModelOps} closes the storage it was opened on.
 *
 * @param log the entries, seals and checkpoints
 * @param blobs model files, signatures and evidence, by digest
 */
public record Storage(LogStore log, BlobStore blobs) implements AutoCloseable {
    /** Closes both stores. */
    @Override
    public void close() {
        try (blobs) {
            log.close();
        }
    }
}
