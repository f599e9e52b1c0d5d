package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Stores on the local disk. */
public final class LocalStores {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private LocalStores() {}

    /** Opens a log in a SQLite file, and creates the file where there is none. */
    public static LogStore sqlite(Path file) {
        return new JdbcLogStore(new SqliteDialect(file, PATIENCE));
    }

    /** Creates a folder durably where there is none. */
    public static void createFolder(Path folder) {
        try {
            Directories.create(folder);
        } catch (IOException e) {
            throw new StorageException(
                    "the folder " + folder + " cannot be used (" + e.getClass().getSimpleName() + ": " + e.getMessage()
                            + "); check that it is a folder, and that this process may write it",
                    e);
        }
    }
}
