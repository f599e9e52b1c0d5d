package dev.modelops.core.internal.serving;

import dev.modelops.ModelOpsException;

/** Calls are refused because somebody suspended them in this process. */
final class SuspendedException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    SuspendedException(String message) {
        super(message);
    }
}
