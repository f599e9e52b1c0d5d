package dev.modelops.core.internal.signing;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.crypto.Sha256;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** The hashes for the files of a model that OpenSSF Model Signing v1.0 registers. */
public enum FileHash {
    /** SHA-256, by the Java runtime. */
    SHA256("sha256", 32, null),
    /** BLAKE2b with 512 bits. */
    BLAKE2B("blake2b", 64, "BLAKE2B-512"),
    /** BLAKE3 with 256 bits. */
    BLAKE3("blake3", 32, "BLAKE3-256");

    private final String id;
    private final int length;
    private final @Nullable String bouncyCastleName;

    FileHash(String id, int length, @Nullable String bouncyCastleName) {
        this.id = id;
        this.length = length;
        this.bouncyCastleName = bouncyCastleName;
    }

    /** Returns the name in the registry of the specification. */
    public String id() {
        return id;
    }

    /** Returns how many bytes a digest has. */
    int length() {
        return length;
    }

    MessageDigest start() {
        if (bouncyCastleName == null) {
            return Sha256.start();
        }
        try {
            return MessageDigest.getInstance(bouncyCastleName, Crypto.BOUNCY_CASTLE);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Bouncy Castle has no " + bouncyCastleName, e);
        }
    }

    /** Returns the hash of a name, or null if there is none. */
    static @Nullable FileHash of(String id) {
        for (FileHash hash : values()) {
            if (hash.id.equals(id)) {
                return hash;
            }
        }
        return null;
    }
}
