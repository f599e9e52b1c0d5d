package dev.modelops.core.internal.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of the Java runtime, apart from {@link Crypto} so that what only hashes does not wait for Bouncy Castle. */
public final class Sha256 {
    private Sha256() {}

    /** Returns a fresh one. */
    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }
}
