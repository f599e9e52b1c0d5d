package dev.modelops.core.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of one JSON object by name and type; whatever is missing, of another type, out of bounds or left over is
 * an {@link IllegalArgumentException} that says where.
 */
public final class Members {
    private static final int LONGEST_TEXT = 1000;

    private final ObjectNode object;
    private final String place;
    private final Set<String> read = new HashSet<>();

    /** Reads {@code object}, which messages call {@code place}. */
    public Members(ObjectNode object, String place) {
        this.object = object;
        this.place = place;
    }

    /** Returns whether there is such a member. */
    public boolean has(String name) {
        return object.has(name);
    }

    /** Returns a text of at most 1,000 characters. */
    public String text(String name) {
        JsonNode node = get(name);
        if (!node.isTextual() || node.textValue().length() > LONGEST_TEXT) {
            throw wrong(name, "a text of at most " + LONGEST_TEXT + " characters");
        }
        return node.textValue();
    }

    /** Returns one of the names of an enum, in lower case and with dashes. */
    public <E extends Enum<E>> E word(String name, Class<E> type) {
        String text = text(name);
        for (E constant : type.getEnumConstants()) {
            if (word(constant).equals(text)) {
                return constant;
            }
        }
        throw wrong(name, "one of " + words(type));
    }

    /** Returns how {@link #word(String, Class)} expects a constant. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> List<String> words(Class<E> type) {
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            words.add(word(constant));
        }
        return words;
    }

    /** Returns a truth value. */
    public boolean truth(String name) {
        JsonNode node = get(name);
        if (!node.isBoolean()) {
            throw wrong(name, "true or false");
        }
        return node.booleanValue();
    }

    /** Returns a whole number within bounds. */
    public long integer(String name, long least, long most) {
        return integer(get(name), name, least, most);
    }

    private long integer(JsonNode node, String name, long least, long most) {
        if (!node.isIntegralNumber()
                || !node.canConvertToLong()
                || node.longValue() < least
                || node.longValue() > most) {
            throw wrong(name, "a whole number from " + least + " to " + most);
        }
        return node.longValue();
    }

    /** Returns a finite number within bounds. */
    public double real(String name, double least, double most) {
        double value = real(get(name), name);
        if (value < least || value > most) {
            throw wrong(name, "a number from " + least + " to " + most);
        }
        return value;
    }

    /** Returns a finite number. */
    public double real(String name) {
        return real(get(name), name);
    }

    private double real(JsonNode node, String name) {
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw wrong(name, "a number that a double can hold");
        }
        return node.doubleValue();
    }

    /** Returns a point in time. */
    public Instant time(String name) {
        try {
            return Instant.parse(text(name));
        } catch (DateTimeException e) {
            throw wrong(name, "a time such as 2026-01-31T12:00:00Z", e);
        }
    }

    /** Returns a positive duration. */
    public Duration duration(String name) {
        try {
            Duration duration = Duration.parse(text(name));
            if (duration.isNegative() || duration.isZero()) {
                throw wrong(name, "a positive duration such as PT1H");
            }
            return duration;
        } catch (DateTimeException e) {
            throw wrong(name, "a positive duration such as PT1H", e);
        }
    }

    /** Returns counts, none below zero. */
    public ImmutableLongArray counts(String name, int most) {
        JsonNode array = array(name, most);
        ImmutableLongArray.Builder counts = ImmutableLongArray.builder(array.size());
        for (JsonNode element : array) {
            counts.add(integer(element, name, 0, 1L << 53));
        }
        return counts.build();
    }

    /** Returns finite numbers. */
    public ImmutableDoubleArray reals(String name, int most) {
        JsonNode array = array(name, most);
        ImmutableDoubleArray.Builder reals = ImmutableDoubleArray.builder(array.size());
        for (JsonNode element : array) {
            reals.add(real(element, name));
        }
        return reals.build();
    }

    /** Returns texts of at most 1,000 characters, no two the same. */
    public List<String> texts(String name, int most) {
        JsonNode array = array(name, most);
        Set<String> seen = new HashSet<>();
        List<String> texts = new ArrayList<>(array.size());
        for (JsonNode element : array) {
            if (!element.isTextual() || element.textValue().length() > LONGEST_TEXT || !seen.add(element.textValue())) {
                throw wrong(name, "different texts of at most " + LONGEST_TEXT + " characters");
            }
            texts.add(element.textValue());
        }
        return List.copyOf(texts);
    }

    /** Returns the members of a member. */
    public Members members(String name) {
        if (get(name) instanceof ObjectNode inner) {
            return new Members(inner, place + "." + name);
        }
        throw wrong(name, "an object");
    }

    /** Returns the members of each object of an array. */
    public List<Members> each(String name, int most) {
        List<Members> each = new ArrayList<>();
        for (JsonNode element : array(name, most)) {
            if (!(element instanceof ObjectNode inner)) {
                throw wrong(name, "an array of objects");
            }
            each.add(new Members(inner, place + "." + name + "[" + each.size() + "]"));
        }
        return each;
    }

    /** Returns the names of all members, and takes them as read. */
    public List<String> names(int most) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        if (names.size() > most) {
            throw new IllegalArgumentException(
                    place + ": expected at most " + most + " members, found " + names.size());
        }
        return names;
    }

    /** Refuses members that were not read. */
    public void end() {
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!read.contains(name)) {
                throw new IllegalArgumentException(place + ": there is no member '" + brief(name) + "'; known here are "
                        + read.stream().sorted().toList());
            }
        }
    }

    /** Returns the exception that says what a member had to be. */
    public IllegalArgumentException wrong(String name, String expected) {
        return wrong(name, expected, null);
    }

    private IllegalArgumentException wrong(String name, String expected, @Nullable Exception cause) {
        return new IllegalArgumentException(
                place + "." + name + ": expected " + expected + ", found "
                        + brief(object.path(name).toString()),
                cause);
    }

    private JsonNode array(String name, int most) {
        JsonNode node = get(name);
        if (!node.isArray() || node.size() > most) {
            throw wrong(name, "an array of at most " + most);
        }
        return node;
    }

    private JsonNode get(String name) {
        read.add(name);
        JsonNode node = object.get(name);
        if (node == null) {
            throw new IllegalArgumentException(place + ": the member '" + name + "' is missing");
        }
        return node;
    }

    private static String brief(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }
}
