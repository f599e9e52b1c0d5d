package dev.modelops.core.internal.tlog;

import dev.modelops.Bytes;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * Cosigns checkpoints (C2SP tlog-cosignature): with Ed25519, type 0x04, or ML-DSA-44, type 0x06. Safe for use by many threads.
 */
public final class Cosigner {
    private final Signer signer;
    private final CosignatureKey key;

    /**
     * Creates a cosigner.
     *
     * @throws IllegalArgumentException if the name is not a key name, or the key is neither Ed25519 nor ML-DSA-44
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
     * @throws IllegalArgumentException if the text is no checkpoint, which Ed25519 would sign all the same
     * @throws SigningException if the key could not be used, or what it gave does not verify
     */
    public String cosign(String checkpoint, Instant time) {
        long seconds = time.getEpochSecond();
        byte[] message = key.message(seconds, checkpoint);
        if (message == null) {
            throw new IllegalArgumentException(
                    "what is cosigned must be a checkpoint of an origin of at most 255 bytes");
        }
        byte[] signature = signer.sign(Bytes.of(message)).toByteArray();
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
