package dev.modelops.core.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.log.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The one form of a JSON value by the JSON Canonicalization Scheme (RFC 8785): members sorted, no white space, numbers as
 * ECMAScript writes doubles. It does not depend on how a Java runtime prints numbers.
 */
public final class CanonicalJson {
    private static final long MOST_EXACT = 1L << 53;
    private static final int MOST_DIGITS = 17;

    private CanonicalJson() {}

    /**
     * Returns the bytes of a value.
     *
     * @throws IllegalArgumentException if a number is not finite or no double has its value
     */
    public static byte[] write(JsonNode value) {
        StringBuilder text = new StringBuilder();
        write(value, text);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads an object that was written by {@link #write}.
     *
     * @throws IllegalArgumentException if the bytes are too many, no JSON object, or not in the canonical form
     */
    public static ObjectNode parse(byte[] bytes, int mostBytes) {
        if (bytes.length > mostBytes) {
            throw new IllegalArgumentException(
                    "at most " + mostBytes + " bytes are read, but there are " + bytes.length);
        }
        ObjectNode object = Json.parseObject(bytes);
        if (!Arrays.equals(write(object), bytes)) {
            throw new IllegalArgumentException(
                    "not in the canonical form of RFC 8785: sort members, leave out white space, write numbers as ECMAScript"
                            + " does");
        }
        return object;
    }

    /** Returns a finite double as ECMAScript writes it: the fewest digits that read back as the same double. */
    public static String number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("JSON has no form for " + value);
        } else if (value == 0) {
            return "0";
        } else if (value == Math.rint(value) && Math.abs(value) <= MOST_EXACT) {
            return Long.toString((long) value);
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        // The decimal point stands before the digit at this place.
        int point = digits.length() - shortest.scale();
        String text;
        if (point > 21 || point <= -6) {
            String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
            text = mantissa + "e" + (point > 0 ? "+" : "-") + Math.abs(point - 1);
        } else if (point >= digits.length()) {
            text = digits + "0".repeat(point - digits.length());
        } else if (point > 0) {
            text = digits.substring(0, point) + "." + digits.substring(point);
        } else {
            text = "0." + "0".repeat(-point) + digits;
        }
        return value < 0 ? "-" + text : text;
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded;
            }
        }
        return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN));
    }

    private static void write(JsonNode value, StringBuilder to) {
        if (value.isObject()) {
            List<String> names = new ArrayList<>();
            value.fieldNames().forEachRemaining(names::add);
            Collections.sort(names);
            to.append('{');
            for (int i = 0; i < names.size(); i++) {
                if (i > 0) {
                    to.append(',');
                }
                string(names.get(i), to);
                to.append(':');
                write(value.path(names.get(i)), to);
            }
            to.append('}');
        } else if (value.isArray()) {
            to.append('[');
            for (int i = 0; i < value.size(); i++) {
                if (i > 0) {
                    to.append(',');
                }
                write(value.path(i), to);
            }
            to.append(']');
        } else if (value.isTextual()) {
            string(value.textValue(), to);
        } else if (value.isIntegralNumber()) {
            to.append(integer(value));
        } else if (value.isNumber()) {
            to.append(number(value.doubleValue()));
        } else if (value.isBoolean() || value.isNull()) {
            to.append(value.asText());
        } else {
            throw new IllegalArgumentException("not a JSON value: " + value.getNodeType());
        }
    }

    private static String integer(JsonNode value) {
        if (!value.canConvertToLong() || Math.abs(value.longValue()) > MOST_EXACT) {
            return number(value.doubleValue());
        }
        return Long.toString(value.longValue());
    }

    private static void string(String value, StringBuilder to) {
        to.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> to.append("\\\"");
                case '\\' -> to.append("\\\\");
                case '\b' -> to.append("\\b");
                case '\t' -> to.append("\\t");
                case '\n' -> to.append("\\n");
                case '\f' -> to.append("\\f");
                case '\r' -> to.append("\\r");
                default -> {
                    if (c < ' ') {
                        to.append("\\u00").append(c < 0x10 ? "0" : "").append(Integer.toHexString(c));
                    } else {
                        to.append(c);
                    }
                }
            }
        }
        to.append('"');
    }
}
