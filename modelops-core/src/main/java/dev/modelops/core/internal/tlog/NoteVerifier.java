package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.SigningException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
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
    private static final int MAX_VKEY_LENGTH = 1024;

    /** What comes before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
    private static final String SPKI_PREFIX = "302a300506032b6570032100";

    private final String name;
    private final PublicKey publicKey;
    private final int keyId;
    private final String vkey;

    private NoteVerifier(String name, PublicKey publicKey, byte[] rawKey) {
        this.name = name;
        this.publicKey = publicKey;
        byte[] typed =
                ByteBuffer.allocate(1 + KEY_LENGTH).put(ED25519).put(rawKey).array();
        this.keyId = keyId(name, typed);
        this.vkey = name + "+" + keyIdHex() + "+" + NoteSyntax.base64(typed);
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
        byte[] encoded = ed25519.getEncoded();
        if (!Crypto.algorithmOf(ed25519).equals(Optional.of(SignatureAlgorithm.ED25519))
                || !HexFormat.of().formatHex(encoded).startsWith(SPKI_PREFIX)) {
            throw new IllegalArgumentException(
                    "key of '" + name + "' must be Ed25519, but is " + ed25519.getAlgorithm());
        }
        return new NoteVerifier(
                name, ed25519, Arrays.copyOfRange(encoded, encoded.length - KEY_LENGTH, encoded.length));
    }

    /**
     * Parses the text form: name, key id and key, joined by {@code +}.
     *
     * @throws IllegalArgumentException if the text is malformed, the key id is not that of name and key, or the key is not
     *     of type 0x01
     */
    public static NoteVerifier parse(String vkey) {
        String[] parts = vkey.length() > MAX_VKEY_LENGTH ? new String[0] : vkey.split("\\+", 3);
        if (parts.length != 3 || !NoteSyntax.isName(parts[0])) {
            throw malformed("look like <name>+<8 hexadecimal digits>+<base64>", vkey);
        }
        byte[] typed;
        try {
            typed = NoteSyntax.parseBase64("key", parts[2]);
        } catch (NoteException e) {
            throw malformed("end in base64", vkey);
        }
        if (typed.length != 1 + KEY_LENGTH || typed[0] != ED25519) {
            throw malformed("hold an Ed25519 key, type 0x01 and 32 bytes", vkey);
        }
        String expectedId = hex(keyId(parts[0], typed));
        if (!parts[1].equals(expectedId)) {
            throw malformed("have the key id of its name and key, " + expectedId, vkey);
        }
        byte[] rawKey = Arrays.copyOfRange(typed, 1, typed.length);
        byte[] der = HexFormat.of().parseHex(SPKI_PREFIX + HexFormat.of().formatHex(rawKey));
        try {
            return new NoteVerifier(parts[0], Crypto.publicKey(der), rawKey);
        } catch (SigningException e) {
            throw malformed("hold a point on the Ed25519 curve", vkey);
        }
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
        return hex(keyId);
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

    private static int keyId(String name, byte[] typedKey) {
        MessageDigest sha256 = Crypto.sha256();
        sha256.update(name.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) '\n');
        return ByteBuffer.wrap(sha256.digest(typedKey)).getInt();
    }

    private static String hex(int keyId) {
        return HexFormat.of().toHexDigits(keyId);
    }

    private static IllegalArgumentException malformed(String expected, String vkey) {
        return new IllegalArgumentException(
                "verifier key must " + expected + ", but was '" + NoteSyntax.cut(vkey) + "'");
    }
}
