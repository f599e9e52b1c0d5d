package dev.modelops.core.internal.tlog;

import dev.modelops.Bytes;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.nio.ByteBuffer;
import java.time.Instant;

/** Cosigns checkpoints as a witness, with Ed25519 (C2SP tlog-cosignature, type 0x04). Safe for use by many threads. */
public final class Cosigner {
    private final Signer signer;
    private final CosignatureKey key;

    /**
     * Creates a cosigner.
     *
     * @throws IllegalArgumentException if the name is not a key name, or the key is not Ed25519
     */
    public Cosigner(String name, Signer signer) {
        this.key = CosignatureKey.of(name, signer.publicKey());
        this.signer = signer;
    }

    /** Returns the key that verifies what this signs. */
    public CosignatureKey key() {
        return key;
    }

    /**
     * Cosigns a checkpoint.
     *
     * @param checkpoint the text of the checkpoint, with its last newline
     * @param time when, from which the seconds are taken; after 1970
     * @return the signature line, ending in a newline
     * @throws SigningException if the key could not be used, or what it gave does not verify
     */
    public String cosign(String checkpoint, Instant time) {
        long seconds = time.getEpochSecond();
        byte[] signature =
                signer.sign(Bytes.of(CosignatureKey.lines(seconds, checkpoint))).toByteArray();
        byte[] timestamped = ByteBuffer.allocate(Long.BYTES + signature.length)
                .putLong(seconds)
                .put(signature)
                .array();
        if (key.verify(checkpoint, timestamped).isEmpty()) {
            throw new SigningException("signer of witness '" + key.name()
                    + "' gave a cosignature that its public key does not verify: check that the two belong together,"
                    + " and that the clock, at " + time + ", is set");
        }
        return new SignedNote.NoteSignature(key.name(), key.keyId(), Bytes.of(timestamped)).line();
    }
}
