package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Answer;
import dev.modelops.core.internal.policy.cedar.schema.EntityJson;
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

    /** Returns the JSON form of a set of one policy or template, named as the first of a text. */
    static ObjectNode alone(JsonNode policy) {
        ObjectNode set = Json.NODES.objectNode();
        boolean template = policy.findValue("slot") != null;
        ObjectNode templates = set.putObject("templates");
        ObjectNode statics = set.putObject("staticPolicies");
        set.putArray("templateLinks");
        (template ? templates : statics).set("policy0", policy);
        return set;
    }

    /** Returns the set in which an action in a list of one is an action in that one, which is the same. */
    static CedarPolicySet normal(CedarPolicySet set) {
        return new CedarPolicySet(normal(set.statics()), normal(set.templates()), set.links());
    }

    private static SortedMap<String, CedarPolicy> normal(SortedMap<String, CedarPolicy> policies) {
        SortedMap<String, CedarPolicy> normal = new TreeMap<>(policies);
        normal.replaceAll((id, policy) -> new CedarPolicy(
                policy.effect(),
                policy.principal(),
                policy.action() instanceof Scope.InAny any && any.entities().size() == 1
                        ? new Scope.In(any.entities().get(0))
                        : policy.action(),
                policy.resource(),
                policy.annotations(),
                policy.clauses()));
        return normal;
    }

    /** Decides a request; "entities" is among its members. */
    Answer decide(ObjectNode request, EntityStore entities) {
        Response response = authorizer.authorize(new StoredQuery(
                uid(request.path("principal")),
                uid(request.path("action")),
                uid(request.path("resource")),
                EntityJson.readContext(request.path("context").toString(), null),
                entities));
        return new Answer(
                response.cedarAllows(), new TreeSet<>(response.cedarReasons()), new TreeSet<>(response.cedarErrors()));
    }

    static EntityStore entities(JsonNode entities) {
        return EntityJson.read(entities.toString(), null);
    }

    static EntityUid uid(JsonNode uid) {
        return new EntityUid(uid.path("type").asText(), uid.path("id").asText());
    }
}
