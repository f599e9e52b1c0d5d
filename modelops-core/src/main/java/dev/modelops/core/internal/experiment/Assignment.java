package dev.modelops.core.internal.experiment;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/**
 * Puts units (people, cases, sessions) into buckets by a hash, so that the same unit is always in the same one and nobody has
 * to remember which: MurmurHash3, 32 bits, seed 1, as Optimizely's public clients use it.
 */
public final class Assignment {
    /** How many buckets there are. */
    public static final int BUCKETS = 10_000;

    private static final HashFunction MURMUR = Hashing.murmur3_32_fixed(1);
    private static final char SEPARATOR = 0;

    private Assignment() {}

    /** Returns the bucket of a key: its hash as a share of 2^32, of {@value #BUCKETS}, rounded down. */
    public static int bucket(String key) {
        long hash = MURMUR.hashString(key, StandardCharsets.UTF_8).asInt() & 0xffff_ffffL;
        return (int) (hash * BUCKETS >>> 32);
    }

    /**
     * Returns the bucket of a unit in an experiment. Buckets of the same unit in experiments with other salts are independent
     * of it.
     */
    public static int bucket(String salt, String unit) {
        if (salt.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException(
                    "a salt has no NUL in it, so that no two pairs of salt and unit are one key");
        }
        return bucket(salt + SEPARATOR + unit);
    }
}
