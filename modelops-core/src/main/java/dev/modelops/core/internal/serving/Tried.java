package dev.modelops.core.internal.serving;

import dev.modelops.ModelRef;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ShadowExecutor;
import dev.modelops.serving.Experiment;

/**
 * A challenger that takes part: loaded and admitted, for one stage of an experiment. A call reads it once.
 *
 * @param position the position of the stage
 * @param spec who gets which
 * @param champion with what it is compared
 * @param model the challenger
 * @param asking what asks it beside callers, and counts its failures
 */
record Tried<T>(long position, ExperimentSpec spec, ModelRef champion, Loaded<T> model, ShadowExecutor asking) {
    boolean isShadow() {
        return spec.mode() == Experiment.Mode.SHADOW;
    }
}
