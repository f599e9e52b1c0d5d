package dev.modelops.core.internal.governor;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.NotFoundException;
import dev.modelops.ReadOnlyException;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.state.Epoch;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.tlog.TreeHasher;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one log: reads what was appended, believes it only under a writer's seal or the pinned key's checkpoint, and
 * publishes the state it leads to. Once something read cannot be believed, the ledger is faulty for good: it keeps the
 * last state it could prove and refuses to go on.
 */
public final class Ledger {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final int CHUNK = 1024;
    private static final int KEPT_STATES = 256;
    private static final int MOST_BLOB_BYTES = 64 * 1024 * 1024;
    private static final String REMEMBERED = "the remembered checkpoint";

    private final Storage storage;
    private final NoteVerifier logKey;
    private final @Nullable CheckpointMemory memory;
    private final MerkleTree tree;
    private final PolicyEngines engines;
    private final ReentrantLock advancing = new ReentrantLock();
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final TreeMap<Long, SoftReference<RegistryState>> kept = new TreeMap<>();
    private volatile Tip tip;
    private volatile @Nullable SnapshotEntry unproven;
    private volatile @Nullable ModelOpsException fault;
    private volatile @Nullable CheckpointBody recalled;
    private volatile @Nullable CheckpointBody contained;

    /** Told of every advance, on the advancing thread, after the new tip is published. */
    @FunctionalInterface
    public interface Follower {
        /** Takes note of entries and the tip after them. Must be quick and not throw. */
        void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies);

