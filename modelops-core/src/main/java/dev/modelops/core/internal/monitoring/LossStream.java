package dev.modelops.core.internal.monitoring;

import dev.modelops.core.internal.monitoring.Finding.Change;
import dev.modelops.core.internal.monitoring.Finding.Measurement;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.statistics.AdaptiveWindow;
import dev.modelops.core.internal.statistics.ChangeDetector;
import dev.modelops.core.internal.statistics.DriftDetectionMethod;
import dev.modelops.core.internal.statistics.PageHinkley;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches the losses of predictions for a change for the worse, in the order in which their outcomes became known. Each window
 * is judged by a detector that began anew so many windows before, so that whoever reads the same losses from there on finds the
 * same. Memory grows with the windows, never with the losses. Not for use by several threads.
 */
public final class LossStream {
    private final MonitorSpec spec;
    private final Check check;
    private final double unit;
    private final int kept;
    /** Those that began in a window in which a loss became known, the oldest first. */
    private final Deque<Run> runs = new ArrayDeque<>();

    private final TreeMap<Long, Judged> windows = new TreeMap<>();
    private long present = Long.MIN_VALUE;
    private long count;
    private double sum;

    private record Judged(Measurement measurement, @Nullable Change change) {}

    /** A detector since a window, and the best mean from which it saw the losses change. */
    private static final class Run {
        private final long first;
        private final ChangeDetector detector;
        private long seen;
        private long count;
        private double sum;
        private @Nullable Change change;
        private long changes;

        Run(long first, ChangeDetector detector) {
            this.first = first;
            this.detector = detector;
        }

        void add(long entry, double loss, long least) {
            seen++;
            if (detector.add(loss) == ChangeDetector.Level.DRIFT) {
                // Of too few, the mean is chance: a detector may see one change more than once.
                if (count >= least) {
                    changes++;
                    double before = sum / count;
                    Change known = change;
                    if (known == null || before < known.before()) {
                        change = new Change(first, entry, seen, before);
                    }
                }
                count = 0;
                sum = 0;
            } else {
                count++;
                sum += loss;
            }
        }
    }

    /**
     * Begins with nothing.
     *
     * @param kept how many windows are remembered
     */
    public LossStream(Layout layout, Check check, int kept) {
        this.spec = layout.spec;
        this.check = check;
        this.kept = kept;
        RegressionErrors errors = layout.isProbability() ? null : layout.profile.errors();
        this.unit = errors == null ? 1 : errors.amounts().deviation();
    }

    private ChangeDetector detector() {
        return switch (check.statistic()) {
            case PAGE_HINKLEY -> new PageHinkley(30, 0.005, check.bound(), 0.9999);
            case DDM -> new DriftDetectionMethod(30, Math.min(2, check.bound()), check.bound());
            case ADWIN -> new AdaptiveWindow(check.bound());
            default -> throw new IllegalStateException("no detector of changes: " + check.statistic());
        };
    }

    private double loss(double predicted, double actual) {
        if (spec.output().kind() == MonitorSpec.OutputKind.VALUE) {
            return Math.abs(predicted - actual) / unit;
        } else if (check.statistic() == Statistic.DDM) {
            return predicted >= spec.output().threshold() == (actual == 1) ? 0 : 1;
        }
        return (predicted - actual) * (predicted - actual);
    }

    /**
     * Takes what came of a prediction.
     *
     * @param window the number of the window in which it became known; an earlier one than before counts as that
     * @param entry the entry by which it became known
     */
    public void add(long window, long entry, double predicted, double actual) {
        if (window > present) {
            keep();
            present = window;
            count = 0;
            sum = 0;
            while (!runs.isEmpty() && runs.element().first <= window - check.over()) {
                runs.remove();
            }
            runs.add(new Run(window, detector()));
        }
        double loss = loss(predicted, actual);
        count++;
        sum += loss;
        for (Run run : runs) {
            run.add(entry, loss, spec.minimum());
        }
    }

    private void keep() {
        if (count > 0) {
            windows.put(present, judge());
            if (windows.size() > kept) {
                windows.pollFirstEntry();
            }
        }
    }

    private Judged judge() {
        Run run = runs.element();
        Change change = run.change;
        if (count < spec.minimum()) {
            return new Judged(new Measurement(present, 0, 0, 0, 0, 1, 1, false, false), change);
        }
        double effect = change == null ? 0 : sum / count - change.before();
        return new Judged(
                new Measurement(
                        present,
                        run.seen - count,
                        count,
                        run.changes,
                        effect,
                        Double.NaN,
                        Double.NaN,
                        true,
                        change != null && effect > 0 && effect >= check.floor()),
                change);
    }

    /** Returns the numbers of the windows in which losses became known, the oldest first. */
    public List<Long> windows() {
        List<Long> all = new ArrayList<>(windows.keySet());
        if (count > 0) {
            all.add(present);
        }
        return all;
    }

    /** Returns how many detectors and judged windows are held. */
    int held() {
        return runs.size() + windows.size();
    }

    /** Returns what is to be said at the end of a window, or null if no loss became known in it. */
    public @Nullable Finding find(long window) {
        List<Measurement> measurements = new ArrayList<>();
        Judged latest = null;
        for (Map.Entry<Long, Judged> one :
                windows.subMap(window - spec.among() + 1, true, window, true).entrySet()) {
            latest = one.getValue();
            measurements.add(latest.measurement());
        }
        if (count > 0 && present <= window && present > window - spec.among()) {
            latest = judge();
            measurements.add(latest.measurement());
        }
        if (latest == null || latest.measurement().window() != window) {
            return null;
        }
        return new Finding(check, "", Monitor.level(measurements, spec.needed()), measurements, latest.change());
    }
}
