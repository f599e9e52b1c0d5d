package dev.modelops.core.internal.tlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A receipt for one entry of a log: its index, its inclusion proof, and the checkpoint that leads to (C2SP tlog-proof, files
 * named {@code .tlog-proof}). Immutable.
 */
public final class TlogProof {
    private static final String HEADER = "c2sp.org/tlog-proof@v1";
    private static final String EXTRA = "extra ";
    private static final String INDEX = "index ";
    private static final int MAX_HASHES = 63;

    private final long index;
    private final List<byte[]> hashes;
    private final SignedNote checkpoint;

    private TlogProof(long index, List<byte[]> hashes, SignedNote checkpoint) {
        this.index = index;
        this.hashes = hashes;
        this.checkpoint = checkpoint;
    }

    /**
     * Returns the text of a receipt.
     *
     * @param index the index of the entry
     * @param hashes the inclusion proof, from the leaf's sibling on
     * @param checkpointNote the signed checkpoint, as published
     * @throws IllegalArgumentException if these do not make a receipt that can be read
     */
    public static String format(long index, List<byte[]> hashes, String checkpointNote) {
        StringBuilder text = new StringBuilder(HEADER + "\n" + INDEX + index + "\n");
        hashes.forEach(hash -> text.append(NoteSyntax.base64(hash)).append('\n'));
        String receipt = text.append('\n').append(checkpointNote).toString();
        try {
            long size = parse(receipt).body().size();
            if (index >= size) {
                throw new IllegalArgumentException("index " + index + " is not under a checkpoint of size " + size);
            }
        } catch (NoteException e) {
            throw new IllegalArgumentException("not a receipt: " + e.getMessage(), e);
        }
        return receipt;
    }

    /**
     * Parses a receipt. The line of extra data that it may have is checked for its form and passed over.
     *
     * @throws NoteException if it is malformed
     */
    public static TlogProof parse(String receipt) {
        NoteSyntax.requireText("receipt", receipt);
        int split = receipt.indexOf("\n\n");
        if (split < 0) {
            throw new NoteException("receipt must have an empty line before its checkpoint");
        }
        List<String> lines = Arrays.asList(receipt.substring(0, split).split("\n", MAX_HASHES + 4));
        if (!lines.get(0).equals(HEADER)) {
            throw new NoteException(
                    "receipt must begin with " + HEADER + ", but began with '" + NoteSyntax.cut(lines.get(0)) + "'");
        }
        int next = 1;
        if (next < lines.size() && lines.get(next).startsWith(EXTRA)) {
            String extra = lines.get(next).substring(EXTRA.length());
            if (NoteSyntax.parseBase64("extra data of a receipt", extra).length == 0) {
                throw new NoteException("receipt without extra data must leave out the line for it");
            }
            next++;
        }
        if (next == lines.size() || !lines.get(next).startsWith(INDEX)) {
            throw new NoteException("receipt must have a line with the index of its entry");
        }
        long index =
                NoteSyntax.parseDecimal("index of a receipt", lines.get(next).substring(INDEX.length()));
        List<String> proof = lines.subList(next + 1, lines.size());
        if (proof.size() > MAX_HASHES) {
            throw new NoteException("receipt must have at most " + MAX_HASHES + " hashes, but had more");
        }
        List<byte[]> hashes = new ArrayList<>();
        for (String line : proof) {
            hashes.add(NoteSyntax.parseHash("line " + (hashes.size() + 1) + " of the proof in a receipt", line));
        }
        return new TlogProof(index, List.copyOf(hashes), SignedNote.parse(receipt.substring(split + 2)));
    }

    /** Returns the index that the receipt is for. */
    public long index() {
        return index;
    }

    /** Returns the inclusion proof, from the leaf's sibling on. */
    public List<byte[]> hashes() {
        return hashes;
    }

    /** Returns the checkpoint, also to look for the signatures of witnesses. */
    public SignedNote checkpoint() {
        return checkpoint;
    }

    /**
     * Verifies that the log whose key this is holds the entry at the receipt's index. The key's name is the origin that the
     * checkpoint must have.
     *
     * @param entry the bytes of the entry
     * @param logKey the key of the log, from a source other than the receipt
     * @return the checkpoint that proves it
     * @throws NoteException with the reason, if it does not
     */
    public CheckpointBody verify(byte[] entry, NoteVerifier logKey) {
        if (checkpoint.verifiedBy(Set.of(logKey)).isEmpty()) {
            throw new NoteException("checkpoint of the receipt must be signed by " + logKey.name() + " with key id "
                    + logKey.keyIdHex() + ", but is not");
        }
        CheckpointBody body = body();
        if (!body.origin().equals(logKey.name())) {
            throw new NoteException("checkpoint of the receipt must be of the log " + logKey.name() + ", but is of '"
                    + NoteSyntax.cut(body.origin()) + "'");
        }
        if (!Merkle.verifyInclusion(index, body.size(), Merkle.leafHash(entry), hashes, body.root())) {
            throw new NoteException("receipt does not lead from the entry at index " + index + " to the root of size "
                    + body.size() + ": the entry or the receipt was changed, or they do not belong together");
        }
        return body;
    }

    private CheckpointBody body() {
        return CheckpointBody.parse(checkpoint.text());
    }
}