        /** Takes note that the log can no longer be followed. Must be quick and not throw. */
        default void failed(ModelOpsException fault) {}
    }

    /** Where records and seals are read from: the store, or a transaction on it. */
    interface Source {
        List<LogRecord> read(long from, int limit);

        List<LogSeal> seals(long from, int limit);

        /** Tells whether the head is locked meanwhile, so that nothing but memory and the transaction may be waited for. */
        default boolean isLocked() {
            return false;
        }

        static Source of(LogStore store) {
            return new Source() {
                @Override
                public List<LogRecord> read(long from, int limit) {
                    return store.read(from, limit);
                }

                @Override
                public List<LogSeal> seals(long from, int limit) {
                    return store.seals(from, limit);
                }
            };
        }

        static Source of(LogStore.Transaction transaction) {
            return new Source() {
                @Override
                public List<LogRecord> read(long from, int limit) {
                    return transaction.read(from, limit);
                }

                @Override
                public List<LogSeal> seals(long from, int limit) {
                    return transaction.seals(from, limit);
                }

                @Override
                public boolean isLocked() {
                    return true;
                }
            };
        }
    }

    /** What another process appended takes blobs to follow, which are not to be read under the lock of the head. */
    static final class BlobsNeededException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BlobsNeededException() {
            super("a policy set came into force, which must be read first", null, false, false);
        }
    }

    /** Entries that were believed, and the tip they lead to. */
    record Advance(Tip tip, List<Entry> entries, List<Bytes> bodies, List<byte[]> leafHashes) {}

    private Ledger(
            Storage storage, NoteVerifier logKey, @Nullable CheckpointMemory memory, @Nullable Snapshot snapshot) {
        this.storage = storage;
        this.logKey = logKey;
        this.memory = memory;
        this.engines = new PolicyEngines(storage.blobs());
        PolicyEngine none = PolicyEngine.compile(new PolicySet(NO_POLICIES));
        if (snapshot == null) {
            this.tree = new MerkleTree(this::storedLeafHashes);
            this.tip = new Tip(RegistryState.empty(), Frontier.empty(), none);
        } else {
            this.tree = MerkleTree.of(snapshot.tree(), this::storedLeafHashes);
            this.tip = new Tip(snapshot.state(), tree.frontier(tree.size()), none);
        }
    }

    /**
     * Opens a log and reads it to its end.
     *
     * @throws NotFoundException if the store holds no log
     * @throws IntegrityException if the log cannot be believed
     */
    public static Ledger open(Storage storage, LogKey pinned, @Nullable CheckpointMemory memory) {
        return open(storage, pinned, memory, false);
    }

    /**
     * Opens a log from the newest snapshot of its state that can be used and reads it from there to its end; from its
     * beginning if there is none.
     *
     * <p>The entries since are believed as ever, and so is the tree. The state of the snapshot is the word of the writer
     * that sealed the entry which names it: an enrolled writer that lies is believed until {@link Snapshots} has folded
     * what comes before, in the background. The entries before are not looked at until then either. Only the signature of
     * the policy set in force is asked for at once, where the log has policy publishers.
     *
     * @throws NotFoundException if the store holds no log
     * @throws IntegrityException if the log cannot be believed
     */
    public static Ledger openFromSnapshot(Storage storage, LogKey pinned, @Nullable CheckpointMemory memory) {
        return open(storage, pinned, memory, true);
    }

    private static Ledger open(
            Storage storage, LogKey pinned, @Nullable CheckpointMemory memory, boolean isFromSnapshot) {
        NoteVerifier key = NoteVerifier.parse(pinned.text());
        Optional<CheckpointBody> remembered = recall(memory, key);
        // Read before the head: what is published later may be ahead of it.
        Optional<LogCheckpoint> newest = storage.log().latestCheckpoint();
        LogHead head = storage.log().head();
        if (head.size() == 0) {
            if (remembered.isPresent()) {
                throw Discrepancy.older(REMEMBERED, remembered.get().size(), 0);
            }
            throw new NotFoundException("the store holds no log; create one with ModelOps.create");
        }
        LogCheckpoint stored = Epochs.newest(
                storage.log(),
                key,
                newest.orElseThrow(
                        () -> new IntegrityException("the store holds entries but no checkpoint; the creation of the"
                                + " log did not finish, or its checkpoints were removed")));
        if (!newest.get().equals(stored)) {
            // What was remembered is for the new epoch to explain, and it is about to be met.
            remembered = Optional.empty();
        }
        CheckpointBody checkpoint = verified(stored.note(), key);
        if (head.size() < checkpoint.size()) {
            throw new IntegrityException("the stored head says " + head.size() + " entries, but a checkpoint covers "
                    + checkpoint.size() + "; the log was cut short");
        }
        if (remembered.isPresent() && remembered.get().size() > head.size()) {
            throw Discrepancy.older(REMEMBERED, remembered.get().size(), head.size());
        }
        Ledger ledger = isFromSnapshot ? replayed(storage, key, memory, checkpoint) : null;
        if (ledger == null) {
            ledger = new Ledger(storage, key, memory, null);
            ledger.replayTo(checkpoint);
        }
        ledger.followOrStop();
        if (remembered.isPresent()
                && remembered.get().size() <= ledger.tip.state().size()) {
            ledger.requireContains(remembered.get());
        }
        if (memory != null) {
            Epochs.requireTold(memory, ledger.tip.state().founding(), ledger.tree::root);
        }
        return ledger;
    }

    /** Reads a log up to a checkpoint from a snapshot, or returns null if none can be used. */
    private static @Nullable Ledger replayed(
            Storage storage, NoteVerifier key, @Nullable CheckpointMemory memory, CheckpointBody checkpoint) {
        try {
            SnapshotSearch search = new SnapshotSearch(storage.log(), checkpoint.size());
            for (SnapshotEntry found = search.next(); found != null; found = search.next()) {
                try {
                    Snapshot snapshot = found.load(storage.blobs(), key.name());
                    Ledger ledger = new Ledger(storage, key, memory, snapshot);
                    ledger.replayTo(checkpoint);
                    ledger.requireNamed(found, snapshot);
                    ledger.requireSignedInForce();
                    ledger.unproven = found;
                    return ledger;
                } catch (IntegrityException | NotFoundException | StorageException e) {
                    LOG.warn(
                            "the snapshot of the state that entry {} names is not used: {}",
                            found.index(),
                            e.getMessage());
                }
            }
        } catch (IntegrityException e) {
            LOG.warn("no snapshot of the state is used: {}", e.getMessage());
        }
        return null;
    }

    /** Requires that the entry is in the tree and under a writer's seal, and that the snapshot is of this log. */
    private void requireNamed(SnapshotEntry found, Snapshot snapshot) {
        byte[] hash = entry(found.index(), (entry, body) -> {
            if (!SnapshotEntry.read(entry).equals(found)) {
                throw new IntegrityException("entry " + found.index() + " changed while it was read; verify the log");
            }
            return Merkle.leafHash(body.toByteArray());
        });
        if (!first().equals(snapshot.first())) {
            throw new IntegrityException("it begins with another first entry than the log");
        }
        Founding founding = snapshot.state().founding();
        for (Epoch ended : founding.past()) {
            if (!Arrays.equals(tree.root(ended.size()), ended.root().value().toByteArray())) {
                throw new IntegrityException("the root keys signed its recovery at " + ended.size()
                        + " entries, but not of these entries; verify the log");
            }
        }
        for (LogSeal stored : storage.log().seals(found.index(), 1)) {
            Seal seal = Seal.open(stored, founding.origin(), founding.writers());
            if (seal.from() <= found.index()
                    && Arrays.equals(seal.leafHashes().get((int) (found.index() - seal.from())), hash)) {
                return;
            }
        }
        throw new IntegrityException("the entry is not under a writer's seal; verify the log");
    }

    /** Returns the snapshot that the log was opened from, until its entries are seen to lead to it; null otherwise. */
    @Nullable SnapshotEntry unproven() {
        return unproven;
    }

    /** Takes note that the entries lead to the snapshot that the log was opened from. */
    void proven() {
        unproven = null;
    }

    /** Returns a snapshot of a state that the log was in, or is said to have been in. */
    Snapshot snapshot(RegistryState state) {
        List<Bytes> ceremonies = Snapshot.ceremonies(state).stream()
                .map(index -> entry(index, (entry, body) -> body))
                .toList();
        return new Snapshot(state, first(), ceremonies, tree.nodes(state.size()));
    }

    private Bytes first() {
        return entry(0, (entry, body) -> body);
    }

    /** An entry that this release does not know ends what can be followed, but not what can be read before it. */
    private void followOrStop() {
        if (fault != null) {
            return;
        }
        try {
            sync();
        } catch (ReadOnlyException e) {
            LOG.debug("the log is opened to be read only", e);
        }
    }

    /** Returns the verified end of the log. */
    public Tip tip() {
        return tip;
    }

    /** Returns the tree over the verified entries. */
    public MerkleTree tree() {
        return tree;
    }

    /** Returns the pinned key. */
    public NoteVerifier logKey() {
        return logKey;
    }

    /** Returns why the ledger refuses to go on, or null. */
    public @Nullable ModelOpsException fault() {
        return fault;
    }

    /** Adds a follower. */
    public void follow(Follower follower) {
        followers.add(follower);
    }

    /** Tells whether a head is that of the verified end of the log. */
    public boolean isAt(LogHead head) {
        Tip present = tip;
        return fault == null
                && head.size() == present.state().size()
                && Arrays.equals(
                        head.root().value().toByteArray(), present.frontier().root());
    }

    /** Holds what was verified against what is remembered of the log. */
    public void checkMemory() {
        Optional<CheckpointBody> remembered = recall(memory, logKey);
        if (remembered.isPresent() && remembered.get().size() > tip.state().size()) {
            // Perhaps another process remembered it a moment ago.
            sync();
        } else if (remembered.isPresent() && fault == null) {
            requireContains(remembered.get());
        }
    }

    /** Reads and verifies what was appended, and returns the new end of the log. */
    public Tip sync() {
        requireSound();
        Optional<CheckpointBody> remembered = recall(memory, logKey);
        Tip before = tip;
        LogHead head = head();
        if (head.size() == before.state().size()
                && Arrays.equals(
                        head.root().value().toByteArray(), before.frontier().root())) {
            requireNothingBeyond(head.size());
            if (remembered.isEmpty()) {
                return before;
            }
        }
        advancing.lock();
        try {
            catchUp(head, Source.of(storage.log()), remembered.orElse(null));
            return tip;
        } finally {
            advancing.unlock();
        }
    }

    private LogHead head() {
        try {
            return storage.log().head();
        } catch (IntegrityException e) {
            throw failed(e);
        }
    }

    /** Rows that were slipped in behind the head would only show when somebody appends. */
    private void requireNothingBeyond(long size) {
        boolean found;
        try {
            found = !storage.log().read(size, 1).isEmpty()
                    || !storage.log().seals(size, 1).isEmpty();
        } catch (IntegrityException e) {
            throw failed(e);
        }
        if (found && head().size() == size) {
            throw failed(unsealed(size));
        }
    }

    /** Holds the right to advance while something runs. */
    <R> R advancing(Supplier<R> work) {
        advancing.lock();
        try {
            requireSound();
            return work.get();
        } finally {
            advancing.unlock();
        }
    }

    /**
     * Returns what was remembered of the log; what was recalled last, if the memory cannot be asked now, which following the
     * log reports.
     */
    @Nullable CheckpointBody remembered() {
        try {
            recall(memory, logKey).ifPresent(body -> recalled = body);
        } catch (ModelOpsException e) {
            LOG.debug("the memory of checkpoints cannot be asked", e);
        }
        return recalled;
    }

    /**
     * Reads up to a head, verifies, holds it against what was remembered, and publishes. The caller holds the right to
     * advance.
     *
     * @throws BlobsNeededException if that takes blobs and the source is locked; nothing was changed
     */
    void catchUp(LogHead head, Source source, @Nullable CheckpointBody remembered) {
        try {
            follow(head, source, remembered);
        } catch (IntegrityException e) {
            throw failed(e);
        }
    }

    private void follow(LogHead head, Source source, @Nullable CheckpointBody remembered) {
        Tip from = tip;
        if (head.size() < from.state().size()) {
            // A head read before another thread of this process advanced is merely old.
            LogHead again = head();
            if (again.size() < from.state().size()) {
                throw failed(Discrepancy.wentBack(from.state().size(), again.size()));
            }
            return;
        }
        if (head.size() > from.state().size()) {
            Advance advance = read(from, source, head.size());
            if (remembered != null && advance.tip().state().size() == head.size()) {
                // Before anybody sees it, and before a checkpoint of it could be signed.
                requireLeadsThrough(from, advance, remembered);
            }
            publish(advance);
            requireSound();
        } else if (remembered != null) {
            requireContains(remembered);
        }
        if (head.size() == tip.state().size()
                && !Arrays.equals(
                        head.root().value().toByteArray(), tip.frontier().root())) {
            throw failed(new IntegrityException("the stored head does not match the entries: the root over "
                    + head.size() + " entries is "
                    + Digest.sha256(tip.frontier().root()) + ", the head says "
                    + head.root()));
        }
    }

    /** Makes an advance the present. The caller holds the right to advance, and the entries are durable. */
    void publish(Advance advance) {
        if (advance.entries().isEmpty()) {
            return;
        }
        for (byte[] hash : advance.leafHashes()) {
            tree.append(hash);
        }
        tip = advance.tip();
        keep(advance.tip());
        for (Follower follower : followers) {
            follower.advanced(advance.tip(), advance.entries(), advance.bodies());
        }
    }

    /** Returns the engine of the policy set in force in a state. */
    PolicyEngine engine(RegistryState state, PolicyEngine present) {
        return present.digest().equals(state.policies()) ? present : engines.inForce(state);
    }

    /** Returns the policy sets of this log, made ready to decide. */
    PolicyEngines engines() {
        return engines;
    }

    /** Reads a blob that must be what its digest says. */
    public Bytes blob(Digest digest) {
        return readBlob(storage.blobs(), digest);
    }

    /** Reads a small blob that must be what its digest says. */
    public static Bytes readBlob(BlobStore blobs, Digest digest) {
        try (InputStream in = blobs.open(digest)) {
            Bytes content = Bytes.of(in.readNBytes(MOST_BLOB_BYTES + 1));
            if (content.length() > MOST_BLOB_BYTES || !Digest.sha256Of(content).equals(digest)) {
                throw new IntegrityException(
                        "blob " + digest + " has other content than its digest says; restore it" + " from a backup");
            }
            return content;
        } catch (IOException e) {
            throw new StorageException("blob " + digest + " could not be read: " + e.getMessage(), e);
        }
    }

    /** Returns the state at a position that was reached, refolded from the stored entries and checked against the tree. */
    public RegistryState stateAt(long size) {
        Tip present = tip;
        if (size < 1 || size > present.state().size()) {
            throw new NotFoundException(
                    "the log has positions 1 to " + present.state().size() + ", but " + size + " was asked for");
        }
        if (size == present.state().size()) {
            return present.state();
        }
        RegistryState[] state = {RegistryState.empty()};
        synchronized (kept) {
            for (SoftReference<RegistryState> before :
                    kept.headMap(size, true).descendingMap().values()) {
                RegistryState known = before.get();
                if (known != null) {
                    state[0] = known;
                    break;
                }
            }
        }
        scan(state[0].size(), size, (entry, body) -> {
            state[0] = Fold.apply(state[0], entry);
            return true;
        });
        return state[0];
    }

    /** Returns the position after the last entry that is not later than a time. */
    public long positionAt(Instant time) {
        long low = 0;
        long high = tip.state().size();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (entry(middle).time().isAfter(time)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Reads one entry, checked against the tree. */
    public Entry entry(long index) {
        return entry(index, (entry, body) -> entry);
    }

    /** Reads one entry, checked against the tree, and makes something of it and the very bytes that were checked. */
    public <R> R entry(long index, BiFunction<Entry, Bytes, R> use) {
        long size = tip.state().size();
        if (index < 0 || index >= size) {
            throw new NotFoundException("the log has entries 0 to " + (size - 1) + ", but " + index + " was asked for");
        }
        byte[] body = body(index);
        List<byte[]> proof = tree.inclusionProof(index, size);
        if (!Merkle.verifyInclusion(index, size, Merkle.leafHash(body), proof, tree.root(size))) {
            throw new IntegrityException("entry " + index + " was altered in the store; verify the log");
        }
        return use.apply(Entry.decode(index, body), Bytes.of(body));
    }

    /** Takes entries one after another. */
    @FunctionalInterface
    public interface Visitor {
        /** Takes an entry with its stored bytes, and tells whether to go on. */
        boolean visit(Entry entry, Bytes body);
    }

    /** Visits the entries of a range in order, each checked against the tree before it is given out. */
    public void scan(long from, long to, Visitor visitor) {
        FrontierBuilder frontier = new FrontierBuilder(tree.frontier(from - from % MerkleTree.BLOCK));
        TreeHasher hasher = new TreeHasher();
        while (frontier.size() < to) {
            List<LogRecord> chunk = records(frontier.size(), Math.min(frontier.size() + CHUNK, to));
            for (LogRecord stored : chunk) {
                frontier.append(hasher.leaf(stored.body().toByteArray()));
            }
            if (!Arrays.equals(frontier.root(), tree.root(frontier.size()))) {
                throw new IntegrityException(
                        "an entry before position " + frontier.size() + " was altered in the store; verify the log");
            }
            for (LogRecord stored : chunk) {
                if (stored.index() >= from) {
                    Entry entry = Entry.decode(stored.index(), stored.body().toByteArray());
                    if (!visitor.visit(entry, stored.body())) {
                        return;
                    }
                }
            }
        }
    }

    /** Returns the stored bytes of entries, as many as asked for. */
    public List<byte[]> bodies(long from, int count) {
        return records(from, from + count).stream()
                .map(stored -> stored.body().toByteArray())
                .toList();
    }

    /** Returns the stored bytes of an entry. */
    public byte[] body(long index) {
        return bodies(index, 1).get(0);
    }

    private List<LogRecord> records(long from, long to) {
        List<LogRecord> all = new ArrayList<>();
        long at = from;
        while (at < to) {
            List<LogRecord> some = storage.log().read(at, (int) Math.min(CHUNK, to - at));
            if (some.isEmpty() || some.get(0).index() != at) {
                throw new IntegrityException("entry " + at + " is missing from the store; verify the log");
            }
            all.addAll(some);
            at += some.size();
        }
        return all;
    }

    private void replayTo(CheckpointBody checkpoint) {
        RegistryState state = tip.state();
        FrontierBuilder frontier = new FrontierBuilder(tip.frontier());
        TreeHasher hasher = new TreeHasher();
        Frontier stop = null;
        while (frontier.size() < checkpoint.size()) {
            List<LogRecord> records =
                    storage.log().read(frontier.size(), (int) Math.min(CHUNK, checkpoint.size() - frontier.size()));
            if (records.isEmpty()) {
                throw new IntegrityException("entry " + frontier.size() + " is missing, though a checkpoint covers "
                        + checkpoint.size() + " entries; verify the log");
            }
            for (LogRecord entry : records) {
                byte[] body = entry.body().toByteArray();
                byte[] hash = hasher.leaf(body);
                if (stop == null) {
                    try {
                        state = fold(state, entry.index(), body, false).state();
                        Epochs.requireRoot(state, frontier);
                        tree.append(hash);
                    } catch (ReadOnlyException e) {
                        LOG.error("the log can be followed only to position {}: {}", state.size(), e.getMessage());
                        stop = frontier.toFrontier();
                    }
                }
                frontier.append(hash);
            }
        }
        if (!Arrays.equals(frontier.root(), checkpoint.root())) {
            throw new IntegrityException("the first " + checkpoint.size() + " entries are not those of the checkpoint"
                    + " signed by " + logKey.name() + "; verify the log to find the altered entry");
        }
        requireFounding(state.founding());
        tip = new Tip(state, stop == null ? frontier.toFrontier() : stop, engine(state, tip.policy()));
        keep(tip);
    }

    /** Reads batch by batch. An entry that is not known ends the reading at the batch before it, with the fault set. */
    private Advance read(Tip from, Source source, long target) {
        List<Entry> entries = new ArrayList<>();
        List<Bytes> bodies = new ArrayList<>();
        List<byte[]> hashes = new ArrayList<>();
        RegistryState state = from.state();
        FrontierBuilder frontier = new FrontierBuilder(from.frontier());
        while (state.size() < target) {
            List<LogSeal> seals = source.seals(state.size(), CHUNK);
            if (seals.isEmpty()) {
                throw failed(unsealed(state.size()));
            }
            for (LogSeal stored : seals) {
                if (stored.from() != state.size() || stored.size() > target) {
                    throw failed(unsealed(state.size()));
                }
                List<byte[]> sealed = new ArrayList<>();
                List<LogRecord> batch = batch(stored, state, source, frontier, sealed);
                List<Entry> folded = new ArrayList<>();
                RegistryState after = state;
                try {
                    for (LogRecord next : batch) {
                        Folded one = fold(after, next.index(), next.body().toByteArray(), source.isLocked());
                        folded.add(one.entry());
                        after = one.state();
                        if (one.entry().type() == EntryType.LOG_RECOVERED) {
                            throw failed(Discrepancy.recovered(after.founding()));
                        }
                    }
                } catch (ReadOnlyException e) {
                    LOG.error("the log can be followed only to position {}: {}", state.size(), e.getMessage());
                    FrontierBuilder before = new FrontierBuilder(from.frontier());
                    hashes.forEach(before::append);
                    return advance(from, state, before, entries, bodies, hashes);
                }
                state = after;
                entries.addAll(folded);
                batch.forEach(next -> bodies.add(next.body()));
                hashes.addAll(sealed);
                if (state.size() == target) {
                    break;
                }
            }
        }
        return advance(from, state, frontier, entries, bodies, hashes);
    }

    private Advance advance(
            Tip from,
            RegistryState state,
            FrontierBuilder frontier,
            List<Entry> entries,
            List<Bytes> bodies,
            List<byte[]> hashes) {
        return new Advance(
                new Tip(state, frontier.toFrontier(), engine(state, from.policy())), entries, bodies, hashes);
    }

    /** Reads the records under a seal, which must be those that an enrolled writer sealed. */
    private List<LogRecord> batch(
            LogSeal stored, RegistryState state, Source source, FrontierBuilder frontier, List<byte[]> hashes) {
        Seal seal;
        try {
            seal = Seal.open(stored, state.founding().origin(), state.founding().writers());
        } catch (ModelOpsException e) {
            Founding next = Epochs.next(state, source.read(stored.from(), 1), frontier);
            throw failed(next == null ? e : Discrepancy.recovered(next));
        }
        List<LogRecord> batch = new ArrayList<>();
        while (frontier.size() < seal.size()) {
            List<LogRecord> records =
                    source.read(frontier.size(), (int) Math.min(CHUNK, seal.size() - frontier.size()));
            if (records.isEmpty()) {
                throw failed(new IntegrityException(
                        "entry " + frontier.size() + " is missing from the store; verify the log"));
            }
            for (LogRecord next : records) {
                byte[] hash = Merkle.leafHash(next.body().toByteArray());
                frontier.append(hash);
                hashes.add(hash);
                batch.add(next);
            }
        }
        if (!Arrays.equals(frontier.root(), seal.root())) {
            throw failed(new IntegrityException("entries " + seal.from() + " to " + (seal.size() - 1)
                    + " are not those that their writer sealed; verify the log"));
        }
        return batch;
    }

    private record Folded(RegistryState state, Entry entry) {}

    private Folded fold(RegistryState state, long index, byte[] body, boolean isLocked) {
        Folded folded = apply(state, index, body);
        if (isLocked && folded.entry().type() == EntryType.POLICIES_INSTALLED) {
            throw new BlobsNeededException();
        }
        requireSigned(folded.state(), folded.entry());
        return folded;
    }

    /** A writer may not put into force what no policy publisher signed, where the log has such publishers. */
    void requireSigned(RegistryState state, Entry last) {
        if (last.type() == EntryType.POLICIES_INSTALLED) {
            requireSigned(state);
        }
    }

    /** The set of the first entry is under the pinned key; any other is no better than its signature. */
    private void requireSignedInForce() {
        RegistryState state = tip.state();
        boolean isFirst = state.policySets().installed().size() == 1;
        if (!isFirst || !state.policies().equals(state.founding().policies())) {
            requireSigned(state);
        }
    }

    private void requireSigned(RegistryState state) {
        Digest digest = state.policies();
        try {
            engines.requireSigned(state.policySets().requireProposed(digest), state.founding());
        } catch (VerificationException | NotFoundException e) {
            throw failed(new IntegrityException(
                    "policy set " + digest + " came into force without a signature that holds: " + e.getMessage(), e));
        }
    }

    private Folded apply(RegistryState state, long index, byte[] body) {
        try {
            Entry entry = Entry.decode(index, body);
            return new Folded(Fold.apply(state, entry), entry);
        } catch (Fold.UnknownEntryException e) {
            throw failed(new ReadOnlyException(String.valueOf(e.getMessage()), e));
        } catch (RuntimeException e) {
            throw failed(new IntegrityException("entry " + index + " does not follow: " + e.getMessage(), e));
        }
    }

    private void requireFounding(Founding founding) {
        if (!founding.logKey().text().equals(logKey.vkey())
                || !founding.origin().equals(logKey.name())) {
            throw new IntegrityException("the log was created under the key " + founding.logKey()
                    + ", but is opened with the pinned key " + logKey.vkey());
        }
    }

    private void requireLeadsThrough(Tip from, Advance advance, CheckpointBody remembered) {
        if (remembered.size() <= from.state().size()) {
            requireContains(remembered);
            return;
        }
        if (remembered.size() > advance.tip().state().size()) {
            throw failed(Discrepancy.older(
                    REMEMBERED, remembered.size(), advance.tip().state().size()));
        }
        FrontierBuilder frontier = new FrontierBuilder(from.frontier());
        advance.leafHashes().stream()
                .limit(remembered.size() - from.state().size())
                .forEach(frontier::append);
        if (!Arrays.equals(frontier.root(), remembered.root())) {
            throw failed(differs(remembered, REMEMBERED, advance.tip().state().size()));
        }
    }

    private void requireContains(CheckpointBody remembered) {
        requireContains(remembered, REMEMBERED);
    }

    private void requireContains(CheckpointBody seen, String whose) {
        if (seen.equals(contained)) {
            return;
        }
        long size = tip.state().size();
        if (seen.size() > size) {
            throw failed(Discrepancy.older(whose, seen.size(), size));
        }
        if (seen.size() > 0 && !Arrays.equals(tree.root(seen.size()), seen.root())) {
            throw failed(differs(seen, whose, size));
        }
        contained = seen;
    }

    /** Holds the log against a checkpoint that somebody else has seen; faulty for good if it does not lead through it. */
    public void requireSeen(CheckpointBody seen, String by) {
        if (seen.size() > tip.state().size()) {
            if (fault instanceof ReadOnlyException) {
                return;
            }
            sync();
        }
        advancing.lock();
        try {
            requireContains(seen, "the checkpoint seen by " + by);
        } finally {
            advancing.unlock();
        }
    }

    private static IntegrityException differs(CheckpointBody seen, String whose, long size) {
        return seen.size() == size
                ? Discrepancy.secondHead(whose, size)
                : Discrepancy.otherHistory(whose, seen.size(), size);
    }

    private void requireSound() {
        ModelOpsException known = fault;
        if (known instanceof ReadOnlyException) {
            throw new ReadOnlyException(String.valueOf(known.getMessage()), known);
        }
        if (known != null) {
            throw new IntegrityException(String.valueOf(known.getMessage()), known);
        }
    }

    /** Turns the ledger faulty for good, unless it is already, and returns the reason. */
    <E extends ModelOpsException> E failed(E e) {
        if (fault == null) {
            fault = e;
            followers.forEach(follower -> follower.failed(e));
        }
        return e;
    }

    private void keep(Tip one) {
        synchronized (kept) {
            kept.put(one.state().size(), new SoftReference<>(one.state().toRead()));
            if (kept.size() > KEPT_STATES) {
                // Thins out evenly: history stays reachable by refolding from the nearest state before it.
                boolean drop = false;
                for (Long size : List.copyOf(kept.keySet())) {
                    if (drop && !size.equals(kept.lastKey())) {
                        kept.remove(size);
                    }
                    drop = !drop;
                }
            }
        }
    }

    private List<byte[]> storedLeafHashes(long from, int count) {
        List<byte[]> hashes = new ArrayList<>(count);
        TreeHasher hasher = new TreeHasher();
        for (LogRecord entry : records(from, from + count)) {
            hashes.add(hasher.leaf(entry.body().toByteArray()));
        }
        return hashes;
    }

    /** Parses a checkpoint that the pinned key must have signed; anything else is an {@link IntegrityException}. */
    public static CheckpointBody verified(String note, NoteVerifier key) {
        CheckpointBody body;
        try {
            SignedNote signed = SignedNote.parse(note);
            if (signed.verifiedBy(List.of(key)).isEmpty()) {
                throw new IntegrityException("the checkpoint is not signed by the pinned key " + key.vkey());
            }
            body = CheckpointBody.parse(signed.text());
        } catch (NoteException e) {
            throw new IntegrityException("the checkpoint was altered: " + e.getMessage(), e);
        }
        if (!body.origin().equals(key.name())) {
            throw new IntegrityException(
                    "the checkpoint is of log '" + body.origin() + "', but the pinned key is of '" + key.name() + "'");
        }
        return body;
    }

    private static Optional<CheckpointBody> recall(@Nullable CheckpointMemory memory, NoteVerifier key) {
        return memory == null ? Optional.empty() : memory.recall(key.name()).map(note -> verified(note, key));
    }

    private static IntegrityException unsealed(long index) {
        return new IntegrityException("entry " + index + " and what follows is not under a writer's seal; it was not"
                + " appended by this library and is not believed");
    }

    private static final String NO_POLICIES = "{\"templates\":{},\"staticPolicies\":{},\"templateLinks\":[]}";
}
