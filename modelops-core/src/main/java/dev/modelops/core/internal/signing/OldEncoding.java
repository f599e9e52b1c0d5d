package dev.modelops.core.internal.signing;

import dev.modelops.core.internal.crypto.Crypto;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;

/**
 * What the reference client signed before version 1.0, by mistake: another start, and the payload as Python prints bytes. It
 * counts for statements of that time alone.
 */
final class OldEncoding {
    private OldEncoding() {}

    static byte[] encode(byte[] payload) {
        StringBuilder text = new StringBuilder("DSSEV1 ")
                .append(Dsse.IN_TOTO.length())
                .append(' ')
                .append(Dsse.IN_TOTO)
                .append(' ')
                .append(payload.length)
                .append(' ');
        appendPrinted(text, payload);
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Tells whether a signature over the mistaken encoding verifies with SHA-256, which was used for every curve. */
    static boolean isSignedWithSha256(PublicKey key, byte[] payload, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSA", Crypto.BOUNCY_CASTLE);
            verifier.initVerify(KeyFactory.getInstance("EC", Crypto.BOUNCY_CASTLE)
                    .generatePublic(new X509EncodedKeySpec(key.getEncoded())));
            verifier.update(encode(payload));
            return verifier.verify(signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    private static void appendPrinted(StringBuilder text, byte[] bytes) {
        boolean single = contains(bytes, '\'');
        boolean doubled = contains(bytes, '"');
        char quote = single && !doubled ? '"' : '\'';
        text.append('b').append(quote);
        for (byte b : bytes) {
            int c = b & 0xFF;
            switch (c) {
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (c == quote) {
                        text.append('\\').append(quote);
                    } else if (c < 0x20 || c >= 0x7F) {
                        text.append(String.format("\\x%02x", c));
                    } else {
                        text.append((char) c);
                    }
                }
            }
        }
        text.append(quote);
    }

    private static boolean contains(byte[] bytes, char c) {
        for (byte b : bytes) {
            if (b == c) {
                return true;
            }
        }
        return false;
    }
}
