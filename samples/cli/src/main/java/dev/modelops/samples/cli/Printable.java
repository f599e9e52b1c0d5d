package dev.modelops.samples.cli;

/**
 * Makes text from a log safe to print: whoever wrote an entry must not be able to move the cursor, hide a line or reverse
 * the direction of an auditor's terminal.
 */
final class Printable {
    private Printable() {}

    /** Returns the text with every character that has no shape of its own written as an escape. */
    static String of(String text) {
        return escape(text, false);
    }

    /** Does the same but leaves line breaks. */
    static String lines(String text) {
        return escape(text, true);
    }

    private static String escape(String text, boolean keepLines) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n' && keepLines || !hides(c)) {
                safe.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    safe.append(String.format("\\u%04x", (int) unit));
                }
            }
        });
        return safe.toString();
    }

    private static boolean hides(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
