package dev.modelops;

/**
 * The number of a version within its model: 1 for the first, then one more for each.
 *
 * @param value at least 1
 */
public record VersionNumber(int value) implements Comparable<VersionNumber> {
    /**
     * Creates a version number.
     *
     * @param value at least 1
     * @throws IllegalArgumentException if the value is below 1
     */
    public VersionNumber {
        if (value < 1) {
            throw new IllegalArgumentException("version number must be at least 1, but was " + value);
        }
    }

    /**
     * Returns a version number.
     *
     * @param value at least 1
     * @return the number
     * @throws IllegalArgumentException if the value is below 1
     */
    public static VersionNumber of(int value) {
        return new VersionNumber(value);
    }

    @Override
    public int compareTo(VersionNumber other) {
        return Integer.compare(value, other.value);
    }

    /** Returns the decimal digits. */
    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
