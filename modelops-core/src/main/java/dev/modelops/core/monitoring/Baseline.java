package dev.modelops.core.monitoring;

import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.core.internal.monitoring.ReferenceSample;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the data of a version looked like when it was made, column by column: of each signal the cells that everything later
 * is counted in, and how well the version did. Nothing of a single row is kept, but the texts of categories are, and the
 * least and the largest number. A builder, for one thread.
 *
 * <pre>{@code
 * Baseline baseline = Baseline.of()
 *         .numeric("age", ages)
 *         .categorical("home", homes)
 *         .probability("score", scores, defaulted);
 * }</pre>
 */
public final class Baseline {
    private final ReferenceSample sample = new ReferenceSample();
    private Output output = Output.NONE;

    private Baseline() {}

    /**
     * Starts with no signals.
     *
     * @return the baseline, to be completed
     */
    public static Baseline of() {
        return new Baseline();
    }

    /**
     * Adds a number in 10 bins that hold about as many values each.
     *
     * @param name the name of the input or output
     * @param values the values; not a number where one is missing
     * @return this
     * @throws IllegalArgumentException if no value is finite
     */
    public Baseline numeric(String name, double... values) {
        sample.numeric(name, values);
        return this;
    }

    /**
     * Adds a text whose 30 most frequent values get a cell of their own.
     *
     * @param name the name of the input or output
     * @param values the values; null where one is missing
     * @return this
     * @throws IllegalArgumentException if there are no values
     */
    public Baseline categorical(String name, List<@Nullable String> values) {
        sample.categorical(name, values);
        return this;
    }

    /**
     * Adds what is predicted: the probability that something happens, which is decided for from 0.5 on.
     *
     * @param name the name of the output
     * @param probabilities what the version said of data that it was not made from
     * @param happened whether it happened
     * @return this
     * @throws IllegalArgumentException if these are not equally many, or no probabilities, or something is predicted already
     */
    public Baseline probability(String name, double[] probabilities, boolean[] happened) {
        return probability(name, probabilities, happened, 0.5);
    }

    /**
     * Adds what is predicted: the probability that something happens.
     *
     * @param name the name of the output
     * @param probabilities what the version said of data that it was not made from
     * @param happened whether it happened
     * @param threshold from which probability on is decided for it
     * @return this
     * @throws IllegalArgumentException if these are not equally many, or no probabilities, or something is predicted already
     */
    public Baseline probability(String name, double[] probabilities, boolean[] happened, double threshold) {
        requireOne(name, probabilities.length, happened.length);
        BinaryScores.Builder scores = new BinaryScores.Builder(threshold);
        for (int i = 0; i < probabilities.length; i++) {
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1)) {
                throw new IllegalArgumentException(
                        "a probability is from 0 to 1, but one of '" + name + "' was " + probabilities[i]);
            }
            scores.add(probabilities[i], happened[i]);
        }
        sample.numeric(name, probabilities, 20).scores(scores.build());
        output = new Output(OutputKind.PROBABILITY, name, threshold);
        return this;
    }

    /**
     * Adds what is predicted: a value.
     *
     * @param name the name of the output
     * @param predicted what the version said of data that it was not made from
     * @param actual what came of it
     * @return this
     * @throws IllegalArgumentException if these are not equally many, or not finite, or something is predicted already
     */
    public Baseline value(String name, double[] predicted, double[] actual) {
        requireOne(name, predicted.length, actual.length);
        RegressionErrors.Builder errors = new RegressionErrors.Builder();
        for (int i = 0; i < predicted.length; i++) {
            if (!Double.isFinite(predicted[i]) || !Double.isFinite(actual[i])) {
                throw new IllegalArgumentException("values are finite, but of '" + name + "' were predicted "
                        + predicted[i] + " and actual " + actual[i]);
            }
            errors.add(predicted[i], actual[i]);
        }
        sample.numeric(name, predicted).errors(errors.build());
        output = new Output(OutputKind.VALUE, name, 0.5);
        return this;
    }

    private void requireOne(String name, int predicted, int known) {
        if (output.kind() != OutputKind.NONE) {
            throw new IllegalArgumentException(
                    "a version predicts one thing, '" + output.signal() + "', so '" + name + "' cannot be another");
        }
        if (predicted != known || predicted == 0) {
            throw new IllegalArgumentException("of '" + name + "' there must be as many outcomes as predictions, found "
                    + known + " and " + predicted);
        }
    }

    ReferenceProfile profile() {
        return sample.profile();
    }

    Output output() {
        return output;
    }
}
