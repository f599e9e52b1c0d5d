package dev.modelops.core.internal.tlog;

import dev.modelops.Bytes;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.nio.charset.StandardCharsets;

/** Signs notes with a named Ed25519 key (C2SP signed-note, type 0x01). Safe for use by many threads. */
public final class NoteSigner {
    private final Signer signer;
    private final NoteVerifier verifier;

    /**
     * Creates a signer.
     *
     * @throws IllegalArgumentException if the name is not a key name, or the key is not Ed25519
     */
    public NoteSigner(String name, Signer signer) {
        this.verifier = NoteVerifier.of(name, signer.publicKey());
        this.signer = signer;
    }

    /** Returns the verifier for what this signs. */
    public NoteVerifier verifier() {
        return verifier;
    }

    /**
     * Signs a text.
     *
     * @param text the text, ending in a newline
     * @return the whole note: the text, an empty line, the signature line
     * @throws IllegalArgumentException if a note cannot hold the text
     * @throws SigningException if the key could not be used, or what it gave does not verify
     */
    public String sign(String text) {
        if (!text.endsWith("\n")) {
            throw new IllegalArgumentException("text of a note must end in a newline");
        }
        try {
            NoteSyntax.requireText("text of a note", text);
        } catch (NoteException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] signature = signer.sign(Bytes.of(bytes)).toByteArray();
        if (!verifier.verify(bytes, signature)) {
            throw new SigningException("signer of '" + verifier.name()
                    + "' gave a signature that its public key does not verify: check that the two belong together");
        }
        return text + "\n"
                + new SignedNote.NoteSignature(verifier.name(), verifier.keyId(), Bytes.of(signature)).line();
    }
}
