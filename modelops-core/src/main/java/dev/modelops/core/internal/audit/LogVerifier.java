package dev.modelops.core.internal.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.AuditReport.Kind;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.evidence.Testimony;
import dev.modelops.core.internal.governor.Epochs;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.PolicyEngines;
import dev.modelops.core.internal.governor.Redecision;
import dev.modelops.core.internal.governor.SnapshotAudit;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.DecisionJson;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.observation.AlertCheck;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.core.internal.signing.UnauthenticatedStatement;
import dev.modelops.core.internal.signing.VerifiedStatement;
import dev.modelops.core.internal.state.Epoch;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TreeHasher;
import dev.modelops.core.internal.trial.VerdictCheck;
import dev.modelops.core.internal.witness.Quorum;
import dev.modelops.policy.Decision;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a whole log from its store and the pinned key alone, and goes on after a fault, so that every fault is named.
 * An altered entry is named exactly where its seal is sound, because the seal holds the hash of each entry.
 */
public final class LogVerifier {
    private static final int PAGE = 1024;
    private static final int MOST_FINDINGS = 1000;
    private static final int MOST_MISSING = 1000;
    private static final int MOST_MISSING_UNSEALED = 10;

    private final LogStore log;
    private final BlobStore blobs;
    private final ErasableStore texts;
    private final NoteVerifier key;
    private final @Nullable CheckpointMemory memory;
    private final Progress progress;
    private final List<AuditReport.Finding> findings = new ArrayList<>();
    private final List<AuditReport.Finding> unchecked = new ArrayList<>();
    private final TreeMap<Long, byte[]> roots = new TreeMap<>();
    private final TreeMap<Long, LogCheckpoint> others = new TreeMap<>();
    private final PolicyEngines engines;
    private final SnapshotAudit snapshots;
    private final Set<Digest> soundBlobs = new HashSet<>();

    /** What is wrong with a text, by its commitment, unless it turns out to be erased. */
    private final Map<Digest, AuditReport.Finding> lostTexts = new LinkedHashMap<>();

    /** Segments that were missing when their entries were read, by index, with their models. */
    private final SortedMap<Long, String> lostSegments = new TreeMap<>();

    /** The index of each erasure whose text was still there. */
    private final Map<Digest, Long> lingeringTexts = new LinkedHashMap<>();

