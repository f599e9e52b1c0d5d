package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A query over entities given in full. */
record StoredQuery(
        EntityUid principal,
        EntityUid action,
        EntityUid resource,
        RecordValue context,
        Map<EntityUid, Set<EntityUid>> ancestors,
        Map<EntityUid, RecordValue> attributes)
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
}
