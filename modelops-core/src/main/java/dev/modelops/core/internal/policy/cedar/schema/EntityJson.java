package dev.modelops.core.internal.policy.cedar.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Entities and contexts in Cedar's JSON format. */
public final class EntityJson {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int MAX_ENTITIES = 100_000;

    private EntityJson() {}

    /**
     * Reads entities. With a schema, entities and extension values may stand in their implicit forms, and the actions of the
     * schema are added; whether the entities conform to it is for {@link Conformance} to say.
     *
     * @throws IllegalArgumentException if the document is not a list of entities, names one twice or has one that is in
     *     itself; the message says where and why
     */
    public static EntityStore read(String document, @Nullable Schema schema) {
        return read(JsonDocument.read("entities", document), schema);
    }

    static EntityStore read(JsonNode root, @Nullable Schema schema) {
        JsonDocument.array(root, "entities");
        if (root.size() > MAX_ENTITIES) {
            throw JsonDocument.bad("entities", "at most " + MAX_ENTITIES + " are allowed, found " + root.size());
        }
        Map<EntityUid, Entity> entities = new LinkedHashMap<>();
        int index = 0;
        for (JsonNode node : root) {
            Entity entity = entity(node, schema, "entity " + ++index);
            if (entities.putIfAbsent(entity.uid(), entity) != null) {
                throw JsonDocument.bad(
                        "entity " + index, SchemaWords.brief(entity.uid().toString()) + " is listed twice; remove one");
            }
        }
        if (schema != null) {
            schema.actions()
                    .forEach((uid, action) ->
                            entities.putIfAbsent(uid, new Entity(uid, RecordValue.EMPTY, action.ancestors())));
        }
        return EntityStore.of(entities.values());
    }

    /**
     * Reads a context; a type gives meaning to implicit forms of entities and extension values.
     *
     * @throws IllegalArgumentException if the document is not a record; the message says where and why
     */
    public static RecordValue readContext(String document, @Nullable RecordType type) {
        return readContext(JsonDocument.read("context", document), type);
    }

    static RecordValue readContext(JsonNode root, @Nullable RecordType type) {
        return ValueJson.record(root, type, "context", 1);
    }

    private static Entity entity(JsonNode node, @Nullable Schema schema, String place) {
        JsonDocument.object(node, place, Set.of("uid", "attrs", "parents", "tags"), Set.of("uid", "attrs", "parents"));
        EntityUid uid = ValueJson.uid(node.get("uid"), place + ", uid");
        String where = place + " " + SchemaWords.brief(uid.toString());
        EntityDeclaration declared = schema == null ? null : schema.entityType(uid.type());
        RecordValue attributes = ValueJson.record(
                node.get("attrs"), declared == null ? null : declared.attributes(), where + ", attrs", 1);
        SortedMap<String, Value> tags = new TreeMap<>();
        if (node.has("tags")) {
            for (Map.Entry<String, JsonNode> tag :
                    JsonDocument.object(node.get("tags"), where + ", tags").properties()) {
                String name = JsonDocument.text(tag.getKey(), where + ", tags");
                tags.put(
                        name,
                        ValueJson.read(
                                tag.getValue(),
                                declared == null ? null : declared.tags(),
                                where + ", tag '" + SchemaWords.brief(name) + "'",
                                1));
            }
        }
        Set<EntityUid> parents = new LinkedHashSet<>();
        for (JsonNode parent : JsonDocument.array(node.get("parents"), where + ", parents")) {
            parents.add(ValueJson.uid(parent, where + ", parents"));
        }
        for (EntityUid parent : parents) {
            if (uid.isAction() && !parent.isAction()) {
                throw JsonDocument.bad(
                        where + ", parents",
                        "an action may only be in actions, found " + SchemaWords.brief(parent.toString()));
            }
        }
        return new Entity(uid, attributes, parents, tags);
    }

    /**
     * Writes entities in the explicit form, which needs no schema to be read.
     *
     * @throws IllegalArgumentException if a record has an attribute that the format keeps for itself
     */
    public static String write(EntityStore entities) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            out.writeStartArray();
            for (Entity entity : entities.entities().values()) {
                write(entity, out);
            }
            out.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    /** Writes a context in the explicit form. */
    public static String writeContext(RecordValue context) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            ValueJson.write(context, out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    private static void write(Entity entity, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeFieldName("uid");
        ValueJson.writeUid(entity.uid(), out);
        out.writeFieldName("attrs");
        ValueJson.write(entity.attributes(), out);
        out.writeArrayFieldStart("parents");
        for (EntityUid parent : entity.parents()) {
            ValueJson.writeUid(parent, out);
        }
        out.writeEndArray();
        if (!entity.tags().isEmpty()) {
            out.writeObjectFieldStart("tags");
            for (Map.Entry<String, Value> tag : entity.tags().entrySet()) {
                out.writeFieldName(tag.getKey());
                ValueJson.write(tag.getValue(), out);
            }
            out.writeEndObject();
        }
        out.writeEndObject();
    }
}
