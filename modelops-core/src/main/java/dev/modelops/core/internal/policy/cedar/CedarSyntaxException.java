package dev.modelops.core.internal.policy.cedar;

/** A text is not Cedar. The message begins with the place and says what was expected there and what was found. */
public final class CedarSyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    /** Creates an exception; both counts begin at 1, columns count code points. */
    public CedarSyntaxException(String problem, int line, int column) {
        super("line " + line + ", column " + column + ": " + problem);
        this.line = line;
        this.column = column;
    }

    /** Returns the line, the first is 1. */
    public int line() {
        return line;
    }

    /** Returns the column in code points, the first is 1. */
    public int column() {
        return column;
    }
}
