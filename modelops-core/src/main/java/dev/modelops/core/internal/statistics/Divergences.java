package dev.modelops.core.internal.statistics;

import java.util.function.DoubleBinaryOperator;

/**
 * How far two distributions over the same cells are apart. They are given as weights, which need not add up to 1, or as
 * counts. Two distributions of which one is empty are incomparable: {@link IllegalArgumentException}.
 *
 * <p>From counts, the two measures that a cell without weight makes infinite (population stability index and
 * Kullback-Leibler) take half an observation for none, as is usual for contingency tables, unless neither side has any.
 */
public final class Divergences {
    private static final double HALF_AN_OBSERVATION = 0.5;

    private Divergences() {}

    /**
     * Returns the population stability index, the symmetric sum of both Kullback-Leibler divergences (Jeffreys 1946).
     * Infinite if a cell has weight on one side only.
     */
    public static double populationStabilityIndex(double[] reference, double[] current) {
        return sum(reference, current, (p, q) -> p == q ? 0 : (q - p) * StrictMath.log(q / p));
    }

    /** Returns the population stability index of counts. */
    public static double populationStabilityIndex(long[] reference, long[] current) {
        return populationStabilityIndex(smoothed(reference, current), smoothed(current, reference));
    }

    /**
     * Returns the Kullback-Leibler divergence in nats, of the first from the second (Kullback and Leibler 1951). Infinite if
     * a cell has weight on the first side only.
     */
    public static double kullbackLeibler(double[] of, double[] from) {
        return sum(of, from, (p, q) -> p == 0 ? 0 : p * StrictMath.log(p / q));
    }

    /** Returns the Kullback-Leibler divergence of counts. */
    public static double kullbackLeibler(long[] of, long[] from) {
        return kullbackLeibler(smoothed(of, from), smoothed(from, of));
    }

    /** Returns the Jensen-Shannon divergence in nats (Lin 1991): from 0 to the logarithm of 2. */
    public static double jensenShannonDivergence(double[] reference, double[] current) {
        double divergence = sum(reference, current, (p, q) -> {
            double middle = (p + q) / 2;
            return (p == 0 ? 0 : p * StrictMath.log(p / middle)) / 2
                    + (q == 0 ? 0 : q * StrictMath.log(q / middle)) / 2;
        });
        return Math.max(0, divergence);
    }

    /** Returns the Jensen-Shannon divergence of counts. */
    public static double jensenShannonDivergence(long[] reference, long[] current) {
        return jensenShannonDivergence(weights(reference), weights(current));
    }

    /** Returns the root of the Jensen-Shannon divergence in nats, which is a metric (Endres and Schindelin 2003). */
    public static double jensenShannonDistance(long[] reference, long[] current) {
        return StrictMath.sqrt(jensenShannonDivergence(reference, current));
    }

    /** Returns the root of the Jensen-Shannon divergence in bits: from 0 to 1. */
    public static double jensenShannonDistanceBase2(long[] reference, long[] current) {
        return StrictMath.sqrt(jensenShannonDivergence(reference, current) / StrictMath.log(2));
    }

    /** Returns the Hellinger distance: from 0 to 1. */
    public static double hellinger(double[] reference, double[] current) {
        return StrictMath.sqrt(sum(reference, current, (p, q) -> {
            double difference = StrictMath.sqrt(p) - StrictMath.sqrt(q);
            return difference * difference / 2;
        }));
    }

    /** Returns the Hellinger distance of counts. */
    public static double hellinger(long[] reference, long[] current) {
        return hellinger(weights(reference), weights(current));
    }

    /** Returns the total variation distance, half the sum of all differences: from 0 to 1. */
    public static double totalVariation(double[] reference, double[] current) {
        return sum(reference, current, (p, q) -> Math.abs(p - q) / 2);
    }

    /** Returns the total variation distance of counts. */
    public static double totalVariation(long[] reference, long[] current) {
        return totalVariation(weights(reference), weights(current));
    }

    /** Returns the largest difference in any cell: from 0 to 1. */
    public static double lInfinity(double[] reference, double[] current) {
        double[] p = normalized(reference);
        double[] q = normalized(current);
        requireSameCells(p, q);
        double largest = 0;
        for (int i = 0; i < p.length; i++) {
            largest = Math.max(largest, Math.abs(p[i] - q[i]));
        }
        return largest;
    }

    /** Returns the largest difference in any cell of counts. */
    public static double lInfinity(long[] reference, long[] current) {
        return lInfinity(weights(reference), weights(current));
    }

    /**
     * Returns the largest difference between the distribution functions at the edges of ordered cells: the
     * Kolmogorov-Smirnov statistic, or a lower bound of it if the samples differ more within a cell.
     */
    public static double kolmogorovSmirnov(long[] reference, long[] current) {
        double[] p = normalized(weights(reference));
        double[] q = normalized(weights(current));
        requireSameCells(p, q);
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < p.length; i++) {
            difference += p[i] - q[i];
            largest = Math.max(largest, Math.abs(difference));
        }
        return largest;
    }

    /**
     * Returns the Wasserstein-1 (earth mover's) distance between ordered cells whose content is taken to lie at the given
     * places, such as the mean of each: exact if every cell holds one value, else right to within the width of the cells.
     */
    public static double wasserstein(long[] reference, long[] current, double[] places) {
        double[] p = normalized(weights(reference));
        double[] q = normalized(weights(current));
        requireSameCells(p, q);
        requireSameCells(p, places);
        double difference = 0;
        double work = 0;
        for (int i = 0; i + 1 < p.length; i++) {
            if (places[i + 1] < places[i]) {
                throw new IllegalArgumentException(
                        "cells must be in order, but " + places[i] + " stands before " + places[i + 1]);
            }
            difference += p[i] - q[i];
            work += Math.abs(difference) * (places[i + 1] - places[i]);
        }
        return work;
    }

    private static double sum(double[] reference, double[] current, DoubleBinaryOperator term) {
        double[] p = normalized(reference);
        double[] q = normalized(current);
        requireSameCells(p, q);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] == 0 && q[i] == 0 ? 0 : term.applyAsDouble(p[i], q[i]);
        }
        return sum;
    }

    private static double[] smoothed(long[] counts, long[] others) {
        double[] weights = weights(counts);
        for (int i = 0; i < weights.length && i < others.length; i++) {
            if (weights[i] == 0 && others[i] > 0) {
                weights[i] = HALF_AN_OBSERVATION;
            }
        }
        return weights;
    }

    private static double[] weights(long[] counts) {
        double[] weights = new double[counts.length];
        for (int i = 0; i < counts.length; i++) {
            weights[i] = counts[i];
        }
        return weights;
    }

    private static double[] normalized(double[] weights) {
        double total = 0;
        for (double weight : weights) {
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("weights are finite and not negative, but one was " + weight);
            }
            total += weight;
        }
        if (total == 0) {
            throw new IllegalArgumentException("there is no distribution: nothing was counted");
        }
        double[] shares = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            shares[i] = weights[i] / total;
        }
        return shares;
    }

    private static void requireSameCells(double[] one, double[] other) {
        if (one.length != other.length) {
            throw new IllegalArgumentException(
                    "both need the same cells, but there are " + one.length + " and " + other.length);
        }
    }
}
