package dev.modelops;

/** The files offered as a model cannot be one: missing, empty, holding a link or special file, badly named, or changed while they were read. Mend the files and register again. */
public final class InvalidModelException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public InvalidModelException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public InvalidModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
