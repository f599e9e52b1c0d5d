package dev.modelops.core.internal.monitoring;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Categorical;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Signal;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.Moments;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a reference profile of a sample, column by column. The profile depends on what is in the columns and not on the order
 * of the rows.
 */
public final class ReferenceSample {
    /** How many bins a number is given, unless said otherwise. */
    public static final int USUAL_BINS = 10;

    /** How many categories get a cell of their own, unless said otherwise. */
    public static final int USUAL_CATEGORIES = 30;

    private final List<Signal> signals = new ArrayList<>();
    private @Nullable BinaryScores scores;
    private @Nullable RegressionErrors errors;

    /** Starts with no signals. */
    public ReferenceSample() {}

    /** Adds a number in {@link #USUAL_BINS} bins. */
    public ReferenceSample numeric(String name, double[] values) {
        return numeric(name, values, USUAL_BINS);
    }

    /**
     * Adds a number in bins that hold about as many values each. A value so frequent that it fills a bin gets one of its own;
     * a number with no more different values than bins gets one for each.
     */
    public ReferenceSample numeric(String name, double[] values, int bins) {
        if (bins < 2 || bins > 500) {
            throw new IllegalArgumentException("a number is counted in 2 to 500 bins, not in " + bins);
        }
        double[] sorted = finite(name, values);
        TreeSet<Double> edges = new TreeSet<>();
        double[] different = Arrays.stream(sorted).distinct().toArray();
        if (different.length <= bins) {
            Arrays.stream(different).forEach(edges::add);
        } else {
            for (int i = 1; i < bins; i++) {
                double edge = sorted[(int) ((long) i * sorted.length / bins)];
                edges.add(edge);
                int first = lowerBound(sorted, edge);
                int after = upperBound(sorted, edge);
                if (after < sorted.length && (long) (after - first) * bins >= sorted.length) {
                    edges.add(sorted[after]);
                }
            }
        }
        edges.remove(sorted[0]);
        return numeric(
                name, values, edges.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Adds a number in bins with the given edges. */
    public ReferenceSample numeric(String name, double[] values, double[] edges) {
        double[] sorted = finite(name, values);
        long[] cells = new long[edges.length + 3];
        double[] means = new double[edges.length + 1];
        int from = 0;
        for (int bin = 0; bin <= edges.length; bin++) {
            int to = bin == edges.length ? sorted.length : lowerBound(sorted, edges[bin]);
            if (to < from) {
                throw new IllegalArgumentException("the edges of signal '" + name + "' must rise");
            }
            int count = to - from;
            cells[bin] = count;
            means[bin] = to > from
                    ? Math.max(sorted[from], Math.min(sorted[to - 1], mean(sorted, from, to)))
                    : bin == edges.length ? edges[bin - 1] : edges[bin];
            from = to;
        }
        for (double value : values) {
            if (Double.isNaN(value)) {
                cells[cells.length - 2]++;
            } else if (!ReferenceProfile.isSummable(value)) {
                cells[cells.length - 1]++;
            }
        }
        Moments moments = Moments.of(sorted);
        signals.add(new Numeric(
                name,
                ImmutableDoubleArray.copyOf(edges),
                ImmutableLongArray.copyOf(cells),
                ImmutableDoubleArray.copyOf(means),
                moments.mean(),
                moments.deviation(),
                moments.least(),
                moments.most()));
        return this;
    }

    /** Adds a text with at most {@link #USUAL_CATEGORIES} categories. */
    public ReferenceSample categorical(String name, List<@Nullable String> values) {
        return categorical(name, values, USUAL_CATEGORIES);
    }

    /** Adds a text whose most frequent values get a cell of their own, up to {@code most}; null is a missing one. */
    public ReferenceSample categorical(String name, List<@Nullable String> values, int most) {
        if (most < 1 || most > 1000) {
            throw new IllegalArgumentException("1 to 1000 categories get a cell of their own, not " + most);
        }
        Map<String, Long> counts = new HashMap<>();
        long missing = 0;
        for (String value : values) {
            if (value == null) {
                missing++;
            } else {
                counts.merge(value, 1L, Long::sum);
            }
        }
        if (counts.isEmpty()) {
            throw new IllegalArgumentException("signal '" + name + "' has no values to take its categories from");
        }
        List<String> categories = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .map(Map.Entry::getKey)
                .toList();
        ImmutableLongArray.Builder cells = ImmutableLongArray.builder(categories.size() + 2);
        long others = values.size() - missing;
        for (String category : categories) {
            long count = counts.getOrDefault(category, 0L);
            cells.add(count);
            others -= count;
        }
        signals.add(
                new Categorical(name, categories, cells.add(others).add(missing).build()));
        return this;
    }

    /** Adds how well the version's probabilities did on the sample. */
    public ReferenceSample scores(BinaryScores of) {
        scores = of;
        return this;
    }

    /** Adds how well the version's predicted values did on the sample. */
    public ReferenceSample errors(RegressionErrors of) {
        errors = of;
        return this;
    }

    /** Returns the profile. */
    public ReferenceProfile profile() {
        return new ReferenceProfile(signals, scores, errors);
    }

    private static double[] finite(String name, double[] values) {
        double[] sorted = Arrays.stream(values)
                .filter(ReferenceProfile::isSummable)
                .map(value -> value + 0.0)
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("signal '" + name + "' has no finite values to take its bins from");
        }
        return sorted;
    }

    private static double mean(double[] sorted, int from, int to) {
        return Moments.of(Arrays.copyOfRange(sorted, from, to)).mean();
    }

    /** Returns the place of the first value that is not below. */
    private static int lowerBound(double[] sorted, double value) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int upperBound(double[] sorted, double value) {
        return lowerBound(sorted, Math.nextUp(value));
    }
}
