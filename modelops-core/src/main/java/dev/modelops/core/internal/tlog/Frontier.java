package dev.modelops.core.internal.tlog;

import java.util.List;

/**
 * What must be kept of a tree to go on appending to it and to know its root: the roots of its complete subtrees, one for
 * each bit set in its size, the largest first. Immutable.
 */
public final class Frontier {
    private static final Frontier EMPTY = new Frontier(0, List.of());

    private final long size;
    private final List<byte[]> hashes;

    Frontier(long size, List<byte[]> hashes) {
        this.size = size;
        this.hashes = hashes;
    }

    /** Returns the frontier of the tree without leaves. */
    public static Frontier empty() {
        return EMPTY;
    }

    /**
     * Returns a frontier from what {@link #size} and {@link #hashes} gave.
     *
     * @throws IllegalArgumentException if the number of hashes is not that of the size
     */
    public static Frontier of(long size, List<byte[]> hashes) {
        if (size < 0 || hashes.size() != Long.bitCount(size)) {
            throw new IllegalArgumentException("frontier must have one hash for each bit set in its size, but had "
                    + hashes.size() + " hashes for size " + size);
        }
        hashes.forEach(Merkle::requireHash);
        return new Frontier(size, List.copyOf(hashes));
    }

    /** Returns the number of leaves. */
    public long size() {
        return size;
    }

    /** Returns the roots of the complete subtrees, the largest first. */
    public List<byte[]> hashes() {
        return hashes;
    }

    /** Returns the root of the tree. */
    public byte[] root() {
        return new FrontierBuilder(this).root();
    }

    /** Returns the frontier with one leaf more. */
    public Frontier append(byte[] leafHash) {
        return appendAll(List.of(leafHash));
    }

    /** Returns the frontier with more leaves. */
    public Frontier appendAll(List<byte[]> leafHashes) {
        FrontierBuilder builder = new FrontierBuilder(this);
        leafHashes.forEach(builder::append);
        return builder.toFrontier();
    }

    @Override
    public String toString() {
        return "frontier of " + size;
    }
}
