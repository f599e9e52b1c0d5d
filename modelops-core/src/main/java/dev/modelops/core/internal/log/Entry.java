package dev.modelops.core.internal.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Assurance;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.Identity;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.policy.Decision;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the log, in memory: a CloudEvents 1.0 object whose {@code data} says who acted, why it was decided so, and
 * what changed.
 */
public record Entry(
        long index,
        String id,
        String source,
        EntryType type,
        String typeName,
        @Nullable String subject,
        Instant time,
        boolean critical,
        ObjectNode data) {
    /** The most bytes an entry may have, so that it fits a tile bundle. */
    public static final int MAX_BYTES = 65_535;

    private static final String COMMITMENT = "commitment";

    /** Decodes the bytes of an entry; {@link IllegalArgumentException} if they are not one. */
    public static Entry decode(long index, byte[] bytes) {
        ObjectNode json = Json.parseObject(bytes);
        if (!text(json, "specversion").equals("1.0")) {
            throw new IllegalArgumentException("expected CloudEvents specversion 1.0");
        }
        String typeName = text(json, "type");
        JsonNode subject = json.get("subject");
        if (!(json.get("data") instanceof ObjectNode data)) {
            throw new IllegalArgumentException("expected an object 'data'");
        }
        Instant time;
        try {
            time = Times.parse(text(json, "time"));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected a time in 'time', found " + json.get("time"), e);
        }
        boolean critical = json.get("critical") == null || json.get("critical").asBoolean(true);
        return new Entry(
                index,
                text(json, "id"),
                text(json, "source"),
                EntryType.of(typeName),
                typeName,
                subject == null ? null : text(json, "subject"),
                time,
                critical,
                data);
    }

    /** Returns the bytes to store; {@link IllegalArgumentException} if there are too many. */
    public byte[] encode() {
        ObjectNode json = Json.object();
        json.put("specversion", "1.0");
        json.put("id", id);
        json.put("source", source);
        json.put("type", typeName);
        if (subject != null) {
            json.put("subject", subject);
        }
        json.put("time", DateTimeFormatter.ISO_INSTANT.format(time));
        json.put("datacontenttype", "application/json");
        if (!critical) {
            json.put("critical", false);
        }
        json.set("data", data);
        byte[] bytes = Json.write(json);
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException("an entry of the log may have " + MAX_BYTES + " bytes, but this "
                    + type.sentence() + " needs " + bytes.length
                    + "; shorten its texts, or attach them as evidence");
        }
        return bytes;
    }

    /** Returns who acted. */
    public Principal actor() {
        return Principal.parse(text(actorNode(), "principal"));
    }

    /** Returns how firmly the actor's identity was established. */
    public Assurance assurance() {
        return Assurance.valueOf(text(actorNode(), "assurance"));
    }

    /** Returns the roles that counted for the actor. */
    public Set<Role> actorRoles() {
        Set<Role> roles = new TreeSet<>();
        JsonNode list = actorNode().get("roles");
        if (list != null) {
            list.forEach(role -> roles.add(Role.of(role.asText())));
        }
        return roles;
    }

    /** Returns the identity of the act. */
    public CommandId command() {
        return CommandId.of(text(data, "command"));
    }

    /** Returns the decision, or null where none was taken. */
    public @Nullable Decision decision() {
        return data.get("decision") instanceof ObjectNode node ? DecisionJson.read(node, time) : null;
    }

    /** Returns a text of the payload, or null. */
    public @Nullable String find(String name) {
        return data.get(name) == null ? null : text(data, name);
    }

    /** Returns a text of the payload. */
    public String get(String name) {
        return text(data, name);
    }

    /**
     * Returns a text that a person wrote, or null: in clear as entries of before have it, otherwise what was committed to.
     */
    public @Nullable ErasableText written(String name) {
        JsonNode value = data.get(name);
        if (value == null) {
            return null;
        }
        return value.isObject()
                ? new ErasableText.Unavailable(Digest.parse(text(value, COMMITMENT)), "it was not looked up")
                : new ErasableText.Kept(text(data, name));
    }

    /** Returns what its actor wrote, the text of a comment or a reason, or null. */
    public @Nullable ErasableText written() {
        return written(type == EntryType.VERSION_COMMENTED ? "text" : "reason");
    }

    /** Returns the commitment to what its actor wrote, or null. */
    public @Nullable Digest commitment() {
        return written() instanceof ErasableText.Unavailable text ? text.commitment() : null;
    }

    /** Puts the commitment to a text in its place. */
    public static void commit(ObjectNode data, String name, Digest commitment) {
        data.putObject(name).put(COMMITMENT, commitment.toString());
    }

    /** Begins the payload of an entry with who acts, under which identity, and how it was decided. */
    public static ObjectNode payload(
            Identity identity,
            Set<Role> roles,
            CommandId command,
            @Nullable Digest reason,
            @Nullable Decision decision) {
        ObjectNode data = Json.object();
        ObjectNode actor = data.putObject("actor");
        actor.put("principal", identity.principal().toString());
        actor.put("assurance", identity.assurance().name());
        ArrayNode list = actor.putArray("roles");
        new TreeSet<>(roles).forEach(role -> list.add(role.value()));
        data.put("command", command.value());
        if (reason != null) {
            commit(data, "reason", reason);
        }
        if (decision != null) {
            data.set("decision", DecisionJson.write(decision));
        }
        return data;
    }

    /** Returns a text member; {@link IllegalArgumentException} if it is absent or no text. */
    public static String text(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null || !value.isTextual()) {
            throw new IllegalArgumentException("expected a text '" + name + "', found " + value);
        }
        return value.textValue();
    }

    /** Returns a whole number; {@link IllegalArgumentException} if it is absent, no number or too large. */
    public static long number(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("expected a whole number '" + name + "', found " + value);
        }
        return value.longValue();
    }

    private ObjectNode actorNode() {
        if (data.get("actor") instanceof ObjectNode actor) {
            return actor;
        }
        throw new IllegalArgumentException("expected an object 'actor' in 'data'");
    }

    @Override
    public String toString() {
        return "entry " + index + " " + new String(Json.write(data), StandardCharsets.UTF_8);
    }
}
