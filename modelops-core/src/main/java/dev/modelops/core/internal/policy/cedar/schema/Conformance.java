package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.IpValue;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.BoolType;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.Primitive;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what of requests and entities does not conform to a schema, in sentences; at most a hundred of them. */
public final class Conformance {
    private static final int MAX_PROBLEMS = 100;

    private final Schema schema;
    private final List<String> problems = new ArrayList<>();

    private Conformance(Schema schema) {
        this.schema = schema;
    }

    /** Returns what is wrong with a request; nothing if it conforms. */
    public static List<String> ofRequest(
            Schema schema, EntityUid principal, EntityUid action, EntityUid resource, RecordValue context) {
        Conformance found = new Conformance(schema);
        found.request(principal, action, resource, context);
        return Collections.unmodifiableList(found.problems);
    }

    /** Returns what is wrong with a value that is to have a type; nothing if it has. */
    public static List<String> ofValue(Schema schema, Value value, Type type, String where) {
        Conformance found = new Conformance(schema);
        found.value(value, type, where);
        return Collections.unmodifiableList(found.problems);
    }

    /** Returns what is wrong with entities, all actions of the schema among them; nothing if they conform. */
    public static List<String> ofEntities(Schema schema, EntityStore entities) {
        Conformance found = new Conformance(schema);
        for (Entity entity : entities.entities().values()) {
            found.entity(entity, entities.ancestors(entity.uid()));
        }
        for (EntityUid action : schema.actions().keySet()) {
            if (!entities.entities().containsKey(action)) {
                found.add("action " + brief(action), "is declared and must be among the entities");
            }
        }
        return Collections.unmodifiableList(found.problems);
    }

    private void request(EntityUid principal, EntityUid action, EntityUid resource, RecordValue context) {
        ActionDeclaration declared = schema.action(action);
        if (declared == null) {
            add(
                    "action",
                    brief(action) + " is not declared"
                            + oneOf("; declared are ", schema.actions().keySet()));
        }
        party("principal", principal, action, declared == null ? null : declared.principals());
        party("resource", resource, action, declared == null ? null : declared.resources());
        if (declared != null) {
            value(context, declared.context(), "context");
        }
    }

    private void party(String role, EntityUid uid, EntityUid action, @Nullable Set<String> types) {
        if (types != null && !types.contains(uid.type())) {
            add(
                    role,
                    "action " + brief(action) + " applies to "
                            + (types.isEmpty() ? "no " + role + " at all" : oneOf("", types)) + ", found "
                            + brief(uid));
        } else {
            exists(uid, role);
        }
    }

    private void entity(Entity entity, Set<EntityUid> ancestors) {
        EntityUid uid = entity.uid();
        String where = "entity " + brief(uid);
        EntityDeclaration declared = schema.entityType(uid.type());
        if (declared == null) {
            action(entity, ancestors, where);
            return;
        }
        exists(uid, where);
        value(entity.attributes(), declared.attributes(), where);
        Type tags = declared.tags();
        if (tags != null) {
            entity.tags()
                    .forEach((name, value) -> value(value, tags, where + ", tag '" + SchemaWords.brief(name) + "'"));
        } else if (!entity.tags().isEmpty()) {
            add(
                    where,
                    "entities of type " + uid.type() + " have no tags, found "
                            + oneOf("", entity.tags().keySet()));
        }
        for (EntityUid parent : ancestors) {
            if (!declared.ancestors().contains(parent.type())) {
                add(
                        where,
                        "may be in "
                                + (declared.ancestors().isEmpty()
                                        ? "no other entity"
                                        : oneOf("entities of type ", declared.ancestors()))
                                + ", found " + brief(parent));
            } else {
                exists(parent, where + ", ancestor");
            }
        }
    }

