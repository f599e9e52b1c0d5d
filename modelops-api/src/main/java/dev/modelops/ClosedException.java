package dev.modelops;

/** The facade was closed, before or during the call. Nothing more will be done through it; open the log again. */
public final class ClosedException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public ClosedException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public ClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}
