package dev.modelops.core.internal.observation;

import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.monitoring.Layout;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.Recorder;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.observation.Layouts.Known;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.CountedWindow;
import dev.modelops.core.internal.prediction.Recording;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.monitoring.Monitor;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.Served;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts per version, gives windows out to the log, and evaluates what all processes gave out. */
final class LiveMonitor implements Monitor {
    private static final Logger LOG = LoggerFactory.getLogger(LiveMonitor.class);
    private static final long GIVE_OUT = Duration.ofSeconds(50).toNanos();
    private static final long AGAIN = Duration.ofSeconds(10).toNanos();
    private static final int MOST_UNKNOWN = 1000;
    private static final int CHAMPIONS = 3;

    private final LiveMonitoring monitoring;
    private final Governor governor;
    private final ModelName model;
    private final Environment environment;
    private final Recording recording;
    private final Evaluation evaluation;
    private final Map<ModelRef, Counter> counters = new ConcurrentHashMap<>();
    private final Map<ModelRef, MonitorSpec> specs = new ConcurrentHashMap<>();
    private final Map<ModelRef, Boolean> wanted = new ConcurrentHashMap<>();
    private final LongAdder lost = new LongAdder();
    private volatile @Nullable Counter latest;
    private volatile boolean closed;

    /** What follows is of the monitoring's thread alone. */
    private long givenOut = System.nanoTime();

    private long notBefore = System.nanoTime();
    private long evaluated = Long.MIN_VALUE;
    private boolean fails;
    private long told;

    /** What counts for one version. */
    private static final class Counter {
        private final ModelRef ref;
        private final @Nullable Layout layout;
        private final @Nullable MonitorSpec spec;
        private final @Nullable Recorder recorder;
        private volatile long end;

        Counter(ModelRef ref, @Nullable Watched watched, long now) {
            this.ref = ref;
            this.layout = watched == null ? null : watched.layout();
            this.spec = watched == null ? null : watched.spec();
            long window = watched == null ? 0 : watched.spec().windowOf(Instant.ofEpochMilli(now));
            this.recorder = watched == null
                    ? null
                    : new Recorder(watched.layout(), Runtime.getRuntime().availableProcessors(), window);
            this.end = watched == null
                    ? Long.MAX_VALUE
                    : watched.spec().endOf(window).toEpochMilli();
        }

        /** Ends the present window, or gives out what is in it if it goes on. */
        private synchronized @Nullable Window roll(long now) {
            if (spec == null || recorder == null) {
                return null;
            }
            // A clock that was set back stays in the window that it was in.
            long window =
                    Math.max(spec.windowOf(Instant.ofEpochMilli(end)) - 1, spec.windowOf(Instant.ofEpochMilli(now)));
            Window ended = recorder.roll(window);
            end = spec.endOf(window).toEpochMilli();
            return ended;
        }

        private synchronized @Nullable Window rollIfOver(long now) {
            return now >= end ? roll(now) : null;
        }
    }

    LiveMonitor(LiveMonitoring monitoring, Identity identity, ModelName model, Environment environment) {
        this.monitoring = monitoring;
        this.governor = monitoring.governor;
        this.model = model;
        this.environment = environment;
        this.recording = Recording.ofWindows(
                monitoring.recordings, governor, monitoring.artifacts, identity, model, environment);
        this.evaluation = new Evaluation(monitoring, identity, model, environment);
    }

    /** Reads what the versions say that serve here, or may. */
    void learnChampions() {
        ModelState state = governor.ledger().tip().state().requireModel(model);
        Set<VersionNumber> numbers = new LinkedHashSet<>();
        PVector<VersionNumber> champions = state.champions().get(environment);
        if (champions != null) {
            for (int i = champions.size() - 1; i >= 0 && numbers.size() < CHAMPIONS; i--) {
                numbers.add(champions.get(i));
            }
        }
        Operations.Trial trial = state.operations().trial(environment);
        if (trial != null) {
            numbers.add(trial.challenger());
        }
        for (VersionNumber number : numbers) {
            learn(new ModelRef(model, number));
        }
    }

    /** Reads what a version says, or has it read again later; never fails. */
    private void learn(ModelRef ref) {
        try {
            Watched watched = monitoring.layouts.load(ref).watched();
            if (watched != null) {
                specs.put(ref, watched.spec());
            }
            wanted.remove(ref);
        } catch (RuntimeException e) {
            if (wanted.put(ref, true) == null) {
                LOG.warn(
                        "what {} says of how it is watched could not be read; it is tried again: {}",
                        ref,
                        e.getMessage());
            }
        }
    }

    @Override
    public boolean observe(Prediction prediction) {
        Counter counter = counter(prediction.version(), prediction.by());
        if (counter == null || counter.recorder == null || counter.layout == null) {
            return false;
        }
        return count(
                counter,
                counter.recorder,
                Rows.numbers(counter.layout, prediction.input(), prediction.output()),
                Rows.texts(counter.layout, prediction.input(), prediction.output()));
    }

