package dev.modelops.core.internal.trial;

import dev.modelops.NotFoundException;
import dev.modelops.core.internal.experiment.Cases;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ExperimentSums;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.prediction.Outcome;
import dev.modelops.core.internal.prediction.Segment;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.serving.PredictionRecord;
import java.util.Set;

/** The sums of one stage of an experiment, as a fold over its segments: first the predictions, then the outcomes. */
final class StageSums {
    static final Set<Segment.Kind> KINDS = Set.of(Segment.Kind.PREDICTIONS, Segment.Kind.OUTCOMES);

    private StageSums() {}

    /** Reads the segments of a stage up to some position. */
    @FunctionalInterface
    interface Source {
        void read(Set<Segment.Kind> kinds, Segments.Reader reader);
    }

    /**
     * Adds up.
     *
     * @throws NotFoundException if a segment has expired, or is missing
     */
    static ExperimentSums of(ExperimentSpec spec, Operations.Trial trial, Source source) {
        Cases cases = new Cases(spec, trial.position().size(), trial.champion(), trial.challenger());
        Segments.Reader reader = new Segments.Reader() {
            @Override
            public void prediction(Entry segment, PredictionRecord record) {
                cases.predicted(record);
            }

            @Override
            public void outcome(Entry segment, Outcome outcome) {
                cases.outcome(outcome.id(), outcome.actual());
            }

            @Override
            public void expired(Entry segment, Segment.Kind kind) {
                throw new NotFoundException("segments of stage " + trial.stage() + " of the experiment '" + trial.id()
                        + "' have expired, entry " + segment.index() + " for one; only a next stage can be judged");
            }
        };
        source.read(Set.of(Segment.Kind.PREDICTIONS), reader);
        source.read(Set.of(Segment.Kind.OUTCOMES), reader);
        return cases.sums();
    }
}