    private void action(Entity entity, Set<EntityUid> ancestors, String where) {
        ActionDeclaration declared = schema.action(entity.uid());
        if (declared == null) {
            exists(entity.uid(), where);
            return;
        }
        if (!entity.attributes().attributes().isEmpty() || !entity.tags().isEmpty()) {
            add(where, "an action must have neither attributes nor tags");
        }
        if (!ancestors.equals(declared.ancestors())) {
            add(
                    where,
                    "must be in the actions its declaration names, " + oneOf("", declared.ancestors()) + ", found "
                            + oneOf("", ancestors));
        }
    }

    private void exists(EntityUid uid, String where) {
        EntityDeclaration declared = schema.entityType(uid.type());
        if (declared != null) {
            Set<String> ids = declared.ids();
            if (ids != null && !ids.contains(uid.id())) {
                add(
                        where,
                        "the id of a " + uid.type() + " must be one of its enum, " + oneOf("", ids) + ", found "
                                + brief(uid));
            }
        } else if (schema.isActionType(uid.type())) {
            if (schema.action(uid) == null) {
                add(where, "action " + brief(uid) + " is not declared");
            }
        } else {
            add(
                    where,
                    "entity type " + SchemaWords.brief(uid.type()) + " is not declared"
                            + oneOf("; declared are ", schema.entityTypes().keySet()));
        }
    }

    private void value(Value value, Type type, String where) {
        if (problems.size() >= MAX_PROBLEMS) {
            return;
        }
        if (type instanceof EntityType entity && value instanceof EntityUid uid) {
            if (entity.name().equals(uid.type())) {
                exists(uid, where);
            } else {
                add(where, "expected an entity of type " + entity.name() + ", found " + brief(uid));
            }
        } else if (type instanceof SetType set && value instanceof SetValue found) {
            found.elements().forEach(element -> value(element, set.element(), where + ", element"));
        } else if (type instanceof RecordType record && value instanceof RecordValue found) {
            record(found, record, where);
        } else if (!fits(value, type)) {
            add(
                    where,
                    "expected " + SchemaWords.brief(type.toString()) + ", found a value of type " + value.typeName());
        }
    }

    private void record(RecordValue found, RecordType record, String where) {
        for (Map.Entry<String, Value> entry : found.attributes().entrySet()) {
            Attribute attribute = record.get(entry.getKey());
            if (attribute == null) {
                add(
                        where,
                        "attribute '" + SchemaWords.brief(entry.getKey()) + "' is not declared"
                                + oneOf("; declared are ", record.attributes().keySet()));
            } else {
                value(entry.getValue(), attribute.type(), where + ", '" + SchemaWords.brief(entry.getKey()) + "'");
            }
        }
        record.attributes().forEach((name, attribute) -> {
            if (attribute.required() && found.get(name) == null) {
                add(
                        where,
                        "attribute '" + SchemaWords.brief(name) + "' of type "
                                + SchemaWords.brief(attribute.type().toString()) + " is missing");
            }
        });
    }

    private static boolean fits(Value value, Type type) {
        if (type instanceof BoolType bool) {
            return value instanceof BoolValue found
                    && (bool == BoolType.ANY || found.value() == (bool == BoolType.TRUE));
        } else if (type instanceof Primitive primitive) {
            return primitive == Primitive.LONG ? value instanceof LongValue : value instanceof StringValue;
        } else if (type instanceof ExtensionType extension) {
            return switch (extension) {
                case DECIMAL -> value instanceof DecimalValue;
                case IPADDR -> value instanceof IpValue;
                case DATETIME -> value instanceof DatetimeValue;
                case DURATION -> value instanceof DurationValue;
            };
        }
        return false;
    }

    private void add(String where, String problem) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(where + ": " + problem);
        }
    }

    private static String brief(EntityUid uid) {
        return SchemaWords.brief(uid.toString());
    }

    private static String oneOf(String before, Collection<?> values) {
        if (values.isEmpty()) {
            return before.isEmpty() ? "none" : "";
        }
        List<String> names = new ArrayList<>();
        for (Object value : values) {
            if (names.size() == 8) {
                names.add("...");
                break;
            }
            names.add(SchemaWords.brief(String.valueOf(value)));
        }
        return before + String.join(", ", names);
    }
}
