package dev.modelops;

import java.util.regex.Pattern;

/**
 * A role that a principal may hold, by a grant in the log or by a claim of the host.
 *
 * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
 */
public record Role(String value) implements Comparable<Role> {
    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    /** Administers roles; holds no power over models. */
    public static final Role ADMIN = new Role("admin");

    /** Registers versions and attaches evidence to them. */
    public static final Role DATA_SCIENTIST = new Role("data-scientist");

    /** Judges versions that somebody else registered. */
    public static final Role VALIDATOR = new Role("validator");

    /** Promotes, rolls back, retires and revokes. */
    public static final Role RELEASE_MANAGER = new Role("release-manager");

    /** Reads everything and changes nothing. */
    public static final Role AUDITOR = new Role("auditor");

    /** Loads champions and serves them. */
    public static final Role SERVICE = new Role("service");

    /** Erases texts that people wrote. */
    public static final Role PRIVACY_OFFICER = new Role("privacy-officer");

    /** Places and lifts legal holds. */
    public static final Role LEGAL_OFFICER = new Role("legal-officer");

    /**
     * Creates a value from its text.
     *
     * @param value 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit
     * @throws IllegalArgumentException if the text has another form
     */
    public Role {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "role must be 1 to 128 characters a-z, 0-9, dot, hyphen or underscore, beginning with a letter or digit, but was '"
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
    public static Role of(String value) {
        return new Role(value);
    }

    @Override
    public int compareTo(Role other) {
        return value.compareTo(other.value);
    }

    /** Returns the text. */
    @Override
    public String toString() {
        return value;
    }
}
