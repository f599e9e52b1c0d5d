package dev.modelops;

import java.util.regex.Pattern;

/**
 * A place where a model serves and has one champion, such as production.
 *
 * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
 */
public record Environment(String value) implements Comparable<Environment> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    /** Where models serve for real. */
    public static final Environment PRODUCTION = new Environment("production");

    /** Where models are tried before production. */
    public static final Environment STAGING = new Environment("staging");

    /**
     * Creates a value from its text.
     *
     * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
     * @throws IllegalArgumentException if the text has another form
     */
    public Environment {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "environment must be 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit, but was '"
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
    public static Environment of(String value) {
        return new Environment(value);
    }

    @Override
    public int compareTo(Environment other) {
        return value.compareTo(other.value);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return value;
    }
}
