package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.List;

/** Hashes leaves and nodes of an RFC 6962 tree; one instance for each piece of work, as it is for one thread only. */
public final class TreeHasher {
    static final int LENGTH = 32;

    private final MessageDigest sha256 = Crypto.sha256();
    private final byte[] node = new byte[1 + 2 * LENGTH];

    /** Creates a hasher. */
    public TreeHasher() {
        node[0] = 1;
    }

    /** Returns the hash of an entry as a leaf. */
    public byte[] leaf(byte[] entry) {
        sha256.update((byte) 0);
        return sha256.digest(entry);
    }

    /** Returns the hash of an inner node. */
    public byte[] node(byte[] left, byte[] right) {
        System.arraycopy(left, 0, node, 1, LENGTH);
        System.arraycopy(right, 0, node, 1 + LENGTH, LENGTH);
        sha256.update(node);
        byte[] hash = new byte[LENGTH];
        try {
            sha256.digest(hash, 0, LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException("SHA-256 did not give 32 bytes", e);
        }
        return hash;
    }

    /** Returns the root over at least one hash: the Merkle Tree Hash of RFC 6962, section 2.1, from the leaf hashes on. */
    byte[] root(List<byte[]> hashes) {
        if (hashes.size() == 1) {
            return hashes.get(0);
        }
        int left = (int) Merkle.split(hashes.size());
        return node(root(hashes.subList(0, left)), root(hashes.subList(left, hashes.size())));
    }
}
