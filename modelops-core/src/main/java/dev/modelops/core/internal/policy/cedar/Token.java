package dev.modelops.core.internal.policy.cedar;

/**
 * A word of Cedar text and where it begins.
 *
 * @param kind what kind of word
 * @param text the word as it stands; of a string with its quotes and escapes
 * @param line the line, the first is 1
 * @param column the column in code points, the first is 1
 */
public record Token(Kind kind, String text, int line, int column) {
    /** The kinds of words. */
    public enum Kind {
        /** A name or a key word. */
        IDENTIFIER,
        /** A text in quotes. */
        STRING,
        /** Decimal digits. */
        INTEGER,
        /** A question mark with a name. */
        SLOT,
        /** An operator, bracket or separator. */
        PUNCTUATION,
        /** The end of the text. */
        END
    }

    /** Tells whether it is a certain operator, bracket or separator. */
    public boolean is(String punctuation) {
        return kind == Kind.PUNCTUATION && text.equals(punctuation);
    }

    /** Tells whether it is a certain name or key word. */
    public boolean isWord(String word) {
        return kind == Kind.IDENTIFIER && text.equals(word);
    }

    /** Returns an exception that points here. */
    public CedarSyntaxException error(String problem) {
        return new CedarSyntaxException(problem, line, column);
    }

    /** Returns an exception that points here and says what was expected and what this is. */
    public CedarSyntaxException unexpected(String expected) {
        return error("expected " + expected + ", found " + described());
    }

    /** Returns the word as it is named in messages. */
    public String described() {
        return kind == Kind.END ? "the end of the text" : "'" + Names.brief(text) + "'";
    }

    /**
     * Returns what a string stands for.
     *
     * @throws CedarSyntaxException if an escape is not known
     * @throws IllegalStateException if this is no string
     */
    public String unescaped() {
        return new Escapes(this).text();
    }

    /**
     * Returns the pattern that a string stands for: {@code *} is the wildcard, <code>\*</code> a star.
     *
     * @throws CedarSyntaxException if an escape is not known
     * @throws IllegalStateException if this is no string
     */
    public Pattern pattern() {
        return new Escapes(this).pattern();
    }
}
