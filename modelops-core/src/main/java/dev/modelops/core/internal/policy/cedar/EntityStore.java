package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Entities and their hierarchy, with the ancestors of each worked out. Immutable. */
public final class EntityStore {
    private static final long MAX_STEPS = 4_000_000;
    private static final EntityStore EMPTY = new EntityStore(Map.of());

    private final Map<EntityUid, Entity> entities;
    private final Map<EntityUid, Set<EntityUid>> ancestors;

    private EntityStore(Map<EntityUid, Entity> entities) {
        this.entities = entities;
        this.ancestors = ancestors(entities);
    }

    /** Returns the store without entities. */
    public static EntityStore empty() {
        return EMPTY;
    }

    /**
     * Returns a store of entities. Parents need not be in it.
     *
     * @throws IllegalArgumentException if two entities of one identity differ, an entity is its own ancestor, or the
     *     hierarchy is too deep for its size
     */
    public static EntityStore of(Collection<Entity> entities) {
        return EMPTY.with(entities);
    }

    /**
     * Returns a store that has more entities.
     *
     * @throws IllegalArgumentException if two entities of one identity differ, an entity is its own ancestor, or the
     *     hierarchy is too deep for its size
     */
    public EntityStore with(Collection<Entity> more) {
        Map<EntityUid, Entity> all = new LinkedHashMap<>(entities);
        for (Entity entity : more) {
            Entity known = all.putIfAbsent(entity.uid(), entity);
            if (known != null && !known.equals(entity)) {
                throw new IllegalArgumentException(
                        "there are two entities " + entity.uid() + " that differ: expected each identity once");
            }
        }
        return new EntityStore(Collections.unmodifiableMap(all));
    }

    /** Returns the entities by identity, in the order given. */
    public Map<EntityUid, Entity> entities() {
        return entities;
    }

    /** Returns all that an entity is in, itself excepted; nothing for one that is not in the store. */
    public Set<EntityUid> ancestors(EntityUid uid) {
        return ancestors.getOrDefault(uid, Set.of());
    }

    /** Returns the attributes of an entity; none for one that is not in the store. */
    public RecordValue attributes(EntityUid uid) {
        Entity entity = entities.get(uid);
        return entity == null ? RecordValue.EMPTY : entity.attributes();
    }

    /** Returns an attribute, null if the entity or the attribute is unknown. */
    public @Nullable Value attribute(EntityUid uid, String name) {
        return attributes(uid).get(name);
    }

    /** Returns the value of a tag, null if the entity or the tag is unknown. */
    public @Nullable Value tag(EntityUid uid, String name) {
        Entity entity = entities.get(uid);
        return entity == null ? null : entity.tags().get(name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EntityStore store && store.entities.equals(entities);
    }

    @Override
    public int hashCode() {
        return entities.hashCode();
    }

    /** Works out all ancestors, parents before children and without recursion. */
    private static Map<EntityUid, Set<EntityUid>> ancestors(Map<EntityUid, Entity> entities) {
        Map<EntityUid, Set<EntityUid>> done = new HashMap<>();
        Set<EntityUid> entered = new HashSet<>();
        long steps = 0;
        for (EntityUid start : entities.keySet()) {
            Deque<EntityUid> open = new ArrayDeque<>();
            open.push(start);
            while (!open.isEmpty()) {
                EntityUid uid = open.peek();
                Set<EntityUid> parents = parents(entities, uid);
                if (done.containsKey(uid)) {
                    open.pop();
                } else if (entered.add(uid)) {
                    for (EntityUid parent : parents) {
                        if (done.containsKey(parent) || !entities.containsKey(parent)) {
                            continue;
                        }
                        if (entered.contains(parent)) {
                            throw new IllegalArgumentException(
                                    "entity " + parent + " is its own ancestor: expected a hierarchy without cycles");
                        }
                        open.push(parent);
                    }
                } else {
                    open.pop();
                    Set<EntityUid> all = new HashSet<>(parents);
                    for (EntityUid parent : parents) {
                        Set<EntityUid> further = done.getOrDefault(parent, Set.of());
                        steps += 1 + further.size();
                        if (steps > MAX_STEPS) {
                            throw new IllegalArgumentException(
                                    "the hierarchy must take at most " + MAX_STEPS + " steps from entities to all they"
                                            + " are in, but takes more at " + uid + ": make it flatter");
                        }
                        all.addAll(further);
                    }
                    done.put(uid, Set.copyOf(all));
                }
            }
        }
        return done;
    }

    private static Set<EntityUid> parents(Map<EntityUid, Entity> entities, EntityUid uid) {
        Entity entity = entities.get(uid);
        return entity == null ? Set.of() : entity.parents();
    }
}
