package dev.modelops.core.internal.tlog;

import java.util.Base64;

/** The lexical rules that notes, checkpoints and receipts share. */
final class NoteSyntax {
    static final int MAX_LENGTH = 1 << 20;

    private NoteSyntax() {}

    /** Checks that a text can be encoded in UTF-8 and has no control character below U+0020 but newline. */
    static void requireText(String what, String text) {
        if (text.length() > MAX_LENGTH) {
            throw new NoteException(
                    what + " must have at most " + MAX_LENGTH + " characters, but had " + text.length());
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' && c != '\n') {
                throw new NoteException(what + " must have no control characters, but had U+"
                        + String.format("%04X", (int) c) + " at character " + i);
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new NoteException(what + " must be Unicode text, but had half a character at " + i);
            }
        }
    }

    /** Tells whether a key name is well-formed: not empty, without any Unicode space, plus sign or control character. */
    static boolean isName(String name) {
        return !name.isEmpty() && name.codePoints().noneMatch(NoteSyntax::isBarredInName);
    }

    private static boolean isBarredInName(int c) {
        return c < ' '
                || c == '+'
                || c == 0x85
                || Character.isWhitespace(c)
                || Character.isSpaceChar(c)
                || Character.getType(c) == Character.SURROGATE;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Decodes standard base64 in the one form an encoder makes: padded, with no bits left over. */
    static byte[] parseBase64(String what, String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new NoteException(what + " must be base64, but was '" + cut(text) + "'");
        }
        if (!base64(bytes).equals(text)) {
            throw new NoteException(
                    what + " must be padded base64 with no bits left over, but was '" + cut(text) + "'");
        }
        return bytes;
    }

    static byte[] parseHash(String what, String text) {
        byte[] hash = parseBase64(what, text);
        if (hash.length != TreeHasher.LENGTH) {
            throw new NoteException(what + " must be a hash of 32 bytes, but had " + hash.length);
        }
        return hash;
    }

    /** Parses a decimal without sign or leading zeros. */
    static long parseDecimal(String what, String text) {
        boolean digits = !text.isEmpty() && text.length() <= 19 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (digits && (text.length() == 1 || text.charAt(0) != '0')) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new NoteException(what + " must be less than 2^63, but was " + text);
            }
        }
        throw new NoteException(what + " must be a decimal without sign or leading zeros, but was '" + cut(text) + "'");
    }

    static String cut(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
