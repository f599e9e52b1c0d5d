package dev.modelops.core.internal.statistics;

import com.google.common.primitives.ImmutableLongArray;

/** Arithmetic on counts over the same cells. */
public final class Counts {
    private Counts() {}

    /** Returns the sums, cell by cell. */
    public static ImmutableLongArray sum(ImmutableLongArray one, ImmutableLongArray other) {
        if (one.length() != other.length()) {
            throw new IllegalArgumentException(
                    "both need the same cells, but there are " + one.length() + " and " + other.length());
        }
        ImmutableLongArray.Builder sums = ImmutableLongArray.builder(one.length());
        for (int i = 0; i < one.length(); i++) {
            sums.add(one.get(i) + other.get(i));
        }
        return sums.build();
    }

    /** Returns the sum of some neighbouring cells. */
    public static long sum(ImmutableLongArray counts, int from, int to) {
        return counts.subArray(from, to).stream().sum();
    }

    /** Returns the counts as weights. */
    public static double[] weights(ImmutableLongArray counts) {
        return counts.stream().asDoubleStream().toArray();
    }
}
