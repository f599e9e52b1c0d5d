package dev.modelops.samples.benchmarks;

/** A model that costs next to nothing, so that what is measured is the handle. */
public interface Scorer {
    /** Returns a score of a number. */
    double score(double input);

    /** A model without resources. */
    record Plain(double weight) implements Scorer {
        @Override
        public double score(double input) {
            return weight * input;
        }
    }

    /** A model that must be closed, so that the handle counts the calls under way. */
    record Leased(double weight) implements Scorer, AutoCloseable {
        @Override
        public double score(double input) {
            return weight * input;
        }

        @Override
        public void close() {
            // The weight is all there is.
        }
    }
}
