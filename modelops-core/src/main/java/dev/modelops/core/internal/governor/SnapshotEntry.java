package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Assurance;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.Principal;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Set;

/**
 * What an entry says of a snapshot of the state.
 *
 * @param index the index of the entry
 * @param digest the blob that holds the snapshot
 * @param size how many entries the state is after
 * @param version the version of the fold that led to it
 */
record SnapshotEntry(long index, Digest digest, long size, long version) {
    private static final Principal LIBRARY = Principal.of("modelops", "snapshots");

    /** Reads an entry of the type; {@link IllegalArgumentException} if it does not say what it must. */
    static SnapshotEntry read(Entry entry) {
        SnapshotEntry read = new SnapshotEntry(
                entry.index(),
                Digest.parse(String.valueOf(entry.subject())),
                Entry.number(entry.data(), "size"),
                Entry.number(entry.data(), "fold"));
        if (entry.type() != EntryType.STATE_SNAPSHOTTED || read.size < 1 || read.size > entry.index()) {
            throw new IllegalArgumentException(
                    "entry " + entry.index() + " names a snapshot of the state after " + read.size + " entries");
        }
        return read;
    }

    /** Returns the payload of an entry that names a snapshot. */
    static ObjectNode payload(CommandId id, long size) {
        ObjectNode data = Entry.payload(new Identity(LIBRARY, Assurance.ASSERTED, Set.of()), Set.of(), id, null, null);
        data.put("size", size);
        data.put("fold", Snapshot.VERSION);
        return data;
    }

    /**
     * Reads the snapshot, which must be the one that the entry names.
     *
     * @throws IntegrityException if it is another, or cannot be read
     * @throws dev.modelops.NotFoundException if it is missing from the store
     * @throws StorageException if the store cannot be read
     */
    Snapshot load(BlobStore blobs, String origin) {
        MessageDigest sha256 = Crypto.sha256();
        try (InputStream in = new DigestInputStream(blobs.open(digest), sha256)) {
            Snapshot snapshot = Snapshot.decode(in, origin);
            if (!Digest.sha256(sha256.digest()).equals(digest)) {
                throw new IntegrityException("blob " + digest + " has other content than its digest says");
            }
            if (snapshot.state().size() != size) {
                throw new IntegrityException("the snapshot is of the state after "
                        + snapshot.state().size() + " entries, the entry says after " + size);
            }
            return snapshot;
        } catch (IOException e) {
            throw new StorageException("blob " + digest + " could not be read: " + e.getMessage(), e);
        }
    }
}
