package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a schema says of an entity type: the types its entities may be in, directly or not, their attributes, the type of
 * their tags (null: they have none) and their ids (null: any; else they have neither attributes nor tags nor parents).
 */
public record EntityDeclaration(
        String name,
        Set<String> ancestors,
        RecordType attributes,
        @Nullable Type tags,
        @Nullable Set<String> ids) {

    public EntityDeclaration {
        ancestors = Collections.unmodifiableSet(new TreeSet<>(ancestors));
        ids = ids == null ? null : Collections.unmodifiableSet(new TreeSet<>(ids));
    }

    /** Tells whether an id is one an entity of this type may have. */
    public boolean allowsId(String id) {
        return ids == null || ids.contains(id);
    }
}
