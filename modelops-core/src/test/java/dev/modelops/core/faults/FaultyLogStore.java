package dev.modelops.core.faults;

import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A log store whose appends go wrong as planned: one plan for each append, then all is well again. */
final class FaultyLogStore implements LogStore {
    /** What becomes of an append. */
    enum Plan {
        /** It is committed, and its caller is told that this is not known. */
        COMMITTED_IN_DOUBT,
        /** It is not committed, and its caller is told that this is not known. */
        LOST_IN_DOUBT,
        /** It is committed, and then something throws that no store should. */
        COMMITTED_AND_BROKEN,
        /** It is not committed, and something throws that no store should. */
        LOST_AND_BROKEN,
        /** It is not committed because there is no room. */
        FULL,
        /** It is committed. */
        WELL
    }

    private final LogStore store;
    private final boolean keepsTexts;
    private final Queue<Plan> plans = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch waiting = new CountDownLatch(0);
    private volatile CountDownLatch reads = new CountDownLatch(0);
    private volatile boolean away;
    private volatile @Nullable Clock clock;

    FaultyLogStore(LogStore store) {
        this(store, true);
    }

    private FaultyLogStore(LogStore store, boolean keepsTexts) {
        this.store = store;
        this.keepsTexts = keepsTexts;
    }

    /** Returns one that has no place for texts beside its entries. */
    static FaultyLogStore withoutTexts(LogStore store) {
        return new FaultyLogStore(store, false);
    }

    void plan(Plan... next) {
        plans.addAll(List.of(next));
    }

    boolean isAsPlanned() {
        return plans.isEmpty();
    }

    /** Lets no append begin from now on. Returns what is counted down when one waits. */
    CountDownLatch shut() {
        gate = new CountDownLatch(1);
        waiting = new CountDownLatch(1);
        return waiting;
    }

    void open() {
        gate.countDown();
    }

    /** Lets everything fail from now on. */
    void leave() {
        away = true;
    }

    /** Lets no read return from now on, and no append begin. */
    void hang() {
        reads = new CountDownLatch(1);
        gate = reads;
    }

    /** Answers again, those who wait too. */
    void comeBack() {
        away = false;
        reads.countDown();
    }

    private void requireThere() {
        try {
            reads.await();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody may interrupt a thread of the library", e);
        }
        if (away) {
            throw new StorageException("the connection was refused");
        }
    }

    @Override
    public <R> R append(Work<R> work) {
        waiting.countDown();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody may interrupt the committing thread", e);
        }
        requireThere();
        Plan plan = plans.isEmpty() ? Plan.WELL : plans.remove();
        switch (plan) {
            case COMMITTED_IN_DOUBT -> {
                store.append(work);
                throw new StorageException("the connection was lost", new IllegalStateException("gone"), true);
            }
            case COMMITTED_AND_BROKEN -> {
                store.append(work);
                throw new AssertionError("a store with a bug");
            }
            case WELL -> {
                return store.append(work);
            }
            default -> {
                RuntimeException failure = plan == Plan.LOST_IN_DOUBT
                        ? new StorageException("the connection was lost", new IllegalStateException("gone"), true)
                        : plan == Plan.FULL
                                ? new StorageException("there is no room left; free some space and try again")
                                : new IllegalStateException("a store with a bug");
                return store.append(transaction -> {
                    work.run(transaction);
                    throw failure;
                });
            }
        }
    }

    /** Gives the store a clock of its own. */
    void clock(Clock own) {
        clock = own;
    }

    @Override
    public Optional<Instant> time() {
        requireThere();
        return Optional.ofNullable(clock).map(Clock::instant);
    }

    @Override
    public Optional<ErasableStore> texts() {
        return keepsTexts ? store.texts() : Optional.empty();
    }

    @Override
    public LogHead head() {
        requireThere();
        return store.head();
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        requireThere();
        return store.read(from, limit);
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        requireThere();
        return store.seals(from, limit);
    }

    @Override
    public void publish(LogCheckpoint checkpoint) {
        requireThere();
        store.publish(checkpoint);
    }

    @Override
    public Optional<LogCheckpoint> latestCheckpoint() {
        requireThere();
        return store.latestCheckpoint();
    }

    @Override
    public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
        requireThere();
        return store.checkpoints(fromSize, limit);
    }

    @Override
    public void close() {
        store.close();
    }
}
