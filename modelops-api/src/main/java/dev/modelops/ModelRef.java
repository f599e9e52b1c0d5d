package dev.modelops;

import java.util.regex.Pattern;

/**
 * A reference to one version of one model. The text form is {@code name@number}, such as {@code credit-risk@3}.
 *
 * @param name the model
 * @param version the version
 */
public record ModelRef(ModelName name, VersionNumber version) implements Comparable<ModelRef> {
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    /**
     * Returns a reference.
     *
     * @param name the model's name
     * @param version the version's number
     * @return the reference
     * @throws IllegalArgumentException if either is not valid
     */
    public static ModelRef of(String name, int version) {
        return new ModelRef(ModelName.of(name), VersionNumber.of(version));
    }

    /**
     * Parses the text form.
     *
     * @param text for example {@code credit-risk@3}
     * @return the reference
     * @throws IllegalArgumentException if the text has another form
     */
    public static ModelRef parse(String text) {
        int at = text.indexOf('@');
        if (at < 0 || !NUMBER.matcher(text.substring(at + 1)).matches()) {
            throw new IllegalArgumentException("version must look like credit-risk@3, but was '" + text + "'");
        }
        return of(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
    }

    @Override
    public int compareTo(ModelRef other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : version.compareTo(other.version);
    }

    /** Returns the text form that {@link #parse} reads. */
    @Override
    public String toString() {
        return name + "@" + version;
    }
}
