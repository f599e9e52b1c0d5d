package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A Cedar schema with all names resolved: entity types by full name, actions by identity. */
public final class Schema {
    private final SortedMap<String, EntityDeclaration> entityTypes;
    private final Map<EntityUid, ActionDeclaration> actions;
    private final Set<String> actionTypes;

    Schema(Collection<EntityDeclaration> entityTypes, Collection<ActionDeclaration> actions) {
        SortedMap<String, EntityDeclaration> types = new TreeMap<>();
        entityTypes.forEach(type -> types.put(type.name(), type));
        this.entityTypes = Collections.unmodifiableSortedMap(types);
        Map<EntityUid, ActionDeclaration> byUid = new LinkedHashMap<>();
        actions.forEach(action -> byUid.put(action.uid(), action));
        this.actions = Collections.unmodifiableMap(byUid);
        Set<String> namesOfActions = new TreeSet<>();
        actions.forEach(action -> namesOfActions.add(action.uid().type()));
        this.actionTypes = Collections.unmodifiableSet(namesOfActions);
    }

    /** Returns the entity types, except those of actions, by full name. */
    public SortedMap<String, EntityDeclaration> entityTypes() {
        return entityTypes;
    }

    /** Returns the actions by identity, in the order of the document. */
    public Map<EntityUid, ActionDeclaration> actions() {
        return actions;
    }

    /** Returns what is declared of an entity type; null if it is not declared or one of actions. */
    public @Nullable EntityDeclaration entityType(String name) {
        return entityTypes.get(name);
    }

    /** Returns what is declared of an action; null if it is not declared. */
    public @Nullable ActionDeclaration action(EntityUid uid) {
        return actions.get(uid);
    }

    /** Tells whether a declared action is of a type. */
    public boolean isActionType(String type) {
        return actionTypes.contains(type);
    }

    /** Tells whether a type is one of declared entities or of declared actions. */
    public boolean isDeclared(String type) {
        return entityTypes.containsKey(type) || isActionType(type);
    }

    /** Tells whether an entity may exist: a declared action, or an entity of a declared type with an id it allows. */
    public boolean allows(EntityUid uid) {
        EntityDeclaration declared = entityTypes.get(uid.type());
        return declared != null ? declared.allowsId(uid.id()) : actions.containsKey(uid);
    }

    /** Tells whether an action is another or in it. */
    public boolean isActionIn(EntityUid action, EntityUid ancestor) {
        ActionDeclaration declared = actions.get(action);
        return action.equals(ancestor)
                || declared != null && declared.ancestors().contains(ancestor);
    }

    /** Tells whether an entity of a type can be one of another type or in one. */
    public boolean mayBeIn(String type, String ancestor) {
        if (type.equals(ancestor)) {
            return true;
        }
        EntityDeclaration declared = entityTypes.get(type);
        if (declared != null) {
            return declared.ancestors().contains(ancestor);
        }
        return isActionType(ancestor)
                && actions.values().stream()
                        .anyMatch(action -> action.uid().type().equals(type)
                                && action.ancestors().stream()
                                        .anyMatch(above -> above.type().equals(ancestor)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Schema schema
                && entityTypes.equals(schema.entityTypes)
                && actions.equals(schema.actions);
    }

    @Override
    public int hashCode() {
        return 31 * entityTypes.hashCode() + actions.hashCode();
    }
}
