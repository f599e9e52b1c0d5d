package dev.modelops.core.internal.policy.cedar.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.ActionName;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Member;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Name;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Place;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Ref;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Sort;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.BoolType;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.Primitive;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The Cedar JSON schema format. */
public final class SchemaJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final SchemaDraft draft = new SchemaDraft();

    private SchemaJson() {}

    /**
     * Reads a schema.
     *
     * @throws IllegalArgumentException if the document is not a schema; the message says where and why
     */
    public static Schema read(String document) {
        return new SchemaJson().schema(JsonDocument.read("schema", document));
    }

    private Schema schema(JsonNode root) {
        for (Map.Entry<String, JsonNode> entry :
                JsonDocument.object(root, "schema").properties()) {
            String where = "namespace '" + SchemaWords.brief(entry.getKey()) + "'";
            String namespace =
                    entry.getKey().isEmpty() ? "" : SchemaDraft.namespace(new Name(entry.getKey(), place(where)));
            namespace(namespace, entry.getValue(), where);
        }
        return draft.resolve();
    }

    private void namespace(String namespace, JsonNode node, String where) {
        JsonDocument.object(
                node,
                where,
                Set.of("commonTypes", "entityTypes", "actions", "annotations"),
                Set.of("entityTypes", "actions"));
        if (namespace.isEmpty() && node.has("annotations")) {
            throw JsonDocument.bad(where, "the namespace without a name cannot have annotations");
        }
        annotations(node, where);
        if (node.has("commonTypes")) {
            members(node, "commonTypes", where).forEach((name, type) -> {
                String at = where + ", common type '" + SchemaWords.brief(name) + "'";
                draft.common(namespace, new Name(name, place(at)), type(type, at, 1, Set.of("annotations")));
            });
        }
        members(node, "entityTypes", where).forEach((name, type) -> entity(namespace, name, type, where));
        members(node, "actions", where).forEach((name, action) -> action(namespace, name, action, where));
    }

    private static Map<String, JsonNode> members(JsonNode owner, String name, String where) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        JsonDocument.object(owner.get(name), where + ", " + name)
                .properties()
                .forEach(entry -> members.put(JsonDocument.text(entry.getKey(), where), entry.getValue()));
        return members;
    }

    private void entity(String namespace, String name, JsonNode node, String owner) {
        String where = owner + ", entity type '" + SchemaWords.brief(name) + "'";
        Name declared = new Name(name, place(where));
        if (JsonDocument.object(node, where).has("enum")) {
            JsonDocument.object(node, where, Set.of("enum", "annotations"), Set.of());
            annotations(node, where);
            Set<String> ids = new LinkedHashSet<>();
            for (JsonNode id : JsonDocument.array(node.get("enum"), where + ", enum")) {
                ids.add(JsonDocument.string(id, where + ", enum"));
            }
            draft.entity(namespace, declared, List.of(), null, null, ids);
            return;
        }
        JsonDocument.object(node, where, Set.of("memberOfTypes", "shape", "tags", "enum", "annotations"), Set.of());
        annotations(node, where);
        List<Name> parents =
                node.has("memberOfTypes") ? names(node.get("memberOfTypes"), where + ", memberOfTypes") : List.of();
        Ref shape = node.has("shape") ? type(node.get("shape"), where + ", shape", 1, Set.of()) : null;
        Ref tags = node.has("tags") ? type(node.get("tags"), where + ", tags", 1, Set.of()) : null;
        draft.entity(namespace, declared, parents, shape, tags, null);
    }

    private void action(String namespace, String name, JsonNode node, String owner) {
        String where = owner + ", action '" + SchemaWords.brief(name) + "'";
        JsonDocument.object(node, where, Set.of("memberOf", "appliesTo", "attributes", "annotations"), Set.of());
        annotations(node, where);
        if (node.hasNonNull("attributes")) {
            throw JsonDocument.bad(where, "actions cannot have attributes; remove 'attributes'");
        }
        List<ActionName> parents = new ArrayList<>();
        if (node.hasNonNull("memberOf")) {
            String at = where + ", memberOf";
            for (JsonNode parent : JsonDocument.array(node.get("memberOf"), at)) {
                JsonDocument.object(parent, at, Set.of("id", "type"), Set.of("id"));
                String type = parent.hasNonNull("type") ? JsonDocument.string(parent.get("type"), at + ", type") : null;
                parents.add(new ActionName(type, JsonDocument.string(parent.get("id"), at + ", id"), place(at)));
            }
        }
        List<Name> principals = List.of();
        List<Name> resources = List.of();
        Ref context = null;
        if (node.hasNonNull("appliesTo")) {
            String at = where + ", appliesTo";
            JsonNode applies = JsonDocument.object(
                    node.get("appliesTo"),
                    at,
                    Set.of("principalTypes", "resourceTypes", "context"),
                    Set.of("principalTypes", "resourceTypes"));
            principals = names(applies.get("principalTypes"), at + ", principalTypes");
            resources = names(applies.get("resourceTypes"), at + ", resourceTypes");
            context = applies.has("context") ? type(applies.get("context"), where + ", context", 1, Set.of()) : null;
        }
        draft.action(namespace, new Name(name, place(where)), parents, principals, resources, context);
    }

    private static List<Name> names(@Nullable JsonNode node, String where) {
        List<Name> names = new ArrayList<>();
        for (JsonNode name : JsonDocument.array(node, where)) {
            names.add(new Name(JsonDocument.string(name, where), place(where)));
        }
        return names;
    }

    private static Ref type(@Nullable JsonNode given, String where, int depth, Set<String> further) {
        if (depth > SchemaDraft.MAX_DEPTH) {
            throw JsonDocument.bad(where, "types must nest at most " + SchemaDraft.MAX_DEPTH + " deep");
        }
        JsonNode node = JsonDocument.object(given, where);
        String type = JsonDocument.string(node.get("type"), where + ", type");
        return switch (type) {
            case "Boolean" -> known(BoolType.ANY, node, where, further);
            case "Long" -> known(Primitive.LONG, node, where, further);
            case "String" -> known(Primitive.STRING, node, where, further);
            case "Set" -> {
                only(node, where, further, "element");
                yield new Ref.SetOf(type(node.get("element"), where + ", element", depth + 1, Set.of()));
            }
            case "Record" -> record(node, where, depth, further);
            case "Entity" -> {
                only(node, where, further, "name");
                yield new Ref.Named(JsonDocument.string(node.get("name"), where + ", name"), Sort.ENTITY, place(where));
            }
            case "EntityOrCommon" -> {
                only(node, where, further, "name");
                yield new Ref.Named(JsonDocument.string(node.get("name"), where + ", name"), Sort.ANY, place(where));
            }
            case "Extension" -> {
                only(node, where, further, "name");
                String name = JsonDocument.string(node.get("name"), where + ", name");
                ExtensionType extension = ExtensionType.named(name);
                if (extension == null) {
                    throw JsonDocument.bad(
                            where,
                            "extension type must be one of decimal, ipaddr, datetime and duration, but was '"
                                    + SchemaWords.brief(name) + "'");
                }
                yield new Ref.Known(extension);
            }
            default -> {
                only(node, where, further);
                yield new Ref.Named(type, Sort.COMMON, place(where));
            }
        };
    }

    private static Ref known(Type type, JsonNode node, String where, Set<String> further) {
        only(node, where, further);
        return new Ref.Known(type);
    }

    private static Ref record(JsonNode node, String where, int depth, Set<String> further) {
        Set<String> known = new LinkedHashSet<>(further);
        known.addAll(Set.of("type", "attributes", "additionalAttributes"));
        JsonDocument.object(node, where, known, Set.of("attributes"));
        if (node.has("additionalAttributes")
                && !node.get("additionalAttributes").isBoolean()) {
            throw JsonDocument.bad(where, "'additionalAttributes' must be false or left out");
        }
        if (node.path("additionalAttributes").booleanValue()) {
            throw JsonDocument.bad(where, "records with attributes that are not declared are not supported");
        }
        Map<String, Member> members = new LinkedHashMap<>();
        members(node, "attributes", where).forEach((name, attribute) -> {
            String at = where + ", attribute '" + SchemaWords.brief(name) + "'";
            Ref type = type(attribute, at, depth + 1, Set.of("required", "annotations"));
            JsonNode required = attribute.get("required");
            if (required != null && !required.isBoolean()) {
                throw JsonDocument.bad(at, "'required' must be true or false");
            }
            annotations(attribute, at);
            members.put(name, new Member(type, required == null || required.booleanValue()));
        });
        return new Ref.RecordOf(members);
    }

    private static void only(JsonNode node, String where, Set<String> further, String... names) {
        Set<String> required = Set.of(names);
        Set<String> known = new LinkedHashSet<>(further);
        known.add("type");
        known.addAll(required);
        JsonDocument.object(node, where, known, required);
    }

    private static void annotations(JsonNode node, String where) {
        if (node.has("annotations")) {
            String at = where + ", annotations";
            JsonDocument.object(node.get("annotations"), at).properties().forEach(annotation -> {
                if (!SchemaWords.isIdentifier(annotation.getKey())) {
                    throw JsonDocument.bad(at, "annotations must be named by identifiers");
                }
                if (!annotation.getValue().isNull()) {
                    JsonDocument.string(annotation.getValue(), at);
                }
            });
        }
    }

    private static Place place(String where) {
        return problem -> JsonDocument.bad(where, problem);
    }

    /** Writes a schema, with every type written out. */
    public static String write(Schema schema) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            write(schema, out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    private static void write(Schema schema, JsonGenerator out) throws IOException {
        Map<String, List<EntityDeclaration>> types = new TreeMap<>();
        Map<String, List<ActionDeclaration>> actions = new TreeMap<>();
        for (EntityDeclaration type : schema.entityTypes().values()) {
            types.computeIfAbsent(namespaceOf(type.name()), name -> new ArrayList<>())
                    .add(type);
        }
        for (ActionDeclaration action : schema.actions().values()) {
            actions.computeIfAbsent(namespaceOf(action.uid().type()), name -> new ArrayList<>())
                    .add(action);
        }
        Set<String> namespaces = new LinkedHashSet<>(types.keySet());
        namespaces.addAll(actions.keySet());
        out.writeStartObject();
        for (String namespace : namespaces) {
            out.writeObjectFieldStart(namespace);
            out.writeObjectFieldStart("entityTypes");
            for (EntityDeclaration type : types.getOrDefault(namespace, List.of())) {
                out.writeObjectFieldStart(baseOf(type.name()));
                writeEntity(type, out);
                out.writeEndObject();
            }
            out.writeEndObject();
            out.writeObjectFieldStart("actions");
            for (ActionDeclaration action : actions.getOrDefault(namespace, List.of())) {
                out.writeObjectFieldStart(action.uid().id());
                writeAction(action, out);
                out.writeEndObject();
            }
            out.writeEndObject();
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private static void writeEntity(EntityDeclaration type, JsonGenerator out) throws IOException {
        Set<String> ids = type.ids();
        if (ids != null) {
            writeNames("enum", ids, out);
            return;
        }
        writeNames("memberOfTypes", type.ancestors(), out);
        out.writeFieldName("shape");
        writeType(type.attributes(), null, out);
        if (type.tags() != null) {
            out.writeFieldName("tags");
            writeType(type.tags(), null, out);
        }
    }

    private static void writeAction(ActionDeclaration action, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("memberOf");
        for (EntityUid parent : action.ancestors()) {
            out.writeStartObject();
            out.writeStringField("type", parent.type());
            out.writeStringField("id", parent.id());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeObjectFieldStart("appliesTo");
        writeNames("principalTypes", action.principals(), out);
        writeNames("resourceTypes", action.resources(), out);
        out.writeFieldName("context");
        writeType(action.context(), null, out);
        out.writeEndObject();
    }

    private static void writeNames(String name, Set<String> values, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }

    private static void writeType(Type type, @Nullable Boolean required, JsonGenerator out) throws IOException {
        out.writeStartObject();
        if (type instanceof BoolType) {
            out.writeStringField("type", "Boolean");
        } else if (type instanceof Primitive) {
            out.writeStringField("type", type.toString());
        } else if (type instanceof ExtensionType) {
            out.writeStringField("type", "Extension");
            out.writeStringField("name", type.toString());
        } else if (type instanceof EntityType entity) {
            out.writeStringField("type", "Entity");
            out.writeStringField("name", entity.name());
        } else if (type instanceof SetType set) {
            out.writeStringField("type", "Set");
            out.writeFieldName("element");
            writeType(set.element(), null, out);
        } else if (type instanceof RecordType record) {
            out.writeStringField("type", "Record");
            out.writeObjectFieldStart("attributes");
            for (Map.Entry<String, Attribute> attribute : record.attributes().entrySet()) {
                out.writeFieldName(attribute.getKey());
                writeType(attribute.getValue().type(), attribute.getValue().required(), out);
            }
            out.writeEndObject();
        }
        if (Boolean.FALSE.equals(required)) {
            out.writeBooleanField("required", false);
        }
        out.writeEndObject();
    }

    private static String namespaceOf(String name) {
        int end = name.lastIndexOf("::");
        return end < 0 ? "" : name.substring(0, end);
    }

    private static String baseOf(String name) {
        int end = name.lastIndexOf("::");
        return end < 0 ? name : name.substring(end + 2);
    }
}
