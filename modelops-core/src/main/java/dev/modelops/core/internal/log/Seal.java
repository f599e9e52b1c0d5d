package dev.modelops.core.internal.log;

import dev.modelops.IntegrityException;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogSeal;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;

/**
 * A writer's seal: a signed note over one batch. It names the log, the range, the root after it and the hash of every
 * entry in it, so that an altered entry can be named exactly. Its first line keeps it apart from every checkpoint.
 */
public record Seal(String origin, long from, long size, byte[] root, List<byte[]> leafHashes) {
    private static final String HEADER = "modelops.dev/seal@v1";

    /** Returns the name under which a log's writers sign. */
    public static String keyName(String origin) {
        return origin + "/writer";
    }

    /** Returns the verifier of one enrolled writer key. */
    public static NoteVerifier verifier(String origin, PublicKey key) {
        return NoteVerifier.of(keyName(origin), key);
    }

    /** Returns what signs as a writer of a log. */
    public static NoteSigner signer(String origin, Signer key) {
        return new NoteSigner(keyName(origin), key);
    }

    /** Signs this seal. */
    public LogSeal sign(NoteSigner signer) {
        StringBuilder text =
                new StringBuilder(HEADER).append('\n').append(origin).append('\n');
        text.append(from).append(' ').append(size).append('\n');
        Base64.Encoder base64 = Base64.getEncoder();
        text.append(base64.encodeToString(root)).append('\n');
        for (byte[] hash : leafHashes) {
            text.append(base64.encodeToString(hash)).append('\n');
        }
        return new LogSeal(from, size, signer.sign(text.toString()));
    }

    /**
     * Reads a stored seal and checks that one of the writers signed it for this log and this range;
     * {@link IntegrityException} otherwise.
     */
    public static Seal open(LogSeal stored, String origin, Collection<NoteVerifier> writers) {
        String which = "the seal over entries " + stored.from() + " to " + (stored.size() - 1);
        SignedNote note;
        try {
            note = SignedNote.parse(stored.note());
            if (note.verifiedBy(writers).isEmpty()) {
                throw new IntegrityException(which + " is not signed by a writer enrolled in this log");
            }
        } catch (NoteException e) {
            throw new IntegrityException(which + " was altered: " + e.getMessage(), e);
        }
        List<String> lines = note.text().lines().toList();
        try {
            if (lines.size() < 5
                    || !lines.get(0).equals(HEADER)
                    || !lines.get(1).equals(origin)) {
                throw new IllegalArgumentException("it does not begin as a seal of this log");
            }
            String[] range = lines.get(2).split(" ", -1);
            long from = Long.parseLong(range[0]);
            long size = Long.parseLong(range[1]);
            if (from != stored.from() || size != stored.size() || lines.size() != 4 + size - from) {
                throw new IllegalArgumentException("it covers another range");
            }
            List<byte[]> hashes = new ArrayList<>();
            for (String line : lines.subList(3, lines.size())) {
                hashes.add(Base64.getDecoder().decode(line));
            }
            return new Seal(origin, from, size, hashes.get(0), List.copyOf(hashes.subList(1, hashes.size())));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IntegrityException(which + " is not well formed", e);
        }
    }
}
