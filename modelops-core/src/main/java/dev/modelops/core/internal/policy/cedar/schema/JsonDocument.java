package dev.modelops.core.internal.policy.cedar.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads JSON strictly: bounded in size and depth, no member twice, nothing after the end, no halves of surrogate pairs. */
final class JsonDocument {
    private static final int MAX_CHARACTERS = 16 * 1024 * 1024;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(4 * SchemaDraft.MAX_DEPTH)
                            .maxStringLength(64 * 1024)
                            .maxNameLength(64 * 1024)
                            .maxNumberLength(20)
                            .maxDocumentLength(MAX_CHARACTERS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonDocument() {}

    static JsonNode read(String what, String document) {
        if (document.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    what + " must have at most " + MAX_CHARACTERS + " characters, but has " + document.length());
        }
        try (JsonParser parser = MAPPER.createParser(document)) {
            JsonNode root = MAPPER.readValue(parser, JsonNode.class);
            if (root == null || root.isMissingNode()) {
                throw new IllegalArgumentException(what + " must be JSON, but is empty");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(what + " is not well-formed JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(what + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Returns an object that has only known members and all required ones. */
    static JsonNode object(@Nullable JsonNode node, String where, Set<String> known, Set<String> required) {
        if (node == null || !node.isObject()) {
            throw bad(where, "expected an object with " + sorted(known) + kind(node));
        }
        Iterator<String> names = node.fieldNames();
        while (names.hasNext()) {
            String name = names.next();
            if (!known.contains(name)) {
                throw bad(where, "unknown member '" + SchemaWords.brief(name) + "'; known are " + sorted(known));
            }
        }
        for (String name : required) {
            if (!node.has(name)) {
                throw bad(where, "member '" + name + "' is missing");
            }
        }
        return node;
    }

    static JsonNode object(@Nullable JsonNode node, String where) {
        if (node == null || !node.isObject()) {
            throw bad(where, "expected an object" + kind(node));
        }
        return node;
    }

    static JsonNode array(@Nullable JsonNode node, String where) {
        if (node == null || !node.isArray()) {
            throw bad(where, "expected an array" + kind(node));
        }
        return node;
    }

    static String string(@Nullable JsonNode node, String where) {
        if (node == null || !node.isTextual()) {
            throw bad(where, "expected a text" + kind(node));
        }
        return text(node.textValue(), where);
    }

    static String text(String text, String where) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw bad(where, "text holds half of a surrogate pair");
            }
        }
        return text;
    }

    static IllegalArgumentException bad(String where, String problem) {
        return new IllegalArgumentException(where + ": " + problem);
    }

    static String kind(@Nullable JsonNode node) {
        if (node == null) {
            return ", found nothing";
        }
        return ", found "
                + switch (node.getNodeType()) {
                    case ARRAY -> "an array";
                    case OBJECT -> "an object";
                    case STRING -> "the text '" + SchemaWords.brief(node.textValue()) + "'";
                    default -> SchemaWords.brief(node.toString());
                };
    }

    private static String sorted(Set<String> names) {
        return names.stream().sorted().collect(Collectors.joining(", "));
    }
}
