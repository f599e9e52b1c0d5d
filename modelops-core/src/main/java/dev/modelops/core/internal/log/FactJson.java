package dev.modelops.core.internal.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The values of facts as JSON, in entries and in files of policy tests alike: each value has one form. What JSON has no type
 * for is an object of one text, named for its type.
 */
public final class FactJson {
    private static final int LONGEST_TEXT = 1000;
    private static final String FORMS =
            "true, false, a whole number, a text, an array of these, or an object of one text:"
                    + " "
                    + Arrays.stream(Word.values())
                            .map(word -> "{\"" + word.word() + "\": ...}")
                            .collect(Collectors.joining(", "));

    private FactJson() {}

    /** The types that JSON lacks. */
    private enum Word {
        DECIMAL(BigDecimal.class, BigDecimal::toString, BigDecimal::new),
        DATETIME(Instant.class, Instant::toString, Instant::parse),
        DURATION(Duration.class, Duration::toString, Duration::parse),
        USER(Principal.class, Principal::toString, Principal::parse),
        ROLE(Role.class, Role::value, Role::of),
        ENVIRONMENT(Environment.class, Environment::value, Environment::of),
        MODEL(ModelName.class, ModelName::value, ModelName::of),
        VERSION(ModelRef.class, ModelRef::toString, ModelRef::parse);

        private final Class<?> type;
        private final Function<Object, String> text;
        private final Function<String, Object> parser;

        <T> Word(Class<T> type, Function<T, String> text, Function<String, T> parser) {
            this.type = type;
            this.text = value -> text.apply(type.cast(value));
            this.parser = parser::apply;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Returns the form of a value. */
    public static JsonNode write(Object fact) {
        ObjectNode object = Json.object();
        if (fact instanceof Collection<?> elements) {
            ArrayNode list = object.arrayNode();
            elements.forEach(element -> list.add(write(element)));
            return list;
        } else if (fact instanceof Boolean truth) {
            return object.booleanNode(truth);
        } else if (fact instanceof Long number) {
            return object.numberNode(number);
        } else if (fact instanceof String text) {
            return object.textNode(text);
        }
        for (Word word : Word.values()) {
            if (word.type.isInstance(fact)) {
                return object.put(word.word(), word.text.apply(fact));
            }
        }
        throw new IllegalStateException("no fact: " + fact.getClass().getName());
    }

    /** Returns the value of a form; {@link IllegalArgumentException} if it is none. */
    public static Object read(JsonNode json) {
        if (!json.isArray()) {
            return single(json);
        }
        List<Object> elements = new ArrayList<>();
        json.forEach(element -> elements.add(single(element)));
        return List.copyOf(elements);
    }

    private static Object single(JsonNode json) {
        if (json.isBoolean()) {
            return json.booleanValue();
        } else if (json.isIntegralNumber() && json.canConvertToLong()) {
            return json.longValue();
        } else if (json.isTextual()) {
            return json.textValue();
        } else if (json.isNumber()) {
            throw new IllegalArgumentException(
                    "a number with a fraction or of more than 64 bits is written {\"decimal\":"
                            + " \"0.80\"}, so that every reader sees the same, but was " + brief(json));
        }
        if (json.isObject() && json.size() == 1) {
            String name = json.fieldNames().next();
            JsonNode text = json.path(name);
            for (Word word : Word.values()) {
                if (word.word().equals(name) && text.isTextual()) {
                    return parsed(word, text.textValue());
                }
            }
        }
        throw new IllegalArgumentException("a fact is " + FORMS + "; but was " + brief(json));
    }

    private static Object parsed(Word word, String text) {
        if (text.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException("the text of a " + word.word() + " has at most " + LONGEST_TEXT
                    + " characters, but one has " + text.length());
        }
        try {
            return word.parser.apply(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a decimal is written such as 0.80, but was '" + text + "'", e);
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "a " + word.word() + " is written such as "
                            + (word == Word.DATETIME ? "2026-03-31T12:00:00Z" : "PT72H") + ", but was '" + text + "'",
                    e);
        }
    }

    private static String brief(JsonNode json) {
        String text = json.toString();
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }
}
