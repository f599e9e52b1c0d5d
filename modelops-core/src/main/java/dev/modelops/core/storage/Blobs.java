package dev.modelops.core.storage;

import dev.modelops.core.internal.storage.DirectoryBlobStore;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.nio.file.Path;

/** Makes blob stores. */
public final class Blobs {
    private Blobs() {}

    /**
     * Opens a blob store in a folder, and creates the folder where there is none. Several processes may use it at once,
     * also over a shared file system that renames in one step.
     *
     * @param folder the folder, used for nothing else
     * @return the store
     * @throws StorageException if it is not a folder, or may not be written
     */
    public static BlobStore directory(Path folder) {
        return new DirectoryBlobStore(folder);
    }
}
