package dev.modelops;

/** The present value is not the one that the caller expected: somebody else was faster, or the version exists with other bytes. Read again and decide anew. */
public final class VersionConflictException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public VersionConflictException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public VersionConflictException(String message, Throwable cause) {
        super(message, cause);
    }
}
