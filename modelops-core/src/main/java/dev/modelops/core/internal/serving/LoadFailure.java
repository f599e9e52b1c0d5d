package dev.modelops.core.internal.serving;

import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;

/** A host's loader threw. */
final class LoadFailure extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    LoadFailure(ModelRef ref, Throwable cause) {
        super("the loader could not make a model of " + ref + ": " + cause, cause);
    }
}
