package dev.modelops;

import java.util.regex.Pattern;

/**
 * The identity of one act, chosen by the caller or drawn by the library: an act repeated under the same identity happens once.
 *
 * @param value 1 to 64 characters A-Z, a-z, 0-9, dot, hyphen, underscore or colon
 */
public record CommandId(String value) implements Comparable<CommandId> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    /**
     * Creates a value from its text.
     *
     * @param value 1 to 64 characters A-Z, a-z, 0-9, dot, hyphen, underscore or colon
     * @throws IllegalArgumentException if the text has another form
     */
    public CommandId {
        if (!FORM.matcher(value).matches()) {
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
