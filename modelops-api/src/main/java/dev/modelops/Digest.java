package dev.modelops;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * The digest of some bytes: an algorithm and its output. The text form is {@code sha256:} and lower-case hexadecimal.
 *
 * @param algorithm one of {@code sha256} (32 bytes), {@code blake2b} (64 bytes), {@code blake3} (32 bytes)
 * @param value the output
 */
public record Digest(String algorithm, Bytes value) {
    private static final Map<String, Integer> LENGTHS = Map.of("sha256", 32, "blake2b", 64, "blake3", 32);

    /**
     * Creates a digest.
     *
     * @param algorithm one of {@code sha256}, {@code blake2b}, {@code blake3}
     * @param value the output
     * @throws IllegalArgumentException if the algorithm is unknown or the length is not that of the algorithm
     */
    public Digest {
        Integer length = LENGTHS.get(algorithm);
        if (length == null) {
            throw new IllegalArgumentException(
                    "digest algorithm must be one of sha256, blake2b, blake3, but was '" + algorithm + "'");
        }
        if (value.length() != length) {
            throw new IllegalArgumentException(
                    algorithm + " digest must have " + length + " bytes, but had " + value.length());
        }
    }

    /**
     * Returns a SHA-256 digest with the given output.
     *
     * @param value 32 bytes
     * @return the digest
     */
    public static Digest sha256(byte[] value) {
        return new Digest("sha256", Bytes.of(value));
    }

    /**
     * Computes the SHA-256 digest of some content.
     *
     * @param content what to hash
     * @return the digest
     */
    public static Digest sha256Of(Bytes content) {
        try {
            return sha256(MessageDigest.getInstance("SHA-256").digest(content.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    /**
     * Parses the text form.
     *
     * @param text for example {@code sha256:} and 64 lower-case hexadecimal digits
     * @return the digest
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || !isLowerHex(text, colon + 1)) {
            throw new IllegalArgumentException(
                    "digest must look like sha256:<lower-case hexadecimal>, but was '" + text + "'");
        }
        return new Digest(text.substring(0, colon), Bytes.parseHex(text.substring(colon + 1)));
    }

    /**
     * Refuses a digest of any other algorithm than {@code sha256}, as every method of a store must.
     *
     * @throws IllegalArgumentException if it is of another algorithm
     */
    public void requireSha256() {
        if (!algorithm.equals("sha256")) {
            throw new IllegalArgumentException("expected a sha256 digest, found " + this);
        }
    }

    private static boolean isLowerHex(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return (text.length() - from) % 2 == 0;
    }

    /**
     * Returns the lower-case hexadecimal form without the algorithm.
     *
     * @return the digits
     */
    public String toHex() {
        return value.toHex();
    }

    /** Returns the text form that {@link #parse} reads. */
    @Override
    public String toString() {
        return algorithm + ":" + value.toHex();
    }
}