    private final VerdictCheck verdicts;
    private final AlertCheck alerts;
    private final TreeHasher hasher = new TreeHasher();
    private final FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());

    /** What came before the batch at hand, and its seal if that is good. */
    private Frontier beforeBatch = Frontier.empty();

    private @Nullable Seal batchSeal;

    private RegistryState state = RegistryState.empty();
    private boolean foldable = true;
    private boolean isCutOff;
    private boolean isDiverged;
    private long unvouched = -1;
    private @Nullable PolicyEngine policy;

    /** Whether a trust policy came into force where the state was no longer known. */
    private boolean isTrustUnknown;

    private long total;
    private long missing;
    private long began;
    private @Nullable CheckpointBody seen;
    private byte @Nullable [] seenRoot;

    private final @Nullable Demand demand;
    private long witnessedTo;
    private @Nullable Instant unwitnessedSince;

    /** Demands that entries older than a time are under a checkpoint that enough witnesses cosigned. */
    public record Demand(Quorum quorum, Instant before) {}

    private LogVerifier(
            Storage storage,
            NoteVerifier key,
            @Nullable CheckpointMemory memory,
            @Nullable Demand demand,
            Progress progress) {
        this.log = storage.log();
        this.blobs = CachedBlobStore.behind(storage.blobs());
        this.texts = CachedBlobStore.texts(storage);
        this.engines = new PolicyEngines(blobs);
        this.snapshots = new SnapshotAudit(new Storage(log, blobs));
        this.key = key;
        this.memory = memory;
        this.demand = demand;
        this.progress = progress;
        this.verdicts = new VerdictCheck(log, blobs, this::wrong, this::unchecked);
        this.alerts = new AlertCheck(log, blobs, this::wrong, this::unchecked);
    }

    /** Verifies everything and returns what is wrong. */
    public static AuditReport verify(
            Storage storage,
            NoteVerifier key,
            @Nullable CheckpointMemory memory,
            @Nullable Demand demand,
            Progress progress) {
        return new LogVerifier(storage, key, memory, demand, progress).run();
    }

    private AuditReport run() {
        // The head is read last: the log may grow meanwhile, and what was seen before must be within it.
        String remembered = memory == null ? null : memory.recall(key.name()).orElse(null);
        readCheckpoints();
        if (demand != null) {
            witnessedTo = witnessedTo(demand.quorum());
        }
        LogHead head = log.head();
        total = head.size();
        if (!roots.isEmpty() && roots.lastKey() > total) {
            find(
                    Kind.ROLLED_BACK,
                    total,
                    "the log has " + total + " entries, but a published checkpoint" + " covers " + roots.lastKey()
                            + "; entries were removed from its end");
        }
        if (remembered != null) {
            compare(remembered);
        }
        long at = 0;
        while (at < total && !isCutOff) {
            List<LogSeal> seals = sealsFrom(at);
            if (seals.isEmpty()) {
                find(
                        Kind.SEAL,
                        at,
                        "entries " + at + " to " + (total - 1) + " are under no writer's seal; they were not"
                                + " appended by this library");
                walk(at, total, null);
                at = total;
            }
            for (LogSeal stored : seals) {
                if (stored.size() <= at) {
                    continue;
                }
                if (stored.from() > at) {
                    long end = Math.min(stored.from(), total);
                    find(Kind.SEAL, at, "entries " + at + " to " + (end - 1) + " are under no writer's seal");
                    walk(at, end, null);
                    at = end;
                }
                if (at >= total || isCutOff) {
                    break;
                }
                at = walkSealed(stored, at);
            }
        }
        finish(head);
        finishEpochs();
        finishTexts();
        requireWitnessed();
        Comparator<AuditReport.Finding> order =
                Comparator.comparingLong(finding -> finding.index().orElse(Long.MAX_VALUE));
        findings.sort(order);
        unchecked.sort(order);
        return new AuditReport(LogPosition.of(frontier.size()), Digest.sha256(frontier.root()), findings, unchecked);
    }

    private void readCheckpoints() {
        long from = 0;
        List<LogCheckpoint> page;
        do {
            page = log.checkpoints(from, PAGE);
            for (LogCheckpoint stored : page) {
                from = stored.size() + 1;
                if (!stored.note().startsWith(key.name() + "\n")) {
                    others.put(stored.size(), stored);
                    continue;
                }
                try {
                    CheckpointBody body = Ledger.verified(stored.note(), key);
                    if (body.size() != stored.size()) {
                        throw new IntegrityException("it covers " + body.size() + " entries");
                    }
                    roots.put(body.size(), body.root());
                } catch (ModelOpsException e) {
                    find(
                            Kind.ROOT,
                            stored.size() - 1,
                            "the checkpoint stored for " + stored.size() + " entries is not good: " + e.getMessage());
                }
            }
        } while (page.size() == PAGE);
        if (roots.isEmpty()) {
            find(Kind.ROOT, 0, "no checkpoint is signed by the pinned key; who wrote this log cannot be known");
        }
    }

    private long witnessedTo(Quorum quorum) {
        for (long size : roots.descendingKeySet()) {
            for (LogCheckpoint stored : log.checkpoints(size, 1)) {
                if (stored.size() == size && quorum.isMetBy(stored.note())) {
                    return size;
                }
            }
        }
        return 0;
    }

    private void requireWitnessed() {
        if (demand != null && unwitnessedSince != null && unwitnessedSince.isBefore(demand.before())) {
            find(
                    Kind.WITNESS,
                    witnessedTo,
                    "entries " + witnessedTo + " to " + (total - 1) + ", the first of " + unwitnessedSince
                            + ", are under no checkpoint that enough of the demanded witnesses have cosigned");
        }
    }

    private void compare(String note) {
        try {
            CheckpointBody seen = Ledger.verified(note, key);
            byte[] published = roots.putIfAbsent(seen.size(), seen.root());
            if (seen.size() > total) {
                find(
                        Kind.ROLLED_BACK,
                        total,
                        "the log has " + total + " entries, but a checkpoint seen before covers " + seen.size()
                                + "; the store was cut short or restored from a backup");
            } else if (published != null && !Arrays.equals(published, seen.root())) {
                find(
                        Kind.ROLLED_BACK,
                        seen.size() - 1,
                        "a checkpoint seen before over " + seen.size()
                                + " entries differs from the published one; the store was replaced or rewritten");
            }
        } catch (ModelOpsException e) {
            find(Kind.ROLLED_BACK, 0, "the remembered checkpoint is not good: " + e.getMessage());
        }
    }

    private List<LogSeal> sealsFrom(long at) {
        try {
            return log.seals(at, PAGE);
        } catch (IntegrityException e) {
            find(Kind.SEAL, at, String.valueOf(e.getMessage()));
            return List.of();
        }
    }

    private long walkSealed(LogSeal stored, long at) {
        long end = Math.min(stored.size(), total);
        Seal seal = null;
        batchSeal = null;
        beforeBatch = frontier.toFrontier();
        if (stored.from() < at) {
            find(Kind.SEAL, stored.from(), "two seals cover entry " + stored.from());
        } else {
            recover(stored);
            // The writers of the very first batch are named by the first entry itself, under a checkpoint.
            if (at == 0) {
                walk(0, 1, null);
            }
            if (state.foundingOrNull() != null) {
                try {
                    seal = Seal.open(
                            stored, state.founding().origin(), state.founding().writers());
                    batchSeal = seal;
                } catch (ModelOpsException e) {
                    find(Kind.SEAL, stored.from(), String.valueOf(e.getMessage()));
                }
            }
        }
        if (stored.size() > total) {
            find(Kind.SEAL, total, "a seal covers entries up to " + (stored.size() - 1) + ", but the log ends before");
        }
        walk(Math.max(at, frontier.size()), end, seal);
        if (seal != null && seal.size() == end) {
            compare(Kind.SEAL, seal.from(), "the seal over entries " + seal.from() + " to " + (end - 1), seal.root());
        }
        return end;
    }

    /** Reads the records of a range, hashes them, and follows the state. */
    private void walk(long from, long to, @Nullable Seal seal) {
        if (seal == null && from < to && unvouched < 0) {
            unvouched = from;
        }
        long at = from;
        while (at < to) {
            List<LogRecord> page = page(at, (int) Math.min(PAGE, to - at));
            if (page.isEmpty()) {
                if (++missing > (seal == null ? MOST_MISSING_UNSEALED : MOST_MISSING)) {
                    find(
                            Kind.SEQUENCE,
                            at,
                            "too many entries are missing for the stored head of " + total
                                    + " entries; what follows entry " + at + " was not looked at");
                    isCutOff = true;
                    return;
                }
                find(Kind.SEQUENCE, at, "entry " + at + " is missing" + (missing == 1 ? cutOff(at) : ""));
                stopFollowing(at, "it is missing");
                append(expected(seal, at));
                at++;
                continue;
            }
            missing = 0;
            for (LogRecord next : page) {
                check(at, next.body().toByteArray(), expected(seal, at));
                at++;
                if (progress.isCancelled()) {
                    throw new CancellationException("verification was cancelled at entry " + at);
                }
            }
            progress.report(at, total);
        }
    }

    /** Says so where the last entry is missing as well. */
    private String cutOff(long at) {
        return at < total - 1 && page(total - 1, 1).isEmpty()
                ? ", and so is the last one, " + (total - 1)
                        + "; this may be a copy that was cut off: copy the store anew and verify that"
                : "";
    }

    private void check(long index, byte[] body, byte @Nullable [] sealed) {
        byte[] hash = hasher.leaf(body);
        if (sealed != null && !Arrays.equals(hash, sealed)) {
            find(
                    Kind.SEAL,
                    index,
                    "entry " + index + " is not the one that its writer sealed: its hash is " + Digest.sha256(hash)
                            + ", sealed was " + Digest.sha256(sealed));
            // What an altered entry says leads nowhere that would be worth a finding.
            stopFollowing(index, "it was altered");
            append(sealed);
            return;
        }
        boolean isSame = append(hash);
        if (sealed == null && (index > 0 || !isSame)) {
            stopFollowing(index, "no sound seal of a writer covers it");
        }
        follow(index, body);
    }

    private static byte @Nullable [] expected(@Nullable Seal seal, long index) {
        return seal == null ? null : seal.leafHashes().get((int) (index - seal.from()));
    }

    /** Appends a hash, and tells whether the checkpoint there, if any, has the same root. */
    private boolean append(byte @Nullable [] hash) {
        frontier.append(hash == null ? new byte[32] : hash);
        takeSeenRoot();
        byte[] root = roots.get(frontier.size());
        return root == null
                || compare(Kind.ROOT, frontier.size() - 1, "the checkpoint over " + frontier.size() + " entries", root);
    }

    /**
     * Tells whether a root is that of the entries up to here. Once one is not, those after it cannot be either, so only the
     * first is reported, at the entries that nothing else vouched for, if there are any.
     */
    private boolean compare(Kind kind, long index, String whose, byte[] root) {
        if (Arrays.equals(root, frontier.root())) {
            isDiverged = false;
            unvouched = -1;
            return true;
        }
        if (!isDiverged) {
            boolean isElsewhere = unvouched >= 0 && unvouched < index;
            find(
                    isElsewhere ? Kind.ROOT : kind,
                    isElsewhere ? unvouched : index,
                    whose + " has another root than the entries: " + Digest.sha256(root) + ", recomputed "
                            + Digest.sha256(frontier.root())
                            + (isElsewhere
                                    ? "; entries were altered from entry " + unvouched
                                            + " on, where no sound seal names them"
                                    : "")
                            + (frontier.size() < total
                                    ? "; roots from here on cannot match either and are not reported one by one"
                                    : ""));
        }
        isDiverged = true;
        return false;
    }

    /** Notes once from where on the state is not known, and with it what a decision was taken on. */
    private void stopFollowing(long index, String why) {
        if (foldable) {
            foldable = false;
            find(Kind.STATE, index, "entry " + index + " could not be followed: " + why + unchecked(index));
        }
    }

    private String unchecked(long index) {
        return "; from entry " + index + " on, decisions "
                + (state.foundingOrNull() == null
                        ? "and signatures could not be checked"
                        : "could not be checked again")
                + ", content was";
    }

    /** Returns records without a gap from an index on; none if the record there is missing. */
    private List<LogRecord> page(long at, int limit) {
        List<LogRecord> read;
        try {
            read = log.read(at, limit);
        } catch (IntegrityException e) {
            read = List.of();
        }
        if (isDense(read, at)) {
            return read;
        }
        List<LogRecord> single;
        try {
            single = log.read(at, 1);
        } catch (IntegrityException e) {
            single = List.of();
        }
        return isDense(single, at) ? single : List.of();
    }

    private static boolean isDense(List<LogRecord> records, long from) {
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).index() != from + i) {
                return false;
            }
        }
        return !records.isEmpty();
    }

    private void follow(long index, byte[] body) {
        Entry entry;
        try {
            entry = Entry.decode(index, body);
        } catch (IllegalArgumentException e) {
            find(
                    Kind.MALFORMED,
                    index,
                    "entry " + index + " is not well formed: " + e.getMessage() + (foldable ? unchecked(index) : ""));
            foldable = false;
            return;
        }
        if (index == witnessedTo) {
            unwitnessedSince = entry.time();
        }
        if (foldable) {
            advance(entry);
        }
        isTrustUnknown |= !foldable && entry.type() == EntryType.TRUST_INSTALLED;
        content(entry);
    }

    private void advance(Entry entry) {
        long index = entry.index();
        RegistryState before = state;
        try {
            state = Fold.apply(before, entry);
        } catch (Fold.UnknownEntryException e) {
            foldable = false;
            find(Kind.MALFORMED, index, e.getMessage() + unchecked(index));
            return;
        } catch (RuntimeException e) {
            foldable = false;
            find(
                    Kind.STATE,
                    index,
                    "entry " + index + " does not follow from the state before it: " + e.getMessage()
                            + unchecked(index));
            return;
        }
        if (entry.type() == EntryType.LOG_CREATED) {
            founded(index);
            return;
        }
        if (entry.type() == EntryType.LOG_RECOVERED) {
            recovered(index);
            return;
        }
        redecide(before, entry);
        verdicts.follow(before, state, entry);
        alerts.follow(before, entry);
        if (entry.type() == EntryType.STATE_SNAPSHOTTED) {
            compareSnapshot(entry);
        } else if (entry.type() == EntryType.POLICIES_PROPOSED) {
            requireSigned(entry);
        } else if (entry.type() == EntryType.POLICIES_INSTALLED) {
            followPolicies(index);
        }
        try {
            for (String difference : Conditions.unmet(before, entry)) {
                find(Kind.STATE, index, "entry " + index + " does not follow from the state before it: " + difference);
            }
        } catch (RuntimeException e) {
            find(Kind.STATE, index, "what entry " + index + " depends on could not be checked: " + e.getMessage());
        }
    }

    /**
     * The batch by which the log was recovered is sealed by a writer whom it names itself, under the root keys' signatures:
     * its first entry is followed before its seal is opened, as that of the log itself is.
     */
    private void recover(LogSeal stored) {
        if (!foldable || stored.from() == 0 || stored.from() != frontier.size()) {
            return;
        }
        List<LogRecord> first = page(stored.from(), 1);
        if (first.isEmpty()) {
            return;
        }
        byte[] body = first.get(0).body().toByteArray();
        try {
            Entry entry = Entry.decode(stored.from(), body);
            if (entry.type() != EntryType.LOG_RECOVERED || !Epochs.isFrom(Fold.apply(state, entry), frontier)) {
                return;
            }
        } catch (IllegalArgumentException e) {
            // What is wrong with it is named when it is followed with its batch.
            return;
        }
        check(stored.from(), body, hasher.leaf(body));
    }

    private void compareSnapshot(Entry entry) {
        String difference;
        try {
            difference = snapshots.difference(entry, state, frontier.root());
        } catch (RuntimeException e) {
            difference = "it could not be compared: " + e.getMessage();
        }
        if (difference != null) {
            find(
                    Kind.STATE,
                    entry.index(),
                    "the snapshot of the state that entry " + entry.index() + " names does not stand: " + difference);
        }
    }

    private void founded(long index) {
        take(state.founding().logKey(), frontier.size());
        if (!state.founding().logKey().text().equals(key.vkey()) && !isLaterEpoch()) {
            find(
                    Kind.ROOT,
                    index,
                    "the log was created under the key " + state.founding().logKey() + ", the pinned key is "
                            + key.vkey());
        }
        recall(index);
        followPolicies(index);
    }

    /** Tells whether the pinned key is said to be of a later epoch of this log. */
    private boolean isLaterEpoch() {
        return key.name().startsWith(state.founding().origin() + "/");
    }

    /** The checkpoints of an epoch are verified by its own key, which entries under the pinned key name. */
    private void take(LogKey logKey, long from) {
        if (logKey.text().equals(key.vkey())) {
            return;
        }
        NoteVerifier own = NoteVerifier.parse(logKey.text());
        List<LogCheckpoint> mine = others.tailMap(from).values().stream()
                .filter(stored -> stored.note().startsWith(own.name() + "\n"))
                .toList();
        for (LogCheckpoint stored : mine) {
            others.remove(stored.size());
            try {
                CheckpointBody body = Ledger.verified(stored.note(), own);
                if (body.size() != stored.size()) {
                    throw new IntegrityException("it covers " + body.size() + " entries");
                }
                if (body.size() > total) {
                    find(
                            Kind.ROLLED_BACK,
                            total,
                            "the log has " + total + " entries, but a published checkpoint covers " + body.size());
                } else if (body.size() == frontier.size()) {
                    compare(Kind.ROOT, body.size() - 1, "the checkpoint over " + body.size() + " entries", body.root());
                } else {
                    roots.put(body.size(), body.root());
                }
            } catch (ModelOpsException e) {
                find(
                        Kind.ROOT,
                        stored.size() - 1,
                        "the checkpoint stored for " + stored.size() + " entries is not good: " + e.getMessage());
            }
        }
    }

    private void recovered(long index) {
        Epoch ended = state.founding().past().get(state.founding().past().size() - 1);
        if (!Epochs.isFrom(state, before(index))) {
            find(
                    Kind.ROOT,
                    index,
                    "the root keys signed a recovery at " + index + " entries, but not of these entries");
        }
        take(state.founding().logKey(), frontier.size());
        if (ended.logKey().text().equals(key.vkey())) {
            find(
                    Kind.ROLLED_BACK,
                    index,
                    "the log was recovered at entry " + index + " and goes on under another key than the pinned one: "
                            + state.founding().logKey());
        }
        CheckpointBody known = seen;
        byte[] root = seenRoot;
        if (known != null) {
            try {
                Epochs.requireTold(
                        known,
                        began,
                        ended.size(),
                        ended.lost(),
                        NoteVerifier.parse(ended.logKey().text()),
                        size -> root == null ? new byte[0] : root);
            } catch (ModelOpsException e) {
                find(Kind.ROLLED_BACK, index, "entry " + index + ": " + e.getMessage());
            }
        }
        began = index;
        recall(index);
    }

    /** Returns the tree over the entries before one of the batch at hand. */
    private FrontierBuilder before(long index) {
        FrontierBuilder before = new FrontierBuilder(beforeBatch);
        while (batchSeal != null && before.size() < index) {
            before.append(batchSeal.leafHashes().get((int) (before.size() - batchSeal.from())));
        }
        return before;
    }

    /** Takes note of what is remembered of the epoch that an entry began; what is of the pinned one is compared anyway. */
    private void recall(long index) {
        seen = null;
        seenRoot = null;
        NoteVerifier own = NoteVerifier.parse(state.founding().logKey().text());
        String note = memory == null || own.equals(key)
                ? null
                : memory.recall(own.name()).orElse(null);
        if (note == null) {
            return;
        }
        try {
            seen = Ledger.verified(note, own);
            takeSeenRoot();
        } catch (ModelOpsException e) {
            find(
                    Kind.ROLLED_BACK,
                    index,
                    "the remembered checkpoint of the log " + own.name() + " before its recovery is not good: "
                            + e.getMessage());
        }
    }

    private void takeSeenRoot() {
        if (seen != null && seen.size() == frontier.size()) {
            seenRoot = frontier.root();
        }
    }

    private void finishEpochs() {
        if (foldable
                && state.foundingOrNull() != null
                && isLaterEpoch()
                && !state.founding().logKey().text().equals(key.vkey())) {
            find(
                    Kind.ROOT,
                    0,
                    "the log is under the key " + state.founding().logKey() + ", the pinned key is " + key.vkey());
        }
        for (LogCheckpoint stored : others.values()) {
            find(
                    Kind.ROOT,
                    stored.size() - 1,
                    "the checkpoint stored for " + stored.size()
                            + " entries is not good: it is of no epoch of this log there");
        }
    }

    /** Goes on deciding by the set that came into force, if it can be read. */
    private void followPolicies(long index) {
        Digest digest = state.policies();
        policy = null;
        try {
            policy = engines.inForce(state);
        } catch (RuntimeException e) {
            find(
                    Kind.BLOB,
                    index,
                    "the policy set " + digest + " could not be read: " + e.getMessage()
                            + "; decisions under it could not be checked");
            return;
        }
        if (index == 0) {
            return;
        }
        try {
            engines.admit(digest, state.founding());
        } catch (RuntimeException e) {
            find(
                    Kind.POLICY,
                    index,
                    "entry " + index + " put a policy set into force that may not be: " + e.getMessage());
        }
    }

    private void requireSigned(Entry entry) {
        try {
            engines.requireSigned(
                    state.policySets().requireProposed(Digest.parse(String.valueOf(entry.subject()))),
                    state.founding());
        } catch (VerificationException e) {
            find(
                    Kind.SIGNATURE,
                    entry.index(),
                    "the signature of policy set " + entry.subject() + " does not hold: " + e.getMessage());
        } catch (IntegrityException | NotFoundException | StorageException e) {
            // A bundle that is missing or altered is named where the entry's content is checked.
            return;
        }
    }

    private void redecide(RegistryState before, Entry entry) {
        if (policy == null) {
            return;
        }
        try {
            Decision recorded = entry.decision();
            Decision again = Redecision.of(new Tip(before, Frontier.empty(), policy), entry);
            if (again == null) {
                return;
            }
            if (recorded == null || !recorded.isAllowed()) {
                find(Kind.POLICY, entry.index(), "entry " + entry.index() + " records an act that was not allowed");
            } else if (!recorded.policy().equals(before.policies())) {
                find(
                        Kind.POLICY,
                        entry.index(),
                        "entry " + entry.index() + " was decided by policy set " + recorded.policy() + ", in force was "
                                + before.policies());
            } else if (again instanceof Decision.Deny deny) {
                find(
                        Kind.POLICY,
                        entry.index(),
                        "entry " + entry.index() + " records '" + entry.typeName() + "' by " + entry.actor()
                                + " as allowed, but policy refuses it: " + deny.unmet());
            } else if (!DecisionJson.isSame(recorded, again)) {
                find(
                        Kind.POLICY,
                        entry.index(),
                        "entry " + entry.index() + " records a decision by " + recorded.rules() + " with "
                                + recorded.obligations() + " and "
                                + recorded.explanation().overriding()
                                + "; decided again it is by " + again.rules() + " with " + again.obligations() + " and "
                                + again.explanation().overriding());
            }
        } catch (RuntimeException e) {
            find(
                    Kind.POLICY,
                    entry.index(),
                    "the decision of entry " + entry.index() + " could not be checked: " + e.getMessage());
        }
    }

    /** Checks what an entry names in the blob store, from the entry alone. */
    private void content(Entry entry) {
        try {
            // The first policy set is read when the log is founded; what type is not known was reported by the fold.
            if (entry.type() == EntryType.LOG_CREATED || entry.type() == EntryType.UNKNOWN) {
                return;
            }
            List<BlobReferences.Reference> named = BlobReferences.bundle(entry) == null
                    ? BlobReferences.direct(entry)
                    : BlobReferences.files(entry, files(entry));
            if (entry.type() == EntryType.SEGMENT_RECORDED) {
                segment(entry);
                return;
            }
            for (BlobReferences.Reference reference : named) {
                blob(entry.index(), reference);
            }
            if (entry.type() == EntryType.VERSION_IMPORTED) {
                imported(entry);
            }
            if (entry.data().has("signers") && foldable) {
                testimony(entry);
            }
            text(entry);
            if (entry.type() == EntryType.TEXT_ERASED) {
                erased(entry);
            }
            if (entry.type() == EntryType.RECORDS_EXPIRED) {
                expired(entry);
            }
        } catch (VerificationException e) {
            find(
                    Kind.SIGNATURE,
                    entry.index(),
                    "the signature of " + entry.subject() + " does not hold: " + e.getMessage());
        } catch (StorageException e) {
            find(
                    Kind.BLOB,
                    entry.index(),
                    "the signature of " + entry.subject() + " could not be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            find(
                    Kind.MALFORMED,
                    entry.index(),
                    "the content that entry " + entry.index() + " names could not be checked: " + e.getMessage());
        }
    }

    /** Checks what an import says by what the other log says, whose entries were kept with their receipts. */
    private void imported(Entry entry) {
        for (BlobReferences.Reference reference : BlobReferences.direct(entry)) {
            blob(entry.index(), reference);
        }
        ModelVersion.Source source = SourceEntries.source(entry);
        String what = "what entry " + entry.index() + " says of " + source.version() + " of " + source.origin();
        ObjectNode claims;
        try {
            claims = SourceEntries.read(Ledger.readBlob(blobs, source.entries()), source.logKey())
                    .claims();
        } catch (NotFoundException | IntegrityException e) {
            // A document that is missing or altered was named above.
            return;
        } catch (IllegalArgumentException e) {
            find(Kind.SIGNATURE, entry.index(), what + " is not proved by the entries kept with it: " + e.getMessage());
            return;
        }
        claims.properties().forEach(claim -> {
            if (!claim.getValue().equals(entry.data().get(claim.getKey()))) {
                find(
                        Kind.STATE,
                        entry.index(),
                        what + " is not what the entries of that log say, in '" + claim.getKey() + "': "
                                + claim.getValue() + ", but recorded is "
                                + entry.data().get(claim.getKey()));
            }
        });
    }

    /** Checks who is said to have signed a document, and what it is said to tell. */
    private void testimony(Entry entry) {
        Bytes document;
        try {
            document = Ledger.readBlob(blobs, Digest.parse(entry.get("digest")));
        } catch (NotFoundException | IntegrityException e) {
            // A document that is missing or altered was named above.
            return;
        }
        ModelRef ref = ModelRef.parse(String.valueOf(entry.subject()));
        Testimony found = Testimony.of(
                document,
                entry.get("evidenceType"),
                state.founding().origin(),
                ref,
                state.requireVersion(ref).version().artifact(),
                state.founding().trust().witnesses(ref.name(), LogPosition.after(entry.index())).values().stream()
                        .filter(key -> key.isBelievedAt(entry.time()))
                        .map(TrustPolicy.Key::publicKey)
                        .toList());
        Set<Digest> recorded = new HashSet<>();
        entry.data().path("signers").forEach(signer -> recorded.add(Digest.parse(signer.asText())));
        if (!found.signers().equals(recorded)
                || !found.statement().map(Digest::toString).equals(Optional.ofNullable(entry.find("statement")))
                || !found.outcome().map(Enum::name).equals(Optional.ofNullable(entry.find("outcome")))) {
            find(
                    Kind.SIGNATURE,
                    entry.index(),
                    "entry " + entry.index() + " says that the document attached to " + ref + " was signed by "
                            + recorded + ", but it was by " + found.signers() + ", or tells something else");
        }
    }

    /** Returns the files that the signature of a registered version lists. */
    private List<SignedFile> files(Entry entry) {
        Bundle bundle;
        try {
            bundle = Bundle.parse(Ledger.readBlob(blobs, Digest.parse(entry.get("bundle"))));
        } catch (IntegrityException | NotFoundException e) {
            throw new VerificationException(
                    VerificationResult.Reason.MALFORMED_BUNDLE,
                    "the stored bundle is not the registered one: " + e.getMessage());
        }
        Digest artifact = Digest.parse(entry.get("artifact"));
        String recorded = entry.find("publisher");
        Digest root;
        List<SignedFile> files;
        if (recorded != null && state.foundingOrNull() != null && !isTrustUnknown) {
            VerifiedStatement statement = state.founding()
                    .trust()
                    .verify(
                            bundle,
                            ModelRef.parse(String.valueOf(entry.subject())).name(),
                            LogPosition.after(entry.index()),
                            entry.time());
            root = statement.root();
            files = statement.files();
            if (!statement.signer().equals(Digest.parse(recorded))) {
                find(
                        Kind.SIGNATURE,
                        entry.index(),
                        "entry " + entry.index() + " says that " + entry.subject() + " was signed by " + recorded
                                + ", but its bundle was signed by " + statement.signer());
            }
            Set<Digest> certifiers = new HashSet<>();
            entry.data().path("certifiers").forEach(key -> certifiers.add(Digest.parse(key.asText())));
            if (!certifiers.equals(statement.by().certifiers())) {
                find(
                        Kind.SIGNATURE,
                        entry.index(),
                        "entry " + entry.index() + " says that the publisher of " + entry.subject()
                                + " was certified by " + certifiers + ", but it was by "
                                + statement.by().certifiers());
            }
        } else {
            UnauthenticatedStatement statement = PublisherTrust.readUnauthenticated(bundle);
            root = statement.root();
            files = statement.files();
        }
        if (!root.equals(artifact)) {
            throw new VerificationException(
                    VerificationResult.Reason.CONTENT_MISMATCH,
                    "it is over " + root + ", but registered was " + artifact);
        }
        return files;
    }

    private void blob(long index, BlobReferences.Reference reference) {
        Digest digest = reference.digest();
        String what = reference.what();
        try {
            if (!reference.isSparedIn(blobs) && soundBlobs.add(digest)) {
                requireSound(index, digest, what);
            }
        } catch (NotFoundException e) {
            find(Kind.BLOB, index, what + " is missing from the store: " + digest);
        } catch (StorageException | IOException e) {
            find(Kind.BLOB, index, what + " could not be read: " + e.getMessage());
        }
    }

    /** A segment is checked record by record; one that is missing may have expired, which a later entry says. */
    private void segment(Entry entry) {
        long index = entry.index();
        try {
            Segment.requireSound(entry, blobs);
        } catch (NotFoundException e) {
            lostSegments.put(index, String.valueOf(entry.subject()));
        } catch (IntegrityException | StorageException e) {
            find(Kind.BLOB, index, String.valueOf(e.getMessage()));
        }
    }

    private void expired(Entry entry) {
        long until = Entry.number(entry.data(), "until");
        lostSegments.headMap(until).values().removeIf(model -> model.equals(entry.subject()));
    }

    private void requireSound(long index, Digest digest, String what) throws IOException {
        try (InputStream in = blobs.open(digest)) {
            MessageDigest sha256 = Crypto.sha256();
            byte[] buffer = new byte[128 * 1024];
            int n;
            while ((n = in.read(buffer)) >= 0) {
                sha256.update(buffer, 0, n);
                if (progress.isCancelled()) {
                    throw new CancellationException("verification was cancelled at entry " + index);
                }
            }
            Digest found = Digest.sha256(sha256.digest());
            if (!found.equals(digest)) {
                find(Kind.BLOB, index, what + " was altered in the store: expected " + digest + ", found " + found);
            }
        }
    }

    private void text(Entry entry) {
        Digest commitment = entry.commitment();
        if (commitment == null) {
            return;
        }
        String problem;
        try {
            Bytes content = texts.find(commitment).orElse(null);
            problem = content == null
                    ? " is missing from the store, though no entry says that it was erased"
                    : Texts.text(commitment, content) == null
                            ? " is not what the entry commits to: it was altered in the store"
                            : null;
        } catch (StorageException | IntegrityException e) {
            problem = " could not be read: " + e.getMessage();
        }
        if (problem != null) {
            lostTexts.put(
                    commitment,
                    new AuditReport.Finding(
                            Kind.BLOB,
                            OptionalLong.of(entry.index()),
                            "the text of entry " + entry.index() + problem + ": " + commitment));
        }
    }

    private void erased(Entry entry) {
        Digest commitment = Digest.parse(entry.get("commitment"));
        long about = Entry.number(entry.data(), "entry");
        List<LogRecord> named = about < 0 ? List.of() : page(about, 1);
        Entry written =
                named.isEmpty() ? null : Entry.decode(about, named.get(0).body().toByteArray());
        if (written == null || !commitment.equals(written.commitment())) {
            find(
                    Kind.STATE,
                    entry.index(),
                    "entry " + entry.index() + " says that it erased the text of entry " + about
                            + ", which does not commit to " + commitment);
        } else if (!Objects.equals(written.subject(), entry.subject())) {
            // By its subject a text is under a legal hold or not.
            find(
                    Kind.STATE,
                    entry.index(),
                    "entry " + entry.index() + " says that the text of entry " + about + ", which it erased, is about "
                            + entry.subject() + ", but that entry is about " + written.subject());
        }
        lostTexts.remove(commitment);
        lingeringTexts.put(commitment, entry.index());
    }

    /** What was erased while this went on is no fault, nor is a removal that took until now. */
    private void finishTexts() {
        verdicts.end();
        alerts.end();
        if (!lostTexts.isEmpty() || !lostSegments.isEmpty()) {
            forgetErasedSince();
        }
        lostSegments.forEach((index, model) -> find(
                Kind.BLOB,
                index,
                "the segment of records of " + model + " that entry " + index
                        + " names is missing from the store, though no entry says that they expired"));
        lostTexts
                .values()
                .forEach(finding -> find(finding.kind(), finding.index().orElse(-1), finding.message()));
        lingeringTexts.forEach((commitment, index) -> {
            try {
                if (texts.find(commitment).isPresent()) {
                    find(
                            Kind.BLOB,
                            index,
                            "entry " + index + " erased a text that is still in the store: " + commitment
                                    + "; a host that may write removes it when it opens the log");
                }
            } catch (StorageException | IntegrityException e) {
                find(
                        Kind.BLOB,
                        index,
                        "whether the text that entry " + index + " erased is gone could not be told: "
                                + e.getMessage());
            }
        });
    }

    private void forgetErasedSince() {
        long at = total;
        List<LogRecord> since;
        do {
            try {
                since = log.read(at, PAGE);
                for (LogRecord next : since) {
                    Entry entry = Entry.decode(next.index(), next.body().toByteArray());
                    if (entry.type() == EntryType.TEXT_ERASED) {
                        lostTexts.remove(Digest.parse(entry.get("commitment")));
                    } else if (entry.type() == EntryType.RECORDS_EXPIRED) {
                        expired(entry);
                    }
                    at = next.index() + 1;
                }
            } catch (IntegrityException | IllegalArgumentException e) {
                // What follows is not of this verification; another finds what is wrong with it.
                return;
            }
        } while (!since.isEmpty());
    }

    private void finish(LogHead head) {
        compare(
                Kind.ROOT,
                total - 1,
                "the stored head over " + total + " entries",
                head.root().value().toByteArray());
        try {
            boolean isMore =
                    !log.read(total, 1).isEmpty() || !log.seals(total, 1).isEmpty();
            // Entries that were appended since this verification began are another verification's business.
            if (isMore && log.head().equals(head)) {
                find(Kind.SEAL, total, "a seal or an entry stands beyond the stored head of " + total + " entries");
            }
        } catch (IntegrityException e) {
            find(Kind.SEQUENCE, total, "what stands beyond the stored head is not good: " + e.getMessage());
        }
    }

    private void find(Kind kind, long index, String message) {
        add(findings, kind, index, message);
    }

    private void wrong(String message, long index) {
        find(Kind.STATE, index, message);
    }

    private void unchecked(String message, long index) {
        add(unchecked, Kind.STATE, index, message);
    }

    private static void add(List<AuditReport.Finding> to, Kind kind, long index, String message) {
        if (to.size() < MOST_FINDINGS) {
            to.add(new AuditReport.Finding(
                    kind, index < 0 ? OptionalLong.empty() : OptionalLong.of(index), Objects.requireNonNull(message)));
        }
    }
}
