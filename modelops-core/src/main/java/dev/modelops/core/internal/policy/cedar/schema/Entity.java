package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** An entity: its attributes, its tags, and the entities it is directly in. */
public record Entity(
        EntityUid uid, RecordValue attributes, SortedMap<String, Value> tags, Set<EntityUid> parents) {

    public Entity {
        tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
        parents = Collections.unmodifiableSet(new LinkedHashSet<>(parents));
    }
}
