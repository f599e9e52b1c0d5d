package dev.modelops;

import java.util.regex.Pattern;

/**
 * The name of a model, unique in a log.
 *
 * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
 */
public record ModelName(String value) implements Comparable<ModelName> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    /**
     * Creates a value from its text.
     *
     * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
     * @throws IllegalArgumentException if the text has another form
     */
    public ModelName {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "model name must be 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit, but was '"
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
    public static ModelName of(String value) {
        return new ModelName(value);
    }

    @Override
    public int compareTo(ModelName other) {
        return value.compareTo(other.value);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return value;
    }
}
