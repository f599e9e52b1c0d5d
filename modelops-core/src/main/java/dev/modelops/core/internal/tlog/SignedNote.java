package dev.modelops.core.internal.tlog;

import dev.modelops.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A text and the signatures under it (C2SP signed-note). To be parsed is not to be verified: the text means nothing until
 * {@link #verifiedBy} names a key that the reader relies on. Immutable.
 */
public final class SignedNote {
    static final String SIGNATURE_PREFIX = "\u2014 ";
    private static final int MAX_SIGNATURES = 100;

    private final String note;
    private final String text;
    private final List<NoteSignature> signatures;

    /**
     * One signature line.
     *
     * @param name the name of the key that is said to have signed
     * @param keyId its id, which also tells the algorithm
     * @param signature what follows the id
     */
    public record NoteSignature(String name, int keyId, Bytes signature) {
        /** Returns the line, ending in a newline. */
        public String line() {
            byte[] tagged = ByteBuffer.allocate(Integer.BYTES + signature.length())
                    .putInt(keyId)
                    .put(signature.toByteArray())
                    .array();
            return SIGNATURE_PREFIX + name + " " + NoteSyntax.base64(tagged) + "\n";
        }
    }

    private SignedNote(String note, String text, List<NoteSignature> signatures) {
        this.note = note;
        this.text = text;
        this.signatures = signatures;
    }

    /**
     * Parses a note of at most 1 MiB in UTF-8 and 100 signatures.
     *
     * @throws NoteException if it is malformed
     */
    public static SignedNote parse(String note) {
        NoteSyntax.requireText("note", note);
        int split = note.lastIndexOf("\n\n");
        if (split < 0 || split + 2 == note.length() || !note.endsWith("\n")) {
            throw new NoteException(
                    "note must be a text, an empty line, and lines of signatures, each ending in a newline");
        }
        String[] lines = note.substring(split + 2, note.length() - 1).split("\n", MAX_SIGNATURES + 1);
        if (lines.length > MAX_SIGNATURES) {
            throw new NoteException("note must have at most " + MAX_SIGNATURES + " signatures, but had more");
        }
        List<NoteSignature> signatures =
                Arrays.stream(lines).map(SignedNote::parseSignature).toList();
        return new SignedNote(note, note.substring(0, split + 1), signatures);
    }

    private static NoteSignature parseSignature(String line) {
        int space = line.indexOf(' ', SIGNATURE_PREFIX.length());
        if (!line.startsWith(SIGNATURE_PREFIX) || space < 0) {
            throw new NoteException(
                    "signature line must be an em dash, a key name and base64, but was '" + NoteSyntax.cut(line) + "'");
        }
        String name = line.substring(SIGNATURE_PREFIX.length(), space);
        if (!NoteSyntax.isName(name)) {
            throw new NoteException(
                    "key name must not be empty nor hold spaces or '+', but was '" + NoteSyntax.cut(name) + "'");
        }
        byte[] tagged =
                NoteSyntax.parseBase64("signature of '" + NoteSyntax.cut(name) + "'", line.substring(space + 1));
        if (tagged.length <= Integer.BYTES) {
            throw new NoteException("signature of '" + NoteSyntax.cut(name)
                    + "' must follow a key id of 4 bytes, but had " + tagged.length + " bytes in all");
        }
        return new NoteSignature(
                name,
                ByteBuffer.wrap(tagged).getInt(),
                Bytes.of(Arrays.copyOfRange(tagged, Integer.BYTES, tagged.length)));
    }

    /** Returns the text that is signed, with its last newline. */
    public String text() {
        return text;
    }

    /** Returns the signatures in order, at least one. */
    public List<NoteSignature> signatures() {
        return signatures;
    }

    /**
     * Verifies every signature that is said to be by a known key and passes over all others.
     *
     * @return the keys that signed, possibly none
     * @throws NoteException if a signature said to be by a known key does not verify
     * @throws IllegalArgumentException if two different known keys have the same name and id
     */
    public Set<NoteVerifier> verifiedBy(Collection<NoteVerifier> known) {
        Map<Map.Entry<String, Integer>, NoteVerifier> byNameAndId = new HashMap<>();
        for (NoteVerifier verifier : known) {
            NoteVerifier other = byNameAndId.put(Map.entry(verifier.name(), verifier.keyId()), verifier);
            if (other != null && !other.equals(verifier)) {
                throw new IllegalArgumentException(
                        "known keys must differ in name or id, but found " + other + " and " + verifier);
            }
        }
        byte[] signed = text.getBytes(StandardCharsets.UTF_8);
        Set<NoteVerifier> verified = new LinkedHashSet<>();
        for (NoteSignature signature : signatures) {
            NoteVerifier verifier = byNameAndId.get(Map.entry(signature.name(), signature.keyId()));
            if (verifier == null) {
                continue;
            }
            if (!verifier.verify(signed, signature.signature().toByteArray())) {
                throw new NoteException("signature of " + verifier.name() + " with key id " + verifier.keyIdHex()
                        + " does not verify: the note was changed, or signed with another key");
            }
            verified.add(verifier);
        }
        return verified;
    }

    /**
     * Verifies every cosignature that is said to be by a known witness and passes over all other signatures.
     *
     * @return the witnesses that cosigned, possibly none, with the time of each, the latest where there are several
     * @throws NoteException if a cosignature said to be by a known witness does not verify
     */
    public Map<CosignatureKey, Instant> cosignedBy(Collection<CosignatureKey> known) {
        Map<CosignatureKey, Instant> cosigned = new HashMap<>();
        for (NoteSignature signature : signatures) {
            for (CosignatureKey key : known) {
                if (!key.name().equals(signature.name()) || key.keyId() != signature.keyId()) {
                    continue;
                }
                Instant time = key.verify(text, signature.signature().toByteArray())
                        .orElseThrow(() -> new NoteException("cosignature of " + key.name()
                                + " does not verify: the note was changed, or cosigned with another key"));
                cosigned.merge(key, time, (one, other) -> one.isAfter(other) ? one : other);
            }
        }
        return cosigned;
    }

    /**
     * Returns this note with those cosignatures of another added that it has not already and that are by one of the given
     * witnesses.
     *
     * @throws NoteException if one of them does not verify, or there would be too many
     */
    public SignedNote withCosignatures(SignedNote other, Collection<CosignatureKey> witnesses) {
        Set<CosignatureKey> signers = new SignedNote(note, text, other.signatures)
                .cosignedBy(witnesses)
                .keySet();
        StringBuilder longer = new StringBuilder(note);
        for (NoteSignature signature : other.signatures) {
            boolean isKnown = signers.stream()
                    .anyMatch(key -> key.name().equals(signature.name()) && key.keyId() == signature.keyId());
            if (isKnown && !signatures.contains(signature)) {
                longer.append(signature.line());
            }
        }
        return parse(longer.toString());
    }

    /** Returns the whole note as it was parsed. */
    @Override
    public String toString() {
        return note;
    }
}
