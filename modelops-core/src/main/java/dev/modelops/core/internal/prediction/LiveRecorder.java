package dev.modelops.core.internal.prediction;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.registry.Recorded;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import java.util.Optional;

/** Takes predictions, and what came of them, each into segments of their own. */
final class LiveRecorder implements PredictionLog.Recorder {
    private final Governor governor;
    private final ModelName model;
    private final PredictionLog.Rules rules;
    private final Recording predictions;
    private final Recording outcomes;

    LiveRecorder(
            Recordings recordings,
            Governor governor,
            Artifacts artifacts,
            Identity identity,
            ModelName model,
            Environment environment,
            PredictionLog.Rules rules) {
        this.governor = governor;
        this.model = model;
        this.rules = rules;
        this.predictions = new Recording(
                recordings, governor, artifacts, identity, Segment.Kind.PREDICTIONS, model, environment, rules);
        this.outcomes = new Recording(
                recordings, governor, artifacts, identity, Segment.Kind.OUTCOMES, model, environment, rules);
        // Predictions first: their outcomes are found after them.
        recordings.add(predictions);
        recordings.add(outcomes);
    }

    @Override
    public boolean record(Prediction prediction) {
        predictions.requireOpen();
        if (!prediction.version().name().equals(model)) {
            throw new IllegalArgumentException(
                    "this recorder takes predictions of " + model + ", but was given one of " + prediction.version());
        }
        return !rules.keeps(prediction)
                || predictions.offer(new Records.Taken(
                        prediction,
                        governor.now(),
                        governor.ledger().tip().state().size()));
    }

    @Override
    public boolean outcome(String id, String actual) {
        return outcomes.offer(new Outcome(id, actual, governor.now()));
    }

    @Override
    public boolean outcome(String id, double actual) {
        if (!Double.isFinite(actual)) {
            throw new IllegalArgumentException("what came of a prediction is a finite number, but was " + actual);
        }
        return outcome(
                id,
                actual == Math.rint(actual) && Math.abs(actual) < 1e15
                        ? Long.toString((long) actual)
                        : Double.toString(actual));
    }

    @Override
    public Optional<Recorded> flush() {
        Optional<Recorded> first = predictions.flush();
        Optional<Recorded> then = outcomes.flush();
        boolean isLater = then.isPresent()
                && first.map(recorded ->
                                recorded.position().compareTo(then.get().position()) < 0)
                        .orElse(true);
        return isLater ? then : first;
    }

    @Override
    public void close() {
        predictions.close();
        outcomes.close();
    }
}
