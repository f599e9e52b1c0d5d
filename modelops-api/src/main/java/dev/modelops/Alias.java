package dev.modelops;

import java.util.regex.Pattern;

/**
 * A movable name for a version of a model, such as {@code latest-tested}.
 *
 * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
 */
public record Alias(String value) implements Comparable<Alias> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    /**
     * Creates a value from its text.
     *
     * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
     * @throws IllegalArgumentException if the text has another form
     */
    public Alias {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "alias must be 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit, but was '"
                            + value + "'");
        }
    }

    /**
     * Returns the value with the given text.
     *
     * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
     * @return the value
     * @throws IllegalArgumentException if the text has another form
     */
    public static Alias of(String value) {
        return new Alias(value);
    }

    @Override
    public int compareTo(Alias other) {
        return value.compareTo(other.value);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return value;
    }
}
