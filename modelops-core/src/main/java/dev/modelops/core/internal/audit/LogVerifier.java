package dev.modelops.core.internal.audit;

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
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Redecision;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationException;
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
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
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

    private final Storage storage;
    private final LogStore log;
    private final NoteVerifier key;
    private final @Nullable CheckpointMemory memory;
    private final Clock clock;
    private final Progress progress;
    private final List<AuditReport.Finding> findings = new ArrayList<>();
    private final TreeMap<Long, byte[]> roots = new TreeMap<>();
    private final Set<Digest> soundBlobs = new HashSet<>();
    private final FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());

    private RegistryState state = RegistryState.empty();
    private boolean foldable = true;
    private boolean isCutOff;
    private @Nullable PolicyEngine policy;
    private @Nullable Artifacts artifacts;
    private long total;
    private long missing;

    private LogVerifier(
            Storage storage, NoteVerifier key, @Nullable CheckpointMemory memory, Clock clock, Progress progress) {
        this.storage = storage;
        this.log = storage.log();
        this.key = key;
        this.memory = memory;
        this.clock = clock;
        this.progress = progress;
    }

    /** Verifies everything and returns what is wrong. */
    public static AuditReport verify(
            Storage storage, NoteVerifier key, @Nullable CheckpointMemory memory, Clock clock, Progress progress) {
        return new LogVerifier(storage, key, memory, clock, progress).run();
    }

    private AuditReport run() {
        // The head is read last: the log may grow meanwhile, and what was seen before must be within it.
        String remembered = memory == null ? null : memory.recall(key.name()).orElse(null);
        readCheckpoints();
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
        findings.sort(Comparator.comparingLong(finding -> finding.index().orElse(Long.MAX_VALUE)));
        return new AuditReport(LogPosition.of(frontier.size()), Digest.sha256(frontier.root()), findings);
    }

    private void readCheckpoints() {
        long from = 0;
        List<LogCheckpoint> page;
        do {
            page = log.checkpoints(from, PAGE);
            for (LogCheckpoint stored : page) {
                from = stored.size() + 1;
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
        if (stored.from() < at) {
            find(Kind.SEAL, stored.from(), "two seals cover entry " + stored.from());
        } else if (foldable || state.foundingOrNull() != null) {
            // The writers of the very first batch are named by the first entry itself, under a checkpoint.
            if (state.foundingOrNull() == null) {
                walk(at, at + 1, null);
            }
            if (state.foundingOrNull() != null) {
                try {
                    seal = Seal.open(
                            stored, state.founding().origin(), state.founding().writers());
                } catch (ModelOpsException e) {
                    find(Kind.SEAL, stored.from(), String.valueOf(e.getMessage()));
                }
            }
        }
        if (stored.size() > total) {
            find(Kind.SEAL, total, "a seal covers entries up to " + (stored.size() - 1) + ", but the log ends before");
            seal = null;
        }
        walk(Math.max(at, frontier.size()), end, seal);
        if (seal != null && !Arrays.equals(frontier.root(), seal.root())) {
            find(
                    Kind.SEAL,
                    seal.from(),
                    "entries " + seal.from() + " to " + (seal.size() - 1)
                            + " do not lead to the root that their writer sealed");
        }
        return end;
    }

    /** Reads the records of a range, hashes them, and follows the state. */
    private void walk(long from, long to, @Nullable Seal seal) {
        long at = from;
        while (at < to) {
            List<LogRecord> page = page(at, (int) Math.min(PAGE, to - at));
            if (page.isEmpty()) {
                foldable = false;
                if (++missing > (seal == null ? MOST_MISSING_UNSEALED : MOST_MISSING)) {
                    find(
                            Kind.SEQUENCE,
                            at,
                            "too many entries are missing for the stored head of " + total
                                    + " entries; what follows entry " + at + " was not looked at");
                    isCutOff = true;
                    return;
                }
                find(Kind.SEQUENCE, at, "entry " + at + " is missing");
                append(expected(seal, at));
                at++;
                continue;
            }
            missing = 0;
            for (LogRecord next : page) {
                byte[] body = next.body().toByteArray();
                byte[] hash = Merkle.leafHash(body);
                byte[] sealed = expected(seal, at);
                if (sealed != null && !Arrays.equals(hash, sealed)) {
                    find(
                            Kind.SEAL,
                            at,
                            "entry " + at + " is not the one that its writer sealed: its hash is " + Digest.sha256(hash)
                                    + ", sealed was " + Digest.sha256(sealed));
                    // What an altered entry says leads nowhere that would be worth a finding.
                    foldable = false;
                }
                if (!append(sealed == null ? hash : sealed) && sealed == null) {
                    foldable = false;
                }
                follow(at, body);
                at++;
                if (progress.isCancelled()) {
                    throw new CancellationException("verification was cancelled at entry " + at);
                }
            }
            progress.report(at, total);
        }
    }

    private static byte @Nullable [] expected(@Nullable Seal seal, long index) {
        return seal == null ? null : seal.leafHashes().get((int) (index - seal.from()));
    }

    /** Appends a hash, and tells whether the checkpoint there, if any, has the same root. */
    private boolean append(byte @Nullable [] hash) {
        frontier.append(hash == null ? new byte[32] : hash);
        byte[] root = roots.get(frontier.size());
        boolean isSame = root == null || Arrays.equals(root, frontier.root());
        if (root != null && !isSame) {
            find(
                    Kind.ROOT,
                    frontier.size() - 1,
                    "the checkpoint over " + frontier.size()
                            + " entries has another root than the entries: " + Digest.sha256(root) + ", recomputed "
                            + Digest.sha256(frontier.root()));
        }
        return isSame;
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
        if (!foldable) {
            return;
        }
        Entry entry;
        try {
            entry = Entry.decode(index, body);
        } catch (IllegalArgumentException e) {
            foldable = false;
            find(
                    Kind.MALFORMED,
                    index,
                    "entry " + index + " is not well formed: " + e.getMessage()
                            + "; what follows could not be checked against policy");
            return;
        }
        RegistryState before = state;
        try {
            state = Fold.apply(before, entry);
        } catch (Fold.UnknownEntryException e) {
            foldable = false;
            find(Kind.MALFORMED, index, String.valueOf(e.getMessage()));
            return;
        } catch (RuntimeException e) {
            foldable = false;
            find(
                    Kind.STATE,
                    index,
                    "entry " + index + " does not follow from the state before it: " + e.getMessage()
                            + "; what follows could not be checked against policy");
            return;
        }
        if (entry.type() == EntryType.LOG_CREATED) {
            founded(index);
        } else {
            redecide(before, entry);
        }
        content(entry);
    }

    private void founded(long index) {
        if (!state.founding().logKey().text().equals(key.vkey())) {
            find(
                    Kind.ROOT,
                    index,
                    "the log was created under the key " + state.founding().logKey() + ", the pinned key is "
                            + key.vkey());
        }
        artifacts = new Artifacts(storage.blobs(), state.founding(), null, clock);
        try {
            policy = PolicyEngine.compile(new PolicySet(
                    Ledger.readBlob(storage.blobs(), state.policies()).toUtf8()));
        } catch (RuntimeException e) {
            find(
                    Kind.BLOB,
                    index,
                    "the policy set " + state.policies() + " could not be read: " + e.getMessage()
                            + "; decisions could not be checked");
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
            }
        } catch (RuntimeException e) {
            find(
                    Kind.POLICY,
                    entry.index(),
                    "the decision of entry " + entry.index() + " could not be checked: " + e.getMessage());
        }
    }

    private void content(Entry entry) {
        Artifacts files = artifacts;
        if (files == null) {
            return;
        }
        if (entry.type() == EntryType.EVIDENCE_ATTACHED) {
            blob(entry.index(), Digest.parse(entry.get("digest")), "evidence of " + entry.subject());
        }
        if (entry.type() != EntryType.VERSION_REGISTERED) {
            return;
        }
        ModelRef ref = ModelRef.parse(String.valueOf(entry.subject()));
        ModelVersion version = state.requireVersion(ref).version();
        try {
            for (SignedFile file : files.listedFiles(version)) {
                blob(entry.index(), file.digest(), "file '" + file.name() + "' of " + ref);
            }
        } catch (VerificationException e) {
            find(Kind.SIGNATURE, entry.index(), "the signature of " + ref + " does not hold: " + e.getMessage());
        } catch (StorageException e) {
            find(Kind.BLOB, entry.index(), "the signature of " + ref + " could not be read: " + e.getMessage());
        }
    }

    private void blob(long index, Digest digest, String what) {
        if (!soundBlobs.add(digest)) {
            return;
        }
        try (InputStream in = storage.blobs().open(digest)) {
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
        } catch (NotFoundException e) {
            find(Kind.BLOB, index, what + " is missing from the store: " + digest);
        } catch (StorageException | IOException e) {
            find(Kind.BLOB, index, what + " could not be read: " + e.getMessage());
        }
    }

    private void finish(LogHead head) {
        if (!Arrays.equals(head.root().value().toByteArray(), frontier.root())) {
            find(
                    Kind.ROOT,
                    total - 1,
                    "the stored head does not match the entries: it says " + head.root() + ", recomputed over " + total
                            + " entries was " + Digest.sha256(frontier.root()));
        }
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
        if (findings.size() < MOST_FINDINGS) {
            findings.add(new AuditReport.Finding(
                    kind, index < 0 ? OptionalLong.empty() : OptionalLong.of(index), Objects.requireNonNull(message)));
        }
    }
}
