package dev.modelops.core.internal.audit;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.audit.Witness;
import dev.modelops.audit.Witness.Answer;
import dev.modelops.core.internal.governor.Epochs;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the witnesses of a log, each on a thread of its own, and waits for all together no longer than a deadline. What comes
 * later is kept for the next asking; a witness that fails is left alone for a while, at most a minute.
 */
public final class Cosigning implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Witness.class);
    private static final int MOST_TRIES = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long SHORTEST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final int MOST_DOUBLINGS = 6;

    private final Ledger ledger;
    private final List<Voice> voices;
    private final Duration deadline;
    private final ExecutorService threads;
    private volatile boolean closed;

    /** Prepares to ask; starts no thread yet. */
    public Cosigning(Ledger ledger, List<Witness> witnesses, Duration deadline) {
        this.ledger = ledger;
        this.voices = witnesses.stream().map(Voice::new).toList();
        this.deadline = deadline;
        this.threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "modelops-witnesses");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Tells whether there are no witnesses. */
    public boolean isEmpty() {
        return voices.isEmpty();
    }

    /**
     * Asks every witness what it has seen of the log and of the epochs before it, and holds the log against it. Whoever does not answer in time, or not
     * with a checkpoint that the log signed, is passed over with a warning.
     *
     * @throws IntegrityException if the log is older than, or different from, what a witness has seen
     */
    public void confirm() {
        List<CompletableFuture<Void>> asked =
                voices.stream().map(voice -> run(voice::confirmAll)).toList();
        await(asked);
        for (CompletableFuture<Void> answer : asked) {
            if (answer.isCompletedExceptionally()) {
                try {
                    answer.join();
                } catch (RuntimeException e) {
                    if (e.getCause() instanceof ModelOpsException fault) {
                        throw fault;
                    }
                    throw e;
                }
            }
        }
    }

    /** Tells whether a witness that may be asked now has not cosigned a checkpoint. */
    boolean wants(String checkpoint) {
        SignedNote note = SignedNote.parse(checkpoint);
        return voices.stream().anyMatch(voice -> voice.wants(note));
    }

    /**
     * Returns a checkpoint with the cosignatures that could be had.
     *
     * @param checkpoint the note that the log signed
     * @param published what was published for the size already, if anything
     */
    String cosigned(String checkpoint, Optional<String> published) {
        SignedNote note = SignedNote.parse(checkpoint);
        for (Voice voice : voices) {
            published.ifPresent(known -> voice.adopt(note, known));
        }
        await(voices.stream()
                .filter(voice -> voice.wants(note))
                .map(voice -> voice.begin(note))
                .toList());
        SignedNote cosigned = note;
        for (Voice voice : voices) {
            cosigned = voice.addTo(cosigned);
        }
        return cosigned.toString();
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
        if (!Uninterruptibles.awaitTerminationUninterruptibly(threads, PATIENCE)) {
            LOG.error("a witness does not return within {}, though it was interrupted; its thread goes on", PATIENCE);
        }
    }

    private CompletableFuture<Void> run(Runnable work) {
        try {
            return CompletableFuture.runAsync(work, threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private void await(List<CompletableFuture<Void>> asked) {
        try {
            CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                    .get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("not every witness has answered", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One witness, and what is known of it. */
    private final class Voice {
        private final Witness witness;
        private final List<CosignatureKey> keys;
        private long held;
        private @Nullable SignedNote cosigned;
        private @Nullable CompletableFuture<Void> running;
        private int failures;
        private long pausedUntil;

        Voice(Witness witness) {
            this.witness = witness;
            this.keys = witness.keys().stream().map(CosignatureKey::parse).toList();
        }

        void confirmAll() {
            confirm();
            Epochs.requireTold(this::seen, ledger.tip().state().founding(), ledger.tree()::root);
        }

        void confirm() {
            seen(ledger.logKey()).ifPresent(body -> ledger.requireSeen(body, toString()));
        }

        /** Nothing but a checkpoint that the log itself signed is held against it. */
        private Optional<CheckpointBody> seen(NoteVerifier key) {
            Optional<String> newest;
            try {
                newest = witness.newest(key.name());
            } catch (RuntimeException | Error e) {
                LOG.warn("{} does not say what it has seen of log '{}': {}", this, key.name(), e.toString());
                return Optional.empty();
            }
            try {
                return newest.map(note -> Ledger.verified(note, key));
            } catch (IntegrityException e) {
                LOG.warn("{} gives out as seen what this log did not sign: {}", this, e.getMessage());
                return Optional.empty();
            }
        }

        synchronized boolean wants(SignedNote note) {
            return !isCosigned(note) && (running != null || System.nanoTime() - pausedUntil >= 0);
        }

        private boolean isCosigned(SignedNote note) {
            return cosigned != null && cosigned.text().equals(note.text());
        }

        synchronized void adopt(SignedNote note, String published) {
            try {
                SignedNote known = SignedNote.parse(published);
                if (!isCosigned(note)
                        && known.text().equals(note.text())
                        && !known.cosignedBy(keys).isEmpty()) {
                    cosigned = known;
                }
            } catch (NoteException e) {
                LOG.debug("a published checkpoint has a cosignature that does not verify", e);
            }
        }

        synchronized CompletableFuture<Void> begin(SignedNote note) {
            if (running == null) {
                running = run(() -> ask(note));
            }
            return running;
        }

        synchronized SignedNote addTo(SignedNote note) {
            return isCosigned(note) && cosigned != null ? note.withCosignatures(cosigned, keys) : note;
        }

        private void ask(SignedNote note) {
            try {
                SignedNote answer = submit(note);
                synchronized (this) {
                    if (failures > 0 && answer != null) {
                        LOG.info("{} cosigns again", this);
                    }
                    if (answer == null) {
                        pausedUntil = System.nanoTime() + SHORTEST_PAUSE;
                    } else {
                        cosigned = answer;
                    }
                    failures = 0;
                }
            } catch (RuntimeException | Error e) {
                failed(e);
            } finally {
                synchronized (this) {
                    running = null;
                }
            }
        }

        private synchronized void failed(Throwable e) {
            pausedUntil = System.nanoTime() + (SHORTEST_PAUSE << Math.min(failures, MOST_DOUBLINGS));
            if (failures++ == 0 && !closed) {
                LOG.error("{} does not cosign; checkpoints go without it until it does: {}", this, e.toString());
            }
        }

        private @Nullable SignedNote submit(SignedNote note) {
            CheckpointBody body = CheckpointBody.parse(note.text());
            for (int i = 0; i < MOST_TRIES; i++) {
                if (held > body.size()) {
                    aheadOf(body);
                    return null;
                }
                Answer answer = witness.cosign(note.toString(), held, proof(held, body.size()));
                if (answer instanceof Answer.Cosigned given) {
                    SignedNote cosignedNote = SignedNote.parse(note + given.signatures());
                    if (cosignedNote.cosignedBy(keys).isEmpty()) {
                        throw new IntegrityException("it answered without a cosignature by a key it is known by");
                    }
                    held = body.size();
                    return cosignedNote;
                }
                if (answer instanceof Answer.Holds holds && holds.size() >= 0) {
                    held = holds.size();
                } else if (answer instanceof Answer.Refused refused) {
                    if (refused.reason() == Answer.Reason.INCONSISTENT) {
                        confirm();
                    }
                    throw new IntegrityException("it refuses (" + refused.reason() + "): " + refused.message());
                }
            }
            throw new IntegrityException("it does not keep to the size it says it holds");
        }

        /** Another process may be ahead; if nobody is, this store is older than what the witness has seen. */
        private void aheadOf(CheckpointBody body) {
            long size = held;
            held = 0;
            if (ledger.sync().state().size() < size) {
                confirm();
                throw new IntegrityException("it has cosigned " + size + " entries of this log, but the store has no"
                        + " more than " + body.size() + "; was it restored from a backup?");
            }
        }

        private List<Digest> proof(long from, long to) {
            return from == 0 || from == to
                    ? List.of()
                    : ledger.tree().consistencyProof(from, to).stream()
                            .map(Digest::sha256)
                            .toList();
        }

        @Override
        public String toString() {
            return "witness " + keys.get(0).name();
        }
    }
}
