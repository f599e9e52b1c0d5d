package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whose signature is believed, and whose word for it.
 *
 * @param key the key that signed: SHA-256 over its SubjectPublicKeyInfo in DER
 * @param certifiers the keys of those who certified it, up to the anchor that is trusted; none if the key itself is trusted
 */
public record SignedBy(Digest key, Set<Digest> certifiers) {
    /** Copies the set. */
    public SignedBy {
        certifiers = Set.copyOf(certifiers);
    }

    /** Returns a signature by a key that is trusted itself. */
    static SignedBy key(Digest key) {
        return new SignedBy(key, Set.of());
    }

    /** Returns all keys that the signature rests on. */
    public Stream<Digest> keys() {
        return Stream.concat(Stream.of(key), certifiers.stream());
    }
}
