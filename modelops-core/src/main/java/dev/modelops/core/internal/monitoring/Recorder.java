package dev.modelops.core.internal.monitoring;

import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Signal;
import dev.modelops.core.internal.monitoring.Window.SignalCounts;
import dev.modelops.core.internal.monitoring.Window.Slice;
import dev.modelops.core.internal.monitoring.Window.SliceCounts;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.ExpectedScores;
import dev.modelops.core.internal.statistics.GroupOutcomes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Counts predictions as they are made. Threads count in stripes, each under a lock of its own that is seldom held by another;
 * nothing is allocated but when a window ends. A row is in one window as a whole.
 */
public final class Recorder {
    private static final int SUMS = 4;
    private static final int GOLDEN = 0x9E3779B9;

    private final Layout layout;
    private final Stripe[] stripes;
    private final int shift;

    /** What one stripe counted in the present window. */
    private static final class Tally {
        private final long window;
        private final long[] cells;
        /** Of each number: sum and squares about its center, least, most. */
        private final double[] sums;

        private final long[] members;
        private final long[] favored;
        private final ExpectedScores.@Nullable Builder expected;
        private long rows;

        Tally(Layout layout, long window) {
            this.window = window;
            cells = new long[layout.cells];
            sums = new double[layout.numbers() * SUMS];
            for (int i = 0; i < sums.length; i += SUMS) {
                sums[i + 2] = Double.POSITIVE_INFINITY;
                sums[i + 3] = Double.NEGATIVE_INFINITY;
            }
            members = new long[layout.sliceCells];
            favored = new long[layout.sliceCells];
            expected = layout.isProbability()
                    ? new ExpectedScores.Builder(layout.spec.output().threshold())
                    : null;
        }

        void add(Layout layout, double[] numbers, @Nullable String[] texts) {
            for (int i = 0; i < numbers.length; i++) {
                double value = numbers[i];
                cells[layout.numericCell(i, value)]++;
                if (ReferenceProfile.isSummable(value)) {
                    double away = value - layout.centers[i];
                    int at = i * SUMS;
                    sums[at] += away;
                    sums[at + 1] += away * away;
                    sums[at + 2] = value < sums[at + 2] ? value : sums[at + 2];
                    sums[at + 3] = value > sums[at + 3] ? value : sums[at + 3];
                }
            }
            for (int i = 0; i < texts.length; i++) {
                cells[layout.categoricalCell(i, texts[i])]++;
            }
            rows++;
            boolean decided = false;
            if (expected != null) {
                double probability = numbers[layout.output];
                if (probability >= 0 && probability <= 1) {
                    expected.add(probability);
                    decided = probability >= layout.spec.output().threshold();
                }
            }
            for (int i = 0; i < layout.sliceSignals(); i++) {
                int slice = layout.slice(i, texts);
                members[slice]++;
                if (decided) {
                    favored[slice]++;
                }
            }
        }

        Window window(Layout layout) {
            List<SignalCounts> signals = new ArrayList<>();
            int cell = 0;
            int number = 0;
            for (Signal signal : layout.profile.signals()) {
                int count = signal.cells().length();
                ImmutableLongArray counts = ImmutableLongArray.copyOf(Arrays.copyOfRange(cells, cell, cell + count));
                cell += count;
                if (signal instanceof Numeric numeric) {
                    int at = number * SUMS;
                    number++;
                    long finite = counts.subArray(0, numeric.bins()).stream().sum();
                    signals.add(new SignalCounts(
                            counts, CenteredSums.of(finite, sums[at], sums[at + 1]), sums[at + 2], sums[at + 3]));
                } else {
                    signals.add(SignalCounts.of(counts));
                }
            }
            SortedMap<Slice, SliceCounts> slices = new TreeMap<>();
            for (int slice = 0; slice < members.length; slice++) {
                if (members[slice] > 0) {
                    slices.put(
                            layout.sliceOf(slice),
                            new SliceCounts(new GroupOutcomes(members[slice], favored[slice], 0, 0), null, null));
                }
            }
            return new Window(
                    layout.monitor,
                    window,
                    rows,
                    signals,
                    expected == null ? null : expected.build(),
                    null,
                    null,
                    slices);
        }
    }

    private static final class Stripe {
        private final ReentrantLock lock = new ReentrantLock();
        private Tally tally;

        Stripe(Tally tally) {
            this.tally = tally;
        }
    }

    /**
     * Starts counting in a window.
     *
     * @param cores how many threads may be running at a time
     */
    public Recorder(Layout layout, int cores, long window) {
        this.layout = layout;
        int count = Math.max(2, Integer.highestOneBit(Math.max(1, cores * 2 - 1)));
        shift = Integer.numberOfLeadingZeros(count) + 1;
        stripes = new Stripe[count];
        for (int i = 0; i < count; i++) {
            stripes[i] = new Stripe(new Tally(layout, window));
        }
    }

    /**
     * Counts a row: the numbers in the order in which the profile has its numeric signals, not a number where one is missing,
     * and the texts in that of its categorical ones, null where one is missing.
     *
     * @return the number of the window that the row was counted in, for the label that may come
     * @throws IllegalArgumentException if the row has another form; nothing was counted then
     */
    public long record(double[] numbers, @Nullable String[] texts) {
        layout.requireRow(numbers, texts);
        Stripe stripe = lock();
        try {
            stripe.tally.add(layout, numbers, texts);
            return stripe.tally.window;
        } finally {
            stripe.lock.unlock();
        }
    }

    private Stripe lock() {
        int home = ((int) Thread.currentThread().getId() * GOLDEN) >>> shift;
        for (int i = 0; i < stripes.length; i++) {
            Stripe stripe = stripes[(home + i) & (stripes.length - 1)];
            if (stripe.lock.tryLock()) {
                return stripe;
            }
        }
        Stripe stripe = stripes[home];
        stripe.lock.lock();
        return stripe;
    }

    /** Ends the present window and starts another; returns what was counted in it, or null if nothing was. */
    public synchronized @Nullable Window roll(long next) {
        Window all = null;
        for (Stripe stripe : stripes) {
            Tally fresh = new Tally(layout, next);
            Tally ended;
            stripe.lock.lock();
            try {
                ended = stripe.tally;
                stripe.tally = fresh;
            } finally {
                stripe.lock.unlock();
            }
            if (ended.rows > 0) {
                Window part = ended.window(layout);
                all = all == null ? part : all.plus(part);
            }
        }
        return all;
    }
}
