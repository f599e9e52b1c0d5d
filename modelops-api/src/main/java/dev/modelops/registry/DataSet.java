package dev.modelops.registry;

import dev.modelops.Digest;

/**
 * A data set that a version was made from, by reference.
 *
 * @param name what people call it, 1 to 256 characters
 * @param digest the digest of its content
 */
public record DataSet(String name, Digest digest) {
    /**
     * Creates a reference.
     *
     * @param name what people call it
     * @param digest the digest of its content
     * @throws IllegalArgumentException if the name has another length
     */
    public DataSet {
        if (name.isBlank() || name.length() > 256) {
            throw new IllegalArgumentException("data set name must have 1 to 256 characters, but was '" + name + "'");
        }
    }
}
