package dev.modelops.samples.benchmarks;

/** A model that costs next to nothing, so that what is measured is the handle. */
public interface Scorer {
    /** Returns the score of a row. */
    double score(double[] row);

    /** A model without resources. */
    record Plain(double weight) implements Scorer {
        @Override
        public double score(double[] row) {
            return weight * row[0];
        }
    }

    /** A model that must be closed, so that the handle counts the calls under way. */
    record Leased(double weight) implements Scorer, AutoCloseable {
        @Override
        public double score(double[] row) {
            return weight * row[0];
        }

        @Override
        public void close() {
            // The weight is all there is.
        }
    }
}
