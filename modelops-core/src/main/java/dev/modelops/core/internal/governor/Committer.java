package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.InDoubtException;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.OverloadedException;
import dev.modelops.core.internal.log.ActionJson;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.TreeHasher;
import dev.modelops.policy.Decision;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StorageException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of this process that appends. It drains the queue into a batch, locks the head, follows what other
 * processes appended, decides each act on that state, and commits what was allowed as one sealed batch; what arrives
 * meanwhile is the next batch. Callers are answered only after the commit.
 */
final class Committer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final int MOST_IN_BATCH = 1024;
    private static final int RECOVERY_ATTEMPTS = 5;
    private static final Duration PAUSE_BETWEEN_COUNTS = Duration.ofMinutes(1);

    private final Ledger ledger;
    private final LogStore store;
    private final Texts texts;
    private final NoteSigner writer;
    private final Clock clock;
    private final LogClock logClock;
    private final RandomGenerator random;
    private final BlockingQueue<Pending<?>> queue;
    private final Duration patience;
    private final Refusals refusals = new Refusals();
    private final int mostRefusals;
    private final AtomicInteger refusalsWaiting = new AtomicInteger();
    private final AtomicLong uncounted = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    private long nextCount = System.nanoTime();

    private record Pending<R>(Command<R> command, CompletableFuture<R> answer) {}

    Committer(
            Ledger ledger,
            LogStore store,
            Texts texts,
            NoteSigner writer,
            Clock clock,
            RandomGenerator random,
            int capacity,
            Duration patience) {
        this.ledger = ledger;
        this.store = store;
        this.texts = texts;
        this.writer = writer;
        this.clock = clock;
        this.logClock = new LogClock(store, clock, System::nanoTime);
        this.random = random;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.mostRefusals = Math.max(1, capacity / 8);
        this.patience = patience;
        this.thread = new Thread(this::run, "modelops-committer");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** Queues an act and waits for its answer. */
    <R> R submit(Command<R> command) {
        CompletableFuture<R> answer = enqueue(command);
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new InDoubtException(command.id(), "no answer came within " + patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InDoubtException(command.id(), "the caller was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelOpsException known) {
                throw known;
            }
            if (e.getCause() instanceof IllegalArgumentException bad) {
                throw bad;
            }
            throw new IllegalStateException("an act failed unexpectedly", e.getCause());
        }
    }

    /** Queues an act without waiting for it. */
    <R> CompletableFuture<R> enqueue(Command<R> command) {
        Pending<R> pending = new Pending<>(command, new CompletableFuture<>());
        if (closing) {
            throw closed();
        }
        if (!queue.offer(pending)) {
            throw new OverloadedException("all " + queue.size() + " places in the queue are taken; slow down, or raise"
                    + " the queue capacity when opening the log");
        }
        if (closing && queue.remove(pending)) {
            throw closed();
        }
        return pending.answer();
    }

    /**
     * Queues the record of a refusal. Those who are refused take up a part of the queue at most, so that they do not keep
     * others from acting; what is beyond is counted.
     */
    <R> void enqueueRefusal(Command<R> command, BiConsumer<? super @Nullable R, ? super @Nullable Throwable> then) {
        if (refusalsWaiting.incrementAndGet() > mostRefusals) {
            refusalsWaiting.decrementAndGet();
            uncounted.incrementAndGet();
            return;
        }
        CompletableFuture<R> answer;
        try {
            answer = enqueue(command);
        } catch (RuntimeException | Error e) {
            refusalsWaiting.decrementAndGet();
            throw e;
        }
        var unused = answer.whenComplete((result, e) -> {
            refusalsWaiting.decrementAndGet();
            then.accept(result, e);
        });
    }

    @Override
    public void close() {
        closing = true;
        // The committing thread is never interrupted: an interrupt in the middle of I/O could close the store's files.
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<Pending<?>> batch = new ArrayList<>();
        while (!closing) {
            try {
                Pending<?> first = queue.poll(50, TimeUnit.MILLISECONDS);
                if (first == null) {
                    countRefusals();
                    continue;
                }
                batch.add(first);
                queue.drainTo(batch, MOST_IN_BATCH - 1);
                commit(batch, false);
            } catch (InterruptedException e) {
                LOG.warn("the committing thread was interrupted; it goes on until the log is closed");
            } finally {
                batch.clear();
            }
        }
        queue.drainTo(batch);
        batch.forEach(pending -> pending.answer().completeExceptionally(closed()));
        if (refusals.haveRepeats() || uncounted.get() > 0) {
            commit(List.of(), true);
        }
    }

    /** Records the counts of windows that ended while nobody acted. */
    private void countRefusals() {
        if (ledger.fault() == null && System.nanoTime() - nextCount >= 0 && refusals.haveEnded(clock.instant())) {
            nextCount = System.nanoTime() + PAUSE_BETWEEN_COUNTS.toNanos();
            commit(List.of(), false);
        }
    }

    /** Stores what the entries of a batch would commit to. Without its text an act is not done, but the others are. */
    private List<Pending<?>> withTexts(List<Pending<?>> batch) {
        Map<Digest, Bytes> contents = new LinkedHashMap<>();
        for (Pending<?> pending : batch) {
            Texts.Written text = pending.command().text();
            if (text != null) {
                contents.put(text.commitment(), text.content());
            }
        }
        if (contents.isEmpty()) {
            return batch;
        }
        try {
            texts.put(contents);
            return batch;
        } catch (RuntimeException | Error e) {
            ModelOpsException known = e instanceof IntegrityException broken
                    ? ledger.failed(broken)
                    : new StorageException(
                            "what was written with the act could not be stored (" + e.getMessage()
                                    + "); nothing was changed, try again",
                            e);
            List<Pending<?>> rest = new ArrayList<>();
            for (Pending<?> pending : batch) {
                if (pending.command().text() == null) {
                    rest.add(pending);
                } else {
                    pending.answer().completeExceptionally(known);
                }
            }
            return rest;
        }
    }

    /** Removes what was stored for acts that were not done. What stays behind here, the sweep removes. */
    private void dropTexts(List<Pending<?>> batch, Set<Digest> committed) {
        for (Pending<?> pending : batch) {
            Texts.Written text = pending.command().text();
            if (text != null && !committed.contains(text.commitment())) {
                try {
                    texts.erase(text.commitment());
                } catch (RuntimeException | Error e) {
                    LOG.warn(
                            "a text of an act that was not done stays in the store until it is swept: {}",
                            e.toString());
                    return;
                }
            }
        }
    }

    private void commit(List<Pending<?>> whole, boolean last) {
        List<Pending<?>> batch = withTexts(whole);
        if (batch.isEmpty() && !whole.isEmpty()) {
            return;
        }
        Set<Digest> committed = new HashSet<>();
        List<Runnable> answers;
        try {
            answers = ledger.advancing(() -> {
                Batch done = new Batch(last);
                CheckpointBody remembered = ledger.remembered();
                try {
                    logClock.compare();
                    ledger.publish(append(batch, done, remembered));
                } catch (IntegrityException e) {
                    done.refused.forEach(Refusal::forget);
                    throw ledger.failed(e);
                } catch (RuntimeException | Error e) {
                    StorageException doubt = done.doubt(e);
                    if (doubt == null) {
                        done.refused.forEach(Refusal::forget);
                        throw known(e);
                    }
                    settle(done, doubt);
                }
                refusals.recorded(done.now, last);
                done.entries.forEach(entry -> {
                    Digest commitment = entry.commitment();
                    if (commitment != null) {
                        committed.add(commitment);
                    }
                });
                return done.answers;
            });
        } catch (RuntimeException | Error e) {
            if (!(e instanceof ModelOpsException) || e.getCause() instanceof Error) {
                LOG.error("a batch of acts failed", e);
            }
            if (batch.isEmpty()) {
                LOG.warn("counts of refusals could not be recorded: {}", e.getMessage());
            }
            boolean inDoubt = e instanceof StorageException storage && storage.isInDoubt();
            if (!inDoubt && e instanceof StorageException) {
                dropTexts(batch, committed);
            }
            for (Pending<?> pending : batch) {
                pending.answer()
                        .completeExceptionally(
                                inDoubt
                                        ? new InDoubtException(pending.command().id(), String.valueOf(e.getMessage()))
                                        : e);
            }
            return;
        }
        dropTexts(batch, committed);
        answers.forEach(Runnable::run);
    }

    /** A batch in the making. */
    private static final class Batch {
        private final boolean last;
        private final TreeHasher hasher = new TreeHasher();
        private final List<LogRecord> records = new ArrayList<>();
        private final List<byte[]> hashes = new ArrayList<>();
        private final List<Entry> entries = new ArrayList<>();
        private final Map<CommandId, Entry> acts = new HashMap<>();
        private final List<Runnable> answers = new ArrayList<>();
        private final List<Refusal> refused = new ArrayList<>();
        private Instant now = Instant.EPOCH;
        private boolean isHandedOver;

        Batch(boolean last) {
            this.last = last;
        }

        /** Returns the failure as a doubt if the batch may have been committed all the same, or null. */
        @Nullable StorageException doubt(Throwable e) {
            if (e instanceof StorageException known) {
                return known.isInDoubt() && !records.isEmpty() ? known : null;
            }
            // A store that fails in a way it should not says nothing about the commit.
            return isHandedOver && !(e instanceof ModelOpsException)
                    ? new StorageException("the store failed in a way that no store should: " + e, e, true)
                    : null;
        }
    }

    private record Refusal(Refusals refusals, Command.Refuse<?> refuse) {
        void forget() {
            refusals.forget(refuse.identity(), refuse.action(), refuse.refusal().decision());
        }
    }

    private Ledger.Advance append(List<Pending<?>> batch, Batch done, @Nullable CheckpointBody remembered) {
        while (true) {
            try {
                return store.append(transaction -> append(transaction, batch, done, remembered));
            } catch (Ledger.BlobsNeededException e) {
                LOG.debug("another process changed policy; the log is followed before it is locked again", e);
                ledger.catchUp(store.head(), Ledger.Source.of(store), remembered);
            }
        }
    }

    private Ledger.Advance append(
            LogStore.Transaction transaction, List<Pending<?>> batch, Batch done, @Nullable CheckpointBody remembered) {
        ledger.catchUp(transaction.head(), Ledger.Source.of(transaction), remembered);
        Tip tip = ledger.tip();
        done.now = logClock.next(tip.state().time());
        FrontierBuilder frontier = new FrontierBuilder(tip.frontier());
        refusals.count(uncounted.getAndSet(0), done.now);
        for (ObjectNode count : refusals.due(done.now, done.last)) {
            tip = add(done, frontier, tip, EntryType.REFUSALS_COUNTED, null, count);
        }
        for (Pending<?> pending : batch) {
            tip = decide(pending, done, frontier, tip);
        }
        if (done.records.isEmpty()) {
            return new Ledger.Advance(ledger.tip(), List.of(), List.of(), List.of());
        }
        byte[] root = frontier.root();
        long from = transaction.head().size();
        LogSeal seal =
                new Seal(tip.state().founding().origin(), from, tip.state().size(), root, done.hashes).sign(writer);
        transaction.append(done.records, seal, new LogHead(tip.state().size(), Digest.sha256(root)));
        done.isHandedOver = true;
        return new Ledger.Advance(
                new Tip(tip.state(), frontier.toFrontier(), ledger.engine(tip.state(), tip.policy())),
                done.entries,
                done.records.stream().map(LogRecord::body).toList(),
                done.hashes);
    }

    private <R> Tip decide(Pending<R> pending, Batch done, FrontierBuilder frontier, Tip tip) {
        Command<R> command = pending.command();
        int before = done.records.size();
        Command.Moment moment = new Command.Moment(tip, done.now);
        try {
            Long index = tip.state().commands().get(command.id());
            if (index != null) {
                Entry earlier = done.acts.containsKey(command.id()) ? done.acts.get(command.id()) : stored(index);
                R result = command.recognise(earlier, moment);
                done.answers.add(() -> pending.answer().complete(result));
                return tip;
            }
            Command.Verdict<R> verdict = command.decide(moment);
            if (verdict instanceof Command.Settled<R> settled) {
                done.answers.add(() -> pending.answer().complete(settled.result()));
                return tip;
            }
            if (verdict instanceof Command.Append<R> act) {
                Tip after = add(done, frontier, tip, act.type(), act.subject(), act.data());
                Entry entry = done.entries.get(done.entries.size() - 1);
                done.acts.put(command.id(), entry);
                R result = act.result().apply(new Command.Done(entry, after));
                done.answers.add(() -> pending.answer().complete(result));
                return after;
            }
            return refuse((Command.Refuse<R>) verdict, pending, done, frontier, tip);
        } catch (RuntimeException | Error e) {
            if (done.records.size() != before || frontier.size() != tip.state().size()) {
                // What was begun cannot be taken out of the batch again.
                throw e;
            }
            done.answers.add(() -> pending.answer().completeExceptionally(e));
            return tip;
        }
    }

    private <R> Tip refuse(
            Command.Refuse<R> refuse, Pending<R> pending, Batch done, FrontierBuilder frontier, Tip tip) {
        Decision.Deny decision = refuse.refusal().decision();
        done.answers.add(() -> pending.answer().completeExceptionally(refuse.refusal()));
        if (!refusals.isFirst(refuse.identity(), refuse.action(), decision, done.now)) {
            return tip;
        }
        Refusal refusal = new Refusal(refusals, refuse);
        done.refused.add(refusal);
        try {
            return record(refuse, decision, done, frontier, tip);
        } catch (RuntimeException | Error e) {
            refusal.forget();
            throw e;
        }
    }

    private Tip record(
            Command.Refuse<?> refuse, Decision.Deny decision, Batch done, FrontierBuilder frontier, Tip tip) {
        ObjectNode data = Entry.payload(
                refuse.identity(), StateFacts.roles(tip.state(), refuse.identity()), refuse.command(), null, decision);
        refuse.outside().write(data);
        data.put("action", refuse.action().toString());
        data.set(ActionJson.MEMBER, ActionJson.write(refuse.action()));
        String subject = refuse.action()
                .version()
                .map(Object::toString)
                .or(() -> refuse.action().model().map(Object::toString))
                .or(() -> refuse.action().policies().map(Object::toString))
                .orElse(null);
        return add(done, frontier, tip, EntryType.ACCESS_REFUSED, subject, data);
    }

    private Tip add(
            Batch done, FrontierBuilder frontier, Tip tip, EntryType type, @Nullable String subject, ObjectNode data) {
        RegistryState state = tip.state();
        byte[] id = new byte[16];
        random.nextBytes(id);
        Entry draft = new Entry(
                state.size(),
                HexFormat.of().formatHex(id),
                state.founding().origin(),
                type,
                type.typeName(),
                subject,
                done.now,
                type.isCritical(),
                data);
        byte[] body = draft.encode();
        // What is folded is what everybody else will read, so nothing is appended that could not be read again.
        Entry entry = Entry.decode(draft.index(), body);
        RegistryState after = Fold.apply(state, entry);
        PolicyEngine policy = ledger.engine(after, tip.policy());
        byte[] hash = done.hasher.leaf(body);
        frontier.append(hash);
        done.hashes.add(hash);
        done.entries.add(entry);
        done.records.add(new LogRecord(entry.index(), Bytes.of(body)));
        return new Tip(after, tip.frontier(), policy);
    }

    private Entry stored(long index) {
        return ledger.entry(index);
    }

    private static ModelOpsException known(Throwable e) {
        return e instanceof ModelOpsException known
                ? known
                : new StorageException("the act failed unexpectedly (" + e + "); nothing was changed, try again", e);
    }

    private void settle(Batch done, StorageException doubt) {
        boolean wasCommitted = false;
        try {
            wasCommitted = wasCommitted(done, doubt);
        } finally {
            if (!wasCommitted) {
                done.refused.forEach(Refusal::forget);
            }
        }
        if (!wasCommitted) {
            throw new StorageException("the commit failed; nothing was changed, try again", doubt);
        }
    }

    /**
     * Finds out whether a batch whose commit is in doubt was committed, by taking the lock again: then whatever was under
     * way has finished.
     */
    private boolean wasCommitted(Batch done, StorageException doubt) {
        LogRecord first = done.records.get(0);
        for (int attempt = 1; attempt <= RECOVERY_ATTEMPTS; attempt++) {
            try {
                Optional<LogHead> head = store.append(transaction -> {
                    List<LogRecord> found = transaction.read(first.index(), 1);
                    return found.isEmpty() || !found.get(0).equals(first)
                            ? Optional.empty()
                            : Optional.of(transaction.head());
                });
                head.ifPresent(reached -> ledger.catchUp(reached, Ledger.Source.of(store), null));
                return head.isPresent();
            } catch (IntegrityException e) {
                doubt.addSuppressed(ledger.failed(e));
                throw doubt;
            } catch (RuntimeException | Error e) {
                doubt.addSuppressed(e);
                LOG.warn("a commit is in doubt and attempt {} to find out failed: {}", attempt, e.toString());
            }
        }
        throw doubt;
    }

    private static ClosedException closed() {
        return new ClosedException("the log was closed; open it again to act on it");
    }
}
