package dev.modelops.core.storage;

import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.internal.storage.DirectoryBlobStore;
import dev.modelops.core.internal.storage.S3BlobStore;
import dev.modelops.core.internal.storage.S3Settings;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.nio.file.Path;
import java.util.function.Supplier;

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

    /**
     * Opens a blob store in a bucket of an object store that speaks S3. Content is sent and read in pieces; a put that
     * returns is in the store, under its digest, and was checked against it on both sides. No request is sent before the
     * store is used, so it can be opened while it is down.
     *
     * <p>Needs {@code software.amazon.awssdk:s3} and {@code software.amazon.awssdk:url-connection-client} at run time. A
     * rule of the bucket should remove uploads that were left unfinished by a crash.
     *
     * @param location the bucket and how it is reached
     * @return the store
     * @throws StorageException if the Amazon SDK is not there, or finds no region
     */
    public static BlobStore s3(S3Location location) {
        Supplier<S3Location.Credentials> credentials = location.credentials().orElse(null);
        S3Settings settings = new S3Settings(
                location.bucket(),
                location.endpoint().orElse(null),
                location.region().orElse(null),
                location.prefix(),
                location.isPathStyle(),
                credentials == null ? null : () -> key(credentials.get()),
                location.patience(),
                location.partLength());
        try {
            return new S3BlobStore(settings);
        } catch (NoClassDefFoundError e) {
            throw new StorageException(
                    "the Amazon SDK is not on the class path or module path (" + e.getMessage()
                            + " is missing); add software.amazon.awssdk:s3 and software.amazon.awssdk:url-connection-client",
                    e);
        }
    }

    /**
     * Keeps in a local folder what is read of another store, so that models load fast, and load at all while that store is
     * down. Content of the folder is verified each time before it is handed out; what was altered there is dropped and
     * fetched again. What was read longest ago makes room. Several processes may share the folder. A blob that another
     * process deletes stays in the folder until it makes room.
     *
     * <p>Only reading is answered from the folder. Whether a blob is there is asked of the other store, and verifying a
     * log, or copying one into this store, reads past the folder.
     *
     * @param store the other store, closed with this one; it takes what is put
     * @param folder the folder, used for nothing else; created where there is none
     * @param mostBytes how much the folder may hold; a larger blob is read past it
     * @return the store
     * @throws StorageException if the folder cannot be used
     * @throws IllegalArgumentException if the folder may hold nothing
     */
    public static BlobStore cached(BlobStore store, Path folder, long mostBytes) {
        return new CachedBlobStore(store, folder, mostBytes);
    }

    private static S3Settings.Key key(S3Location.Credentials credentials) {
        return new S3Settings.Key(credentials.accessKey(), credentials.secretKey(), credentials.sessionToken());
    }
}
