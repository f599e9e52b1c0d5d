package dev.modelops;

/**
 * The identity of one act, chosen by the caller or drawn by the library: an act repeated under the same identity happens once.
 * Identities that begin with {@code alert-}, {@code harm-}, {@code response-}, {@code segment-} or {@code verdict-} are kept
 * for acts of the library itself; an act that a caller gives one is refused with {@link IllegalArgumentException}.
 *
 * @param value 1 to 64 characters A-Z, a-z, 0-9, dot, hyphen, underscore or colon
 */
public record CommandId(String value) implements Comparable<CommandId> {
    private static final int MOST = 64;

    /**
     * Creates a value from its text.
     *
     * @param value 1 to 64 characters A-Z, a-z, 0-9, dot, hyphen, underscore or colon
     * @throws IllegalArgumentException if the text has another form
     */
    public CommandId {
        if (!isWellFormed(value)) {
            throw new IllegalArgumentException(
                    "command id must be 1 to 64 characters A-Z, a-z, 0-9, dot, hyphen, underscore or colon, but was '"
                            + value + "'");
        }
    }

    /**
     * Returns the value with the given text.
     *
     * @param value 1 to 64 characters A-Z, a-z, 0-9, dot, hyphen, underscore or colon
     * @return the value
     * @throws IllegalArgumentException if the text has another form
     */
    public static CommandId of(String value) {
        return new CommandId(value);
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' && c != ':') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MOST;
    }

    @Override
    public int compareTo(CommandId other) {
        return value.compareTo(other.value);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return value;
    }
}
