package dev.modelops.core.internal.governor;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds again, in the background, what a log was opened with instead of being folded, and stops the log if that was not
 * what its entries lead to, or if it cannot be told. A store that fails only delays this; once it has kept the proof from
 * getting any further for ten minutes, each attempt that fails is logged as an error, at least twice a minute, until one
 * succeeds or the log is closed. Thereafter, where this process may write, stores a snapshot whenever the log has grown
 * long enough since the last one, whichever process wrote that.
 */
public final class Snapshots implements Ledger.Follower, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

    /** How many entries are between snapshots of a log that is not long. */
    public static final long EVERY = 10_000;

    /** A long log has them further apart, so that all of them together stay a few times as large as the last. */
    private static final long PART = 16;

    private static final int STEP = 1024;
    private static final long LEAST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);
    static final Duration OVERDUE = Duration.ofMinutes(10);
    private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Ledger ledger;
    private final BlobStore blobs;
    private final @Nullable Committer committer;
    private final SplittableRandom random;
    private final long every;
    private final Duration overdue;
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch closing = new CountDownLatch(1);
    private final @Nullable Thread thread;

    /** How long the log was at the newest snapshot that an entry names. */
    private volatile long recorded;

    /** How long the log must be for the next. */
    private volatile long due;

    private volatile boolean isOverdue;

    Snapshots(Ledger ledger, BlobStore blobs, @Nullable Committer committer, long seed, long every, Duration overdue) {
        this.ledger = ledger;
        this.blobs = blobs;
        this.committer = committer;
        this.random = new SplittableRandom(seed);
        this.every = every;
        this.overdue = overdue;
        SnapshotEntry origin = ledger.unproven();
        this.recorded = origin == null ? 0 : origin.size();
        this.due = next();
        if (origin == null && committer == null) {
            this.thread = null;
            return;
        }
        ledger.follow(this);
        this.thread = new Thread(this::run, "modelops-snapshots");
        this.thread.setDaemon(true);
        this.thread.setPriority(Thread.MIN_PRIORITY);
        this.thread.start();
    }

    Snapshots(Ledger ledger, BlobStore blobs, @Nullable Committer committer, long seed) {
        this(ledger, blobs, committer, seed, EVERY, OVERDUE);
    }

    /** Returns how many entries are to lie between snapshots of a log of a size. */
    static long interval(long size) {
        return Math.max(EVERY, size / PART);
    }

    @Override
    public void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies) {
        for (Entry entry : entries) {
            if (entry.type() == EntryType.STATE_SNAPSHOTTED) {
                record(entry);
            }
        }
        if (tip.state().size() >= due) {
            wake.release();
        }
    }

    private void record(Entry entry) {
        try {
            SnapshotEntry named = SnapshotEntry.read(entry);
            if (named.version() == Snapshot.VERSION) {
                recorded = Math.max(recorded, named.size());
                due = next();
            }
        } catch (IllegalArgumentException e) {
            LOG.warn("the snapshot of entry {} is passed over: {}", entry.index(), e.getMessage());
        }
    }

    /** Processes that share a log draw different numbers, so that mostly one of them writes. */
    private synchronized long next() {
        long between = Math.max(every, recorded / PART);
        return recorded + between + random.nextLong(Math.max(1, between / 8));
    }

    private void run() {
        SnapshotEntry origin = ledger.unproven();
        try {
            if (origin == null || prove(origin)) {
                keep();
            }
        } catch (Throwable e) {
            if (origin == null || ledger.unproven() == null) {
                LOG.error("snapshots are no longer kept", e);
            } else if (e instanceof IntegrityException || !isClosed()) {
                disbelieve(origin, e);
            } else {
                LOG.debug("the log was closed before its snapshot was proven", e);
            }
        }
    }

    private void keep() {
        if (committer == null) {
            return;
        }
        while (!isClosed() && ledger.fault() == null) {
            if (ledger.tip().state().size() < due) {
                wake.acquireUninterruptibly();
                wake.drainPermits();
            } else if (!write(committer)) {
                pause(RETRY_NANOS);
            }
        }
    }

    /** Whatever keeps a state from being proven, other than a store that is away, it must not be served on for ever. */
    private void disbelieve(SnapshotEntry origin, Throwable e) {
        var unused = ledger.failed(
                e instanceof IntegrityException known
                        ? known
                        : new IntegrityException(
                                "the snapshot that entry " + origin.index() + " names, from which the log was opened,"
                                        + " could not be proven: " + e + "; open the log again, and if that does not"
                                        + " help, delete blob " + origin.digest() + " first",
                                e));
        LOG.error("the snapshot that the log was opened from could not be proven; the log is stopped", e);
    }

    /** Folds the log as far as the snapshot that it was opened from, and compares. Tells whether that was proven. */
    private boolean prove(SnapshotEntry origin) {
        Proof proof = new Proof();
        long pause = LEAST_PAUSE_NANOS;
        long since = System.nanoTime();
        while (!isClosed()) {
            long from = proof.state.size();
            try {
                if (from < origin.size()) {
                    ledger.scan(from, origin.size(), proof);
                }
                if (proof.state.size() == origin.size()) {
                    requireSame(origin, proof.state);
                    ledger.proven();
                    isOverdue = false;
                    LOG.info(
                            "the snapshot that the log was opened from is proven: {} entries lead to it",
                            origin.size());
                    return true;
                }
            } catch (StorageException e) {
                if (proof.state.size() > from) {
                    pause = LEAST_PAUSE_NANOS;
                    since = System.nanoTime();
                }
                isOverdue = System.nanoTime() - since >= overdue.toNanos();
                report(origin, e);
                pause(pause);
                pause = Math.min(2 * pause, MOST_PAUSE_NANOS);
            }
        }
        return false;
    }

    private void report(SnapshotEntry origin, StorageException e) {
        if (isOverdue) {
            LOG.error(
                    "the snapshot that the log was opened from cannot be proven, because the store fails: {}. What is"
                            + " served and done rests on the word of the writer that sealed entry {}; see to the store,"
                            + " or delete blob {} and open the log again",
                    e.getMessage(),
                    origin.index(),
                    origin.digest());
        } else {
            LOG.warn("the snapshot that the log was opened from is not proven yet: {}", e.getMessage());
        }
    }

    /** Tells whether the store has kept the proof from getting any further for too long. */
    boolean isOverdue() {
        return isOverdue;
    }

    private void requireSame(SnapshotEntry origin, RegistryState state) {
        Snapshot.Encoded again = ledger.snapshot(state).encode();
        if (!again.digest().equals(origin.digest())) {
            throw new IntegrityException("the snapshot that entry " + origin.index()
                    + " names is not what the first " + origin.size() + " entries lead to: expected " + again.digest()
                    + ", found " + origin.digest() + "; what was done since this log was opened rests on it. Find out"
                    + " whose seal covers the entry, delete the blob, and open the log again");
        }
    }

    /** Folds what it visits, at half the speed that it could. */
    private final class Proof implements Ledger.Visitor {
        private RegistryState state = RegistryState.empty();
        private long since = System.nanoTime();

        @Override
        public boolean visit(Entry entry, Bytes body) {
            RegistryState next = folded(entry);
            ledger.requireSigned(next, entry);
            // Only now: an entry whose signature could not be read is visited again.
            state = next;
            if (state.size() % STEP == 0) {
                pause(System.nanoTime() - since);
                since = System.nanoTime();
            }
            return !isClosed();
        }

        private RegistryState folded(Entry entry) {
            try {
                return Fold.apply(state, entry);
            } catch (RuntimeException e) {
                throw new IntegrityException("entry " + entry.index() + " does not follow: " + e.getMessage(), e);
            }
        }
    }

    private void pause(long nanos) {
        var unused = Uninterruptibles.awaitUninterruptibly(closing, nanos, TimeUnit.NANOSECONDS);
    }

    private boolean isClosed() {
        return closing.getCount() == 0;
    }

    /** Stores a snapshot and has it recorded. Tells whether to go on at once. */
    private boolean write(Committer committer) {
        Tip tip = ledger.tip();
        long size = tip.state().size();
        try {
            Snapshot.Encoded encoded = ledger.snapshot(tip.state()).encode();
            if (encoded.length() > Snapshot.MOST_BYTES) {
                LOG.warn("the state has {} bytes, too many for a snapshot; the log opens slowly", encoded.length());
                due = Long.MAX_VALUE;
                return true;
            }
            put(encoded);
            byte[] id = new byte[16];
            random.nextBytes(id);
            Boolean isNamed = Uninterruptibles.getUninterruptibly(committer.enqueue(
                    new Recording(CommandId.of(HexFormat.of().formatHex(id)), encoded.digest(), size)));
            if (Boolean.TRUE.equals(isNamed) && !blobs.contains(encoded.digest())) {
                // A sweep may have taken it for an orphan before the entry was appended, but takes it no more.
                put(encoded);
            }
            return true;
        } catch (ModelOpsException | ExecutionException e) {
            if (!isClosed()) {
                LOG.warn("a snapshot of the state could not be stored: {}", e.getMessage());
            }
            return false;
        }
    }

    private void put(Snapshot.Encoded encoded) {
        blobs.put(encoded.digest(), new Cancellable(encoded.open()));
    }

    /** Ends a transfer when the log is closed. */
    private final class Cancellable extends FilterInputStream {
        Cancellable(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            requireOpen();
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            requireOpen();
            return super.read(bytes, from, count);
        }

        private void requireOpen() throws IOException {
            if (isClosed()) {
                throw new IOException("the log was closed");
            }
        }
    }

    /** Names a stored snapshot in the log, unless a newer one is named already. Tells whether it did. */
    private final class Recording implements Command<Boolean> {
        private final CommandId id;
        private final Digest digest;
        private final long size;

        Recording(CommandId id, Digest digest, long size) {
            this.id = id;
            this.digest = digest;
            this.size = size;
        }

        @Override
        public CommandId id() {
            return id;
        }

        @Override
        public Verdict<Boolean> decide(Moment moment) {
            if (recorded >= size) {
                return new Settled<>(false);
            }
            return new Append<>(
                    EntryType.STATE_SNAPSHOTTED, digest.toString(), SnapshotEntry.payload(id, size), done -> true);
        }

        @Override
        public Boolean recognise(Entry done, Moment moment) {
            throw new IllegalStateException("a snapshot has no identity to recognise");
        }
    }

    @Override
    public void close() {
        closing.countDown();
        wake.release();
        if (thread != null) {
            Uninterruptibles.joinUninterruptibly(thread, PATIENCE);
            if (thread.isAlive()) {
                LOG.error("the thread that keeps snapshots did not end; the store does not return");
            }
        }
    }
}
