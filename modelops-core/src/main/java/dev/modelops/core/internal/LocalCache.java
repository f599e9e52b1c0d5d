package dev.modelops.core.internal;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Freshness;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.NotFoundException;
import dev.modelops.Opening;
import dev.modelops.ReadOnlyException;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Recency;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.storage.Directories;
import dev.modelops.core.internal.storage.DirectoryBlobStore;
import dev.modelops.core.internal.storage.FallbackLogStore;
import dev.modelops.core.internal.storage.KeptBlobs;
import dev.modelops.core.internal.storage.LocalStores;
import dev.modelops.core.internal.thread.Threads;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one process keeps of a log on its own disk: a copy of its entries with their seals and a checkpoint, the policy
 * sets, and when the copy was last known to be the whole log. A host that starts while the store is down opens the copy
 * just as it would open the store; the copy is believed for its seals and checkpoint alone.
 */
final class LocalCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCache.class);
    private static final String LOG_FILE = "log.db";
    private static final String CONTACT_FILE = "contact";
    private static final String CONTACT_HEADER = "modelops.dev/contact@v1";
    private static final Duration MOST_BETWEEN_SAVES = Duration.ofSeconds(10);
    private static final Duration LEAST_BETWEEN_SAVES = Duration.ofMillis(100);
    private static final int MOST_BLOB_BYTES = 16 * 1024 * 1024;
    private static final int SEALS_AT_ONCE = 64;
    private static final int MOST_CONTACT_BYTES = 4096;

    private final Path folder;
    private final Storage storage;
    private final LogStore copy;
    private final FallbackLogStore log;
    private final BlobStore policies;
    private final Duration bound;
    private final Freshness.Stance stance;
    private final @Nullable CheckpointMemory memory;
    private final ScheduledThreadPoolExecutor saver = Threads.one("modelops-cache");
    private volatile boolean isDamaged;
    private boolean saveFails;
    private Recency.@Nullable Moment saved;

    /** When the copy up to a size was last known to be the whole log. */
    private record Contact(long size, Digest root, Instant at) {}

    private LocalCache(Path folder, Opening opening, LogStore copy) {
        this.folder = folder;
        this.storage = opening.storage();
        this.copy = copy;
        this.log = new FallbackLogStore(storage.log(), copy);
        this.policies = new DirectoryBlobStore(folder.resolve("policies"));
        this.bound = opening.stalenessBound();
        this.stance = opening.stance();
        this.memory = opening.memory().map(Ahead::new).orElse(null);
    }

    /** Returns the folder where fallbacks wait to be recorded. */
    Path fallbacks() {
        return folder.resolve("fallbacks");
    }

    /** Opens the cache of a log, or returns null if none is wanted or it cannot be used. */
    static @Nullable LocalCache of(Opening opening) {
        Path parent = opening.cache().orElse(null);
        if (parent == null) {
            return null;
        }
        Path folder = parent.resolve(
                Digest.sha256Of(Bytes.ofUtf8(opening.logKey().text())).toHex().substring(0, 32));
        try {
            LocalStores.createFolder(folder);
            LogStore copy;
            try {
                copy = LocalStores.sqlite(folder.resolve(LOG_FILE));
            } catch (IntegrityException e) {
                discard(folder, e);
                copy = LocalStores.sqlite(folder.resolve(LOG_FILE));
            }
            return new LocalCache(folder, opening, copy);
        } catch (ModelOpsException | IOException e) {
            LOG.error("nothing can be kept in '{}', so this host cannot start while the store is down", folder, e);
            return null;
        }
    }

    /**
     * Opens the log from the store or, if that does not answer, from the copy.
     *
     * @throws StorageException if the store does not answer and the copy is too old, damaged, or not there
     * @throws IntegrityException if the store is older than the copy or another log
     */
    Ledger open(LogKey key, Recency recency) {
        Storage both = new Storage(log, new KeptBlobs(storage.blobs(), policies, MOST_BLOB_BYTES));
        try {
            Ledger ledger = Ledger.openFromSnapshot(both, key, memory);
            requireContainsCopy(ledger, key);
            return ledger;
        } catch (NotFoundException e) {
            long size = copy.head().size();
            throw size == 0 ? e : rolledBack(0, size);
        } catch (StorageException e) {
            return openCopy(both, key, recency, e);
        }
    }

    private Ledger openCopy(Storage both, LogKey key, Recency recency, StorageException away) {
        Contact contact = contact(away);
        if (contact == null) {
            throw away;
        }
        Recency.Moment moment = recency.moment();
        if (contact.at().isAfter(moment.at())) {
            throw new StorageException(
                    "the store does not answer (" + away.getMessage() + "), and how old what is kept in '" + folder
                            + "' is cannot be told: it is of " + contact.at() + ", but the clock says " + moment.at()
                            + "; set the clock right, or bring the store back",
                    away);
        }
        recency.begin(recency.moment(contact.at()));
        recency.failed(String.valueOf(away.getMessage()));
        if (stance == Freshness.Stance.REFUSE && recency.age().compareTo(bound) > 0) {
            throw new StorageException(
                    "the store does not answer (" + away.getMessage() + "), and what is kept in '" + folder
                            + "' was last known to be the newest at " + contact.at() + ", " + recency.age()
                            + " ago, and may be at most " + bound + " old; bring the store back",
                    away);
        }
        Ledger ledger;
        try {
            ledger = log.standingIn(() -> Ledger.openFromSnapshot(both, key, memory));
            if (!isAt(ledger, contact.size(), contact.root())) {
                throw new IntegrityException("the copy does not hold what it was last known to");
            }
        } catch (ModelOpsException e) {
            away.addSuppressed(e);
            throw new StorageException(
                    "the store does not answer (" + away.getMessage() + "), and what is kept in '" + folder
                            + "' cannot be used: " + e.getMessage() + "; bring the store back",
                    away);
        }
        LOG.error(
                "the store does not answer ({}); the log is opened from what is kept in '{}', which was last known to be"
                        + " the newest at {}",
                away.getMessage(),
                folder,
                contact.at());
        return ledger;
    }

    /** A store that lacks what this host has seen was put back from a backup or exchanged. */
    private void requireContainsCopy(Ledger ledger, LogKey key) {
        LogHead seen = copy.head();
        if (seen.size() == 0 || ledger.fault() instanceof ReadOnlyException || isAt(ledger, seen.size(), seen.root())) {
            return;
        }
        try {
            Storage alone = new Storage(copy, new KeptBlobs(storage.blobs(), policies, MOST_BLOB_BYTES));
            var unused = Ledger.open(alone, key, null);
        } catch (IntegrityException e) {
            LOG.warn("what is kept in '{}' is damaged and will be kept anew: {}", folder, e.getMessage());
            isDamaged = true;
            return;
        }
        long size = ledger.tip().state().size();
        throw size < seen.size()
                ? rolledBack(size, seen.size())
                : new IntegrityException("the log differs from what this host has seen of it: its first " + seen.size()
                        + " entries are not those kept in '" + folder + "'; the store was replaced or rewritten");
    }

    private static boolean isAt(Ledger ledger, long size, Digest root) {
        return ledger.tip().state().size() >= size
                && Arrays.equals(ledger.tree().root(size), root.value().toByteArray());
    }

    private IntegrityException rolledBack(long size, long seen) {
        return new IntegrityException("the log is older than what this host has seen of it: it has " + size
                + " entries, but " + seen + " are kept in '" + folder
                + "'; the store was cut short, restored from a backup or exchanged. A recovery that the root keys signed"
                + " is opened with a key, and a folder, of its own");
    }

    /** Begins to keep what the ledger proves. */
    void follow(Ledger ledger, Recency recency) {
        Duration between = bound.dividedBy(20);
        between = between.compareTo(MOST_BETWEEN_SAVES) > 0 ? MOST_BETWEEN_SAVES : between;
        between = between.compareTo(LEAST_BETWEEN_SAVES) < 0 ? LEAST_BETWEEN_SAVES : between;
        var unused =
                saver.scheduleWithFixedDelay(() -> save(ledger, recency), 0, between.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Keeps the last that was proved, and ends. */
    void close(Ledger ledger, Recency recency) {
        Threads.end(saver);
        if (recency.trouble().isEmpty()) {
            save(ledger, recency);
        }
        close();
    }

    @Override
    public void close() {
        Threads.end(saver);
        copy.close();
        policies.close();
        if (isDamaged) {
            try {
                discard(folder);
            } catch (IOException e) {
                LOG.error("what is kept in '{}' is damaged and could not be deleted; empty the folder", folder, e);
            }
        }
    }

    private void save(Ledger ledger, Recency recency) {
        try {
            Recency.Moment proved = recency.last();
            Tip tip = ledger.tip();
            long size = tip.state().size();
            boolean isKept = proved.equals(saved) && copy.head().size() == size;
            if (isDamaged || ledger.fault() != null || isKept) {
                return;
            }
            if (copyTo(size, ledger)) {
                copyCheckpoint(size);
                write(new Contact(size, Digest.sha256(tip.frontier().root()), proved.at()), ledger);
                saved = proved;
            }
            saveFails = false;
        } catch (RuntimeException | IOException | Error e) {
            // A periodic task that throws is never run again.
            if (!saveFails) {
                LOG.warn("what was last seen of the log could not be kept in '{}': {}", folder, e.toString());
                saveFails = true;
            }
        }
    }

    /** Copies sealed batches, and tells whether the copy now has them all. */
    private boolean copyTo(long size, Ledger ledger) {
        long at = copy.head().size();
        while (at < size) {
            List<LogSeal> seals = storage.log().seals(at, SEALS_AT_ONCE);
            if (seals.isEmpty()) {
                return false;
            }
            for (LogSeal seal : seals) {
                if (at >= size) {
                    return true;
                }
                if (seal.from() != at || seal.size() > size) {
                    return false;
                }
                List<LogRecord> records = new ArrayList<>();
                while (at < seal.size()) {
                    List<LogRecord> some = storage.log().read(at, (int) (seal.size() - at));
                    if (some.isEmpty()) {
                        return false;
                    }
                    records.addAll(some);
                    at += some.size();
                }
                LogHead head =
                        new LogHead(seal.size(), Digest.sha256(ledger.tree().root(seal.size())));
                var unused = copy.append(transaction -> {
                    transaction.append(records, seal, head);
                    return head;
                });
            }
        }
        return at == size;
    }

    private void copyCheckpoint(long size) {
        Optional<LogCheckpoint> known = copy.latestCheckpoint();
        if (known.isPresent() && known.get().size() == size) {
            return;
        }
        Optional<LogCheckpoint> newest = storage.log().latestCheckpoint();
        if (newest.isPresent() && newest.get().size() <= size) {
            copy.publish(newest.get());
        }
    }

    private void write(Contact contact, Ledger ledger) throws IOException {
        Path making = Files.createTempFile(folder, "contact-", ".tmp");
        try {
            Files.writeString(
                    making,
                    String.join(
                            "\n",
                            CONTACT_HEADER,
                            ledger.logKey().name(),
                            Long.toString(contact.size()),
                            contact.root().toString(),
                            contact.at().toString(),
                            ""));
            try (FileChannel channel = FileChannel.open(making, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(making, folder.resolve(CONTACT_FILE), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(making);
        }
        Directories.force(folder);
    }

    private @Nullable Contact contact(StorageException away) {
        Path file = folder.resolve(CONTACT_FILE);
        try {
            if (Files.size(file) > MOST_CONTACT_BYTES) {
                throw new IllegalArgumentException("it is too long");
            }
            String[] lines = Files.readString(file).split("\n", -1);
            if (lines.length != 6 || !lines[0].equals(CONTACT_HEADER)) {
                throw new IllegalArgumentException("it is of another form");
            }
            Contact contact = new Contact(Long.parseLong(lines[2]), Digest.parse(lines[3]), Instant.parse(lines[4]));
            if (contact.size() < 1 || contact.at().isBefore(Instant.EPOCH)) {
                throw new IllegalArgumentException("it says what cannot be");
            }
            return contact;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            away.addSuppressed(new StorageException("'" + file + "' cannot be used: " + e.getMessage(), e));
            return null;
        }
    }

    private static void discard(Path folder, IntegrityException reason) throws IOException {
        LOG.warn("what is kept in '{}' is damaged and kept anew: {}", folder, reason.getMessage());
        discard(folder);
    }

    private static void discard(Path folder) throws IOException {
        for (String name : List.of(CONTACT_FILE, LOG_FILE, LOG_FILE + "-wal", LOG_FILE + "-shm")) {
            Files.deleteIfExists(folder.resolve(name));
        }
    }

    /** A memory that is not asked while the copy stands in for the log, for it may be ahead of the copy. */
    private final class Ahead implements CheckpointMemory {
        private final CheckpointMemory memory;

        Ahead(CheckpointMemory memory) {
            this.memory = memory;
        }

        @Override
        public Optional<String> recall(String origin) {
            return log.isStandingIn() ? Optional.empty() : memory.recall(origin);
        }

        @Override
        public void remember(Checkpoint checkpoint) {
            memory.remember(checkpoint);
        }
    }
}
