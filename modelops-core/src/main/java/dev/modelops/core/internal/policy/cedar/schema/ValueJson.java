package dev.modelops.core.internal.policy.cedar.schema;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.ExtensionValue;
import dev.modelops.core.internal.policy.cedar.IpValue;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Cedar values in JSON. A type that is expected gives meaning to the implicit forms of entities and extension values; what
 * does not fit the type is read as it stands, for {@link Conformance} to say what is wrong.
 */
final class ValueJson {
    private static final int MAX_DEPTH = 100;
    private static final Set<String> ESCAPES = Set.of("__entity", "__extn", "__expr");

    private ValueJson() {}

    static Value read(JsonNode node, @Nullable Type expected, String where, int depth) {
        if (depth > MAX_DEPTH) {
            throw JsonDocument.bad(where, "values must nest at most " + MAX_DEPTH + " deep");
        }
        if (expected instanceof ExtensionType type) {
            if (node.isTextual()) {
                return extension(constructorOf(type), JsonDocument.string(node, where), where);
            } else if (node.isObject() && node.has("fn") && !node.has("__extn")) {
                return call(node, where, depth);
            }
        } else if (expected instanceof EntityType && node.isObject() && !node.has("__entity")) {
            return node.has("__extn") ? call(node.get("__extn"), where, depth) : uid(node, where);
        }
        if (node.isBoolean()) {
            return BoolValue.of(node.booleanValue());
        } else if (node.isTextual()) {
            return new StringValue(JsonDocument.string(node, where));
        } else if (node.isIntegralNumber() && node.canConvertToLong()) {
            return new LongValue(node.longValue());
        } else if (node.isArray()) {
            Type element = expected instanceof SetType set ? set.element() : null;
            Set<Value> elements = new LinkedHashSet<>();
            for (JsonNode each : node) {
                elements.add(read(each, element, where, depth + 1));
            }
            return new SetValue(elements);
        } else if (node.isObject()) {
            return object(node, expected, where, depth);
        }
        throw JsonDocument.bad(
                where,
                "a value must be true, false, a whole number of 64 bits, a text, an array or an object"
                        + JsonDocument.kind(node));
    }

    private static Value object(JsonNode node, @Nullable Type expected, String where, int depth) {
        RecordType type = expected instanceof RecordType record ? record : null;
        if (node.has("__entity") && (type == null || type.get("__entity") == null)) {
            return uid(node, where);
        }
        if (node.has("__extn") && (type == null || type.get("__extn") == null)) {
            JsonDocument.object(node, where, Set.of("__extn"), Set.of("__extn"));
            return call(node.get("__extn"), where, depth);
        }
        return record(node, type, where, depth);
    }

