package dev.modelops.core.internal.audit;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Finds and removes blobs that no entry names. A blob is removed only while the head of the log is locked, and only if no
 * entry up to that head names it; whoever appends an entry looks afterwards whether the blobs it names are still there,
 * and puts them again before the act is acknowledged. So neither clocks nor the age of a blob decide whether it is safe:
 * the age only spares uploads that are under way.
 *
 * <p>A database may take the lock back from whoever is silent for long, and object stores can be slow. So the lock is
 * used before each removal and after the last; if it is gone, nothing more is removed, and what was removed under it is
 * held against the entries that came meanwhile.
 */
public final class OrphanBlobs {
    /** How many blobs are removed under one lock, so that writers wait for a moment only. */
    private static final int BATCH = 4;

    /** After which time no further removal begins under the same lock. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int ATTEMPTS = 100;

    private final Storage storage;
    private final Supplier<Ledger> log;
    private final Duration grace;
    private final Progress progress;
    private final Set<Digest> named = new HashSet<>();
    private final Map<Digest, Long> orphans = new LinkedHashMap<>();

    /** The entries by which a segment is named, and of which models; those that expired are named no longer. */
    private final Map<Digest, Set<SegmentOf>> segments = new HashMap<>();

    private final Set<Digest> texts = new HashSet<>();
    private Digest root = Digest.sha256(Frontier.empty().root());
    private long followed;
    private long kept;
    private long young;

    private record SegmentOf(String model, long entry) {}

    /** Looks for orphans that are older than the grace period; the supplier follows the log to its end. */
    public OrphanBlobs(Storage storage, Supplier<Ledger> log, Duration grace, Progress progress) {
        this.storage = storage;
        this.log = log;
        this.grace = grace;
        this.progress = progress;
    }

    /** Finds them, and returns each with its length. */
    public Map<Digest, Long> find() {
        List<StoredBlob> old = new ArrayList<>();
        Set<Digest> fresh = new HashSet<>();
        Consumer<StoredBlob> visitor = blob -> {
            requireGoingOn();
            if (blob.age().compareTo(grace) > 0) {
                old.add(blob);
            } else {
                fresh.add(blob.digest());
            }
        };
        storage.blobs().list(visitor);
        if (!storage.keepsTextsAsBlobs()) {
            storage.texts().list(text -> {
                visitor.accept(text);
                texts.add(text.digest());
            });
        }
        follow();
        for (StoredBlob blob : old) {
            if (isNamed(blob.digest())) {
                kept++;
            } else {
                orphans.put(blob.digest(), blob.length());
            }
        }
        for (Digest digest : fresh) {
            if (isNamed(digest)) {
                kept++;
            } else {
                young++;
            }
        }
        return new LinkedHashMap<>(orphans);
    }

    /** Removes what was found and is still named by no entry, and returns each with its length. */
    public Map<Digest, Long> remove() {
        Map<Digest, Long> removed = new LinkedHashMap<>();
        removeTexts(removed);
        int attempts = 0;
        while (!orphans.isEmpty()) {
            requireGoingOn();
            if (removeSome(removed)) {
                attempts = 0;
            } else if (++attempts == ATTEMPTS) {
                throw new StorageException("the log grew " + ATTEMPTS + " times while orphans were to be removed; "
                        + removed.size() + " were, sweep again when less is written");
            } else {
                followAndKeep();
            }
        }
        return removed;
    }

    /** Follows the log, and calls nothing an orphan that an entry read now names. */
    private void followAndKeep() {
        follow();
        orphans.keySet().removeIf(digest -> {
            boolean isNamed = isNamed(digest);
            if (isNamed) {
                kept++;
            }
            return isNamed;
        });
    }

    /**
     * Removes texts that no entry commits to, without the lock: whoever commits to one looks after the commit whether it is
     * there.
     */
    private void removeTexts(Map<Digest, Long> removed) {
        followAndKeep();
        for (Digest digest : texts) {
            Long length = orphans.remove(digest);
            if (length != null && storage.texts().erase(digest)) {
                removed.put(digest, length);
            }
        }
    }

