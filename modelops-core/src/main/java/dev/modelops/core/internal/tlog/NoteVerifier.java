package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.SigningException;
import java.nio.ByteBuffer;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A named Ed25519 key that verifies signatures of notes (C2SP signed-note, type 0x01). Immutable. */
public final class NoteVerifier {
    private static final byte ED25519 = 1;
    private static final int KEY_LENGTH = 32;
    private static final int SIGNATURE_LENGTH = 64;

    /** What comes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
    private static final String SPKI_PREFIX = "302a300506032b6570032100";

    private final String name;
    private final PublicKey publicKey;
    private final int keyId;
    private final String vkey;

    private NoteVerifier(Vkey text, PublicKey publicKey) {
        this.name = text.name();
        this.publicKey = publicKey;
        this.keyId = text.keyId();
        this.vkey = text.text();
    }

    /**
     * Returns the verifier for a key.
     *
     * @throws IllegalArgumentException if the name is not a key name, or the key is not Ed25519
     */
    public static NoteVerifier of(String name, PublicKey ed25519) {
        if (!NoteSyntax.isName(name)) {
            throw new IllegalArgumentException(
                    "key name must not be empty nor hold spaces or '+', but was '" + NoteSyntax.cut(name) + "'");
        }
        return new NoteVerifier(new Vkey(name, typed(ED25519, rawKey(name, ed25519))), ed25519);
    }

    /**
     * Parses the text form: name, key id and key, joined by {@code +}.
     *
     * @throws IllegalArgumentException if the text is malformed, the key id is not that of name and key, or the key is not
     *     of type 0x01
     */
    public static NoteVerifier parse(String vkey) {
        Vkey text = Vkey.parse(vkey);
        byte[] typed = text.typedKey();
        if (typed.length != 1 + KEY_LENGTH || typed[0] != ED25519) {
            throw Vkey.malformed("hold an Ed25519 key, type 0x01 and 32 bytes", vkey);
        }
        return new NoteVerifier(text, publicKey(text));
    }

    /** Returns the 32 bytes of an Ed25519 key; {@link IllegalArgumentException} if the key is of another kind. */
    static byte[] rawKey(String name, PublicKey ed25519) {
        byte[] encoded = ed25519.getEncoded();
        if (!Crypto.algorithmOf(ed25519).equals(Optional.of(SignatureAlgorithm.ED25519))
                || !HexFormat.of().formatHex(encoded).startsWith(SPKI_PREFIX)) {
            throw new IllegalArgumentException(
                    "key of '" + name + "' must be Ed25519, but is " + ed25519.getAlgorithm());
        }
        return Arrays.copyOfRange(encoded, encoded.length - KEY_LENGTH, encoded.length);
    }

    /** Returns the Ed25519 key of a text; {@link IllegalArgumentException} if it is none. */
    static PublicKey publicKey(Vkey text) {
        byte[] typed = text.typedKey();
        byte[] rawKey = Arrays.copyOfRange(typed, 1, typed.length);
        byte[] der = HexFormat.of().parseHex(SPKI_PREFIX + HexFormat.of().formatHex(rawKey));
        try {
            return Crypto.publicKey(der);
        } catch (SigningException e) {
            throw Vkey.malformed("hold a point on the Ed25519 curve", text.text());
        }
    }

    static byte[] typed(byte type, byte[] rawKey) {
        return ByteBuffer.allocate(1 + rawKey.length).put(type).put(rawKey).array();
    }

    /** Returns the name of the key: for a log, its origin. */
    public String name() {
        return name;
    }

    /** Returns the text form that {@link #parse} reads. */
    public String vkey() {
        return vkey;
    }

    /** Returns the key id, the first four bytes of a hash over name, type and key. */
    public int keyId() {
        return keyId;
    }

    /** Returns the key id as eight lower-case hexadecimal digits. */
    public String keyIdHex() {
        return HexFormat.of().toHexDigits(keyId);
    }

    /** Returns the key. */
    public PublicKey publicKey() {
        return publicKey;
    }

    /** Tells whether a signature, without the key id that notes put before it, verifies over a text in UTF-8. */
    public boolean verify(byte[] text, byte[] signature) {
        return signature.length == SIGNATURE_LENGTH && Crypto.verify(publicKey, text, signature);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NoteVerifier that && vkey.equals(that.vkey);
    }

    @Override
    public int hashCode() {
        return vkey.hashCode();
    }

    /** Returns the text form. */
    @Override
    public String toString() {
        return vkey;
    }
}