    static RecordValue record(@Nullable JsonNode node, @Nullable RecordType type, String where, int depth) {
        SortedMap<String, Value> attributes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry :
                JsonDocument.object(node, where).properties()) {
            String name = JsonDocument.text(entry.getKey(), where);
            String at = where + ", '" + SchemaWords.brief(name) + "'";
            Attribute attribute = type == null ? null : type.get(name);
            if (name.equals("__expr") && attribute == null) {
                throw JsonDocument.bad(at, "this form is no longer part of Cedar; write __entity or __extn");
            }
            attributes.put(name, read(entry.getValue(), attribute == null ? null : attribute.type(), at, depth + 1));
        }
        return new RecordValue(attributes);
    }

    /** Reads an entity: an object of type and id, itself or within {@code __entity}. */
    static EntityUid uid(@Nullable JsonNode node, String where) {
        if (node != null && node.has("__entity")) {
            JsonDocument.object(node, where, Set.of("__entity"), Set.of("__entity"));
            return uid(node.get("__entity"), where + ", __entity", false);
        }
        return uid(node, where, true);
    }

    private static EntityUid uid(@Nullable JsonNode node, String where, boolean escape) {
        if (node == null || !node.isObject()) {
            throw JsonDocument.bad(
                    where,
                    "expected an entity: an object with type and id" + (escape ? ", perhaps within __entity" : "")
                            + JsonDocument.kind(node));
        }
        JsonDocument.object(node, where, Set.of("type", "id"), Set.of("type", "id"));
        String type = JsonDocument.string(node.get("type"), where + ", type");
        String id = JsonDocument.string(node.get("id"), where + ", id");
        try {
            return new EntityUid(type, id);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    private static Value call(JsonNode node, String where, int depth) {
        JsonDocument.object(node, where, Set.of("fn", "arg", "args"), Set.of("fn"));
        String function = JsonDocument.string(node.get("fn"), where + ", fn");
        if (node.has("arg") == node.has("args")) {
            throw JsonDocument.bad(where, "a call must have either 'arg' or 'args'");
        }
        List<JsonNode> arguments = node.has("arg")
                ? List.of(node.get("arg"))
                : List.copyOf(JsonDocument.array(node.get("args"), where + ", args")
                        .valueStream()
                        .toList());
        if (function.equals("offset") && arguments.size() == 2) {
            Value datetime = read(arguments.get(0), ExtensionType.DATETIME, where, depth + 1);
            Value duration = read(arguments.get(1), ExtensionType.DURATION, where, depth + 1);
            if (datetime instanceof DatetimeValue start && duration instanceof DurationValue length) {
                return evaluated(where, () -> start.offset(length));
            }
            throw JsonDocument.bad(where, "'offset' must be called with a datetime and a duration");
        }
        if (!Set.of("decimal", "ip", "datetime", "duration").contains(function) || arguments.size() != 1) {
            throw JsonDocument.bad(
                    where,
                    "'fn' must be decimal, ip, datetime or duration with one argument, or offset with two, but was '"
                            + SchemaWords.brief(function) + "' with " + arguments.size());
        }
        return extension(function, JsonDocument.string(arguments.get(0), where + ", arg"), where);
    }

    private static String constructorOf(ExtensionType type) {
        return type == ExtensionType.IPADDR ? "ip" : type.toString();
    }

    private static Value extension(String constructor, String argument, String where) {
        return evaluated(where, () -> switch (constructor) {
            case "decimal" -> DecimalValue.parse(argument);
            case "ip" -> IpValue.parse(argument);
            case "datetime" -> DatetimeValue.parse(argument);
            default -> DurationValue.parse(argument);
        });
    }

    private interface Evaluation {
        Value run();
    }

    private static Value evaluated(String where, Evaluation evaluation) {
        try {
            return evaluation.run();
        } catch (EvaluationException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    static void write(Value value, JsonGenerator out) throws IOException {
        if (value instanceof BoolValue bool) {
            out.writeBoolean(bool.value());
        } else if (value instanceof LongValue number) {
            out.writeNumber(number.value());
        } else if (value instanceof StringValue text) {
            out.writeString(text.value());
        } else if (value instanceof EntityUid uid) {
            out.writeStartObject();
            out.writeFieldName("__entity");
            writeUid(uid, out);
            out.writeEndObject();
        } else if (value instanceof SetValue set) {
            out.writeStartArray();
            for (Value element : set.elements()) {
                write(element, out);
            }
            out.writeEndArray();
        } else if (value instanceof RecordValue record) {
            writeRecord(record.attributes(), out);
        } else if (value instanceof ExtensionValue extension) {
            writeCall(extension.toExpr(), out);
        }
    }

    static void writeRecord(Map<String, Value> attributes, JsonGenerator out) throws IOException {
        out.writeStartObject();
        for (Map.Entry<String, Value> attribute : attributes.entrySet()) {
            if (ESCAPES.contains(attribute.getKey())) {
                throw new IllegalArgumentException("a record with the attribute '" + attribute.getKey()
                        + "' cannot be written: its JSON form would mean something else");
            }
            out.writeFieldName(attribute.getKey());
            write(attribute.getValue(), out);
        }
        out.writeEndObject();
    }

    static void writeUid(EntityUid uid, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", uid.type());
        out.writeStringField("id", uid.id());
        out.writeEndObject();
    }

    private static void writeCall(Expr expr, JsonGenerator out) throws IOException {
        if (expr instanceof Expr.Literal literal) {
            write(literal.value(), out);
        } else if (expr instanceof Expr.Call call) {
            out.writeStartObject();
            out.writeObjectFieldStart("__extn");
            out.writeStringField("fn", call.function().cedarName());
            if (call.arguments().size() == 1) {
                out.writeFieldName("arg");
                writeCall(call.arguments().get(0), out);
            } else {
                out.writeArrayFieldStart("args");
                for (Expr argument : call.arguments()) {
                    writeCall(argument, out);
                }
                out.writeEndArray();
            }
            out.writeEndObject();
            out.writeEndObject();
        } else {
            throw new IllegalStateException("an extension value must be written as calls, but is " + expr);
        }
    }
}
