package dev.modelops.signing;

import dev.modelops.ModelOpsException;

/**
 * A key could not be read or used: wrong password, unknown alias, an algorithm that does not fit its role, a key service
 * that is away. Messages never hold key material.
 */
public final class SigningException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates a failure.
     *
     * @param message what was expected, what was found, what to do
     */
    public SigningException(String message) {
        super(message);
    }

    /**
     * Creates a failure with its cause.
     *
     * @param message what was expected, what was found, what to do
     * @param cause what led to it
     */
    public SigningException(String message, Throwable cause) {
        super(message, cause);
    }
}
