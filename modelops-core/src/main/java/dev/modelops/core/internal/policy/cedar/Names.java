package dev.modelops.core.internal.policy.cedar;

import java.util.Set;

/** The names Cedar accepts for entity types and annotations. */
final class Names {
    private static final Set<String> RESERVED =
            Set.of("true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar");

    private Names() {}

    static void requireType(String type) {
        if (!isPath(type)) {
            throw new IllegalArgumentException(
                    "entity type must be identifiers joined by '::', such as User or Bank::User, but was '"
                            + brief(type) + "'");
        }
    }

    static void requireAnnotation(String key) {
        if (!isIdentifier(key, 0, key.length())) {
            throw new IllegalArgumentException(
                    "annotation must be named by an identifier, but was '" + brief(key) + "'");
        }
    }

    /** Tells whether an attribute can follow a dot in Cedar text without quotes. */
    static boolean isPlainAttribute(String name) {
        return isIdentifier(name, 0, name.length()) && !RESERVED.contains(name);
    }

    static boolean isReserved(String word) {
        return RESERVED.contains(word);
    }

    /** Returns the text cut to a length that suits an error message. */
    static String brief(String text) {
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }

    private static boolean isPath(String type) {
        int start = 0;
        while (true) {
            int end = type.indexOf("::", start);
            int stop = end < 0 ? type.length() : end;
            if (!isIdentifier(type, start, stop)
                    || stop - start <= 7 && RESERVED.contains(type.substring(start, stop))) {
                return false;
            }
            if (end < 0) {
                return true;
            }
            start = end + 2;
        }
    }

    private static boolean isIdentifier(String text, int from, int to) {
        if (from >= to) {
            return false;
        }
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            boolean letter = c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && !(i > from && c >= '0' && c <= '9')) {
                return false;
            }
        }
        return true;
    }
}
