package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request that stands for all in the same regions, with its entities.
 *
 * @param attributes the attributes of each entity that has any
 * @param parents the entities that each entity is directly in
 */
record Cell(
        EntityUid principal,
        EntityUid action,
        EntityUid resource,
        RecordValue context,
        Map<EntityUid, RecordValue> attributes,
        Map<EntityUid, Set<EntityUid>> parents)
        implements Query {

    @Override
    public boolean isDescendant(EntityUid entity, EntityUid ancestor) {
        Set<EntityUid> seen = new LinkedHashSet<>();
        climb(entity, seen);
        return seen.contains(ancestor);
    }

    private void climb(EntityUid entity, Set<EntityUid> seen) {
        for (EntityUid parent : parents.getOrDefault(entity, Set.of())) {
            if (seen.add(parent)) {
                climb(parent, seen);
            }
        }
    }

    @Override
    public @Nullable Value attribute(EntityUid entity, String name) {
        RecordValue known = attributes.get(entity);
        return known == null ? null : known.get(name);
    }
}
