package dev.modelops.core.internal.artifact;

import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.storage.BlobStore;
import java.nio.file.Path;

/**
 * A version pack that was verified, open until it is closed.
 *
 * @param contents what the log it comes from says of the version
 * @param blobs what those entries name, only to be read
 * @param digest the digest of the file
 */
public record Pack(SourceEntries contents, BlobStore blobs, Digest digest) implements AutoCloseable {
    /** Opens packs. */
    public interface Reader {
        /**
         * Opens a file, and verifies every byte of it.
         *
         * @param source the key of the log that it must come from
         * @throws dev.modelops.NotFoundException if there is no such file
         * @throws dev.modelops.IntegrityException if it is not what that log would have packed
         */
        Pack open(Path file, LogKey source, Progress progress);
    }

    @Override
    public void close() {
        blobs.close();
    }
}
