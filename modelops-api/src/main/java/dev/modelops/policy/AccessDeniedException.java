package dev.modelops.policy;

import dev.modelops.ModelOpsException;

/** Policy refused the act or the read. Carries the decision: what was not met, and how to meet it. */
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
        super(message(what, decision));
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

    private static String message(String what, Decision.Deny decision) {
        StringBuilder text = new StringBuilder(what).append(" was refused:");
        for (Requirement unmet : decision.unmet()) {
            text.append("\n  [").append(unmet.rule()).append("] needs ").append(unmet.expected());
            text.append("; found ").append(unmet.actual()).append("; ").append(unmet.remedy());
        }
        return text.toString();
    }
}
