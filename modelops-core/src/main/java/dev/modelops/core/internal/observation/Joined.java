package dev.modelops.core.internal.observation;

import dev.modelops.ModelRef;
import dev.modelops.core.internal.experiment.OutcomeJoin;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.monitoring.Finding;
import dev.modelops.core.internal.monitoring.LabelRecorder;
import dev.modelops.core.internal.monitoring.Layout;
import dev.modelops.core.internal.monitoring.LossStream;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Family;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.monitoring.WindowHistory;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.CountedWindow;
import dev.modelops.core.internal.prediction.Outcome;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.serving.Served;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What was read of a model's segments: windows by version, with the outcomes that found their predictions. */
final class Joined implements Segments.Reader {
    /** So many predictions wait for their outcomes; further ones make the oldest be given up. */
    private static final int MOST_WAITING = 200_000;

    private final Function<ModelRef, @Nullable Watched> watched;
    private final ToIntFunction<Layout> windows;
    private final Map<ModelRef, Version> versions =
            new TreeMap<>((a, b) -> a.version().compareTo(b.version()));
    private final OutcomeJoin<Kept> join;
    private long drained;
    private long predictions;
    private long matched;
    private long conflicting;
    private long unusable;
    private long late;
    private long unknown;
    private long expired;

    /** What is known of one version. */
    static final class Version {
        private final Watched watched;
        private final WindowHistory history;
        private final @Nullable LabelRecorder labels;
        private final List<LossStream> streams;

        Version(Watched watched, int windows) {
            this.watched = watched;
            this.history = new WindowHistory(windows);
            this.labels = watched.spec().output().kind() == OutputKind.NONE
                    ? null
                    : new LabelRecorder(watched.layout(), windows);
            this.streams = watched.spec().checks(Family.CHANGES).stream()
                    .map(check -> new LossStream(watched.layout(), check, windows))
                    .toList();
        }

        Watched watched() {
            return watched;
        }

        WindowHistory history() {
            return history;
        }

        /** Returns the numbers of the windows of which checks of a family can say something, up to one of them. */
        SortedSet<Long> windows(Family family, long last) {
            SortedSet<Long> numbers = new TreeSet<>();
            if (family == Family.CHANGES) {
                streams.forEach(stream -> numbers.addAll(stream.windows()));
            } else {
                history.latest(last, Integer.MAX_VALUE).forEach(window -> numbers.add(window.index()));
            }
            return numbers.headSet(last + 1);
        }

        /** Returns what the checks of a family have to say at the end of a window; nothing if nothing was counted in it. */
        List<Finding> find(Family family, long index) {
            if (family == Family.CHANGES) {
                List<Finding> found = new ArrayList<>();
                for (LossStream stream : streams) {
                    Finding finding = stream.find(index);
                    if (finding != null) {
                        found.add(finding);
                    }
                }
                return found;
            }
            int among = watched.spec().among();
            List<Window> windows = history.latest(index, among).stream()
                    .filter(window -> window.index() > index - among)
                    .toList();
            if (windows.isEmpty() || windows.get(windows.size() - 1).index() != index) {
                return List.of();
            }
            return watched.monitor().evaluate(windows, check -> check.family() == family);
        }

        /** Takes an outcome into account that is not later than a window's checks would wait for. */
        private void follow(Entry segment, Kept kept, double actual) {
            MonitorSpec spec = watched.spec();
            if (!segment.time().isAfter(spec.endOf(kept.window).plus(spec.labels()))) {
                long window = spec.windowOf(segment.time());
                streams.forEach(stream -> stream.add(window, segment.index(), kept.predicted, actual));
            }
        }
    }

    private record Kept(Version version, long window, double predicted, int[] slices) {}

    /**
     * Begins with nothing, and keeps as many windows as an evaluation looks at.
     *
     * @param watched tells how a version is watched, null if it is not
     * @param waited how long outcomes are waited for
     */
    Joined(Function<ModelRef, @Nullable Watched> watched, Duration waited) {
        this(watched, layout -> Evaluation.windows(layout.spec()), waited);
    }

