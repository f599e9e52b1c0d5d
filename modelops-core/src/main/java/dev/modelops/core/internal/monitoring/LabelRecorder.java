package dev.modelops.core.internal.monitoring;

import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.monitoring.Window.SignalCounts;
import dev.modelops.core.internal.monitoring.Window.Slice;
import dev.modelops.core.internal.monitoring.Window.SliceCounts;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.GroupOutcomes;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts what became of predictions, in the window in which each was made, whenever that becomes known. What it gives out are
 * windows without predictions, which add up with those that have them.
 */
public final class LabelRecorder {
    private final Layout layout;
    private final int mostWindows;
    private final TreeMap<Long, Tally> windows = new TreeMap<>();
    private long refused;

    private static final class Tally {
        private final double threshold;
        private final BinaryScores.@Nullable Builder scores;
        private final RegressionErrors.@Nullable Builder errors;
        private long deserving;
        private long deservingFavored;

        Tally(Layout layout) {
            threshold = layout.spec.output().threshold();
            scores = layout.isProbability() ? new BinaryScores.Builder(threshold) : null;
            errors = layout.isProbability() ? null : new RegressionErrors.Builder();
        }

        private final TreeMap<Integer, Tally> slices = new TreeMap<>();

        void add(double predicted, double actual) {
            if (scores != null) {
                scores.add(predicted, actual == 1);
                if (actual == 1) {
                    deserving++;
                    deservingFavored += predicted >= threshold ? 1 : 0;
                }
            } else if (errors != null) {
                errors.add(predicted, actual);
            }
        }

        SliceCounts counts() {
            return new SliceCounts(
                    new GroupOutcomes(0, 0, deserving, deservingFavored),
                    scores == null ? null : scores.build(),
                    errors == null ? null : errors.build());
        }
    }

    /** Starts with nothing; at most so many windows are kept open between two calls of {@link #drain}. */
    public LabelRecorder(Layout layout, int mostWindows) {
        if (layout.output < 0) {
            throw new IllegalArgumentException(
                    "the monitor '" + layout.spec.name() + "' names no output that a label could be compared with");
        }
        this.layout = layout;
        this.mostWindows = mostWindows;
    }

    /**
     * Counts a label.
     *
     * @param window the number of the window in which the prediction was counted
     * @param predicted what was predicted
     * @param actual what came of it: 1 or 0 for a probability
     * @param slices what {@link Layout#slices} said of the row
     * @return whether it was counted; it is not if too many windows are open
     * @throws IllegalArgumentException if a number is out of range; nothing was counted then
     */
    public synchronized boolean add(long window, double predicted, double actual, int[] slices) {
        requireInRange(predicted, actual);
        Tally tally = windows.get(window);
        if (tally == null) {
            if (windows.size() == mostWindows) {
                refused++;
                return false;
            }
            tally = new Tally(layout);
            windows.put(window, tally);
        }
        tally.add(predicted, actual);
        for (int slice : slices) {
            tally.slices.computeIfAbsent(slice, number -> new Tally(layout)).add(predicted, actual);
        }
        return true;
    }

    private void requireInRange(double predicted, double actual) {
        if (layout.isProbability()) {
            if (!(predicted >= 0 && predicted <= 1) || actual != 0 && actual != 1) {
                throw new IllegalArgumentException("expected a probability from 0 to 1 and a label of 0 or 1, found "
                        + predicted + " and " + actual);
            }
        } else if (!Double.isFinite(predicted) || !Double.isFinite(actual)) {
            throw new IllegalArgumentException("expected finite values, found " + predicted + " and " + actual);
        }
    }

    /** Returns how many labels were not counted because too many windows were open. */
    public synchronized long refused() {
        return refused;
    }

    /** Gives out what was counted since the last time, by window. */
    public synchronized List<Window> drain() {
        List<SignalCounts> nothing = layout.profile.signals().stream()
                .map(signal -> SignalCounts.of(
                        ImmutableLongArray.copyOf(new long[signal.cells().length()])))
                .toList();
        List<Window> drained = new ArrayList<>();
        windows.forEach((index, tally) -> {
            SortedMap<Slice, SliceCounts> slices = new TreeMap<>();
            tally.slices.forEach((slice, part) -> slices.put(layout.sliceOf(slice), part.counts()));
            SliceCounts all = tally.counts();
            drained.add(new Window(layout.monitor, index, 0, nothing, null, all.scores(), all.errors(), slices));
        });
        windows.clear();
        return drained;
    }
}
