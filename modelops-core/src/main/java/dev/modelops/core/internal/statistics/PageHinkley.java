package dev.modelops.core.internal.statistics;

/**
 * Sees when the mean of a stream rises: the cumulative sum test of Page (1954) with forgetting, as streaming libraries have it.
 */
public final class PageHinkley implements ChangeDetector {
    private final int least;
    private final double tolerated;
    private final double threshold;
    private final double remembered;
    private long count;
    private double mean;
    private double sum;

    /** Creates a detector with the usual parameters: 30 numbers at least, tolerance 0.005, threshold 50, memory 0.9999. */
    public PageHinkley() {
        this(30, 0.005, 50, 0.9999);
    }

    /**
     * Creates a detector.
     *
     * @param least how many numbers must have been seen
     * @param tolerated by how much a number may be above the mean
     * @param threshold at which sum a change is seen
     * @param remembered how much of the sum is kept at each number
     */
    public PageHinkley(int least, double tolerated, double threshold, double remembered) {
        this.least = least;
        this.tolerated = tolerated;
        this.threshold = threshold;
        this.remembered = remembered;
    }

    @Override
    public Level add(double value) {
        count++;
        mean += (value - mean) / count;
        sum = Math.max(0, remembered * sum + value - mean - tolerated);
        if (count < least || sum < threshold) {
            return Level.STABLE;
        }
        count = 0;
        mean = 0;
        sum = 0;
        return Level.DRIFT;
    }
}
