package dev.modelops.core.internal.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Writes elements that are at once HTML and XML. Texts can come from anybody: whatever they hold, they stay texts, and what
 * would be invisible, or would turn the order of other characters, is written out.
 */
final class Markup {
    /** How many characters of a text are shown. */
    static final int MOST_CHARACTERS = 500;

    private static final Pattern PATH = Pattern.compile("[MLHVZahlmv0-9., -]*+");

    private final StringBuilder out = new StringBuilder(1 << 16);
    private final Deque<String> open = new ArrayDeque<>();

    Markup raw(String markup) {
        out.append(markup);
        return this;
    }

    Markup open(String tag, String... attributes) {
        begin(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    Markup close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** Writes an element without content, of those that HTML lets end like this. */
    Markup empty(String tag, String... attributes) {
        begin(tag, attributes);
        out.append("/>");
        return this;
    }

    /** Draws a line. Its data are numbers of ours, and are written whole however long they are. */
    Markup path(String style, String data) {
        if (!PATH.matcher(data).matches()) {
            throw new IllegalArgumentException("expected the data of a path, found: " + data);
        }
        begin("path", "class", style);
        out.append(" d=\"").append(data).append("\"/>");
        return this;
    }

    Markup leaf(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    Markup text(String text) {
        escape(text);
        return this;
    }

    /** Writes a name that somebody gave, within a sentence of ours. */
    Markup name(String name) {
        return leaf("bdi", name);
    }

    int length() {
        return out.length();
    }

    String end() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return out.toString();
    }

    private void begin(String tag, String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
    }

    private void escape(String text) {
        int shown = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (shown == MOST_CHARACTERS) {
                out.append(" [cut: ").append(text.length()).append(" characters in all]");
                return;
            }
            shown++;
            i += Character.charCount(c);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n', '\r', '\t' -> out.append(' ');
                default -> {
                    if (isHidden(c)) {
                        out.append(String.format(Locale.ROOT, "[U+%04X]", c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        }
    }

    private static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
