package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Cuts Cedar text, of policies or schemas, into words. White space and comments, from {@code //} to the end of the line,
 * only separate them.
 */
public final class Lexer {
    /** How many characters a text may have. */
    public static final int MAX_CHARACTERS = 4 * 1024 * 1024;

    private static final int MAX_WORD = 64 * 1024;
    private static final String[] PAIRS = {"::", "==", "!=", "<=", ">=", "&&", "||"};
    private static final String SINGLES = "@(){}[],;:.<>!+-*/%=?";

    private final String text;
    private int at;
    private int line = 1;
    private int column = 1;

    /**
     * Begins with a text.
     *
     * @throws CedarSyntaxException if the text is too long
     */
    public Lexer(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new CedarSyntaxException(
                    "the text must have at most " + MAX_CHARACTERS + " characters, but has " + text.length(), 1, 1);
        }
        this.text = text;
    }

    /**
     * Returns all words of a text, and at last its end.
     *
     * @throws CedarSyntaxException if the text is too long or holds something that begins no word
     */
    public static List<Token> tokens(String text) {
        Lexer lexer = new Lexer(text);
        List<Token> tokens = new ArrayList<>();
        do {
            tokens.add(lexer.next());
        } while (tokens.get(tokens.size() - 1).kind() != Kind.END);
        return tokens;
    }

    /**
     * Returns the next word; at the end of the text, its end again and again.
     *
     * @throws CedarSyntaxException if something begins no word
     */
    public Token next() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isBlank(c)) {
                advance(at + 1);
            } else if (text.startsWith("//", at)) {
                skipComment();
            } else if (c == '"') {
                return token(Kind.STRING, endOfString());
            } else if (isLetter(c)) {
                return token(Kind.IDENTIFIER, endOfName(at));
            } else if (isDigit(c)) {
                return token(Kind.INTEGER, endOfDigits());
            } else if (c == '?' && at + 1 < text.length() && isLetter(text.charAt(at + 1))) {
                return token(Kind.SLOT, endOfName(at + 1));
            } else {
                return token(Kind.PUNCTUATION, at + lengthOfPunctuation(c));
            }
        }
        return new Token(Kind.END, "", line, column);
    }

    private Token token(Kind kind, int end) {
        if (end - at > MAX_WORD) {
            throw error("a word must have at most " + MAX_WORD + " characters, but this one has " + (end - at));
        }
        Token token = new Token(kind, text.substring(at, end), line, column);
        advance(end);
        return token;
    }

    private void advance(int end) {
        while (at < end) {
            char c = text.charAt(at);
            int codePoint = text.codePointAt(at);
            if (Character.getType(codePoint) == Character.SURROGATE) {
                throw error("expected Unicode text, found half of a surrogate pair");
            }
            at += Character.charCount(codePoint);
            if (c == '\n') {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
    }

    private void skipComment() {
        int end = at;
        while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
            end++;
        }
        advance(end);
    }

    private int endOfString() {
        int end = at + 1;
        while (end < text.length() && text.charAt(end) != '"') {
            boolean escape = text.charAt(end) == '\\';
            if (escape && end + 1 < text.length() && text.charAt(end + 1) == '\n') {
                throw error("this string has a backslash before the end of a line: expected an escape such as \\n");
            }
            end += escape ? 2 : 1;
        }
        if (end >= text.length()) {
            throw error("this string has no end: expected another '\"'");
        }
        return end + 1;
    }

    private int endOfName(int from) {
        int end = from;
        while (end < text.length() && (isLetter(text.charAt(end)) || isDigit(text.charAt(end)))) {
            end++;
        }
        return end;
    }

    private int endOfDigits() {
        int end = at;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private int lengthOfPunctuation(char c) {
        for (String pair : PAIRS) {
            if (text.startsWith(pair, at)) {
                return 2;
            }
        }
        if (SINGLES.indexOf(c) >= 0) {
            return 1;
        }
        int codePoint = text.codePointAt(at);
        throw error(
                Character.getType(codePoint) == Character.SURROGATE
                        ? "expected Unicode text, found half of a surrogate pair"
                        : "expected a name, a number, a string or an operator, found "
                                + (isInvisible(codePoint)
                                        ? "the character " + String.format(Locale.ROOT, "U+%04X", codePoint)
                                        : "'" + Character.toString(codePoint) + "'"));
    }

    private CedarSyntaxException error(String problem) {
        return new CedarSyntaxException(problem, line, column);
    }

    /** Tells whether Unicode counts the character as white space; Java disagrees about a few control characters. */
    private static boolean isBlank(char c) {
        return Character.isSpaceChar(c) || c >= '\t' && c <= '\r' || c == '\u0085';
    }

    private static boolean isInvisible(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.FORMAT;
    }

    private static boolean isLetter(char c) {
        return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
