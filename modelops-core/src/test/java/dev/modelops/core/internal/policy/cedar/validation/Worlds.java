package dev.modelops.core.internal.policy.cedar.validation;

import static java.util.Objects.requireNonNull;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.Primitive;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Entities and requests drawn at random that conform to a schema and in which no entity is missing. */
final class Worlds {
    private final Schema schema;
    private final Random random;

    Worlds(Schema schema, Random random) {
        this.schema = schema;
        this.random = random;
    }

    /** Returns all ids that entities of a type have here. */
    static List<String> ids(Schema schema, String type) {
        Set<String> ids = requireNonNull(schema.entityType(type)).ids();
        return ids == null ? List.of("a", "b") : List.copyOf(ids);
    }

    Query query(RequestEnvironment environment) {
        Map<EntityUid, RecordValue> attributes = new HashMap<>();
        Map<EntityUid, Map<String, Value>> tags = new HashMap<>();
        Map<EntityUid, Set<EntityUid>> ancestors = new HashMap<>();
        schema.entityTypes().forEach((type, declared) -> {
            for (String id : ids(schema, type)) {
                EntityUid uid = new EntityUid(type, id);
                attributes.put(uid, record(declared.attributes()));
                Set<EntityUid> above = new HashSet<>();
                for (String ancestor : declared.ancestors()) {
                    EntityUid one = entity(ancestor);
                    if (random.nextBoolean() && !one.equals(uid)) {
                        above.add(one);
                    }
                }
                ancestors.put(uid, above);
                Map<String, Value> tagged = new HashMap<>();
                Type tagType = declared.tags();
                if (tagType != null && random.nextBoolean()) {
                    tagged.put(random.nextBoolean() ? "a" : "b", value(tagType));
                }
                tags.put(uid, tagged);
            }
        });
        schema.actions().forEach((uid, action) -> ancestors.put(uid, action.ancestors()));
        RecordValue context =
                record(requireNonNull(schema.action(environment.action())).context());
        return new World(
                entity(environment.principalType()),
                environment.action(),
                entity(environment.resourceType()),
                context,
                ancestors,
                attributes,
                tags);
    }

    private RecordValue record(RecordType type) {
        SortedMap<String, Value> values = new TreeMap<>();
        type.attributes().forEach((name, attribute) -> {
            if (attribute.required() || random.nextBoolean()) {
                values.put(name, value(attribute.type()));
            }
        });
        return new RecordValue(values);
    }

    private Value value(Type type) {
        if (type == Primitive.LONG) {
            return new LongValue(random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(4));
        } else if (type == Primitive.STRING) {
            return new StringValue(random.nextBoolean() ? "a" : "b");
        } else if (type instanceof ExtensionType extension) {
            return switch (extension) {
                case DECIMAL -> ExtensionFunction.DECIMAL.construct("0.5");
                case IPADDR -> ExtensionFunction.IP.construct(random.nextBoolean() ? "10.0.0.7" : "::1");
                case DATETIME -> ExtensionFunction.DATETIME.construct("2024-02-29");
                case DURATION -> ExtensionFunction.DURATION.construct("1h30m");
            };
        } else if (type instanceof EntityType entity) {
            return entity(entity.name());
        } else if (type instanceof RecordType record) {
            return record(record);
        } else if (type instanceof SetType set) {
            List<Value> elements = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                elements.add(value(set.element()));
            }
            return SetValue.of(elements);
        }
        return BoolValue.of(random.nextBoolean());
    }

    private EntityUid entity(String type) {
        List<String> ids = ids(schema, type);
        return new EntityUid(type, ids.get(random.nextInt(ids.size())));
    }

    private record World(
            EntityUid principal,
            EntityUid action,
            EntityUid resource,
            RecordValue context,
            Map<EntityUid, Set<EntityUid>> ancestors,
            Map<EntityUid, RecordValue> attributes,
            Map<EntityUid, Map<String, Value>> tags)
            implements Query {
        @Override
        public boolean isDescendant(EntityUid entity, EntityUid ancestor) {
            return ancestors.getOrDefault(entity, Set.of()).contains(ancestor);
        }

        @Override
        public @Nullable Value attribute(EntityUid entity, String name) {
            RecordValue known = attributes.get(entity);
            return known == null ? null : known.get(name);
        }

        @Override
        public @Nullable Value tag(EntityUid entity, String name) {
            Map<String, Value> known = tags.get(entity);
            return known == null ? null : known.get(name);
        }
    }
}
