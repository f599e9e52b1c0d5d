package dev.modelops;

/** More acts are waiting than the configured bound. Nothing was done; try again later, more slowly. */
public final class OverloadedException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public OverloadedException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public OverloadedException(String message, Throwable cause) {
        super(message, cause);
    }
}
