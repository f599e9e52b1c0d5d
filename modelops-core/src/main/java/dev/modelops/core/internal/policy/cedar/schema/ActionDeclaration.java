package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a schema says of an action: the actions it is in, directly or not, the types of principals and resources it
 * applies to (none: it only groups others), and its context.
 */
public record ActionDeclaration(
        EntityUid uid, Set<EntityUid> ancestors, Set<String> principals, Set<String> resources, RecordType context) {

    public ActionDeclaration {
        ancestors = Collections.unmodifiableSet(new LinkedHashSet<>(ancestors));
        principals = Collections.unmodifiableSet(new TreeSet<>(principals));
        resources = Collections.unmodifiableSet(new TreeSet<>(resources));
    }
}
