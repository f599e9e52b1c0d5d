package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key of a cosigner, which verifies its timestamped cosignatures of checkpoints (C2SP tlog-cosignature): Ed25519, type
 * 0x04, or ML-DSA-44, type 0x06. Immutable.
 */
public final class CosignatureKey {
    private static final byte ED25519 = 4;
    private static final byte ML_DSA_44 = 6;
    private static final int ED25519_KEY = 32;
    private static final int ED25519_SIGNATURE = 64;
    private static final int ML_DSA_44_KEY = 1312;
    private static final int ML_DSA_44_SIGNATURE = 2420;
    private static final byte[] SUBTREE_LABEL = "subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII);

    private final Vkey text;
    private final PublicKey publicKey;

    private CosignatureKey(Vkey text, PublicKey publicKey) {
        this.text = text;
        this.publicKey = publicKey;
    }

    /**
     * Returns the key of a witness that signs with Ed25519 or ML-DSA-44.
     *
     * @throws IllegalArgumentException if the name is not a key name, or the key is of another kind
     */
    public static CosignatureKey of(String name, PublicKey key) {
        if (!NoteSyntax.isName(name)) {
            throw new IllegalArgumentException("name of a witness must not be empty nor hold spaces or '+', but was '"
                    + NoteSyntax.cut(name) + "'");
        }
        if (Crypto.algorithmOf(key).equals(Optional.of(SignatureAlgorithm.ML_DSA_44))) {
            byte[] encoded = key.getEncoded();
            byte[] raw = Arrays.copyOfRange(encoded, encoded.length - ML_DSA_44_KEY, encoded.length);
            return parse(new Vkey(name, NoteVerifier.typed(ML_DSA_44, raw)).text());
        }
        return new CosignatureKey(new Vkey(name, NoteVerifier.typed(ED25519, NoteVerifier.rawKey(name, key))), key);
    }

    /**
     * Parses the text form: name, key id and key, joined by {@code +}.
     *
     * @throws IllegalArgumentException if the text is malformed, the key id is not that of name and key, or the key is not
     *     of type 0x04 or 0x06
     */
    public static CosignatureKey parse(String vkey) {
        Vkey text = Vkey.parse(vkey);
        byte[] typed = text.typedKey();
        if (typed[0] == ED25519 && typed.length == 1 + ED25519_KEY) {
            return new CosignatureKey(text, NoteVerifier.publicKey(text));
        }
        if (typed[0] == ML_DSA_44 && typed.length == 1 + ML_DSA_44_KEY) {
            if (length(text.name()) > 255) {
                throw Vkey.malformed("have a name of at most 255 bytes", vkey);
            }
            return new CosignatureKey(text, Crypto.mlDsa44(Arrays.copyOfRange(typed, 1, typed.length)));
        }
        throw Vkey.malformed("be of a witness, type 0x04 with 32 bytes or 0x06 with 1312", vkey);
    }

    /** Returns the name of the witness. */
    public String name() {
        return text.name();
    }

    /** Returns the key id. */
    public int keyId() {
        return text.keyId();
    }

    /** Returns the text form that {@link #parse} reads. */
    public String vkey() {
        return text.text();
    }

    /** Tells whether another key is the same but for its name. */
    public boolean isSameKey(CosignatureKey other) {
        return Arrays.equals(text.typedKey(), other.text.typedKey());
    }

    /**
     * Verifies a cosignature of a whole checkpoint.
     *
     * @param checkpoint the text of the checkpoint, with its last newline
     * @param cosignature the time and the signature, without the key id that notes put before them
     * @return when it was made, or empty if it does not verify or says no time
     */
    public Optional<Instant> verify(String checkpoint, byte[] cosignature) {
        boolean isEd25519 = text.typedKey()[0] == ED25519;
        if (cosignature.length != Long.BYTES + (isEd25519 ? ED25519_SIGNATURE : ML_DSA_44_SIGNATURE)) {
            return Optional.empty();
        }
        long seconds = ByteBuffer.wrap(cosignature).getLong();
        if (seconds <= 0 || seconds > Instant.MAX.getEpochSecond()) {
            return Optional.empty();
        }
        byte[] message = message(seconds, checkpoint);
        byte[] signature = Arrays.copyOfRange(cosignature, Long.BYTES, cosignature.length);
        boolean holds = message != null && Crypto.verify(publicKey, message, signature);
        return holds ? Optional.of(Instant.ofEpochSecond(seconds)) : Optional.empty();
    }

    /** Returns what is signed of a checkpoint at a time, or null if the text is no checkpoint that could be. */
    byte @Nullable [] message(long seconds, String checkpoint) {
        return text.typedKey()[0] == ED25519 ? lines(seconds, checkpoint) : struct(name(), seconds, checkpoint);
    }

    private static byte[] lines(long seconds, String checkpoint) {
        return ("cosignature/v1\ntime " + seconds + "\n" + checkpoint).getBytes(StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] struct(String name, long seconds, String checkpoint) {
        CheckpointBody body;
        try {
            body = CheckpointBody.parse(checkpoint);
        } catch (NoteException e) {
            return null;
        }
        if (length(body.origin()) > 255) {
            return null;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(SUBTREE_LABEL);
        bytes.write(length(name));
        bytes.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(seconds).array());
        bytes.write(length(body.origin()));
        bytes.writeBytes(body.origin().getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(0)
                .putLong(body.size())
                .array());
        bytes.writeBytes(body.root());
        return bytes.toByteArray();
    }

    private static int length(String value) {
        return value.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CosignatureKey that && vkey().equals(that.vkey());
    }

    @Override
    public int hashCode() {
        return vkey().hashCode();
    }

    /** Returns the text form. */
    @Override
    public String toString() {
        return vkey();
    }
}
