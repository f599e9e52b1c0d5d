package dev.modelops.core.internal.policy.cedar;

/** An expression has no value, such as one that reads a missing attribute. Carries no stack trace: it is an outcome. */
public final class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception. */
    public EvaluationException(String message) {
        super(message, null, false, false);
    }

    static EvaluationException type(String expected, Value found) {
        return new EvaluationException("expected a " + expected + ", found a " + found.typeName());
    }
}
