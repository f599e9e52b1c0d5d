package dev.modelops.core.internal.policy.cedar;

/** An expression has no value, such as one that reads a missing attribute. Carries no stack trace: it is an outcome. */
public final class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /** What went wrong. */
    public enum Kind {
        /** An attribute, a tag or an entity is missing. */
        MISSING,
        /** A value has another type than is expected. */
        TYPE,
        /** A number does not fit. */
        OVERFLOW,
        /** A fact could not be established. */
        FACT,
        /** A value is not as it must be. */
        VALUE
    }

    EvaluationException(String message) {
        this(Kind.VALUE, message);
    }

    /** Creates an outcome of a kind. */
    public EvaluationException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    /** Returns what went wrong. */
    public Kind kind() {
        return kind;
    }

    static EvaluationException type(String expected, Value found) {
        return new EvaluationException(Kind.TYPE, "expected a " + expected + ", found a " + found.typeName());
    }
}
