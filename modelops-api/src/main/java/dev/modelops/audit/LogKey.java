package dev.modelops.audit;

import java.util.regex.Pattern;

/**
 * The key that a log's checkpoints are verified with, to be pinned by everybody who relies on the log: a verifier key in
 * text form (C2SP signed-note), such as {@code example.org/models+7b6e5a6f+AY…}.
 *
 * @param text origin, key id and key, joined by {@code +}
 */
public record LogKey(String text) {
    private static final Pattern FORM = Pattern.compile("[^\\s+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]+={0,2}");

    /**
     * Creates a key from its text.
     *
     * @param text origin, key id and key
     * @throws IllegalArgumentException if the text has another form
     */
    public LogKey {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "log key must look like <origin>+<8 hexadecimal digits>+<base64>, but was '" + text + "'");
        }
    }

    /**
     * Returns the identity of the log.
     *
     * @return the origin
     */
    public String origin() {
        return text.substring(0, text.indexOf('+'));
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return text;
    }
}
