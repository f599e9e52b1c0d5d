package dev.modelops.core.internal.governor;

import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.internal.tlog.TreeHasher;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares the snapshots that entries name with what the entries lead to: folded on from a snapshot to the entry that names
 * it, as everybody does who opens the log from it, the state must be the same as without. For one verification.
 */
public final class SnapshotAudit {
    private static final int CHUNK = 1024;

    private final Storage storage;
    private long folded;

    /** Creates an audit. */
    public SnapshotAudit(Storage storage) {
        this.storage = storage;
    }

    /**
     * Returns what is wrong with the snapshot that an entry names, or null. A blob that is missing or was altered, and a
     * snapshot of another version, are not compared.
     *
     * @param after the state after the entry
     * @param root the root of the tree after the entry
     */
    public @Nullable String difference(Entry entry, RegistryState after, byte[] root) {
        SnapshotEntry named = SnapshotEntry.read(entry);
        if (named.version() != Snapshot.VERSION) {
            return null;
        }
        folded += entry.index() - named.size();
        if (folded > entry.index()) {
            // Or a log could be made that takes the square of its length to verify.
            return "it was not compared, because too many entries lie between such snapshots and those that name them";
        }
        Snapshot snapshot;
        try {
            snapshot = named.load(storage.blobs(), after.founding().origin());
        } catch (NotFoundException | StorageException e) {
            return null;
        } catch (IntegrityException e) {
            return e.getMessage();
        }
        return leadsTo(snapshot, after, root) ? null : "it is not what the entries before lead to";
    }

    private boolean leadsTo(Snapshot snapshot, RegistryState after, byte[] root) {
        RegistryState state = snapshot.state();
        MerkleTree tree = MerkleTree.of(snapshot.tree(), (from, count) -> List.of());
        FrontierBuilder frontier = new FrontierBuilder(tree.frontier(tree.size()));
        TreeHasher hasher = new TreeHasher();
        LogStore log = storage.log();
        while (state.size() < after.size()) {
            List<LogRecord> chunk = log.read(state.size(), (int) Math.min(CHUNK, after.size() - state.size()));
            if (chunk.isEmpty()) {
                throw new IntegrityException("entry " + state.size() + " is missing");
            }
            for (LogRecord next : chunk) {
                byte[] body = next.body().toByteArray();
                state = Fold.apply(state, Entry.decode(next.index(), body));
                frontier.append(hasher.leaf(body));
            }
        }
        return state.equals(after) && Arrays.equals(frontier.root(), root);
    }
}