    /** Removes a few under one lock, and tells whether it could: not if the log has grown. */
    private boolean removeSome(Map<Digest, Long> removed) {
        List<Digest> begun = new ArrayList<>();
        try {
            return storage.log().append(transaction -> {
                if (!isFollowed(transaction.head())) {
                    return false;
                }
                long since = System.nanoTime();
                for (Digest digest : orphans.keySet().stream().limit(BATCH).toList()) {
                    if (System.nanoTime() - since > MOST_NANOS) {
                        break;
                    }
                    requireLocked(transaction);
                    begun.add(digest);
                    Long length = orphans.remove(digest);
                    if (storage.blobs().delete(digest) && length != null) {
                        removed.put(digest, length);
                    }
                }
                requireLocked(transaction);
                return true;
            });
        } catch (RuntimeException e) {
            throw begun.isEmpty() ? e : failed(begun, e);
        }
    }

    /** Asks the database something: that fails if it has ended the transaction, and keeps it from doing so soon. */
    private void requireLocked(LogStore.Transaction transaction) {
        var unused = transaction.read(followed, 1);
    }

    /** Without the lock, an entry may have come that names what was being removed. */
    private RuntimeException failed(List<Digest> begun, RuntimeException failure) {
        RuntimeException unknown = null;
        try {
            follow();
        } catch (RuntimeException e) {
            unknown = e;
            failure.addSuppressed(e);
        }
        List<Digest> lost = begun.stream().filter(this::isNamed).toList();
        if (!lost.isEmpty()) {
            return new IntegrityException(
                    "the sweep lost the lock of the log while it removed blobs, and entries that came meanwhile name "
                            + lost
                            + "; verify the log, and restore those that are missing: by registering again under the"
                            + " same command id, or from a backup"
                            + (unknown == null ? "" : ". More may be named, of " + begun),
                    failure);
        }
        if (unknown != null) {
            return new StorageException(
                    "the sweep failed (" + failure.getMessage() + ") while it removed " + begun
                            + ", and the log cannot be read, so whether entries that came meanwhile name them is not"
                            + " known; verify the log when it can be",
                    failure);
        }
        return failure;
    }

    /** Returns how many blobs are named by an entry. */
    public long kept() {
        return kept;
    }

    /** Returns how many blobs are named by no entry, but too young to be called orphans. */
    public long young() {
        return young;
    }

    private boolean isFollowed(LogHead head) {
        if (head.size() < followed) {
            throw new IntegrityException("the log has " + head.size() + " entries, but " + followed
                    + " were read before; nothing more is removed, find out who cut it");
        }
        if (head.size() == followed && !head.root().equals(root)) {
            throw new IntegrityException("the log's head has root " + head.root() + ", but its " + followed
                    + " entries have " + root + "; nothing more is removed, verify the log");
        }
        return head.size() == followed;
    }

    private void follow() {
        Ledger ledger = log.get();
        Tip tip = ledger.tip();
        if (ledger.fault() != null) {
            throw new IntegrityException(
                    "the log cannot be followed to its end, so what it names is not known; nothing is swept",
                    ledger.fault());
        }
        long end = tip.position().size();
        ledger.scan(followed, end, (entry, body) -> {
            requireGoingOn();
            name(entry);
            progress.report(entry.index() + 1, end);
            return true;
        });
        followed = end;
        root = Digest.sha256(tip.frontier().root());
    }

    private boolean isNamed(Digest digest) {
        return named.contains(digest) || segments.containsKey(digest);
    }

    private void name(Entry entry) {
        if (entry.type() == EntryType.SEGMENT_RECORDED) {
            segments.computeIfAbsent(Digest.parse(entry.get("segment")), digest -> new HashSet<>())
                    .add(new SegmentOf(String.valueOf(entry.subject()), entry.index()));
            return;
        }
        if (entry.type() == EntryType.RECORDS_EXPIRED) {
            long until = Entry.number(entry.data(), "until");
            segments.values().removeIf(all -> {
                all.removeIf(of -> of.entry() < until && of.model().equals(entry.subject()));
                return all.isEmpty();
            });
        }
        Digest commitment = entry.commitment();
        if (commitment != null) {
            named.add(commitment);
        }
        BlobReferences.requireKnown(entry);
        // First what is named for sure, whether or not the bundle that names more can be read.
        BlobReferences.direct(entry).forEach(blob -> named.add(blob.digest()));
        for (BlobReferences.Reference blob : BlobReferences.all(entry, storage.blobs())) {
            named.add(blob.digest());
        }
    }

    private void requireGoingOn() {
        if (progress.isCancelled()) {
            throw new CancellationException("the sweep was cancelled; what it removed before stays removed");
        }
    }
}
