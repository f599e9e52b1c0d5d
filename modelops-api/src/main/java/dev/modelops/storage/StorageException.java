package dev.modelops.storage;

import dev.modelops.ModelOpsException;

/**
 * A store could not do its work: unreachable, locked too long, full, closed. Nothing was changed unless
 * {@link #isInDoubt()}. Thrown by implementations of the storage interfaces, which may extend it.
 */
public class StorageException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /** Whether a commit was under way. */
    private final boolean inDoubt;

    /**
     * Creates a failure after which nothing was changed.
     *
     * @param message what was tried, what happened, what to do
     */
    public StorageException(String message) {
        super(message);
        this.inDoubt = false;
    }

    /**
     * Creates a failure after which nothing was changed.
     *
     * @param message what was tried, what happened, what to do
     * @param cause what led to it
     */
    public StorageException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /**
     * Creates a failure.
     *
     * @param message what was tried, what happened, what to do
     * @param cause what led to it
     * @param inDoubt true if a commit was under way and may have succeeded
     */
    public StorageException(String message, Throwable cause, boolean inDoubt) {
        super(message, cause);
        this.inDoubt = inDoubt;
    }

    /**
     * Tells whether a commit was under way and may have succeeded. The store must be read again to know.
     *
     * @return true if the outcome is not known
     */
    public final boolean isInDoubt() {
        return inDoubt;
    }
}
