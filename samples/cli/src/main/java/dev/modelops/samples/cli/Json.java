package dev.modelops.samples.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads entries and writes results. */
final class Json {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonMapper MAPPER = mapper();

    private Json() {}

    static ObjectNode object() {
        return NODES.objectNode();
    }

    static ArrayNode array(Iterable<?> values) {
        ArrayNode array = NODES.arrayNode();
        for (Object value : values) {
            if (value instanceof JsonNode node) {
                array.add(node);
            } else {
                array.add(value.toString());
            }
        }
        return array;
    }

    /** Returns an object with the keys in order and the values as text. */
    static ObjectNode texts(Map<?, ?> map) {
        ObjectNode object = object();
        new TreeMap<>(map).forEach((key, value) -> object.put(key.toString(), value.toString()));
        return object;
    }

    /** Parses text; empty if it is not one JSON object. */
    static Optional<ObjectNode> parse(String text) {
        return parse(Bytes.ofUtf8(text));
    }

    /** Parses an entry's body; empty if it is not one JSON object. */
    static Optional<ObjectNode> parse(Bytes body) {
        try {
            return MAPPER.readTree(body.toByteArray()) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static String pretty(JsonNode node) {
        return write(MAPPER.writerWithDefaultPrettyPrinter(), node);
    }

    /** Writes a result in ASCII, so that no text of it can act on a terminal. */
    static void print(PrintWriter out, JsonNode node) {
        out.println(write(MAPPER.writerWithDefaultPrettyPrinter().with(JsonWriteFeature.ESCAPE_NON_ASCII), node));
    }

    private static String write(ObjectWriter writer, JsonNode node) {
        try {
            return writer.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON could not be written", e);
        }
    }

    private static JsonMapper mapper() {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(64).build())
                .build();
        return JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .build();
    }
}
