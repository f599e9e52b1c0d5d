package dev.modelops.core.internal.policy.cedar.schema;

import java.util.regex.Pattern;

/** How names are written in schema text and in messages. */
final class SchemaWords {
    private static final Pattern IDENTIFIER = Pattern.compile("[_a-zA-Z][_a-zA-Z0-9]*");

    private SchemaWords() {}

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
