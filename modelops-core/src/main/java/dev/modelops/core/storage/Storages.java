package dev.modelops.core.storage;

import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.storage.InMemoryBlobStore;
import dev.modelops.core.internal.storage.InMemoryLogStore;
import dev.modelops.core.internal.storage.LocalStores;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes storages.
 *
 * <p>A log in a file is kept by SQLite and is on the disk when an append returns. Several processes of one machine may
 * share it. It needs a local disk: no network file system keeps the locks that it relies on. While it is in use, the file
 * and those beside it ({@code -wal}, {@code -shm}) must not be opened, copied or moved by anything but SQLite, and one
 * process must not hold two copies of the SQLite driver, as two class loaders might; to copy a log in use, let SQLite do
 * it ({@code VACUUM INTO}).
 */
public final class Storages {
    private static final String LOG = "log.db";
    private static final String BLOBS = "blobs";

    private Storages() {}

    /**
     * Opens the storage in a folder, and creates what is not there: the folder, the log in {@code log.db} and the blobs
     * in {@code blobs}.
     *
     * @param folder the folder
     * @return the storage
     * @throws StorageException if it is not a folder, may not be written, has no room, or its log is something else, in
     *     use for too long, or of a newer release
     * @throws IntegrityException if its log is damaged
     */
    public static Storage directory(Path folder) {
        LocalStores.createFolder(folder);
        LogStore log = sqlite(folder.resolve(LOG));
        try {
            return new Storage(log, Blobs.directory(folder.resolve(BLOBS)));
        } catch (RuntimeException e) {
            try (log) {
                throw e;
            }
        }
    }

    /**
     * Opens the storage in a folder as {@link #directory} does, but never creates a log.
     *
     * @param folder the folder
     * @return the storage
     * @throws NotFoundException if there is no log in the folder
     * @throws StorageException as {@link #directory} does
     * @throws IntegrityException if its log is damaged
     */
    public static Storage existingDirectory(Path folder) {
        if (!Files.exists(folder.resolve(LOG))) {
            throw new NotFoundException("there is no log in " + folder.toAbsolutePath() + ": expected a file " + LOG
                    + ", found " + (Files.isDirectory(folder) ? "none" : "no such folder")
                    + "; check the path, or create the log first");
        }
        return directory(folder);
    }

    /**
     * Creates a storage in memory. It is gone with the object; closing it does nothing, so that it can be opened again.
     *
     * @return an empty storage
     */
    public static Storage inMemory() {
        return new Storage(new InMemoryLogStore(), new InMemoryBlobStore());
    }

    /**
     * Opens a log in a SQLite file, and creates the file where there is none.
     *
     * @param file the file, in a folder that exists
     * @return the log, without blobs; put it into a {@link Storage} with a {@link BlobStore}
     * @throws StorageException as {@link #directory} does
     * @throws IntegrityException if the log is damaged
     */
    public static LogStore sqlite(Path file) {
        return LocalStores.sqlite(file);
    }
}
