package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Writes policies of the JSON form as Cedar text in one of the many ways to write them, word by word. */
final class SloppyText {
    private static final Set<String> RESERVED =
            Set.of("true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar");
    private static final Set<String> CONSTRUCTORS = Set.of("decimal", "ip", "datetime", "duration");

    private static final int ANY = 0;
    private static final int OR = 1;
    private static final int AND = 2;
    private static final int RELATION = 3;
    private static final int SUM = 4;
    private static final int PRODUCT = 5;
    private static final int SIGNED = 6;
    private static final int MEMBER = 7;

    private final Random random;
    private final List<String> words = new ArrayList<>();

    private SloppyText(Random random) {
        this.random = random;
    }

    /** Returns the words of a policy or template. */
    static List<String> words(JsonNode policy, Random random) {
        SloppyText text = new SloppyText(random);
        text.policy(policy);
        return text.words;
    }

    /** Joins words, with space where it is needed and sometimes where it is not. */
    static String join(List<String> words, Random random) {
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            boolean touching = text.length() > 0
                    && (isWordPart(text.charAt(text.length() - 1)) && isWordPart(word.charAt(0))
                            || "!<>=&|-*+:/".indexOf(text.charAt(text.length() - 1)) >= 0
                                    && "!<>=&|-*+:/".indexOf(word.charAt(0)) >= 0);
            if (touching || random.nextInt(3) == 0) {
                text.append(
                        switch (random.nextInt(20)) {
                            case 0 -> "\n";
                            case 1 -> "\t \r\n";
                            case 2 -> " // a \u00e9 comment; \"\n";
                            default -> " ";
                        });
            }
            text.append(word);
        }
        return text.toString();
    }

    private static boolean isWordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '"' || c == '?';
    }

    private void add(String... more) {
        words.addAll(List.of(more));
    }

    private void policy(JsonNode policy) {
        for (Map.Entry<String, JsonNode> annotation : policy.path("annotations").properties()) {
            add("@", annotation.getKey());
            if (!annotation.getValue().asText().isEmpty() || random.nextBoolean()) {
                add("(", quoted(annotation.getValue().asText(), false), ")");
            }
        }
        add(policy.path("effect").asText(), "(");
        scope("principal", policy.path("principal"));
        add(",");
        scope("action", policy.path("action"));
        add(",");
        scope("resource", policy.path("resource"));
        add(")");
        for (JsonNode condition : policy.path("conditions")) {
            add(condition.path("kind").asText(), "{");
            expr(condition.path("body"), ANY);
            add("}");
        }
        add(";");
    }

    private void scope(String variable, JsonNode scope) {
        add(variable);
        String operator = scope.path("op").asText();
        switch (operator) {
            case "All" -> {}
            case "is" -> {
                add("is");
                name(scope.path("entity_type").asText());
                if (scope.has("in")) {
                    add("in");
                    target(scope.path("in"));
                }
            }
            default -> {
                add(operator);
                target(scope);
            }
        }
    }

    private void target(JsonNode scope) {
        if (scope.has("slot")) {
            add(scope.path("slot").asText());
        } else if (scope.has("entity")) {
            entity(scope.path("entity"));
        } else {
            list("[", scope.path("entities"), "]", true);
        }
    }

    private void name(String name) {
        String[] parts = name.split("::");
        for (int i = 0; i < parts.length; i++) {
            if (i > 0) {
                add("::");
            }
            add(parts[i]);
        }
    }

    private void entity(JsonNode uid) {
        name(uid.path("type").asText());
        add("::", quoted(uid.path("id").asText(), false));
    }

    private void list(String open, JsonNode parts, String close, boolean entities) {
        add(open);
        boolean first = true;
        for (JsonNode part : parts) {
            if (!first) {
                add(",");
            }
            first = false;
            if (entities) {
                entity(part);
            } else {
                expr(part, ANY);
            }
        }
        add(close);
    }

    private void expr(JsonNode expr, int level) {
        String operator = expr.fieldNames().next();
        JsonNode parts = expr.path(operator);
        int own = level(operator, parts);
        boolean wrapped = own < level || random.nextInt(12) == 0;
        if (wrapped) {
            add("(");
        }
        write(operator, parts);
        if (wrapped) {
            add(")");
        }
    }

    private static int level(String operator, JsonNode parts) {
        return switch (operator) {
            case "if-then-else" -> ANY;
            case "||" -> OR;
            case "&&" -> AND;
            case "==", "!=", "<", "<=", ">", ">=", "in", "has", "like", "is" -> RELATION;
            case "+", "-" -> SUM;
            case "*" -> PRODUCT;
            case "!", "neg" -> SIGNED;
            case "Value" -> parts.isIntegralNumber() && parts.asLong() < 0 ? SIGNED : MEMBER;
            default -> MEMBER;
        };
    }

    private void write(String operator, JsonNode parts) {
        switch (operator) {
            case "Value" -> value(parts);
            case "Var" -> add(parts.asText());
            case "!" -> {
                add("!");
                expr(parts.path("arg"), MEMBER);
            }
            case "neg" -> {
                add("-", "(");
                expr(parts.path("arg"), ANY);
                add(")");
            }
            case "||" -> infix("||", parts, OR, AND);
            case "&&" -> infix("&&", parts, AND, RELATION);
            case "==", "!=", "<", "<=", ">", ">=", "in" -> infix(operator, parts, SUM, SUM);
            case "+", "-" -> infix(operator, parts, SUM, PRODUCT);
            case "*" -> infix(operator, parts, PRODUCT, SIGNED);
            case "if-then-else" -> {
                add("if");
                expr(parts.path("if"), ANY);
                add("then");
                expr(parts.path("then"), ANY);
                add("else");
                expr(parts.path("else"), ANY);
            }
            case "has" -> {
                expr(parts.path("left"), SUM);
                add("has");
                String name = parts.path("attr").asText();
                add(isName(name) && random.nextBoolean() ? name : quoted(name, false));
            }
            case "like" -> {
                expr(parts.path("left"), SUM);
                StringBuilder pattern = new StringBuilder("\"");
                for (JsonNode element : parts.path("pattern")) {
                    if (element.isTextual()) {
                        pattern.append('*');
                    } else {
                        String quoted = quoted(element.path("Literal").asText(), true);
                        pattern.append(quoted, 1, quoted.length() - 1);
                    }
                }
                add("like", pattern + "\"");
            }
            case "is" -> {
                expr(parts.path("left"), SUM);
                add("is");
                name(parts.path("entity_type").asText());
                if (parts.has("in")) {
                    add("in");
                    expr(parts.path("in"), SUM);
                }
            }
            case "." -> {
                expr(parts.path("left"), MEMBER);
                String name = parts.path("attr").asText();
                if (isName(name) && random.nextInt(5) > 0) {
                    add(".", name);
                } else {
                    add("[", quoted(name, false), "]");
                }
            }
            case "isEmpty" -> {
                expr(parts.path("arg"), MEMBER);
                add(".", "isEmpty", "(", ")");
            }
            case "contains", "containsAll", "containsAny", "getTag", "hasTag" -> {
                expr(parts.path("left"), MEMBER);
                add(".", operator, "(");
                expr(parts.path("right"), ANY);
                add(")");
            }
            case "Set" -> list("[", parts, "]", false);
            case "Record" -> {
                add("{");
                boolean first = true;
                for (Map.Entry<String, JsonNode> attribute : parts.properties()) {
                    if (!first) {
                        add(",");
                    }
                    first = false;
                    String name = attribute.getKey();
                    add(isName(name) && random.nextBoolean() ? name : quoted(name, false), ":");
                    expr(attribute.getValue(), ANY);
                }
                add("}");
            }
            default -> call(operator, parts);
        }
    }

    private void call(String function, JsonNode arguments) {
        if (CONSTRUCTORS.contains(function)) {
            add(function);
            list("(", arguments, ")", false);
            return;
        }
        expr(arguments.path(0), MEMBER);
        add(".", function, "(");
        for (int i = 1; i < arguments.size(); i++) {
            if (i > 1) {
                add(",");
            }
            expr(arguments.path(i), ANY);
        }
        add(")");
    }

    private void infix(String operator, JsonNode parts, int left, int right) {
        expr(parts.path("left"), left);
        add(operator);
        expr(parts.path("right"), right);
    }

    private void value(JsonNode value) {
        if (value.isTextual()) {
            add(quoted(value.asText(), false));
        } else if (value.isObject()) {
            entity(value.path("__entity"));
        } else {
            add(value.asText());
        }
    }

    private static boolean isName(String name) {
        return name.matches("[a-zA-Z_][a-zA-Z0-9_]*") && !RESERVED.contains(name);
    }

    private String quoted(String text, boolean pattern) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            boolean escape = random.nextInt(10) == 0;
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append(escape ? "\n" : "\\n");
                case 0 -> quoted.append("\\0");
                case '\'' -> quoted.append(escape ? "\\'" : "'");
                case '*' -> quoted.append(pattern ? "\\*" : "*");
                default -> {
                    if (escape) {
                        quoted.append(
                                c < 0x80 && random.nextBoolean()
                                        ? String.format("\\x%02x", c)
                                        : String.format("\\u{%X}", c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }
}
