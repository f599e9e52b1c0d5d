package dev.modelops;

/**
 * The root of every failure this library reports. Each child is one reason a caller acts on; the message says what was
 * expected, what was found and what to do. Arguments of the wrong form are {@link IllegalArgumentException} instead.
 */
public abstract class ModelOpsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    protected ModelOpsException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    protected ModelOpsException(String message, Throwable cause) {
        super(message, cause);
    }
}