    /**
     * Begins with nothing.
     *
     * @param watched tells how a version is watched, null if it is not
     * @param windows tells how many windows of a version are kept
     * @param waited how long outcomes are waited for
     */
    Joined(Function<ModelRef, @Nullable Watched> watched, ToIntFunction<Layout> windows, Duration waited) {
        this.watched = watched;
        this.windows = windows;
        this.join = new OutcomeJoin<>(MOST_WAITING, waited, waited);
    }

    /** Returns the versions of which something was read, in the order of their numbers. */
    Map<ModelRef, Version> versions() {
        return versions;
    }

    private @Nullable Version version(ModelRef ref) {
        Version known = versions.get(ref);
        if (known == null) {
            Watched found = watched.apply(ref);
            if (found == null) {
                return null;
            }
            known = new Version(found, windows.applyAsInt(found.layout()));
            versions.put(ref, known);
        }
        return known;
    }

    @Override
    public void window(Entry segment, CountedWindow counted) {
        Version version = version(counted.ref());
        Window window = counted.window();
        // What came of predictions is for whoever evaluates to find, not for a part to say.
        if (version == null
                || window.scores() != null
                || window.errors() != null
                || !version.watched.layout().counts(window)) {
            unknown++;
            return;
        }
        try {
            WindowHistory.Added added = version.history.add(counted.id(), window);
            Instant judged = version.watched
                    .spec()
                    .endOf(window.index())
                    .plus(version.watched.spec().grace());
            if (added == WindowHistory.Added.TOO_OLD
                    || added == WindowHistory.Added.NEW && segment.time().isAfter(judged)) {
                late++;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            unknown++;
        }
    }

    @Override
    public void prediction(Entry segment, PredictionRecord record) {
        Version version = record.by() == Served.By.FALLBACK ? null : version(record.version());
        if (version == null || version.labels == null) {
            return;
        }
        predictions++;
        var layout = version.watched.layout();
        String signal = layout.spec().output().signal();
        double predicted = Rows.number(
                record.output().containsKey(signal)
                        ? record.output().get(signal)
                        : record.input().get(signal));
        Kept kept = new Kept(
                version,
                layout.spec().windowOf(record.at()),
                predicted,
                layout.slices(Rows.texts(layout, record.input(), record.output())));
        Instant at = record.at().isAfter(segment.time()) ? segment.time() : record.at();
        try {
            take(segment, join.predicted(record.id(), "all", kept, at));
        } catch (IllegalArgumentException e) {
            // It was recorded twice; the first counts.
            predictions--;
        }
    }

    @Override
    public void outcome(Entry segment, Outcome outcome) {
        double actual = Rows.number(outcome.actual());
        if (!Double.isFinite(actual)) {
            unusable++;
            return;
        }
        OutcomeJoin.Joined<Kept> joined = join.outcome(outcome.id(), actual, segment.time());
        if (joined.state() == OutcomeJoin.State.CONFLICTING) {
            conflicting++;
        }
        take(segment, joined);
    }

    private void take(Entry segment, OutcomeJoin.@Nullable Joined<Kept> joined) {
        Kept kept = joined == null || !joined.counts() ? null : joined.kept();
        if (joined == null || kept == null || kept.version.labels == null) {
            return;
        }
        matched++;
        try {
            if (!kept.version.labels.add(kept.window, kept.predicted, joined.outcome(), kept.slices)) {
                late++;
            }
            kept.version.follow(segment, kept, joined.outcome());
        } catch (IllegalArgumentException e) {
            unusable++;
        }
    }

    @Override
    public void expired(Entry segment, Segment.Kind kind) {
        expired++;
    }

    /** Puts what became known of outcomes into the windows of their predictions. */
    void drain() {
        for (Version version : versions.values()) {
            if (version.labels != null) {
                for (Window window : version.labels.drain()) {
                    if (version.history.add("labels-" + drained++, window) == WindowHistory.Added.TOO_OLD) {
                        late++;
                    }
                }
            }
        }
    }

    DriftReport.Coverage coverage() {
        return new DriftReport.Coverage(
                predictions, matched, join.waiting(), join.unmatched(), conflicting, unusable, late, unknown, expired);
    }
}
