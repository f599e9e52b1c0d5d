package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Json;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.serving.Served;
import java.io.IOException;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Predictions as lines of JSON, members in one order, so that a record has one form. */
final class Records {
    private static final JsonFactory FACTORY = JsonFactory.builder().build();
    private static final HexFormat HEX = HexFormat.of();

    private Records() {}

    /** A prediction as it was taken, with what only that moment knows. */
    record Taken(Prediction prediction, Instant at, long position) implements Gathered {
        @Override
        public void write(JsonGenerator json, Environment environment, Set<String> redacted) throws IOException {
            Records.write(json, this, environment, redacted);
        }

        @Override
        public long node() {
            return prediction.node();
        }

        @Override
        public long sequence() {
            return prediction.sequence();
        }

        @Override
        public int version() {
            return prediction.version().version().value();
        }
    }

    /** Writes lines to a stream, each flushed when it is whole. */
    static JsonGenerator writer(OutputStream out) throws IOException {
        JsonGenerator json = FACTORY.createGenerator(out);
        json.setRootValueSeparator(null);
        return json;
    }

    static void write(JsonGenerator json, Taken taken, Environment environment, Set<String> redacted)
            throws IOException {
        Prediction prediction = taken.prediction();
        json.writeStartObject();
        json.writeStringField("id", id(prediction));
        json.writeStringField("version", prediction.version().toString());
        json.writeStringField("by", prediction.by().name());
        json.writeStringField("environment", environment.value());
        json.writeStringField("at", taken.at().toString());
        json.writeNumberField("position", taken.position());
        optional(json, "request", prediction.request());
        optional(json, "caller", prediction.caller());
        if (prediction.experiment() != 0) {
            json.writeNumberField("experiment", prediction.experiment());
        }
        if (prediction.pair() >= 0) {
            json.writeStringField(
                    "pairOf", HEX.toHexDigits(prediction.node()) + "-" + HEX.toHexDigits(prediction.pair()));
        }
        values(json, "input", prediction.input(), redacted);
        values(json, "output", prediction.output(), redacted);
        json.writeEndObject();
        json.flush();
    }

    private static String id(Prediction prediction) {
        return HEX.toHexDigits(prediction.node()) + "-" + HEX.toHexDigits(prediction.sequence());
    }

    private static void optional(JsonGenerator json, String name, Optional<String> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(name, value.get());
        }
    }

    private static void values(JsonGenerator json, String name, Map<String, ?> values, Set<String> redacted)
            throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, ?> value : new TreeMap<>(values).entrySet()) {
            if (!redacted.contains(value.getKey())) {
                json.writeStringField(value.getKey(), String.valueOf(value.getValue()));
            }
        }
        json.writeEndObject();
    }

    /** Reads a line; {@link IllegalArgumentException} if it is none. */
    static PredictionRecord read(byte[] line) {
        JsonNode json = Json.parseObject(line);
        try {
            return new PredictionRecord(
                    Entry.text(json, "id"),
                    ModelRef.parse(Entry.text(json, "version")),
                    Served.By.valueOf(Entry.text(json, "by")),
                    Environment.of(Entry.text(json, "environment")),
                    Instant.parse(Entry.text(json, "at")),
                    LogPosition.of(Entry.number(json, "position")),
                    optional(json, "request"),
                    optional(json, "caller"),
                    json.has("experiment") ? Entry.number(json, "experiment") : 0,
                    optional(json, "pairOf"),
                    values(json, "input"),
                    values(json, "output"));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected a time, found '" + Entry.text(json, "at") + "'", e);
        }
    }

    private static Optional<String> optional(JsonNode json, String name) {
        return json.has(name) ? Optional.of(Entry.text(json, name)) : Optional.empty();
    }

    private static Map<String, String> values(JsonNode json, String name) {
        JsonNode object = json.path(name);
        if (!object.isObject()) {
            throw new IllegalArgumentException("expected an object '" + name + "', found " + object);
        }
        Map<String, String> values = new TreeMap<>();
        object.fieldNames().forEachRemaining(key -> values.put(key, Entry.text(object, key)));
        return values;
    }
}
