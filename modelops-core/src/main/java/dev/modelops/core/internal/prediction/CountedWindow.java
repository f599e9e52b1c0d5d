package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;

/**
 * What one process counted of a version, in one window or a part of it. Process and count tell equal ones of different
 * processes apart, which add up, and make the same one the same wherever it is met.
 *
 * @param ref the version
 * @param node the process
 * @param sequence the count of these in the process
 * @param at when it was given out
 * @param window what was counted
 */
public record CountedWindow(ModelRef ref, long node, long sequence, Instant at, Window window) implements Gathered {
    @Override
    public int version() {
        return ref.version().value();
    }

    /** Returns what tells it apart. */
    public String id() {
        return HexFormat.of().toHexDigits(node) + "-" + HexFormat.of().toHexDigits(sequence);
    }

    @Override
    public void write(JsonGenerator json, Environment environment, Set<String> redacted) throws IOException {
        ObjectNode line =
                Json.object().put("version", ref.toString()).put("id", id()).put("at", at.toString());
        line.set("window", window.toJson());
        json.writeRawValue(new String(CanonicalJson.write(line), StandardCharsets.UTF_8));
        json.flush();
    }

    /** Reads a line; {@link IllegalArgumentException} if it is none. */
    static CountedWindow read(byte[] line) {
        Members members = new Members(CanonicalJson.parse(line, Segment.Kind.WINDOWS.longest()), "line");
        String id = members.text("id");
        String at = members.text("at");
        if (!id.matches("[0-9a-f]{16}-[0-9a-f]{16}")) {
            throw new IllegalArgumentException("expected a process and a count, found '" + id + "'");
        }
        try {
            CountedWindow counted = new CountedWindow(
                    ModelRef.parse(members.text("version")),
                    Long.parseUnsignedLong(id.substring(0, 16), 16),
                    Long.parseUnsignedLong(id.substring(17), 16),
                    Instant.parse(at),
                    Window.read(members.members("window")));
            members.end();
            return counted;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected a time, found '" + at + "'", e);
        }
    }
}
