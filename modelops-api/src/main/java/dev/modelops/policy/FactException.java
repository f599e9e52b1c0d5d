package dev.modelops.policy;

import dev.modelops.ModelOpsException;

/**
 * A fact that could not be established. Such a fact is neither absent nor a value: a rule that asks for it fails, so that
 * a permit does not apply and a forbid denies.
 */
public final class FactException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message which fact, and why
     */
    public FactException(String message) {
        super(message);
    }

    /**
     * Creates an exception.
     *
     * @param message which fact, and why
     * @param cause what went wrong
     */
    public FactException(String message, Throwable cause) {
        super(message, cause);
    }
}
