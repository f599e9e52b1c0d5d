package dev.modelops.core.internal.tlog;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tree of RFC 6962, section 2.1, word for word from its recursive definitions; slow and independent of the real one. */
final class NaiveTree {
    private final List<byte[]> entries;
    private final Map<List<Integer>, byte[]> known = new HashMap<>();

    NaiveTree(List<byte[]> entries) {
        this.entries = entries;
    }

    /** MTH(D[from:to]). */
    byte[] hash(int from, int to) {
        if (from == to) {
            return sha256(new byte[0]);
        }
        if (to - from == 1) {
            return sha256(new byte[] {0}, entries.get(from));
        }
        byte[] hash = known.get(List.of(from, to));
        if (hash == null) {
            int k = split(to - from);
            hash = sha256(new byte[] {1}, hash(from, from + k), hash(from + k, to));
            known.put(List.of(from, to), hash);
        }
        return hash;
    }

    /** PATH(m, D[from:to]). */
    List<byte[]> path(int m, int from, int to) {
        if (to - from == 1) {
            return List.of();
        }
        int k = split(to - from);
        return m < k
                ? join(path(m, from, from + k), hash(from + k, to))
                : join(path(m - k, from + k, to), hash(from, from + k));
    }

    /** PROOF(m, D[0:n]). */
    List<byte[]> proof(int m, int n) {
        return subproof(m, 0, n, true);
    }

    private List<byte[]> subproof(int m, int from, int to, boolean complete) {
        if (m == to - from) {
            return complete ? List.of() : List.of(hash(from, to));
        }
        int k = split(to - from);
        return m <= k
                ? join(subproof(m, from, from + k, complete), hash(from + k, to))
                : join(subproof(m - k, from + k, to, false), hash(from, from + k));
    }

    private static int split(int n) {
        int k = 1;
        while (2 * k < n) {
            k *= 2;
        }
        return k;
    }

    private static List<byte[]> join(List<byte[]> first, byte[] last) {
        List<byte[]> all = new ArrayList<>(first);
        all.add(last);
        return all;
    }

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
