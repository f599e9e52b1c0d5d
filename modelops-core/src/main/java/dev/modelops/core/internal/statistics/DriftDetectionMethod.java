package dev.modelops.core.internal.statistics;

/** Sees when errors become more frequent than they once were (DDM; Gama, Medas, Castillo and Rodrigues 2004). */
public final class DriftDetectionMethod implements ChangeDetector {
    private final int least;
    private final double warning;
    private final double drift;
    private long count;
    private double rate;
    private double leastRate = Double.POSITIVE_INFINITY;
    private double leastDeviation = Double.POSITIVE_INFINITY;

    /** Creates a detector with the usual parameters: 30 decisions at least, warning at 2 deviations, drift at 3. */
    public DriftDetectionMethod() {
        this(30, 2, 3);
    }

    /**
     * Creates a detector.
     *
     * @param least how many decisions must have been seen
     * @param warning at how many deviations above the least rate a warning is given
     * @param drift at how many a change is seen
     */
    public DriftDetectionMethod(int least, double warning, double drift) {
        this.least = least;
        this.warning = warning;
        this.drift = drift;
    }

    /** Takes 1 for a wrong decision, 0 for a right one. */
    @Override
    public Level add(double value) {
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("expected 1 for a wrong decision or 0 for a right one, found " + value);
        }
        count++;
        rate += (value - rate) / count;
        if (count <= least) {
            return Level.STABLE;
        }
        double deviation = StrictMath.sqrt(rate * (1 - rate) / count);
        if (rate + deviation <= leastRate + leastDeviation) {
            leastRate = rate;
            leastDeviation = deviation;
        }
        if (rate + deviation > leastRate + drift * leastDeviation) {
            count = 0;
            rate = 0;
            leastRate = Double.POSITIVE_INFINITY;
            leastDeviation = Double.POSITIVE_INFINITY;
            return Level.DRIFT;
        }
        return rate + deviation > leastRate + warning * leastDeviation ? Level.WARNING : Level.STABLE;
    }
}
