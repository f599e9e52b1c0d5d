package dev.modelops.core.internal.trial;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.thread.Threads;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.serving.Experiments;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Judges what is tried where this process takes part, as often as its plan says, on a thread begun with the first part. */
public final class BackgroundJudging implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Experiments.class);
    private static final long EVERY_MILLIS = 200;

    /** How many times as long as the last verdict took nothing is judged. */
    private static final long REST = 9;

    private final Governor governor;
    private final Judging judging;
    private final Supplier<List<Part>> parts;
    private @Nullable ScheduledThreadPoolExecutor thread;
    private boolean closed;

    /** Of the thread alone. */
    private final Map<Place, Watch> watches = new HashMap<>();

    /** Where something is tried. */
    public record Place(ModelName model, Environment environment) {}

    /** Where this process takes part, and as whom. */
    public record Part(Identity identity, Place place) {}

    private static final class Watch {
        private final LogPosition stage;
        private final Duration every;
        private Instant last;

        /** Up to where of the log was looked already. */
        private long seen;

        private long restsUntil;
        private boolean isRefused;

        private Watch(Operations.Trial trial) {
            this.stage = trial.position();
            this.every = every(trial);
            this.last = trial.since();
            this.seen = stage.size();
            this.restsUntil = System.nanoTime();
        }

        private static Duration every(Operations.Trial trial) {
            try {
                return Duration.ofMillis(ExperimentSpec.parse(trial.spec()).judgedEveryMillis());
            } catch (IllegalArgumentException e) {
                // Nothing takes part in what is not understood, and its challengers say so.
                return Duration.ZERO;
            }
        }

        private boolean isDue(Instant now, Operations.@Nullable Judged judged) {
            Instant known = judged != null && judged.at().isAfter(last) ? judged.at() : last;
            return !every.isZero() && !known.plus(every).isAfter(now) && System.nanoTime() - restsUntil >= 0;
        }
    }

    /** Creates it without a thread. */
    public BackgroundJudging(Governor governor, Judging judging, Supplier<List<Part>> parts) {
        this.governor = governor;
        this.judging = judging;
        this.parts = parts;
    }

    /** Begins, unless it did or nothing can be recorded here. */
    public synchronized void begin() {
        if (thread == null && !closed && !governor.isReadOnly()) {
            thread = Threads.one("modelops-judging");
            var unused = thread.scheduleWithFixedDelay(this::work, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void work() {
        for (Part part : parts.get()) {
            try {
                judgeIfDue(part);
            } catch (RuntimeException | Error e) {
                // A periodic task that throws is never run again.
                LOG.error(
                        "the experiment with model '{}' in {} could not be judged, and is tried again when it is due: {}",
                        part.place().model(),
                        part.place().environment(),
                        e.toString());
            }
        }
    }

    private void judgeIfDue(Part part) {
        Place place = part.place();
        Operations.Trial trial = judging.trial(place.model(), place.environment());
        if (trial == null) {
            watches.remove(place);
            return;
        }
        Watch watch = watches.get(place);
        if (watch == null || !watch.stage.equals(trial.position())) {
            watch = new Watch(trial);
            watches.put(place, watch);
        }
        Instant now = governor.now();
        if (!watch.isDue(now, trial.judged())) {
            return;
        }
        watch.last = now;
        long began = System.nanoTime();
        try {
            judge(part, new ModelRef(place.model(), trial.challenger()), watch);
        } finally {
            long ended = System.nanoTime();
            watch.restsUntil = ended + REST * (ended - began);
        }
    }

    private void judge(Part part, ModelRef challenger, Watch watch) {
        Action judge = Action.judge(challenger, part.place().environment());
        if (governor.check(part.identity(), judge) instanceof Decision.Deny deny) {
            if (!watch.isRefused) {
                var unused = governor.refused(part.identity(), judge, deny);
                LOG.warn(
                        "'{}' by {}, whose deployment is open, is refused, so that this process judges nothing: {}",
                        judge,
                        part.identity().principal(),
                        deny);
            }
            watch.isRefused = true;
            return;
        }
        watch.isRefused = false;
        watch.seen =
                judging.look(part.identity(), part.place().model(), part.place().environment(), watch.seen);
    }

    /** Ends the thread, when what it judges is done. */
    @Override
    public void close() {
        ScheduledThreadPoolExecutor executor;
        synchronized (this) {
            closed = true;
            executor = thread;
        }
        if (executor != null) {
            Threads.end(executor);
        }
    }
}
