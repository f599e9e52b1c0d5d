package dev.modelops.core.internal.policy.cedar.schema;

import java.util.Set;
import java.util.regex.Pattern;

/** How names are written in schema text and in messages. */
final class SchemaWords {
    private static final Pattern IDENTIFIER = Pattern.compile("[_a-zA-Z][_a-zA-Z0-9]*");

    /** The words that no type, namespace or unquoted name may be; {@code __cedar} may begin the name of a built-in type. */
    private static final Set<String> RESERVED =
            Set.of("true", "false", "if", "then", "else", "in", "is", "like", "has");

    private SchemaWords() {}

    static boolean isReserved(String word) {
        return RESERVED.contains(word);
    }

    static boolean isIdentifier(String name) {
        return IDENTIFIER.matcher(name).matches();
    }

    /** Returns the name of an attribute as schema text has it: quoted unless it is an identifier. */
    static String attribute(String name) {
        return isIdentifier(name) ? name : '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** Returns the text cut to a length that suits an error message. */
    static String brief(String text) {
        return text.length() <= 80 ? text : text.substring(0, 77) + "...";
    }
}
