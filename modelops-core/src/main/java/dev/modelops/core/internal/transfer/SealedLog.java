package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.ReadOnlyException;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.governor.Epochs;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stored log batch by batch, as its writers sealed it, and gives out nothing that was not verified: the first
 * entry under a checkpoint of the pinned key, everything under the seals of the writers that it names, or that the entry
 * names by which the log was recovered. Keeps one batch in memory. For one thread.
 */
final class SealedLog {
    private static final int PAGE = 256;

    private final Storage from;
    private final LogStore log;
    private final NoteVerifier key;
    private final TreeMap<Long, NoteVerifier> keys = new TreeMap<>();
    private final FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
    private final Deque<LogSeal> seals = new ArrayDeque<>();
    private Founding founding;

    /**
     * A batch that holds what its writer sealed.
     *
     * @param records the records, at least one
     * @param seal the seal over them
     * @param leafHashes the hash of each record
     * @param head the head after them, recomputed
     * @param blobs what the entries name
     */
    record SealedBatch(
            List<LogRecord> records,
            LogSeal seal,
            List<byte[]> leafHashes,
            LogHead head,
            List<BlobReferences.Reference> blobs) {}

    private final Set<Digest> erased = new HashSet<>();

    private SealedLog(Storage from, NoteVerifier key, Founding founding) {
        this.from = from;
        this.log = from.log();
        this.key = key;
        this.founding = founding;
        keys.put(0L, NoteVerifier.parse(founding.logKey().text()));
    }

    /**
     * Opens a log for reading from its first entry on.
     *
     * @throws NotFoundException if the store holds no log
     * @throws IntegrityException if it is not the log of the pinned key
     */
    static SealedLog open(Storage from, NoteVerifier key) {
        LogStore log = from.log();
        // Read before the head: what is published later may be ahead of it.
        LogCheckpoint first = first(log, key);
        LogCheckpoint latest = log.latestCheckpoint().orElse(null);
        LogHead head = log.head();
        if (head.size() == 0) {
            throw new NotFoundException("there is no log in the store to copy from; check which store was named");
        }
        if (latest == null) {
            throw new IntegrityException(
                    "the store to copy from holds entries but no checkpoint; the creation of its log,"
                            + " or an earlier copy into it, did not finish");
        }
        if (first == null || !Epochs.isOf(latest, key)) {
            throw new IntegrityException("the newest checkpoint of the store to copy from is not of the pinned key "
                    + key.vkey() + ", but of the log '"
                    + latest.note().lines().findFirst().orElse("")
                    + "'; if the log was recovered, pin the key under which it goes on");
        }
        CheckpointBody earliest = Ledger.verified(first.note(), key);
        long greatest =
                Math.max(earliest.size(), Ledger.verified(latest.note(), key).size());
        if (greatest > head.size()) {
            throw new IntegrityException("the store to copy from says that it has " + head.size()
                    + " entries, but a checkpoint covers " + greatest + "; it was cut short, so restore a whole copy");
        }
        return new SealedLog(from, key, founding(log, earliest, key));
    }

    /** Returns the first checkpoint that says it is of the pinned key; not the first of all if the log was recovered. */
    private static @Nullable LogCheckpoint first(LogStore log, NoteVerifier key) {
        long wanted = 1;
        List<LogCheckpoint> page = log.checkpoints(wanted, PAGE);
        while (!page.isEmpty()) {
            for (LogCheckpoint stored : page) {
                if (Epochs.isOf(stored, key)) {
                    return stored;
                }
                wanted = stored.size() + 1;
            }
            page = log.checkpoints(wanted, PAGE);
        }
        return null;
    }

    /** Reads up to the first checkpoint, which alone says that the first entry, and the writers it names, are genuine. */
    private static Founding founding(LogStore log, CheckpointBody checkpoint, NoteVerifier key) {
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        byte[] first = new byte[0];
        while (frontier.size() < checkpoint.size()) {
            for (LogRecord next : records(log, frontier.size(), checkpoint.size())) {
                byte[] body = next.body().toByteArray();
                if (next.index() == 0) {
                    first = body;
                }
                frontier.append(Merkle.leafHash(body));
            }
        }
        if (!Arrays.equals(frontier.root(), checkpoint.root())) {
            throw new IntegrityException(
                    "the first " + checkpoint.size() + " entries are not those of the checkpoint signed" + " by "
                            + key.name() + "; verify the log to find the altered entry");
        }
        Founding founding;
        try {
            founding = Fold.apply(RegistryState.empty(), Entry.decode(0, first)).founding();
        } catch (RuntimeException e) {
            throw new IntegrityException("the first entry does not begin a log: " + e.getMessage(), e);
        }
        if (!founding.logKey().text().equals(key.vkey()) && !Recovery.isOrBefore(founding.origin(), key.name())) {
            throw new IntegrityException(
                    "the log was created under the key " + founding.logKey() + ", but the pinned key is " + key.vkey());
        }
        return founding;
    }

    /** Returns how many entries were given out. */
    long size() {
        return frontier.size();
    }

    /** Returns the root over what was given out. */
    byte[] root() {
        return frontier.root();
    }

