package dev.modelops.core.evidence;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.core.internal.signing.JsonMember;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Values that have one meaning in JSON: strings, booleans, numbers, and lists and maps of these. */
final class Parameters {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_ITEMS = 10_000;

    private Parameters() {}

    /** Copies values deeply, in the order of their names; {@link IllegalArgumentException} for values of other kinds. */
    static Map<String, Object> copy(Map<String, Object> values) {
        return copyOf(values, MAX_DEPTH);
    }

    /** Reads values; what is null is not there. */
    static Map<String, Object> read(JsonMember member) {
        Map<String, Object> values = new TreeMap<>();
        member.object().value().fieldNames().forEachRemaining(name -> {
            JsonMember value = member.get(name);
            if (!value.value().isNull()) {
                values.put(name, readValue(value));
            }
        });
        return values;
    }

    static void write(JsonGenerator json, Map<?, ?> values) throws IOException {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            json.writeFieldName((String) entry.getKey());
            writeValue(json, entry.getValue());
        }
        json.writeEndObject();
    }

    private static Map<String, Object> copyOf(Map<?, ?> values, int depth) {
        Map<String, Object> copy = new TreeMap<>();
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            if (!(entry.getKey() instanceof String name)) {
                throw new IllegalArgumentException(
                        "the name of a parameter must be a string, but was " + entry.getKey());
            }
            copy.put(name, copyOf(name, entry.getValue(), depth));
        }
        return Collections.unmodifiableMap(copy);
    }

    private static Object copyOf(String name, Object value, int depth) {
        if (depth == 0) {
            throw new IllegalArgumentException("parameters must not be nested deeper than " + MAX_DEPTH);
        }
        if (value instanceof Map<?, ?> map) {
            return copyOf(map, depth - 1);
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            for (Object item : list) {
                copy.add(copyOf(name, item, depth - 1));
            }
            return Collections.unmodifiableList(copy);
        }
        if (value instanceof Integer number) {
            return number.longValue();
        }
        if (value instanceof String
                || value instanceof Boolean
                || value instanceof Long
                || (value instanceof Double number && Double.isFinite(number))) {
            return value;
        }
        throw new IllegalArgumentException("parameter '" + name
                + "' must be a string, boolean, whole or finite number, or a list or map of these, but was " + value);
    }

    private static Object readValue(JsonMember member) {
        JsonNode value = member.value();
        if (value.isObject()) {
            return read(member);
        }
        if (value.isArray()) {
            return member.items(0, MAX_ITEMS).stream()
                    .map(Parameters::readValue)
                    .toList();
        }
        if (value.isBoolean()) {
            return member.flag();
        }
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (value.isNumber() && Double.isFinite(value.doubleValue())) {
            return value.doubleValue();
        }
        return member.text();
    }

    private static void writeValue(JsonGenerator json, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            write(json, map);
        } else if (value instanceof List<?> list) {
            json.writeStartArray();
            for (Object item : list) {
                writeValue(json, item);
            }
            json.writeEndArray();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            json.writeNumber(number);
        } else {
            json.writeString((String) value);
        }
    }
}
