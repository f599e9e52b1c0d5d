package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import java.util.Arrays;
import java.util.List;

/** The hashes and proof checks of an RFC 6962 SHA-256 tree. */
public final class Merkle {
    private Merkle() {}

    /** Returns the hash of an entry as a leaf. {@link TreeHasher} is quicker for many. */
    public static byte[] leafHash(byte[] entry) {
        return new TreeHasher().leaf(entry);
    }

    /** Returns the hash of an inner node. {@link TreeHasher} is quicker for many. */
    public static byte[] nodeHash(byte[] left, byte[] right) {
        requireHash(left);
        requireHash(right);
        return new TreeHasher().node(left, right);
    }

    /** Returns the root of the tree without leaves. */
    public static byte[] emptyRoot() {
        return Crypto.sha256().digest();
    }

    /**
     * Tells whether a proof leads from a leaf to a root (RFC 9162, section 2.1.3.2). The proof must have exactly the
     * length that index and size call for; arguments that make no sense are a proof that fails.
     */
    public static boolean verifyInclusion(long index, long size, byte[] leafHash, List<byte[]> proof, byte[] root) {
        if (index < 0 || index >= size || !isHash(leafHash) || !isHash(root) || !areHashes(proof)) {
            return false;
        }
        TreeHasher hasher = new TreeHasher();
        long node = index;
        long last = size - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : proof) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = hasher.node(sibling, hash);
                int lonely = Long.numberOfTrailingZeros(node);
                node >>= lonely;
                last >>= lonely;
            } else {
                hash = hasher.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(hash, root);
    }

    /**
     * Tells whether a proof shows that one tree begins with another (RFC 9162, section 2.1.4.2). The proof must have
     * exactly the length that the sizes call for. False unless {@code 0 < size1 <= size2}: that every tree begins with
     * the empty one is for the caller to say.
     */
    public static boolean verifyConsistency(long size1, long size2, byte[] root1, byte[] root2, List<byte[]> proof) {
        if (size1 <= 0 || size1 > size2 || !isHash(root1) || !isHash(root2) || !areHashes(proof)) {
            return false;
        }
        if (size1 == size2) {
            return proof.isEmpty() && Arrays.equals(root1, root2);
        }
        if (proof.isEmpty()) {
            return false;
        }
        boolean whole = Long.bitCount(size1) == 1;
        byte[] start = whole ? root1 : proof.get(0);
        TreeHasher hasher = new TreeHasher();
        int complete = Long.numberOfTrailingZeros(size1);
        long node = (size1 - 1) >> complete;
        long last = (size2 - 1) >> complete;
        byte[] hash1 = start;
        byte[] hash2 = start;
        for (byte[] sibling : whole ? proof : proof.subList(1, proof.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash1 = hasher.node(sibling, hash1);
                hash2 = hasher.node(sibling, hash2);
                int lonely = Long.numberOfTrailingZeros(node);
                node >>= lonely;
                last >>= lonely;
            } else {
                hash2 = hasher.node(hash2, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(hash1, root1) && Arrays.equals(hash2, root2);
    }

    /** Returns the size of the left subtree of a tree with at least two leaves: the largest power of two below it. */
    static long split(long size) {
        return Long.highestOneBit(size - 1);
    }

    static void requireHash(byte[] hash) {
        if (!isHash(hash)) {
            throw new IllegalArgumentException("hash must have 32 bytes, but had " + hash.length);
        }
    }

    private static boolean isHash(byte[] hash) {
        return hash.length == TreeHasher.LENGTH;
    }

    private static boolean areHashes(List<byte[]> hashes) {
        return hashes.stream().allMatch(Merkle::isHash);
    }
}
