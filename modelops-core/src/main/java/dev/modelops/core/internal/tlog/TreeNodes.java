package dev.modelops.core.internal.tlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The least of a {@link MerkleTree} from which it can be made again: the roots of its complete blocks of 256 leaves, and
 * the leaves after the last of them. Not proven to be of any log until the root is compared.
 */
public final class TreeNodes {
    private final long size;
    private final byte[] blocks;
    private final List<byte[]> leaves;

    /**
     * Creates nodes.
     *
     * @param size the number of leaves
     * @param blocks the roots of the complete blocks, 32 bytes each, one after another
     * @param leaves the hashes of the leaves after them
     * @throws IllegalArgumentException if there are more or fewer than the size calls for
     */
    public TreeNodes(long size, byte[] blocks, List<byte[]> leaves) {
        if (size < 0
                || blocks.length != (size >> MerkleTree.KEPT_LEVEL) * TreeHasher.LENGTH
                || leaves.size() != size % MerkleTree.BLOCK) {
            throw new IllegalArgumentException("a tree of " + size + " leaves has other nodes than "
                    + blocks.length / TreeHasher.LENGTH + " blocks and " + leaves.size() + " leaves");
        }
        leaves.forEach(Merkle::requireHash);
        this.size = size;
        this.blocks = blocks.clone();
        this.leaves = List.copyOf(leaves);
    }

    /** Reads the nodes of a tree of a size from a source of bytes that gives as many as it is asked for. */
    public static TreeNodes read(long size, IntFunction<byte[]> bytes) {
        byte[] blocks =
                bytes.apply(Math.toIntExact(Math.multiplyExact(size >> MerkleTree.KEPT_LEVEL, TreeHasher.LENGTH)));
        List<byte[]> leaves = new ArrayList<>();
        for (long rest = size % MerkleTree.BLOCK; rest > 0; rest--) {
            leaves.add(bytes.apply(TreeHasher.LENGTH));
        }
        return new TreeNodes(size, blocks, leaves);
    }

    /** Returns the number of leaves. */
    public long size() {
        return size;
    }

    /** Returns the roots of the complete blocks, one after another. */
    public byte[] blocks() {
        return blocks.clone();
    }

    /** Returns the hashes of the leaves after the last complete block. */
    public List<byte[]> leaves() {
        return leaves;
    }

    byte[] block(long number) {
        int offset = Math.toIntExact(number * TreeHasher.LENGTH);
        return Arrays.copyOfRange(blocks, offset, offset + TreeHasher.LENGTH);
    }

    @Override
    public String toString() {
        return "nodes of a tree of " + size;
    }
}
