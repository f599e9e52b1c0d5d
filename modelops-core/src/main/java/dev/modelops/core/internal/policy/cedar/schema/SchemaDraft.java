package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.BoolType;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.Primitive;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The declarations of a schema as they are written, with names that may be relative; {@link #resolve} gives them meaning. */
final class SchemaDraft {
    static final int MAX_DEPTH = 100;
    private static final int MAX_DECLARATIONS = 10_000;
    private static final int MAX_TYPE_SIZE = 100_000;
    private static final int MAX_TOTAL_SIZE = 1_000_000;
    private static final int MAX_ANCESTORS = 200_000;

    private static final Set<String> RESERVED_COMMON =
            Set.of("Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String");
    private static final String BUILT_IN = "__cedar::";

    private final Map<String, Common> commons = new LinkedHashMap<>();
    private final Map<String, Entity> entities = new LinkedHashMap<>();
    private final Map<EntityUid, Action> actions = new LinkedHashMap<>();
    private final Set<String> actionTypes = new HashSet<>();
    private final Map<String, Sized> resolved = new HashMap<>();
    private final Set<String> resolving = new LinkedHashSet<>();
    private long totalSize;
    private long totalAncestors;

    /** Where something is written, to say so in an error. */
    interface Place {
        RuntimeException error(String problem);
    }

    /** What kind of type a name may stand for. */
    enum Sort {
        COMMON,
        ENTITY,
        ANY
    }

    /** A type as it is written. */
    sealed interface Ref {
        /** A type that needs no resolution. */
        record Known(Type type) implements Ref {}

        /** A name. */
        record Named(String name, Sort sort, Place place) implements Ref {}

        /** A set. */
        record SetOf(Ref element) implements Ref {}

        /** A record. */
        record RecordOf(Map<String, Member> members) implements Ref {}
    }

    /** An attribute as it is written. */
    record Member(Ref type, boolean required) {}

    /** A name and where it is. */
    record Name(String text, Place place) {}

    /** An action's name, with a type or the one of its namespace, and where it is. */
    record ActionName(@Nullable String type, String id, Place place) {}

    /** A common type. */
    record Common(String namespace, Ref type, Place place) {}

    /** An entity type. */
    record Entity(
            String namespace,
            List<Name> parents,
            @Nullable Ref shape,
            @Nullable Ref tags,
            @Nullable Set<String> ids,
            Place place) {}

    /** An action. */
    record Action(
            String namespace,
            List<ActionName> parents,
            List<Name> principals,
            List<Name> resources,
            @Nullable Ref context,
            Place place) {}

    private record Sized(Type type, int height, long size) {}

    /** Checks the name of a namespace: identifiers joined by {@code ::}, none of them reserved. */
    static String namespace(Name name) {
        for (String part : name.text().split("::", -1)) {
            identifier(part, "a namespace", name.place());
        }
        return name.text();
    }

    void common(String namespace, Name name, Ref type) {
        identifier(name.text(), "a common type", name.place());
        if (RESERVED_COMMON.contains(name.text())) {
            throw name.place().error("'" + name.text() + "' is reserved and cannot name a common type; choose another");
        }
        Common added = new Common(namespace, type, name.place());
        add(commons, qualified(namespace, name.text()), "common type", added, name.place());
    }

    void entity(
            String namespace,
            Name name,
            List<Name> parents,
            @Nullable Ref shape,
            @Nullable Ref tags,
            @Nullable Set<String> ids) {
        identifier(name.text(), "an entity type", name.place());
        if (name.text().equals("Action")) {
            throw name.place().error("'Action' is the type of actions and cannot be declared as an entity type");
        }
        if (ids != null && ids.isEmpty()) {
            throw name.place().error("entity type '" + name.text() + "' must have at least one id in its enum");
        }
        Entity added = new Entity(namespace, parents, shape, tags, ids, name.place());
        add(entities, qualified(namespace, name.text()), "entity type", added, name.place());
    }

    void action(
            String namespace,
            Name name,
            List<ActionName> parents,
            List<Name> principals,
            List<Name> resources,
            @Nullable Ref context) {
        String type = qualified(namespace, "Action");
        Action added = new Action(namespace, parents, principals, resources, context, name.place());
        add(actions, new EntityUid(type, name.text()), "action", added, name.place());
        actionTypes.add(type);
    }

    private <K, V> void add(Map<K, V> declarations, K key, String what, V added, Place place) {
        if (declarations.size() >= MAX_DECLARATIONS) {
            throw place.error("a schema must have at most " + MAX_DECLARATIONS + " of each kind of declaration");
        }
        if (declarations.putIfAbsent(key, added) != null) {
            throw place.error(what + " '" + SchemaWords.brief(key.toString()) + "' is declared twice; remove one");
        }
    }

    Schema resolve() {
        refuseShadowing();
        commons.forEach((name, common) -> common(name, common.place(), 1));
        Map<String, Set<String>> parents = new LinkedHashMap<>();
        entities.forEach((name, entity) -> parents.put(name, entityTypes(entity.namespace(), entity.parents())));
        List<EntityDeclaration> types = new ArrayList<>();
        entities.forEach((name, entity) -> types.add(new EntityDeclaration(
                name,
                closure(name, up -> parents.getOrDefault(up, Set.of()), entity.place()),
                record(entity.namespace(), entity.shape(), "the shape of entity type '" + name + "'", entity.place()),
                entity.tags() == null ? null : type(entity.namespace(), entity.tags(), entity.place()),
                entity.ids())));
        Map<EntityUid, Set<EntityUid>> groups = new LinkedHashMap<>();
        actions.forEach((uid, action) -> groups.put(uid, groups(action)));
        List<ActionDeclaration> declared = new ArrayList<>();
        actions.forEach((uid, action) -> {
            Set<EntityUid> ancestors = closure(uid, up -> groups.getOrDefault(up, Set.of()), action.place());
            if (ancestors.contains(uid)) {
                throw action.place()
                        .error("action " + SchemaWords.brief(uid.toString())
                                + " is in itself, directly or through others; action groups must not form a cycle");
            }
            declared.add(new ActionDeclaration(
                    uid,
                    ancestors,
                    entityTypes(action.namespace(), action.principals()),
                    entityTypes(action.namespace(), action.resources()),
                    record(
                            action.namespace(),
                            action.context(),
                            "the context of action " + SchemaWords.brief(uid.toString()),
                            action.place())));
        });
        return new Schema(types, declared);
    }

    private void refuseShadowing() {
        commons.forEach((name, common) -> refuseShadowing(name, common.namespace(), common.place()));
        entities.forEach((name, entity) -> refuseShadowing(name, entity.namespace(), entity.place()));
        actions.forEach((uid, action) -> {
            EntityUid outer = new EntityUid("Action", uid.id());
            if (!action.namespace().isEmpty() && actions.containsKey(outer)) {
                throw shadows(uid.toString(), outer.toString(), action.place());
            }
        });
    }

    private void refuseShadowing(String name, String namespace, Place place) {
        if (!namespace.isEmpty()) {
            String outer = name.substring(namespace.length() + 2);
            if (commons.containsKey(outer) || entities.containsKey(outer)) {
                throw shadows(name, outer, place);
            }
        }
    }

    private static RuntimeException shadows(String inner, String outer, Place place) {
        return place.error("'" + SchemaWords.brief(inner) + "' would hide '" + SchemaWords.brief(outer)
                + "', which is declared without a namespace; rename one of them");
    }

    private Set<String> entityTypes(String namespace, List<Name> names) {
        Set<String> types = new LinkedHashSet<>();
        for (Name name : names) {
            types.add(entityType(namespace, name));
        }
        return types;
    }

    private String entityType(String namespace, Name name) {
        requirePath(name.text(), name.place());
        for (String candidate : candidates(namespace, name.text())) {
            if (entities.containsKey(candidate)) {
                return candidate;
            }
        }
        throw name.place()
                .error("entity type '" + SchemaWords.brief(name.text()) + "' is not declared"
                        + (commonNamed(namespace, name.text())
                                ? "; a common type has that name, but an entity type is needed here"
                                : in(namespace)));
    }

    private boolean commonNamed(String namespace, String name) {
        return candidates(namespace, name).stream().anyMatch(commons::containsKey);
    }

    private Set<EntityUid> groups(Action action) {
        Set<EntityUid> groups = new LinkedHashSet<>();
        for (ActionName name : action.parents()) {
            String type = name.type() == null ? "Action" : name.type();
            for (String part : type.split("::", -1)) {
                identifier(part, "a type of actions", name.place());
            }
            EntityUid found = null;
            for (String candidate : candidates(action.namespace(), type)) {
                EntityUid uid = new EntityUid(candidate, name.id());
                if (found == null && actions.containsKey(uid)) {
                    found = uid;
                }
            }
            if (found == null) {
                throw name.place()
                        .error("action " + SchemaWords.brief(new EntityUid(type, name.id()).toString())
                                + " is not declared" + in(action.namespace()));
            }
            groups.add(found);
        }
        return groups;
    }

    private <T> Set<T> closure(T start, Function<T, Set<T>> parents, Place place) {
        Set<T> found = new LinkedHashSet<>();
        Deque<T> open = new ArrayDeque<>(parents.apply(start));
        while (!open.isEmpty()) {
            T next = open.pop();
            if (found.add(next)) {
                if (++totalAncestors > MAX_ANCESTORS) {
                    throw place.error("the hierarchy must have at most " + MAX_ANCESTORS
                            + " pairs of a member and what it is in, counted through all levels");
                }
                open.addAll(parents.apply(next));
            }
        }
        return found;
    }

    private RecordType record(String namespace, @Nullable Ref ref, String what, Place place) {
        if (ref == null) {
            return RecordType.EMPTY;
        }
        Type type = type(namespace, ref, place);
        if (type instanceof RecordType record) {
            return record;
        }
        throw place.error(what + " must be a record, but is " + SchemaWords.brief(type.toString()));
    }

    private Type type(String namespace, Ref ref, Place place) {
        Sized sized = sized(namespace, ref, place, 1);
        totalSize += sized.size();
        if (totalSize > MAX_TOTAL_SIZE) {
            throw place.error("the types of a schema must have at most " + MAX_TOTAL_SIZE
                    + " parts in all, with common types written out");
        }
        return sized.type();
    }

    private Sized sized(String namespace, Ref ref, Place place, int depth) {
        if (depth > MAX_DEPTH) {
            throw tooDeep(place);
        }
        Sized sized;
        if (ref instanceof Ref.Known known) {
            sized = new Sized(known.type(), 1, 1);
        } else if (ref instanceof Ref.Named named) {
            sized = named(namespace, named, depth);
        } else if (ref instanceof Ref.SetOf set) {
            Sized element = sized(namespace, set.element(), place, depth + 1);
            sized = new Sized(new SetType(element.type()), element.height() + 1, element.size() + 1);
        } else {
            sized = record(namespace, (Ref.RecordOf) ref, place, depth);
        }
        if (sized.height() > MAX_DEPTH) {
            throw tooDeep(place);
        }
        if (sized.size() > MAX_TYPE_SIZE) {
            throw place.error("a type must have at most " + MAX_TYPE_SIZE + " parts, with common types written out");
        }
        return sized;
    }

    private Sized record(String namespace, Ref.RecordOf record, Place place, int depth) {
        SortedMap<String, Attribute> attributes = new TreeMap<>();
        int height = 1;
        long size = 1;
        for (Map.Entry<String, Member> member : record.members().entrySet()) {
            Sized sized = sized(namespace, member.getValue().type(), place, depth + 1);
            attributes.put(
                    member.getKey(),
                    new Attribute(sized.type(), member.getValue().required()));
            height = Math.max(height, sized.height() + 1);
            size += sized.size();
        }
        return new Sized(new RecordType(attributes), height, size);
    }

    private Sized named(String namespace, Ref.Named named, int depth) {
        String name = named.name();
        requirePath(name, named.place());
        for (String candidate : candidates(namespace, name)) {
            if (named.sort() != Sort.ENTITY && commons.containsKey(candidate)) {
                return common(candidate, named.place(), depth + 1);
            }
            if (named.sort() != Sort.COMMON && (entities.containsKey(candidate) || isActionType(candidate))) {
                return new Sized(new EntityType(candidate), 1, 1);
            }
        }
        Type builtIn = named.sort() == Sort.ENTITY ? null : builtIn(name);
        if (builtIn != null) {
            return new Sized(builtIn, 1, 1);
        }
        String what =
                named.sort() == Sort.COMMON ? "common type" : named.sort() == Sort.ENTITY ? "entity type" : "type";
        throw named.place()
                .error(what + " '" + SchemaWords.brief(name) + "' is not declared"
                        + (name.equals("Boolean") ? "; the type of truth values is Bool" : in(namespace)));
    }

    private boolean isActionType(String type) {
        return actionTypes.contains(type);
    }

    private Sized common(String name, Place place, int depth) {
        Sized known = resolved.get(name);
        if (known != null) {
            return known;
        }
        Common common = commons.get(name);
        if (common == null) {
            throw new IllegalStateException("common type '" + name + "' must be declared");
        }
        if (!resolving.add(name)) {
            throw place.error("common type '" + SchemaWords.brief(name)
                    + "' contains itself, directly or through others; common types must not form a cycle");
        }
        Sized body = sized(common.namespace(), common.type(), common.place(), depth + 1);
        Sized sized = new Sized(body.type(), body.height() + 1, body.size());
        resolving.remove(name);
        resolved.put(name, sized);
        return sized;
    }

    private static @Nullable Type builtIn(String name) {
        String plain = name.startsWith(BUILT_IN) ? name.substring(BUILT_IN.length()) : name;
        return switch (plain) {
            case "Bool" -> BoolType.ANY;
            case "Long" -> Primitive.LONG;
            case "String" -> Primitive.STRING;
            default -> ExtensionType.named(plain);
        };
    }

    private static RuntimeException tooDeep(Place place) {
        return place.error("types must nest at most " + MAX_DEPTH + " deep, through common types as well");
    }

    private static List<String> candidates(String namespace, String name) {
        return namespace.isEmpty() || name.contains("::") ? List.of(name) : List.of(namespace + "::" + name, name);
    }

    private static String qualified(String namespace, String name) {
        return namespace.isEmpty() ? name : namespace + "::" + name;
    }

    private static String in(String namespace) {
        return namespace.isEmpty() ? "" : " in namespace '" + SchemaWords.brief(namespace) + "' nor without one";
    }

    private static void requirePath(String name, Place place) {
        String relative = name.startsWith(BUILT_IN) ? name.substring(BUILT_IN.length()) : name;
        for (String part : relative.split("::", -1)) {
            identifier(part, "a type", place);
        }
    }

    private static void identifier(String name, String what, Place place) {
        if (!SchemaWords.isIdentifier(name)) {
            throw place.error("the name of " + what + " must be made of identifiers, such as User, but was '"
                    + SchemaWords.brief(name) + "'");
        }
        if (SchemaWords.isReserved(name) || name.equals("__cedar")) {
            throw place.error("'" + name + "' is reserved and cannot be in the name of " + what);
        }
    }
}
