package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A Cedar schema with all names resolved: entity types by full name, actions by identity. */
public record Schema(SortedMap<String, EntityDeclaration> entityTypes, Map<EntityUid, ActionDeclaration> actions) {

    public Schema {
        entityTypes = Collections.unmodifiableSortedMap(new TreeMap<>(entityTypes));
        actions = Collections.unmodifiableMap(new LinkedHashMap<>(actions));
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
        return actions.keySet().stream().anyMatch(uid -> uid.type().equals(type));
    }

    /** Tells whether a type is one of declared entities or of declared actions. */
    public boolean isDeclared(String type) {
        return entityTypes.containsKey(type) || isActionType(type);
    }

    /** Tells whether an entity may exist: an action that is declared, or an entity of a declared type with an id it allows. */
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
        return declared != null
                ? declared.ancestors().contains(ancestor)
                : actions.values().stream()
                        .anyMatch(action -> action.uid().type().equals(type)
                                && action.ancestors().stream()
                                        .anyMatch(above -> above.type().equals(ancestor)));
    }
}
