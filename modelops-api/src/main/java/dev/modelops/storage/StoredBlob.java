package dev.modelops.storage;

import dev.modelops.Digest;
import java.time.Duration;
import java.util.Objects;

/**
 * One blob as a store lists it.
 *
 * @param digest the SHA-256 digest it is kept under
 * @param length its length in bytes
 * @param age how long it has been there, by the store's own clock, as finely as the store knows; never negative
 */
public record StoredBlob(Digest digest, long length, Duration age) {
    /**
     * Creates it.
     *
     * @param digest the SHA-256 digest it is kept under
     * @param length its length in bytes
     * @param age how long it has been there
     * @throws IllegalArgumentException if length or age is negative
     */
    public StoredBlob {
        Objects.requireNonNull(digest, "digest");
        if (length < 0 || age.isNegative()) {
            throw new IllegalArgumentException(
                    "expected a length and an age of at least 0, found " + length + " bytes and " + age);
        }
    }
}