    /**
     * Returns the next batch, or null where the log ends at the given head.
     *
     * @throws IntegrityException if what follows is not under a sound seal, or the head is not that of the entries
     * @throws ReadOnlyException if an entry is of a type that this release does not know
     */
    @Nullable SealedBatch next(LogHead head) {
        if (frontier.size() >= head.size()) {
            if (frontier.size() == head.size() && !head.root().equals(Digest.sha256(frontier.root()))) {
                throw new IntegrityException("the stored head does not match the entries: the root over " + head.size()
                        + " entries is " + Digest.sha256(frontier.root()) + ", the head says " + head.root());
            }
            if (!founding.logKey().text().equals(key.vkey())) {
                throw new IntegrityException(
                        "the log ends under the key " + founding.logKey() + ", but the pinned key is " + key.vkey());
            }
            return null;
        }
        LogSeal stored = nextSeal();
        if (stored.from() != frontier.size() || stored.size() <= stored.from() || stored.size() > head.size()) {
            throw unsealed();
        }
        followRecovery();
        Seal seal = Seal.open(stored, founding.origin(), founding.writers());
        List<LogRecord> batch = new ArrayList<>();
        List<byte[]> hashes = new ArrayList<>();
        List<BlobReferences.Reference> blobs = new ArrayList<>();
        while (frontier.size() < seal.size()) {
            for (LogRecord next : records(log, frontier.size(), seal.size())) {
                byte[] hash = Merkle.leafHash(next.body().toByteArray());
                if (!Arrays.equals(hash, seal.leafHashes().get(hashes.size()))) {
                    throw new IntegrityException(
                            "entry " + next.index() + " is not the one that its writer sealed; verify the log");
                }
                frontier.append(hash);
                hashes.add(hash);
                batch.add(next);
            }
        }
        if (!Arrays.equals(frontier.root(), seal.root())) {
            throw new IntegrityException("entries " + seal.from() + " to " + (seal.size() - 1)
                    + " are sealed under another root than that of the log; verify the log");
        }
        for (LogRecord next : batch) {
            blobs.addAll(references(next));
        }
        return new SealedBatch(
                batch, stored, hashes, new LogHead(frontier.size(), Digest.sha256(frontier.root())), blobs);
    }

    /** The batch by which a log was recovered is sealed by a writer whom it names, under the root keys' signatures. */
    private void followRecovery() {
        if (frontier.size() == 0) {
            return;
        }
        LogRecord stored = records(log, frontier.size(), frontier.size() + 1).get(0);
        Founding after;
        try {
            Entry entry = Entry.decode(stored.index(), stored.body().toByteArray());
            if (entry.type() != EntryType.LOG_RECOVERED) {
                return;
            }
            after = founding.recovered(entry);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException("entry " + stored.index() + " does not follow: " + e.getMessage(), e);
        }
        Digest root = after.past().get(after.past().size() - 1).root();
        if (!root.equals(Digest.sha256(frontier.root()))) {
            throw new IntegrityException("the root keys signed a recovery at " + frontier.size()
                    + " entries, but not of these entries; verify the log");
        }
        if (founding.logKey().text().equals(key.vkey())) {
            throw Epochs.ended(after);
        }
        founding = after;
        keys.put(stored.index(), NoteVerifier.parse(after.logKey().text()));
    }

    /** Returns the commitments whose texts were erased by the entries that were given out. */
    Set<Digest> erased() {
        return Collections.unmodifiableSet(erased);
    }

    /** Returns the key that signs checkpoints over so many entries, once they were given out. */
    NoteVerifier keyOver(long entries) {
        return keys.lowerEntry(entries).getValue();
    }

    private List<BlobReferences.Reference> references(LogRecord record) {
        try {
            Entry entry = Entry.decode(record.index(), record.body().toByteArray());
            if (entry.type() == EntryType.TEXT_ERASED) {
                erased.add(Digest.parse(entry.get("commitment")));
            }
            return BlobReferences.all(entry, from.blobs());
        } catch (NotFoundException | IllegalArgumentException e) {
            throw new IntegrityException(
                    "what entry " + record.index() + " names cannot be told: " + e.getMessage()
                            + "; restore the store to copy from",
                    e);
        }
    }

    private LogSeal nextSeal() {
        if (seals.isEmpty()) {
            seals.addAll(log.seals(frontier.size(), PAGE));
        }
        LogSeal next = seals.poll();
        if (next == null) {
            throw unsealed();
        }
        return next;
    }

    private static List<LogRecord> records(LogStore log, long from, long to) {
        List<LogRecord> records = log.read(from, (int) Math.min(PAGE, to - from));
        long index = from;
        for (LogRecord next : records) {
            if (next.index() != index++) {
                throw missing(from);
            }
        }
        if (records.isEmpty() || index > to) {
            throw missing(from);
        }
        return records;
    }

    private static IntegrityException missing(long index) {
        return new IntegrityException(
                "entry " + index + " or one that follows is missing from the store to copy from;" + " verify the log");
    }

    private IntegrityException unsealed() {
        return new IntegrityException("entry " + frontier.size()
                + " and what follows is not under a writer's seal; it is" + " not believed and not copied");
    }
}
