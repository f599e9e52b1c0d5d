package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A query over the entities of a store. */
public final class StoredQuery implements Query {
    private final EntityUid principal;
    private final EntityUid action;
    private final EntityUid resource;
    private final RecordValue context;
    private final EntityStore entities;
    private final RecordValue ofPrincipal;
    private final RecordValue ofResource;
    private final Map<String, Set<String>> resourceWithin = new HashMap<>();

    /** Creates a query. */
    public StoredQuery(
            EntityUid principal, EntityUid action, EntityUid resource, RecordValue context, EntityStore entities) {
        this.principal = principal;
        this.action = action;
        this.resource = resource;
        this.context = context;
        this.entities = entities;
        this.ofPrincipal = entities.attributes(principal);
        this.ofResource = entities.attributes(resource);
        resourceWithin.put(resource.type(), new HashSet<>(Set.of(resource.id())));
        for (EntityUid ancestor : entities.ancestors(resource)) {
            resourceWithin
                    .computeIfAbsent(ancestor.type(), first -> new HashSet<>())
                    .add(ancestor.id());
        }
    }

    @Override
    public EntityUid principal() {
        return principal;
    }

    @Override
    public EntityUid action() {
        return action;
    }

    @Override
    public EntityUid resource() {
        return resource;
    }

    @Override
    public RecordValue context() {
        return context;
    }

    /** Returns the entities it is over. */
    public EntityStore entities() {
        return entities;
    }

    @Override
    public boolean isDescendant(EntityUid entity, EntityUid ancestor) {
        return entities.ancestors(entity).contains(ancestor);
    }

    @Override
    public Set<String> resourceWithin(String type) {
        return resourceWithin.getOrDefault(type, Set.of());
    }

    @Override
    public @Nullable Value lookup(AttributePath path) {
        RecordValue start = switch (path.root()) {
            case PRINCIPAL -> ofPrincipal;
            case ACTION -> entities.attributes(action);
            case RESOURCE -> ofResource;
            case CONTEXT -> context;
        };
        List<String> names = path.names();
        Value at = start.get(names.get(0));
        for (int i = 1; at != null && i < names.size(); i++) {
            if (at instanceof RecordValue record) {
                at = record.get(names.get(i));
            } else {
                at = at instanceof EntityUid uid ? attribute(uid, names.get(i)) : null;
            }
        }
        return at;
    }

    @Override
    public @Nullable Value attribute(EntityUid entity, String name) {
        return entities.attributes(entity).get(name);
    }

    @Override
    public @Nullable Value tag(EntityUid entity, String name) {
        return entities.tag(entity, name);
    }
}
