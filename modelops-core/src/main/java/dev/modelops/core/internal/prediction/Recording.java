package dev.modelops.core.internal.prediction;

import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes predictions on any thread, and makes segments of them on that of {@link Recordings}. In memory are at most the queue,
 * one open segment, and those that the store has not taken yet.
 */
final class Recording implements PredictionLog.Recorder {
    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);
    private static final int MOST_WAITING = 4;
    private static final int MOST_QUEUED = 32_768;
    private static final long MOST_PAUSE = Duration.ofSeconds(10).toNanos();
    private static final long FIRST_PAUSE = Duration.ofMillis(500).toNanos();

    private final Recordings recordings;
    private final Governor governor;
    private final Artifacts artifacts;
    private final Identity identity;
    private final ModelName model;
    private final Environment environment;
    private final PredictionLog.Rules rules;
    private final BlockingQueue<Records.Taken> queue;
    private final LongAdder lost = new LongAdder();
    private volatile boolean closed;

    /** What follows is of the recordings' thread alone. */
    private final Deque<OpenSegment.Sealed> waiting = new ArrayDeque<>();

    private OpenSegment open;
    private long since;
    private long pause;
    private long next;
    private @Nullable Recorded newest;
    private boolean fails;

    Recording(
            Recordings recordings,
            Governor governor,
            Artifacts artifacts,
            Identity identity,
            ModelName model,
            Environment environment,
            PredictionLog.Rules rules) {
        this.recordings = recordings;
        this.governor = governor;
        this.artifacts = artifacts;
        this.identity = identity;
        this.model = model;
        this.environment = environment;
        this.rules = rules;
        this.queue = new ArrayBlockingQueue<>(Math.min(MOST_QUEUED, Math.max(1024, 2 * rules.most())));
        this.open = new OpenSegment(environment, rules);
    }

    @Override
    public boolean record(Prediction prediction) {
        if (closed) {
            throw closed();
        }
        if (!prediction.version().name().equals(model)) {
            throw new IllegalArgumentException(
                    "this recorder takes predictions of " + model + ", but was given one of " + prediction.version());
        }
        if (!rules.keeps(prediction)) {
            return true;
        }
        Records.Taken taken = new Records.Taken(
                prediction, governor.now(), governor.ledger().tip().state().size());
        boolean isTaken = queue.offer(taken);
        if (!isTaken) {
            lost.increment();
        } else if (closed && queue.remove(taken)) {
            // Closing may have looked at the queue before; then nobody comes for this one.
            throw closed();
        }
        return isTaken;
    }

    private ClosedException closed() {
        return new ClosedException("the recorder of " + model + " was closed; open another to record with");
    }

    @Override
    public Optional<Recorded> flush() {
        try {
            return recordings.call(() -> {
                // What comes meanwhile waits for the next time.
                int left = queue.size();
                do {
                    left -= takeQueued(left);
                    seal();
                    while (!waiting.isEmpty()) {
                        send();
                    }
                } while (left > 0);
                return Optional.ofNullable(newest);
            });
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ModelOpsException known) {
                throw known;
            }
            throw new IllegalStateException("predictions of " + model + " could not be recorded", e.getCause());
        } catch (TimeoutException e) {
            throw new StorageException(
                    "the store did not take the predictions of " + model + " in time; it is tried again", e);
        } catch (RejectedExecutionException e) {
            throw new ClosedException("the log was closed; what was not recorded before is lost");
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            var unused = flush();
        } catch (RuntimeException e) {
            LOG.error("what was recorded last of {} could not be stored, and is lost: {}", model, e.getMessage());
        } finally {
            recordings.remove(this);
        }
    }

    /** Goes on with what is there. Called again and again. */
    void work() {
        var unused = takeQueued(Integer.MAX_VALUE);
        if (open.count() > 0
                && waiting.size() < MOST_WAITING
                && System.nanoTime() - since >= rules.longest().toNanos()) {
            seal();
        }
        while (!waiting.isEmpty() && System.nanoTime() - next >= 0) {
            try {
                send();
            } catch (RuntimeException | Error e) {
                pause = Math.min(MOST_PAUSE, Math.max(FIRST_PAUSE, 2 * pause));
                next = System.nanoTime() + pause;
                if (!fails) {
                    LOG.error(
                            "predictions of {} cannot be recorded; they are kept in memory, within bounds, and tried again:"
                                    + " {}",
                            model,
                            e.getMessage());
                    fails = true;
                }
            }
        }
    }

    /** Takes at most so many, and returns how many, unless as many segments wait as may. */
    private int takeQueued(int most) {
        int taken = 0;
        while (taken < most && waiting.size() < MOST_WAITING) {
            Records.Taken oldest = queue.poll();
            if (oldest == null) {
                break;
            }
            if (!open.takes(oldest.prediction().node())) {
                seal();
            }
            if (open.count() == 0) {
                since = System.nanoTime();
            }
            open.add(oldest);
            taken++;
            if (open.isFull()) {
                seal();
            }
        }
        return taken;
    }

    private void seal() {
        if (open.count() > 0) {
            waiting.add(open.seal(lost.sumThenReset()));
            open = new OpenSegment(environment, rules);
        }
    }

    /** Stores and records the oldest segment. Done again after a failure, it is the same act. */
    private void send() {
        OpenSegment.Sealed sealed = waiting.element();
        var unused = artifacts.store(sealed.content());
        CommandId id =
                CommandId.of("segment-" + sealed.segment().digest().toHex().substring(0, 56));
        newest = governor.record(identity, Action.record(model, environment).as(id), sealed.said());
        waiting.remove();
        pause = 0;
        next = System.nanoTime();
        if (fails) {
            LOG.info("predictions of {} are recorded again", model);
            fails = false;
        }
        try {
            artifacts.confirm(sealed.content());
        } catch (StorageException e) {
            // Recorded it is; only a sweep without grace could have taken the blob, and verify would name it.
            LOG.warn("whether a segment of {} is still in the store could not be seen", model, e);
        }
    }
}
