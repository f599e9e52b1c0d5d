package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The text form of a verifier key (C2SP signed-note): name, key id, and the key with its type before it.
 *
 * @param name a key name
 * @param typedKey the type's byte and the key, never changed
 */
record Vkey(String name, byte[] typedKey) {
    /** Enough for an ML-DSA-44 key, which takes 1751 characters. */
    private static final int MAX_LENGTH = 4096;

    /**
     * Parses a text.
     *
     * @throws IllegalArgumentException if it is malformed, or its key id is not that of name and key
     */
    static Vkey parse(String vkey) {
        String[] parts = vkey.length() > MAX_LENGTH ? new String[0] : vkey.split("\\+", 3);
        if (parts.length != 3 || !NoteSyntax.isName(parts[0])) {
            throw malformed("look like <name>+<8 hexadecimal digits>+<base64>", vkey);
        }
        byte[] typed;
        try {
            typed = NoteSyntax.parseBase64("key", parts[2]);
        } catch (NoteException e) {
            throw malformed("end in base64", vkey);
        }
        if (typed.length < 2) {
            throw malformed("hold a type and a key", vkey);
        }
        Vkey parsed = new Vkey(parts[0], typed);
        String expectedId = HexFormat.of().toHexDigits(parsed.keyId());
        if (!parts[1].equals(expectedId)) {
            throw malformed("have the key id of its name and key, " + expectedId, vkey);
        }
        return parsed;
    }

    /** Returns the key id, the first four bytes of a hash over name, type and key. */
    int keyId() {
        MessageDigest sha256 = Crypto.sha256();
        sha256.update(name.getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) '\n');
        return ByteBuffer.wrap(sha256.digest(typedKey)).getInt();
    }

    /** Returns the text. */
    String text() {
        return name + "+" + HexFormat.of().toHexDigits(keyId()) + "+" + NoteSyntax.base64(typedKey);
    }

    static IllegalArgumentException malformed(String expected, String vkey) {
        return new IllegalArgumentException(
                "verifier key must " + expected + ", but was '" + NoteSyntax.cut(vkey) + "'");
    }
}
