package dev.modelops;

/** Stored bytes, or the log itself, are not what their proof says. Never retry: stop, keep the evidence, and verify the store. */
public final class IntegrityException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public IntegrityException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public IntegrityException(String message, Throwable cause) {
        super(message, cause);
    }
}
