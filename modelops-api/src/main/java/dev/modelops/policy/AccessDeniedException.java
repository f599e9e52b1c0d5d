package dev.modelops.policy;

import dev.modelops.ModelOpsException;

/**
 * Policy refused the act or the read. Carries the decision: what was not met, and how to meet it. The message is the
 * decision's rendering for whoever was refused, {@link Decision#forUser}.
 */
public final class AccessDeniedException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    private final transient Decision.Deny decision;

    /**
     * Creates a failure.
     *
     * @param what the request, in words
     * @param decision the refusal
     */
    public AccessDeniedException(String what, Decision.Deny decision) {
        super(DecisionText.forUser(decision, what));
        this.decision = decision;
    }

    /**
     * Returns the refusal.
     *
     * @return the decision
     */
    public Decision.Deny decision() {
        return decision;
    }
}
