package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A query over the entities of a store. */
public record StoredQuery(
        EntityUid principal, EntityUid action, EntityUid resource, RecordValue context, EntityStore entities)
        implements Query {
    @Override
    public boolean isDescendant(EntityUid entity, EntityUid ancestor) {
        return entities.ancestors(entity).contains(ancestor);
    }

    @Override
    public Set<EntityUid> resourceAncestors() {
        return entities.ancestors(resource);
    }

    @Override
    public @Nullable Value attribute(EntityUid entity, String name) {
        return entities.attribute(entity, name);
    }

    @Override
    public @Nullable Value tag(EntityUid entity, String name) {
        return entities.tag(entity, name);
    }
}
