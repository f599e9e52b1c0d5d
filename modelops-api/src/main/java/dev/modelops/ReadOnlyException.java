package dev.modelops;

/** The log was opened without what the act needs: a writer key, a publisher key, or a library new enough for every entry. The message names it. */
public final class ReadOnlyException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public ReadOnlyException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public ReadOnlyException(String message, Throwable cause) {
        super(message, cause);
    }
}
