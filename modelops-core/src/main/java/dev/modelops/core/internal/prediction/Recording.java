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
 * Takes records of one kind on any thread, and makes segments of them on that of {@link Recordings}. In memory are at most the queue,
 * one open segment, and those that the store has not taken yet.
 */
public final class Recording {
    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);
    private static final int MOST_WAITING = 4;
    private static final int MOST_QUEUED = 32_768;
    private static final long MOST_PAUSE = Duration.ofSeconds(10).toNanos();
    private static final long FIRST_PAUSE = Duration.ofMillis(500).toNanos();

    private static final PredictionLog.Rules WINDOWS = PredictionLog.Rules.all().segments(500, Duration.ofSeconds(1));

    private final Recordings recordings;
    private final Governor governor;
    private final Artifacts artifacts;
    private final Identity identity;
    private final Segment.Kind kind;
    private final ModelName model;
    private final Environment environment;
    private final PredictionLog.Rules rules;
    private final BlockingQueue<Gathered> queue;
    private final LongAdder lost = new LongAdder();
    private final Object closing = new Object();
    private volatile boolean closed;
    private boolean ended;

    /** What follows is of the recordings' thread alone. */
    private final Deque<OpenSegment.Sealed> waiting = new ArrayDeque<>();

    private @Nullable OpenSegment open;
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
            Segment.Kind kind,
            ModelName model,
            Environment environment,
            PredictionLog.Rules rules) {
        this.recordings = recordings;
        this.governor = governor;
        this.artifacts = artifacts;
        this.identity = identity;
        this.kind = kind;
        this.model = model;
        this.environment = environment;
        this.rules = rules;
        this.queue = new ArrayBlockingQueue<>(Math.min(MOST_QUEUED, Math.max(1024, 2 * rules.most())));
    }

    /** Opens a recording of windows, which ends a segment when told to, or after a second. */
    public static Recording ofWindows(
            Recordings recordings,
            Governor governor,
            Artifacts artifacts,
            Identity identity,
            ModelName model,
            Environment environment) {
        Recording recording = new Recording(
                recordings, governor, artifacts, identity, Segment.Kind.WINDOWS, model, environment, WINDOWS);
        recordings.add(recording);
        return recording;
    }

    /** Refuses to go on once it was closed. */
    void requireOpen() {
        if (closed) {
            throw closed();
        }
    }

    /** Takes a record, or counts it as lost and returns false if there is no room. */
    public boolean offer(Gathered taken) {
        requireOpen();
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

    /** Records what was taken until now, and waits as long as the host's patience lasts. */
    public Optional<Recorded> flush() {
        return flush(recordings.deadline());
    }

    private Optional<Recorded> flush(long deadline) {
        try {
            return recordings.call(deadline, () -> {
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
            throw new IllegalStateException(kind + " of " + model + " could not be recorded", e.getCause());
        } catch (TimeoutException e) {
            throw new StorageException(
                    "the store did not take the " + kind + " of " + model + " in time; it is tried again", e);
        } catch (RejectedExecutionException e) {
            throw new ClosedException("the log was closed; what was not recorded before is lost");
        }
    }

    /** Records what was taken, and ends; whoever closes it again waits for that too. */
    public void close() {
        close(recordings.deadline());
    }

    void close(long deadline) {
        closed = true;
        synchronized (closing) {
            if (ended) {
                return;
            }
            ended = true;
            try {
                var unused = flush(deadline);
            } catch (RuntimeException e) {
                LOG.error(
                        "what was recorded last of {} of {} could not be stored, and is lost: {}",
                        kind,
                        model,
                        e.getMessage());
            } finally {
                recordings.remove(this);
                long untold = lost.sum();
                if (untold > 0) {
                    LOG.error("{} {} of {} were lost after the last segment, which no entry says", untold, kind, model);
                }
            }
        }
    }

    /** Goes on with what is there. Called again and again. */
    void work() {
        var unused = takeQueued(Integer.MAX_VALUE);
        if (open != null
                && open.count() > 0
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
                            "{} of {} cannot be recorded; they are kept in memory, within bounds, and tried again: {}",
                            kind,
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
            Gathered oldest = queue.poll();
            if (oldest == null) {
                break;
            }
            taken++;
            OpenSegment into = open;
            if (into != null && !into.takes(oldest.node())) {
                seal();
                into = null;
            }
            if (into == null) {
                into = new OpenSegment(kind, environment, rules);
                since = System.nanoTime();
                open = into;
            }
            try {
                into.add(oldest);
            } catch (RuntimeException e) {
                lost.increment();
                LOG.error("one of the {} of {} cannot be written, and is lost: {}", kind, model, e.getMessage());
            }
            if (into.isFull()) {
                seal();
            }
        }
        return taken;
    }

    private void seal() {
        if (open != null && open.count() > 0) {
            long untold = lost.sumThenReset();
            waiting.add(open.seal(untold));
            open = null;
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
            LOG.info("{} of {} are recorded again", kind, model);
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
