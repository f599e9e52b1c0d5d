package dev.modelops;

/** Something that was named does not exist, or is not visible to the caller. Check the name. */
public final class NotFoundException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public NotFoundException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public NotFoundException(String message, Throwable cause) {
        super(message, cause);
    }
}
