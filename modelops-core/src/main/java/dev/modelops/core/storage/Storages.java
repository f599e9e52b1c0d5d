package dev.modelops.core.storage;

import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.storage.InMemoryBlobStore;
import dev.modelops.core.internal.storage.InMemoryLogStore;
import dev.modelops.core.internal.storage.LocalStores;
import dev.modelops.core.internal.storage.SharedStores;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;

/**
 * Makes storages.
 *
 * <p>A log in a file is kept by SQLite and is on the disk when an append returns. Several processes of one machine may
 * share it. It needs a local disk: no network file system keeps the locks that it relies on. While it is in use, the file
 * and those beside it ({@code -wal}, {@code -shm}) must not be opened, copied or moved by anything but SQLite, and one
 * process must not hold two copies of the SQLite driver, as two class loaders might; to copy a log in use, let SQLite do
 * it ({@code VACUUM INTO}).
 *
 * <p>A log in PostgreSQL may be shared by any number of processes and hosts, and a database may hold several, each with a
 * name. The {@link DataSource} stays the host's: each use borrows one connection, never a second meanwhile, and gives it
 * back as it came, so a pool of one is enough, though slow; closing the storage does not close it. It should be a pool,
 * since otherwise each use connects anew, and must not be a proxy that joins the caller's transaction. The tables are in
 * the schema that connections begin in ({@code search_path}). A server that is away when the storage is opened is
 * opened at the first use.
 */
public final class Storages {
    private static final String LOG = "log.db";
    private static final String BLOBS = "blobs";
    private static final String MAIN = "main";

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

    /**
     * Opens the log {@code main} in a PostgreSQL database as {@link #jdbc(DataSource, String, BlobStore)} does.
     *
     * @param source where connections come from; not closed with the storage
     * @param blobs the content, kept elsewhere; closed with the storage
     * @return the storage
     * @throws StorageException as the other method does
     */
    public static Storage jdbc(DataSource source, BlobStore blobs) {
        return jdbc(source, MAIN, blobs);
    }

    /**
     * Opens a log in a PostgreSQL database, and creates what is not there: the tables and the log. Tables of an older
     * release are brought up to date. For both the connections' role must own the schema; where it must not, open it
     * once as the owner, or run {@link #postgresScript}, and give the role the rights that it grants.
     *
     * @param source where connections come from; not closed with the storage
     * @param log the name of the log: 1 to 100 letters, digits, and {@code . _ / -}
     * @param blobs the content, kept elsewhere, of this log alone; closed with the storage
     * @return the storage
     * @throws StorageException if the database is not PostgreSQL or not one that keeps what it acknowledges, its tables
     *     are of a newer release, or the role may not do what is needed; that a server cannot be reached shows at the
     *     first use
     * @throws IntegrityException if the log is damaged
     */
    public static Storage jdbc(DataSource source, String log, BlobStore blobs) {
        return new Storage(SharedStores.open(source, log, true), blobs);
    }

    /**
     * Opens a log in a PostgreSQL database as {@link #jdbc(DataSource, String, BlobStore)} does, but creates neither
     * tables nor a log.
     *
     * @param source where connections come from; not closed with the storage
     * @param log the name of the log
     * @param blobs the content, kept elsewhere; closed with the storage
     * @return the storage
     * @throws NotFoundException if there is no such log in the database
     * @throws StorageException as the other method does
     * @throws IntegrityException if the log is damaged
     */
    public static Storage existingJdbc(DataSource source, String log, BlobStore blobs) {
        return new Storage(SharedStores.open(source, log, false), blobs);
    }

    /**
     * Returns the names of the logs in a PostgreSQL database.
     *
     * @param source where connections come from
     * @return the names, sorted; none if the database holds no logs
     * @throws StorageException if the database cannot be read, or is of a newer release
     */
    public static List<String> logs(DataSource source) {
        return SharedStores.logs(source);
    }

    /**
     * Returns the SQL by which an administrator prepares a schema by hand, or brings one up to date: the tables with their
     * guards as far as they are missing, a log unless it is there, and the rights of the application's role, which may add to
     * the logs of the schema and move their heads on over what was added and sealed, and erase texts, but neither
     * change nor remove entries, seals and checkpoints. It may be run again, also for other logs and roles.
     *
     * @param log the name of the log
     * @param role the role that the application connects as
     * @return statements for {@code psql}, one transaction
     */
    public static String postgresScript(String log, String role) {
        return SharedStores.script(log, role);
    }
}
