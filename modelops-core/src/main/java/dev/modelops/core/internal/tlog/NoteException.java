package dev.modelops.core.internal.tlog;

import dev.modelops.ModelOpsException;

/**
 * A note, checkpoint or receipt is malformed, or does not verify. It does not say what that means: callers know where the
 * text came from and turn this into a failure of their own, such as an integrity failure for what a store kept.
 */
public final class NoteException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    NoteException(String message) {
        super(message);
    }
}
