package dev.modelops.core.internal.state;

import dev.modelops.CommandId;
import dev.modelops.core.internal.crypto.Crypto;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of all acts by the identity of the act, at about 30 bytes for each. Immutable; versions share all but the
 * path to what was added.
 *
 * <p>A trie over the first 128 bits of the SHA-256 of an identity, whose leaves are packed and sorted. Its form depends
 * on what it holds and not on the order in which that came. Two identities with the same 128 bits would count as one: the
 * later act would be answered from the earlier entry, or refused, and nothing else. To hit that of somebody else takes
 * 2^128 tries.
 */
public final class CommandIndex {
    private static final int BITS = 3;
    private static final int FAN_OUT = 1 << BITS;
    private static final int MOST_IN_LEAF = 32;
    private static final int DEEPEST = Long.SIZE / BITS;
    private static final int WORDS = 3;
    private static final CommandIndex EMPTY = new CommandIndex(new long[0], 0);

    /** A leaf is a {@code long[]} of key, key, index, over and over; a branch is an {@code Object[]} of its children. */
    private final Object root;

    private final int size;

    private CommandIndex(Object root, int size) {
        this.root = root;
        this.size = size;
    }

    /** Takes what an index holds, in the order of the keys. */
    @FunctionalInterface
    interface Visitor {
        void visit(long high, long low, long index);
    }

    /** Returns the index without acts. */
    public static CommandIndex empty() {
        return EMPTY;
    }

    /**
     * Returns the index of what is packed.
     *
     * @param packed key, key, index, over and over, the keys ascending
     * @param count how many
     */
    static CommandIndex of(long[] packed, int count) {
        for (int i = 1; i < count; i++) {
            if (compare(packed, i - 1, packed[i * WORDS], packed[i * WORDS + 1]) >= 0) {
                throw new IllegalArgumentException("acts must be in ascending order");
            }
        }
        return new CommandIndex(build(packed, 0, count, 0), count);
    }

    /** Returns the number of acts. */
    public int size() {
        return size;
    }

    /** Returns the index of the entry of an act, or null if it was not done. */
    public @Nullable Long get(CommandId id) {
        ByteBuffer key = key(id);
        long high = key.getLong();
        long low = key.getLong();
        Object node = root;
        for (int depth = 0; node instanceof Object[] branch; depth++) {
            node = branch[slot(high, depth)];
        }
        long[] leaf = (long[]) node;
        int place = place(leaf, high, low);
        return place < 0 ? null : leaf[place * WORDS + 2];
    }

    /** Returns the index with one act more; this index if the act is in it already. */
    public CommandIndex plus(CommandId id, long index) {
        ByteBuffer key = key(id);
        Object grown = plus(root, 0, key.getLong(), key.getLong(), index);
        return grown == root ? this : new CommandIndex(grown, Math.addExact(size, 1));
    }

    void forEach(Visitor visitor) {
        visit(root, visitor);
    }

    private static Object plus(Object node, int depth, long high, long low, long index) {
        if (node instanceof Object[] branch) {
            int slot = slot(high, depth);
            Object child = plus(branch[slot], depth + 1, high, low, index);
            if (child == branch[slot]) {
                return node;
            }
            Object[] changed = branch.clone();
            changed[slot] = child;
            return changed;
        }
        long[] leaf = (long[]) node;
        int place = place(leaf, high, low);
        if (place >= 0) {
            return node;
        }
        int at = -place - 1;
        long[] longer = new long[leaf.length + WORDS];
        System.arraycopy(leaf, 0, longer, 0, at * WORDS);
        longer[at * WORDS] = high;
        longer[at * WORDS + 1] = low;
        longer[at * WORDS + 2] = index;
        System.arraycopy(leaf, at * WORDS, longer, (at + 1) * WORDS, leaf.length - at * WORDS);
        int count = longer.length / WORDS;
        return count <= MOST_IN_LEAF ? longer : build(longer, 0, count, depth);
    }

    private static Object build(long[] packed, int from, int to, int depth) {
        if (to - from <= MOST_IN_LEAF || depth == DEEPEST) {
            return Arrays.copyOfRange(packed, from * WORDS, to * WORDS);
        }
        Object[] branch = new Object[FAN_OUT];
        int at = from;
        for (int slot = 0; slot < FAN_OUT; slot++) {
            int end = at;
            while (end < to && slot(packed[end * WORDS], depth) == slot) {
                end++;
            }
            branch[slot] = build(packed, at, end, depth + 1);
            at = end;
        }
        return branch;
    }

    private static void visit(Object node, Visitor visitor) {
        if (node instanceof Object[] branch) {
            for (Object child : branch) {
                visit(child, visitor);
            }
            return;
        }
        long[] leaf = (long[]) node;
        for (int i = 0; i < leaf.length; i += WORDS) {
            visitor.visit(leaf[i], leaf[i + 1], leaf[i + 2]);
        }
    }

    private static int slot(long high, int depth) {
        return (int) (high >>> (Long.SIZE - BITS * (depth + 1))) & (FAN_OUT - 1);
    }

    /** Returns where a key is, or {@code -place - 1} where it belongs. */
    private static int place(long[] leaf, long high, long low) {
        int from = 0;
        int to = leaf.length / WORDS;
        while (from < to) {
            int middle = (from + to) >>> 1;
            int order = compare(leaf, middle, high, low);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return -from - 1;
    }

    private static int compare(long[] packed, int place, long high, long low) {
        int byHigh = Long.compareUnsigned(packed[place * WORDS], high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(packed[place * WORDS + 1], low);
    }

    private static ByteBuffer key(CommandId id) {
        return ByteBuffer.wrap(Crypto.sha256().digest(id.value().getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CommandIndex that
                && size == that.size
                && Arrays.deepEquals(new Object[] {root}, new Object[] {that.root});
    }

    @Override
    public int hashCode() {
        return size;
    }

    @Override
    public String toString() {
        return size + " acts";
    }
}
