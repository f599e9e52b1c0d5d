package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Answer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Our engine, asked in the same words as the reference implementation. */
final class OurCedar {
    private final Authorizer authorizer;

    /** Compiles a policy set in the JSON form. */
    OurCedar(JsonNode policySet) {
        this.authorizer = new Authorizer(read(policySet));
    }

    static CedarPolicySet read(JsonNode policySet) {
        return PolicyJson.read(policySet.toString());
    }

    /** Decides a request; "entities" is among its members. */
    Answer decide(ObjectNode request, EntityStore entities) {
        Response response = authorizer.authorize(new StoredQuery(
                uid(request.path("principal")),
                uid(request.path("action")),
                uid(request.path("resource")),
                record(request.path("context")),
                entities));
        return new Answer(
                response.cedarAllows(), new TreeSet<>(response.cedarReasons()), new TreeSet<>(response.cedarErrors()));
    }

    static EntityStore entities(JsonNode entities) {
        List<Entity> all = new ArrayList<>();
        for (JsonNode entity : entities) {
            Set<EntityUid> parents = new LinkedHashSet<>();
            entity.path("parents").forEach(parent -> parents.add(uid(parent)));
            all.add(new Entity(
                    uid(entity.path("uid")),
                    record(entity.path("attrs")),
                    parents,
                    record(entity.path("tags")).attributes()));
        }
        return EntityStore.of(all);
    }
}
