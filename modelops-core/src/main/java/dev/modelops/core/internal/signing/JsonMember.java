package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.Bytes;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One value in a JSON document that is not trusted yet, with the words to say where it is wrong. */
public record JsonMember(Reason reason, String path, JsonNode value) {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_NUMBER = 32;
    /** Several times what the largest model needs; without it, two bytes of text could ask for a hundred of memory. */
    private static final long MAX_TOKENS = 4_000_000;

    /** Parses a document strictly: one object in UTF-8, no duplicate members, nothing after it, bounded. */
    public static JsonMember parse(Reason reason, String what, Bytes document, int maxBytes) {
        if (document.length() > maxBytes) {
            throw new VerificationException(
                    reason, what + " must have at most " + maxBytes + " bytes, but has " + document.length());
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document.toByteArray()))
                    .toString();
            JsonNode root = mapper(maxBytes).readTree(text);
            if (root.isMissingNode()) {
                throw new VerificationException(reason, what + " must be one JSON object, but is empty");
            }
            return new JsonMember(reason, what, root).object();
        } catch (CharacterCodingException e) {
            throw new VerificationException(reason, what + " must be JSON in UTF-8, but is not UTF-8");
        } catch (JsonProcessingException e) {
            throw new VerificationException(
                    reason,
                    what + " must be one well-formed JSON object without duplicate members, but is not: " + flaw(e));
        }
    }

    /** Without what the parser quotes: somebody may have named a file that holds a password. */
    private static String flaw(JsonProcessingException e) {
        if (e instanceof StreamConstraintsException) {
            return Names.printable(e.getOriginalMessage());
        }
        JsonLocation place = e.getLocation();
        return place == null
                ? "it cannot be read"
                : "it cannot be read at line " + place.getLineNr() + ", column " + place.getColumnNr();
    }

    private static JsonMapper mapper(int maxBytes) {
        StreamReadConstraints limits = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxNumberLength(MAX_NUMBER)
                .maxStringLength(maxBytes)
                .maxNameLength(256)
                .maxDocumentLength(maxBytes)
                .maxTokenCount(MAX_TOKENS)
                .build();
        return JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(limits)
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** Returns a member that must be there. */
    public JsonMember get(String name) {
        JsonMember found = find(name);
        if (found == null) {
            throw wrong("must have a member '" + name + "', but has none");
        }
        return found;
    }

    /** Returns a member, or null if there is none. */
    public @Nullable JsonMember find(String name) {
        JsonNode member = value.get(name);
        return member == null ? null : new JsonMember(reason, path + "." + name, member);
    }

    /** Tells whether there is a member of that name. */
    public boolean has(String name) {
        return value.has(name);
    }

    /** Returns this value, which must be an object. */
    public JsonMember object() {
        if (!value.isObject()) {
            throw wrong("must be an object");
        }
        return this;
    }

    /** Refuses every member but the given ones. */
    public JsonMember onlyWith(Set<String> names) {
        object();
        value.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                throw wrong("must have no members but "
                        + String.join(", ", names.stream().sorted().toList()) + ", but has " + Names.quote(name));
            }
        });
        return this;
    }

    /** Returns the items of an array that must have between some and so many of them. */
    public List<JsonMember> items(int min, int max) {
        if (!value.isArray()) {
            throw wrong("must be an array");
        }
        if (value.size() < min || value.size() > max) {
            throw wrong("must have " + min + " to " + max + " items, but has " + value.size());
        }
        List<JsonMember> items = new ArrayList<>(value.size());
        for (int i = 0; i < value.size(); i++) {
            items.add(new JsonMember(reason, path + "[" + i + "]", value.get(i)));
        }
        return items;
    }

    /** Returns a string. */
    public String text() {
        if (!value.isTextual()) {
            throw wrong("must be a string");
        }
        return value.textValue();
    }

    /** Returns a number without a fraction, though it may be written with one of zero. */
    public long wholeNumber(long max) {
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(Math.abs(number) <= max) || number != Math.rint(number)) {
            throw wrong("must be a whole number of at most " + max);
        }
        return value.isIntegralNumber() ? value.longValue() : (long) number;
    }

    /** Returns true or false. */
    public boolean flag() {
        if (!value.isBoolean()) {
            throw wrong("must be true or false");
        }
        return value.booleanValue();
    }

    /**
     * Returns the bytes of base64 as protobuf's JSON reads it: in the standard alphabet or the one for URLs, with padding or
     * without. Of each of these four only the one text that an encoder writes is read, and no mixture of them.
     */
    public Bytes base64(int maxBytes) {
        String text = text();
        if (text.isEmpty()) {
            throw wrong("must not be empty");
        }
        boolean isForUrls = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        try {
            byte[] bytes = (isForUrls ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
            if (bytes.length > maxBytes) {
                throw wrong("must have at most " + maxBytes + " bytes, but has " + bytes.length);
            }
            String written = (isForUrls ? Base64.getUrlEncoder() : Base64.getEncoder()).encodeToString(bytes);
            if (written.equals(text) || (written.startsWith(text) && written.indexOf('=') == text.length())) {
                return Bytes.of(bytes);
            }
        } catch (IllegalArgumentException e) {
            throw notBase64();
        }
        throw notBase64();
    }

    private VerificationException notBase64() {
        return wrong("must be base64 as an encoder writes it, in one alphabet, and with all padding or none");
    }

    /** Returns what to throw where a value is not what it must be. */
    public VerificationException wrong(String must) {
        return new VerificationException(reason, path + " " + must);
    }
}
