package dev.modelops.core.internal.serving;

import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;

/** A model is not there: its loader threw, or has not returned yet. */
final class LoadFailure extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    LoadFailure(ModelRef ref) {
        super(ref + " is still being loaded; try again");
    }

    LoadFailure(ModelRef ref, Throwable cause) {
        super("the loader could not make a model of " + ref + ": " + cause, cause);
    }
}
