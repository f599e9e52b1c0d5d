package dev.modelops.core.internal.policy.cedar;

/** Reads the escapes of a Cedar string. */
final class Escapes {
    private final Token token;
    private final String raw;
    private int at = 1;
    private int start = 1;

    Escapes(Token token) {
        if (token.kind() != Token.Kind.STRING) {
            throw new IllegalStateException("no string: " + token.described());
        }
        this.token = token;
        this.raw = token.text();
    }

    String text() {
        StringBuilder out = new StringBuilder(raw.length());
        while (at < raw.length() - 1) {
            append(out);
        }
        return out.toString();
    }

    /** Returns the pattern: any star is the wildcard, even if escaped by its number, except one after a backslash. */
    Pattern pattern() {
        Pattern.Builder out = new Pattern.Builder();
        StringBuilder piece = new StringBuilder();
        while (at < raw.length() - 1) {
            if (raw.startsWith("\\*", at)) {
                out.text("*");
                at += 2;
                continue;
            }
            append(piece);
            if (piece.toString().equals("*")) {
                out.wildcard();
            } else {
                out.text(piece.toString());
            }
            piece.setLength(0);
        }
        return out.build();
    }

    private void append(StringBuilder out) {
        start = at;
        char c = raw.charAt(at++);
        if (c == '\r') {
            throw bad("a carriage return in a string must be written \\r");
        } else if (c != '\\') {
            out.append(c);
            return;
        }
        char escape = raw.charAt(at++);
        switch (escape) {
            case '"', '\'', '\\' -> out.append(escape);
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case '0' -> out.append('\0');
            case 'x' -> out.append(ascii());
            case 'u' -> out.appendCodePoint(codePoint());
            default ->
                throw bad("expected one of the escapes \\\" \\' \\\\ \\n \\r \\t \\0 \\x41 \\u{e9}"
                        + ", and \\* in patterns, found '\\" + Character.toString(raw.codePointAt(at - 1)) + "'");
        }
    }

    private char ascii() {
        int value = 0;
        for (int i = 0; i < 2; i++) {
            value = 16 * value + hex();
        }
        if (value > 0x7f) {
            throw bad("\\x must be followed by two hexadecimal digits of at most 7f; write \\u{...} for others");
        }
        return (char) value;
    }

    private int codePoint() {
        if (raw.charAt(at) != '{') {
            throw bad("\\u must be followed by one to six hexadecimal digits in braces");
        }
        at++;
        int value = 0;
        int digits = 0;
        while (raw.charAt(at) != '}') {
            if (raw.charAt(at) == '_' && digits > 0) {
                at++;
                continue;
            }
            if (++digits > 6) {
                throw bad("\\u must be followed by one to six hexadecimal digits in braces");
            }
            value = 16 * value + hex();
        }
        at++;
        if (digits == 0 || value > Character.MAX_CODE_POINT || value >= 0xd800 && value <= 0xdfff) {
            throw bad("\\u must name a Unicode character: up to 10ffff, no surrogate");
        }
        return value;
    }

    private int hex() {
        char c = raw.charAt(at);
        int digit = c < 128 ? Character.digit(c, 16) : -1;
        if (digit < 0) {
            throw bad("expected a hexadecimal digit in an escape, found '" + Character.toString(raw.codePointAt(at))
                    + "'");
        }
        at++;
        return digit;
    }

    /** Returns an exception that points at the beginning of the character or escape being read. */
    private CedarSyntaxException bad(String problem) {
        int line = token.line();
        int column = token.column();
        for (int i = 0; i < start; i += Character.charCount(raw.codePointAt(i))) {
            if (raw.charAt(i) == '\n') {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
        return new CedarSyntaxException(problem, line, column);
    }
}
