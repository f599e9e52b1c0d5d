package dev.modelops.core.internal.tlog;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text of a checkpoint: what a log of some origin says its size and root are (C2SP tlog-checkpoint).
 *
 * @param origin the identity of the log, one line
 * @param size the number of entries
 * @param root the root of the tree over them, 32 bytes, copied in and out
 */
public record CheckpointBody(String origin, long size, byte[] root) {
    /**
     * Creates a checkpoint's text.
     *
     * @throws IllegalArgumentException if the origin is not one line of text, the size is negative, the root has not 32
     *     bytes, or size 0 comes without the root of the empty tree
     */
    public CheckpointBody {
        if (origin.isEmpty() || origin.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("origin must be one line, but was '" + NoteSyntax.cut(origin) + "'");
        }
        try {
            NoteSyntax.requireText("origin", origin);
        } catch (NoteException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        if (size < 0) {
            throw new IllegalArgumentException("size must not be negative, but was " + size);
        }
        Merkle.requireHash(root);
        if (size == 0 && !Arrays.equals(root, Merkle.emptyRoot())) {
            throw new IllegalArgumentException("root of size 0 must be that of the empty tree");
        }
        root = root.clone();
    }

    /**
     * Parses the text of a note. Lines after the third are extensions: they are passed over, though signed with the rest.
     *
     * @throws NoteException if it is malformed
     */
    public static CheckpointBody parse(String text) {
        NoteSyntax.requireText("checkpoint", text);
        if (!text.endsWith("\n")) {
            throw new NoteException("checkpoint must end in a newline");
        }
        List<String> lines = Arrays.asList(text.substring(0, text.length() - 1).split("\n", -1));
        if (lines.size() < 3 || lines.contains("")) {
            throw new NoteException("checkpoint must have lines for origin, size and root, and no empty line, but was '"
                    + NoteSyntax.cut(text) + "'");
        }
        long size = NoteSyntax.parseDecimal("size of a checkpoint", lines.get(1));
        byte[] root = NoteSyntax.parseHash("root of a checkpoint", lines.get(2));
        try {
            return new CheckpointBody(lines.get(0), size, root);
        } catch (IllegalArgumentException e) {
            throw new NoteException("checkpoint is not valid: " + e.getMessage());
        }
    }

    /** Returns the text to sign, without extensions. */
    public String text() {
        return origin + "\n" + size + "\n" + NoteSyntax.base64(root) + "\n";
    }

    @Override
    public byte[] root() {
        return root.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CheckpointBody that
                && origin.equals(that.origin)
                && size == that.size
                && Arrays.equals(root, that.root);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(root);
    }

    /** Returns origin, size and root on one line. */
    @Override
    public String toString() {
        return origin + " " + size + " " + NoteSyntax.base64(root);
    }
}
