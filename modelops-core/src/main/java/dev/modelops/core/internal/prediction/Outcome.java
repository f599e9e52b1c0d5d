package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Environment;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Json;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Set;

/**
 * What came of a prediction, as a host told it.
 *
 * @param id the identity of the prediction
 * @param actual what came of it
 * @param at when the host told it
 */
public record Outcome(String id, String actual, Instant at) implements Gathered {
    private static final int MOST_ACTUAL = 1000;

    /** Checks the form of the identity and of the text. */
    public Outcome {
        if (!id.matches("[0-9a-f]{16}-[0-9a-f]{16}")) {
            throw new IllegalArgumentException(
                    "the identity of a prediction has 16 hexadecimal digits, a hyphen, and 16" + " more, but was '"
                            + (id.length() > 40 ? id.substring(0, 40) + "..." : id) + "'");
        }
        if (actual.isEmpty() || actual.length() > MOST_ACTUAL || actual.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException("what came of a prediction has 1 to " + MOST_ACTUAL
                    + " characters, none of them control characters, but had " + actual.length());
        }
    }

    @Override
    public void write(JsonGenerator json, Environment environment, Set<String> redacted) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", id);
        json.writeStringField("actual", actual);
        json.writeStringField("at", at.toString());
        json.writeEndObject();
        json.flush();
    }

    /** Reads a line; {@link IllegalArgumentException} if it is none. */
    static Outcome read(byte[] line) {
        JsonNode json = Json.parseObject(line);
        try {
            return new Outcome(
                    Entry.text(json, "id"), Entry.text(json, "actual"), Instant.parse(Entry.text(json, "at")));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected a time, found '" + Entry.text(json, "at") + "'", e);
        }
    }
}
