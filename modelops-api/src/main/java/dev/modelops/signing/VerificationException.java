package dev.modelops.signing;

import dev.modelops.ModelOpsException;

/** A model or a policy bundle does not match its signature, or the signature is not trusted. It must not be used. */
public final class VerificationException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /** The kind of failure. */
    private final VerificationResult.Reason reason;

    /**
     * Creates a failure.
     *
     * @param reason the kind of failure
     * @param message what was expected, what was found, what to do
     */
    public VerificationException(VerificationResult.Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /**
     * Returns the kind of failure.
     *
     * @return the reason
     */
    public VerificationResult.Reason reason() {
        return reason;
    }
}