    @Override
    public boolean observe(Served<?> served, double[] numbers, @Nullable String[] texts) {
        Counter counter = counter(served.version(), served.by());
        return counter != null && counter.recorder != null && count(counter, counter.recorder, numbers, texts);
    }

    private boolean count(Counter counter, Recorder recorder, double[] numbers, @Nullable String[] texts) {
        long now = governor.millis();
        if (now >= counter.end) {
            giveOut(counter, counter.rollIfOver(now));
        }
        var unused = recorder.record(numbers, texts);
        if (closed) {
            // Closing may have looked before; then nobody comes for this one.
            giveOut(counter, counter.roll(now));
        }
        return true;
    }

    /** Returns what counts for a version, or null if it is not known here or nothing is to be counted. */
    private @Nullable Counter counter(ModelRef ref, Served.By by) {
        if (closed) {
            throw new ClosedException("the monitor of " + model + " was closed; open another to watch with");
        }
        Counter last = latest;
        if (last != null && last.ref.equals(ref)) {
            return by == Served.By.FALLBACK ? null : last;
        }
        if (!ref.name().equals(model)) {
            throw new IllegalArgumentException(
                    "this monitor watches " + model + ", but was shown a prediction of " + ref);
        }
        if (by == Served.By.FALLBACK) {
            return null;
        }
        Counter known = counters.get(ref);
        if (known == null) {
            Known said = monitoring.layouts.find(ref);
            if (said == null) {
                lost.increment();
                if (wanted.size() < MOST_UNKNOWN) {
                    wanted.putIfAbsent(ref, true);
                }
                return null;
            }
            Watched watched = said.watched();
            if (watched != null) {
                specs.put(ref, watched.spec());
            }
            known = counters.computeIfAbsent(ref, of -> new Counter(of, said.watched(), governor.millis()));
        }
        latest = known;
        return known;
    }

    private void giveOut(Counter counter, @Nullable Window window) {
        if (window == null) {
            return;
        }
        CountedWindow counted =
                new CountedWindow(counter.ref, monitoring.node, monitoring.nextSequence(), governor.now(), window);
        try {
            if (!recording.offer(counted)) {
                lost.add(window.predictions());
            }
        } catch (ClosedException e) {
            lost.add(window.predictions());
        }
    }

    private void giveOutAll() {
        long now = governor.millis();
        counters.values().forEach(counter -> giveOut(counter, counter.roll(now)));
    }

    @Override
    public void flush() {
        requireOpen();
        giveOutAll();
        var unused = recording.flush();
    }

    @Override
    public DriftReport evaluate() {
        requireOpen();
        return evaluation.run();
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the monitor of " + model + " was closed; open another to watch with");
        }
    }

    @Override
    public long lost() {
        return lost.sum();
    }

    /** Gives out what was counted, and takes nothing more. */
    void shut() {
        closed = true;
        giveOutAll();
    }

    @Override
    public void close() {
        monitoring.remove(this);
        shut();
        recording.close();
        tellLost();
    }

    private void tellLost() {
        long now = lost.sum();
        if (now > told) {
            LOG.warn("{} predictions of {} in {} could not be counted until now", now, model, environment);
            told = now;
        }
    }

    /** Goes on with what is to be done from time to time. Called again and again on one thread. */
    void work() {
        boolean hasLearnt = false;
        for (ModelRef ref : wanted.keySet()) {
            if (System.nanoTime() - notBefore >= 0) {
                learn(ref);
                hasLearnt = true;
            }
        }
        if (hasLearnt && !wanted.isEmpty()) {
            notBefore = System.nanoTime() + AGAIN;
        }
        long now = governor.millis();
        counters.values().forEach(counter -> giveOut(counter, counter.rollIfOver(now)));
        if (System.nanoTime() - givenOut >= GIVE_OUT) {
            givenOut = System.nanoTime();
            giveOutAll();
            tellLost();
        }
        long due = due(now);
        if (due > evaluated && System.nanoTime() - notBefore >= 0) {
            try {
                var unused = evaluation.run();
                evaluated = due;
                if (fails) {
                    LOG.info("{} in {} is evaluated again", model, environment);
                }
                fails = false;
            } catch (RuntimeException | Error e) {
                notBefore = System.nanoTime() + AGAIN;
                if (!fails) {
                    LOG.error(
                            "what was counted of {} in {} could not be evaluated; it is tried again: {}",
                            model,
                            environment,
                            e.toString());
                }
                fails = true;
            }
        }
    }

    /** Returns the latest time at which a window became due of a version that serves here, or is counted. */
    private long due(long now) {
        long due = Long.MIN_VALUE;
        Instant time = Instant.ofEpochMilli(now);
        for (MonitorSpec spec : specs.values()) {
            for (Duration wait : new Duration[] {spec.grace(), spec.labels()}) {
                Instant at = spec.beginOf(spec.windowOf(time.minus(wait))).plus(wait);
                due = Math.max(due, at.toEpochMilli());
            }
        }
        return due;
    }
}
