package dev.modelops.core.internal.signing;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rules for the names of files in a model (OpenSSF Model Signing v1.0). */
final class Names {
    /** Orders names by code point, which is the unsigned order of their UTF-8 bytes. */
    static final Comparator<String> ORDER = Names::compare;

    private static final int MAX_BYTES = 4096;
    private static final int MAX_QUOTED = 200;
    private static final int MAX_LISTED = 5;

    private Names() {}

    /** Says what is wrong with a name, or returns null for a good one. */
    static @Nullable String flaw(String name) {
        if (name.isEmpty()) {
            return "it is empty";
        }
        int bytes;
        try {
            bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(name))
                    .remaining();
        } catch (CharacterCodingException e) {
            return "it is not valid Unicode";
        }
        if (bytes > MAX_BYTES) {
            return "it is longer than " + MAX_BYTES + " bytes";
        }
        if (name.indexOf('\0') >= 0) {
            return "it holds a NUL";
        }
        if (name.indexOf('\\') >= 0) {
            return "it holds a backslash, which separates folders on some systems";
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty()) {
                return "it is absolute or has an empty part";
            }
            if (part.equals(".") || part.equals("..")) {
                return "it has the part '" + part + "'";
            }
        }
        return null;
    }

    /** UTF-16 puts surrogates, which stand for the highest code points, before U+E000. */
    private static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean high = Character.isSurrogate(x);
                return high == Character.isSurrogate(y) ? Character.compare(x, y) : high ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Returns a name of the set that lies below a folder, or null. The set must be in the natural order of strings. */
    static @Nullable String below(String folder, NavigableSet<String> names) {
        String start = folder + "/";
        String next = names.ceiling(start);
        return next != null && next.startsWith(start) ? next : null;
    }

    /** Tells whether a path holds a character that the specification keeps out of paths to ignore. */
    static boolean hasPatternCharacter(String path) {
        return path.indexOf('*') >= 0 || path.indexOf('?') >= 0 || path.indexOf('[') >= 0;
    }

    /**
     * Returns the bytes of a path's URI form decoded as UTF-8, or null if they are anything else. The path's own text
     * is no use here: where the platform encoding is ASCII, it has lost what it could not decode.
     */
    static @Nullable String decode(String rawUriPath) {
        byte[] ascii = rawUriPath.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(ascii.length);
        for (int i = 0; i < ascii.length; i++) {
            if (ascii[i] == '%') {
                decoded.put((byte) Integer.parseInt(rawUriPath, i + 1, i + 3, 16));
                i += 2;
            } else {
                decoded.put(ascii[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Returns the raw URI path of a path, without a trailing slash. */
    static String rawUriPath(Path path) {
        URI uri = path.toUri();
        String raw = uri.getRawPath();
        return raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    }

    /** Returns a name in quotes, fit for a message. */
    static String quote(String name) {
        return "'" + printable(name) + "'";
    }

    /** Returns the first few names in quotes, fit for a message. */
    static String quoted(Collection<String> names) {
        String first = names.stream().limit(MAX_LISTED).map(Names::quote).collect(Collectors.joining(", "));
        return names.size() > MAX_LISTED ? first + ", …" : first;
    }

    /** Returns a text from outside cut to a length, and with what could forge lines or hide characters escaped. */
    static String printable(String outside) {
        StringBuilder text = new StringBuilder();
        outside.codePoints().limit(MAX_QUOTED).forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> text.append(String.format("\\u%04x", c));
                default -> text.appendCodePoint(c);
            }
        });
        if (outside.codePointCount(0, outside.length()) > MAX_QUOTED) {
            text.append('…');
        }
        return text.toString();
    }
}
