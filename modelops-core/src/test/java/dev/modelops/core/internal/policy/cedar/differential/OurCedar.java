package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.IpValue;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.Scope;
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

    private static EntityUid uid(JsonNode uid) {
        return new EntityUid(uid.path("type").asText(), uid.path("id").asText());
    }

    private static RecordValue record(JsonNode record) {
        SortedMap<String, Value> attributes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> attribute : record.properties()) {
            attributes.put(attribute.getKey(), value(attribute.getValue()));
        }
        return new RecordValue(attributes);
    }

    private static Value value(JsonNode value) {
        if (value.isBoolean()) {
            return Value.BoolValue.of(value.booleanValue());
        } else if (value.isIntegralNumber()) {
            return new Value.LongValue(value.longValue());
        } else if (value.isTextual()) {
            return new Value.StringValue(value.textValue());
        } else if (value.isArray()) {
            Set<Value> elements = new LinkedHashSet<>();
            value.forEach(element -> elements.add(value(element)));
            return new Value.SetValue(elements);
        } else if (value.has("__entity")) {
            return uid(value.path("__entity"));
        } else if (value.has("__extn")) {
            String text = value.path("__extn").path("arg").asText();
            return switch (value.path("__extn").path("fn").asText()) {
                case "decimal" -> DecimalValue.parse(text);
                case "ip" -> IpValue.parse(text);
                case "datetime" -> DatetimeValue.parse(text);
                default -> DurationValue.parse(text);
            };
        }
        return record(value);
    }
}
