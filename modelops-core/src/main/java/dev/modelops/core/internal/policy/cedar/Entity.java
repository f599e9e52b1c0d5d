package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** An entity: its attributes, the entities it is directly in, and its tags. */
public record Entity(EntityUid uid, RecordValue attributes, Set<EntityUid> parents, SortedMap<String, Value> tags) {
    public Entity {
        parents = Collections.unmodifiableSet(new LinkedHashSet<>(parents));
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    }

    /** Creates an entity without tags. */
    public Entity(EntityUid uid, RecordValue attributes, Set<EntityUid> parents) {
        this(uid, attributes, parents, Collections.emptySortedMap());
    }
}
