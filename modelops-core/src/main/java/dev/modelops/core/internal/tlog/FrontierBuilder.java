package dev.modelops.core.internal.tlog;

import java.util.ArrayList;
import java.util.List;

/** A {@link Frontier} that grows in place, for long runs of leaves; for one thread only. */
public final class FrontierBuilder {
    private final TreeHasher hasher = new TreeHasher();
    private final ArrayList<byte[]> hashes;
    private long size;

    /** Starts from a frontier, which stays as it is. */
    public FrontierBuilder(Frontier start) {
        this.size = start.size();
        this.hashes = new ArrayList<>(start.hashes());
    }

    /** Adds a leaf. */
    public void append(byte[] leafHash) {
        Merkle.requireHash(leafHash);
        byte[] hash = leafHash;
        for (long bits = size; (bits & 1) == 1; bits >>= 1) {
            hash = hasher.node(hashes.remove(hashes.size() - 1), hash);
        }
        hashes.add(hash);
        size++;
    }

    /** Returns the number of leaves. */
    public long size() {
        return size;
    }

    /** Returns the root of the tree so far. */
    public byte[] root() {
        if (size == 0) {
            return Merkle.emptyRoot();
        }
        byte[] root = hashes.get(hashes.size() - 1);
        for (int i = hashes.size() - 2; i >= 0; i--) {
            root = hasher.node(hashes.get(i), root);
        }
        return root;
    }

    /** Returns the frontier so far. */
    public Frontier toFrontier() {
        return size == 0 ? Frontier.empty() : new Frontier(size, List.copyOf(hashes));
    }
}
