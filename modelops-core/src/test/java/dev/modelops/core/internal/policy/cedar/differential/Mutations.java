package dev.modelops.core.internal.policy.cedar.differential;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Small changes to the words of policies, most of which break them. */
final class Mutations {
    private static final List<String> VOCABULARY = List.of(
            "permit",
            "forbid",
            "when",
            "unless",
            "principal",
            "action",
            "resource",
            "context",
            "==",
            "=",
            "!=",
            "<",
            "<=",
            ">",
            ">=",
            "&&",
            "||",
            "&",
            "|",
            "!",
            "-",
            "+",
            "*",
            "/",
            "%",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            ",",
            ";",
            ":",
            "::",
            ".",
            "@",
            "?principal",
            "?resource",
            "?x",
            "in",
            "is",
            "has",
            "like",
            "if",
            "then",
            "else",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "007",
            "9223372036854775807",
            "9223372036854775808",
            "9223372036854775809",
            "99999999999999999999",
            "1.5",
            "\"a\"",
            "\"\"",
            "\"\\q\"",
            "\"a*\"",
            "\"\\*\"",
            "\"\\u{41}\"",
            "\"\\u{110000}\"",
            "\"\\u{d800}\"",
            "\"\\u{}\"",
            "\"\\u{0000041}\"",
            "\"\\x41\"",
            "\"\\x80\"",
            "\"\\0\"",
            "'a'",
            "a",
            "_",
            "_a1",
            "\u00e9",
            "\"\u00e9\ud83d\ude00\"",
            "__cedar",
            "App",
            "Action",
            "Action::\"a\"",
            "User::\"a\"",
            "decimal",
            "ip",
            "datetime",
            "duration",
            "foo",
            "contains",
            "containsAll",
            "isEmpty",
            "getTag",
            "hasTag",
            "isInRange",
            "lessThan",
            "toDate",
            "id",
            "// c\n",
            "/* c */",
            "\u0000",
            "\u00a0",
            "\u2003",
            "\ufeff",
            "#",
            "$",
            "~",
            "^",
            "\\",
            "\"",
            "`");

    private final Random random;

    Mutations(Random random) {
        this.random = random;
    }

    /** Returns the words with one to three of them left out, added, repeated, swapped or replaced. */
    List<String> words(List<String> words) {
        List<String> changed = new ArrayList<>(words);
        for (int i = 1 + random.nextInt(3); i > 0 && !changed.isEmpty(); i--) {
            int at = random.nextInt(changed.size());
            String other = random.nextInt(3) == 0
                    ? words.get(random.nextInt(words.size()))
                    : VOCABULARY.get(random.nextInt(VOCABULARY.size()));
            switch (random.nextInt(5)) {
                case 0 -> changed.remove(at);
                case 1 -> changed.add(at, other);
                case 2 -> changed.set(at, other);
                case 3 -> changed.add(at, changed.get(at));
                default -> Collections.swap(changed, at, random.nextInt(changed.size()));
            }
        }
        return changed;
    }

    /** Returns a text with one character left out, repeated or replaced. */
    String characters(String text) {
        int at = text.offsetByCodePoints(0, random.nextInt(text.codePointCount(0, text.length())));
        int end = text.offsetByCodePoints(at, 1);
        String other = VOCABULARY.get(random.nextInt(VOCABULARY.size()));
        return switch (random.nextInt(3)) {
            case 0 -> text.substring(0, at) + text.substring(end);
            case 1 -> text.substring(0, end) + text.substring(at);
            default -> text.substring(0, at) + other.charAt(0) + text.substring(end);
        };
    }
}
