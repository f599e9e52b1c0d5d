package dev.modelops.core.internal.tlog;

import dev.modelops.IntegrityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes roots and proofs for every size of a growing tree. Keeps the hashes of complete subtrees of 256 leaves and more,
 * less than half a byte for each leaf, and the leaves of the last, unfinished block; what lies below is read again from the
 * leaves and checked, at most two ranges of 256 for a proof.
 *
 * <p>One thread appends while any number make proofs: those see every leaf that {@link #size} counts.
 */
public final class MerkleTree {
    static final int KEPT_LEVEL = 8;

    /** How many leaves a complete block has. */
    public static final int BLOCK = 1 << KEPT_LEVEL;

    private final LeafSource source;
    private final HashColumn[] kept = new HashColumn[Long.SIZE - KEPT_LEVEL];
    private final List<byte[]> block = new ArrayList<>(BLOCK);
    private volatile long size;

    /** Reads the leaf hashes of the tree. */
    @FunctionalInterface
    public interface LeafSource {
        /**
         * Returns the hashes of exactly {@code count} leaves, which {@link MerkleTree#size} already counted.
         *
         * @param from the index of the first
         * @param count how many, at most 256
         */
        List<byte[]> leafHashes(long from, int count);
    }

    /** Creates a tree without leaves. */
    public MerkleTree(LeafSource source) {
        this.source = source;
        Arrays.setAll(kept, level -> new HashColumn());
    }

    /** Adds a leaf. The source must be able to return it from now on. */
    public synchronized void append(byte[] leafHash) {
        if (leafHash.length != TreeHasher.LENGTH) {
            throw new IllegalArgumentException(
                    "leaf hash must have " + TreeHasher.LENGTH + " bytes, but had " + leafHash.length);
        }
        block.add(leafHash.clone());
        long next = size + 1;
        if (block.size() == BLOCK) {
            TreeHasher hasher = new TreeHasher();
            complete(hasher, hasher.root(block), next >> KEPT_LEVEL);
            block.clear();
        }
        size = next;
    }

    private void complete(TreeHasher hasher, byte[] root, long blocks) {
        byte[] hash = root;
        int level = 0;
        kept[level].append(hash);
        for (long nodes = blocks; (nodes & 1) == 0; nodes >>= 1) {
            hash = hasher.node(kept[level].get(nodes - 2), hash);
            kept[++level].append(hash);
        }
    }

    /** Returns what it takes to go on from a size that the tree had. */
    public TreeNodes nodes(long size) {
        requireSize(size);
        byte[] blocks = kept[0].first(size >> KEPT_LEVEL);
        int rest = (int) (size % BLOCK);
        List<byte[]> leaves = rest == 0 ? List.of() : new Reading().leaves(size >> KEPT_LEVEL, rest);
        return new TreeNodes(size, blocks, leaves);
    }

    /** Returns the tree that such nodes are of. That it is the right one shows when its root is compared. */
    public static MerkleTree of(TreeNodes nodes, LeafSource source) {
        MerkleTree tree = new MerkleTree(source);
        tree.begin(nodes);
        return tree;
    }

    private synchronized void begin(TreeNodes nodes) {
        TreeHasher hasher = new TreeHasher();
        for (long number = 0; number < nodes.size() >> KEPT_LEVEL; number++) {
            complete(hasher, nodes.block(number), number + 1);
        }
        block.addAll(nodes.leaves());
        size = nodes.size();
    }

    /** Returns the frontier that the tree had with the given number of leaves; reads nothing for a multiple of 256. */
    public Frontier frontier(long size) {
        requireSize(size);
        Reading reading = new Reading();
        List<byte[]> hashes = new ArrayList<>();
        long from = 0;
        while (from < size) {
            long to = from + Long.highestOneBit(size - from);
            hashes.add(reading.root(from, to));
            from = to;
        }
        return Frontier.of(size, hashes);
    }

    /** Returns the leaves after the last complete block, if that is where a block begins; empty if it is complete. */
    private synchronized List<byte[]> unfinished(long number) {
        return number == size >> KEPT_LEVEL ? List.copyOf(block) : List.of();
    }

    /** Returns the number of leaves. */
    public long size() {
        return size;
    }

    /** Returns the root that the tree had with the given number of leaves, at most the present one. */
    public byte[] root(long size) {
        requireSize(size);
        return size == 0 ? Merkle.emptyRoot() : new Reading().root(0, size);
    }

    /**
     * Proves that a leaf is in the tree of the given size (RFC 6962, section 2.1.1).
     *
     * @throws IllegalArgumentException unless {@code 0 <= index < size}, and the tree has that size
     */
    public List<byte[]> inclusionProof(long index, long size) {
        requireSize(size);
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("index must be in a tree of " + size + " leaves, but was " + index);
        }
        Reading reading = new Reading();
        List<byte[]> proof = new ArrayList<>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + Merkle.split(to - from);
            if (index < middle) {
                proof.add(reading.root(middle, to));
                to = middle;
            } else {
                proof.add(reading.root(from, middle));
                from = middle;
            }
        }
        Collections.reverse(proof);
        return proof;
    }

    /**
     * Proves that the tree of the second size begins with that of the first (RFC 6962, section 2.1.2).
     *
     * @throws IllegalArgumentException unless {@code 0 < size1 <= size2}, and the tree has that size
     */
    public List<byte[]> consistencyProof(long size1, long size2) {
        requireSize(size2);
        if (size1 <= 0 || size1 > size2) {
            throw new IllegalArgumentException(
                    "first size must be from 1 to the second, " + size2 + ", but was " + size1);
        }
        Reading reading = new Reading();
        List<byte[]> proof = new ArrayList<>();
        long from = 0;
        long to = size2;
        while (to != size1) {
            long middle = from + Merkle.split(to - from);
            if (size1 <= middle) {
                proof.add(reading.root(middle, to));
                to = middle;
            } else {
                proof.add(reading.root(from, middle));
                from = middle;
            }
        }
        if (from > 0) {
            proof.add(reading.root(from, to));
        }
        Collections.reverse(proof);
        return proof;
    }

    private void requireSize(long wanted) {
        if (wanted < 0 || wanted > size) {
            throw new IllegalArgumentException("size must be from 0 to the present " + size + ", but was " + wanted);
        }
    }

    /** Computes subtree roots for one proof; a block of leaves is read once. */
    private final class Reading {
        private final TreeHasher hasher = new TreeHasher();
        private final Map<Long, List<byte[]>> blocks = new HashMap<>();

        /** Returns the root over a range that RFC 6962 splits off: it starts at a multiple of a power of two not below its width. */
        byte[] root(long from, long to) {
            long width = to - from;
            if (width < BLOCK) {
                List<byte[]> leaves = blocks.computeIfAbsent(from / BLOCK, this::read);
                int offset = (int) (from % BLOCK);
                return hasher.root(leaves.subList(offset, offset + (int) width));
            }
            if (Long.bitCount(width) == 1) {
                int level = Long.numberOfTrailingZeros(width);
                return kept[level - KEPT_LEVEL].get(from >> level);
            }
            long middle = from + Merkle.split(width);
            return hasher.node(root(from, middle), root(middle, to));
        }

        /** Returns the first leaves of a block. */
        List<byte[]> leaves(long number, int count) {
            return blocks.computeIfAbsent(number, this::read).subList(0, count);
        }

        private List<byte[]> read(long number) {
            List<byte[]> unfinished = unfinished(number);
            if (!unfinished.isEmpty()) {
                return unfinished;
            }
            long from = number * BLOCK;
            List<byte[]> leaves = source.leafHashes(from, BLOCK);
            if (leaves.size() != BLOCK) {
                throw new IntegrityException("expected " + BLOCK + " leaf hashes from " + from + ", but read "
                        + leaves.size() + ": verify the store");
            }
            if (!Arrays.equals(hasher.root(leaves), kept[0].get(number))) {
                throw new IntegrityException("entries " + from + " to " + (from + BLOCK - 1)
                        + " are no longer what was appended: verify the store");
            }
            return leaves;
        }
    }

    /** A list of hashes that one thread appends to while others read what a volatile write after it made known. */
    private static final class HashColumn {
        private volatile byte[] bytes = new byte[0];
        private int count;

        void append(byte[] hash) {
            int offset = Math.multiplyExact(count, TreeHasher.LENGTH);
            if (offset == bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(8 * TreeHasher.LENGTH, Math.multiplyExact(offset, 2)));
            }
            System.arraycopy(hash, 0, bytes, offset, TreeHasher.LENGTH);
            count++;
        }

        byte[] first(long number) {
            return Arrays.copyOf(bytes, Math.toIntExact(number * TreeHasher.LENGTH));
        }

        byte[] get(long index) {
            int offset = Math.toIntExact(index * TreeHasher.LENGTH);
            return Arrays.copyOfRange(bytes, offset, offset + TreeHasher.LENGTH);
        }
    }
}
