package dev.modelops.core.internal.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps as much of the end of a stream as has one mean, and sees a change whenever it must let go of the rest (ADWIN; Bifet
 * and Gavalda 2007, the variant with variance). Memory grows with the logarithm of the window.
 */
public final class AdaptiveWindow implements ChangeDetector {
    private static final int PER_ROW = 5;
    private static final int CLOCK = 32;
    private static final int GRACE = 10;
    private static final int LEAST_PART = 5;

    private final double delta;
    /** Row i holds summaries of 2^i numbers each, the oldest first. */
    private final List<List<Moments>> rows = new ArrayList<>();

    private Moments window = Moments.NONE;
    private long seen;

    /** Creates a detector that is wrong with a probability of about {@code delta}; usual is 0.002. */
    public AdaptiveWindow(double delta) {
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("a probability between 0 and 1 is needed, but was " + delta);
        }
        this.delta = delta;
    }

    @Override
    public Level add(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("only finite numbers have a mean, but one was " + value);
        }
        seen++;
        insert(0, Moments.NONE.plus(value));
        window = window.plus(value);
        boolean changed = false;
        if (seen % CLOCK == 0) {
            while (window.count() > GRACE && hasTwoMeans()) {
                dropOldest();
                window = total();
                changed = true;
            }
        }
        return changed ? Level.DRIFT : Level.STABLE;
    }

    /** Returns how many numbers are in the window. */
    public long size() {
        return window.count();
    }

    /** Returns the mean of the window. */
    public double mean() {
        return window.mean();
    }

    /** Returns how many summaries are held. */
    int summaries() {
        return rows.stream().mapToInt(List::size).sum();
    }

    private void insert(int row, Moments summary) {
        if (rows.size() == row) {
            rows.add(new ArrayList<>(PER_ROW + 1));
        }
        List<Moments> summaries = rows.get(row);
        summaries.add(summary);
        if (summaries.size() > PER_ROW) {
            Moments oldest = summaries.remove(0);
            insert(row + 1, oldest.plus(summaries.remove(0)));
        }
    }

    private void dropOldest() {
        List<Moments> oldest = rows.get(rows.size() - 1);
        oldest.remove(0);
        if (oldest.isEmpty()) {
            rows.remove(rows.size() - 1);
        }
    }

    private Moments total() {
        Moments total = Moments.NONE;
        for (int row = rows.size() - 1; row >= 0; row--) {
            for (Moments summary : rows.get(row)) {
                total = total.plus(summary);
            }
        }
        return total;
    }

    private boolean hasTwoMeans() {
        double confidence = StrictMath.log(2 * StrictMath.log(window.count()) / delta);
        double variance = window.squares() / window.count();
        Moments older = Moments.NONE;
        for (int row = rows.size() - 1; row >= 0; row--) {
            for (Moments summary : rows.get(row)) {
                older = older.plus(summary);
                long newer = window.count() - older.count();
                if (older.count() < LEAST_PART || newer < LEAST_PART) {
                    continue;
                }
                double newerMean = (window.mean() * window.count() - older.mean() * older.count()) / newer;
                double harmonic = 1.0 / (older.count() - LEAST_PART + 1) + 1.0 / (newer - LEAST_PART + 1);
                double bound = StrictMath.sqrt(2 * harmonic * variance * confidence) + 2.0 / 3 * confidence * harmonic;
                if (Math.abs(older.mean() - newerMean) > bound) {
                    return true;
                }
            }
        }
        return false;
    }
}
