package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Evaluations;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.ExtensionValue;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Answer;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Policies;
import dev.modelops.core.internal.policy.cedar.schema.EntityJson;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Evaluates generated expressions by our engine and asks the reference implementation whether each equals the value we found,
 * or errs where we found none. A truth value alone would hide most mistakes.
 */
class ValueDifferentialTest {
    private static final int EXPRESSIONS = 8;

    private final Comparison comparison = new Comparison(EXPRESSIONS);
    private final @Nullable NativeCedar engine = NativeCedar.orNull();

    @Test
    void expressionsHaveTheSameValues() {
        LongAdder errors = new LongAdder();
        comparison.run("eight expressions each, their values", seed -> {
            RandomWorld draw = new RandomWorld(seed, 0.02);
            ObjectNode request = draw.request();
            ArrayNode entities = draw.entities();
            request.set("entities", entities);
            StoredQuery query = new StoredQuery(
                    OurCedar.uid(request.path("principal")),
                    OurCedar.uid(request.path("action")),
                    OurCedar.uid(request.path("resource")),
                    EntityJson.readContext(request.path("context").toString(), null),
                    OurCedar.entities(entities));
            ObjectNode set = Json.NODES.objectNode();
            set.putObject("templates");
            set.putArray("templateLinks");
            ObjectNode policies = set.putObject("staticPolicies");
            Set<String> valued = new TreeSet<>();
            Set<String> erring = new TreeSet<>();
            for (int i = 0; i < EXPRESSIONS; i++) {
                ObjectNode expr = draw.any(3);
                Value value = Evaluations.of(read(expr), query);
                (value == null ? erring : valued).add("p" + i);
                ObjectNode sides = Json.NODES.objectNode();
                sides.set("left", expr);
                sides.set("right", value == null ? node("Value", Json.NODES.booleanNode(true)) : json(value));
                policies.set("p" + i, policy(node("==", sides)));
            }
            errors.add(erring.size());
            Answer ours = new Answer(!valued.isEmpty(), valued, erring);
            if (engine == null) {
                return new OurCedar(set).decide(request, query.entities()).equals(ours)
                        ? null
                        : () -> "our own values are not equal to themselves: " + set;
            }
            Answer theirs;
            try (Policies parsed = engine.parse(set.toString())) {
                theirs = parsed.decide(request);
            }
            if (theirs.equals(ours)) {
                return null;
            }
            return () -> {
                TreeSet<String> suspects = new TreeSet<>(policies.properties().stream()
                        .map(Map.Entry::getKey)
                        .filter(id -> valued.contains(id) != theirs.reasons().contains(id)
                                || erring.contains(id) != theirs.errors().contains(id))
                        .toList());
                return suspects + " of " + set + "\n  for " + request + "\n  ours:   " + ours + "\n  theirs: " + theirs;
            };
        });
        assertThat(errors.sum()).isBetween(comparison.cases() / 4L, comparison.cases() * 6L);
    }

    private static Expr read(ObjectNode expr) {
        return OurCedar.read(OurCedar.alone(policy(expr)))
                .policies()
                .get("policy0")
                .clauses()
                .get(0)
                .body();
    }

    private static ObjectNode policy(ObjectNode condition) {
        ObjectNode policy = Json.NODES.objectNode();
        policy.put("effect", "permit");
        for (String part : new String[] {"principal", "action", "resource"}) {
            policy.putObject(part).put("op", "All");
        }
        policy.putArray("conditions").addObject().put("kind", "when").set("body", condition);
        return policy;
    }

    private static ObjectNode json(Value value) {
        if (value instanceof BoolValue bool) {
            return node("Value", Json.NODES.booleanNode(bool.value()));
        } else if (value instanceof LongValue number) {
            return node("Value", Json.NODES.numberNode(number.value()));
        } else if (value instanceof StringValue text) {
            return node("Value", Json.NODES.textNode(text.value()));
        } else if (value instanceof EntityUid uid) {
            ObjectNode entity = Json.NODES.objectNode().put("type", uid.type()).put("id", uid.id());
            return node("Value", node("__entity", entity));
        } else if (value instanceof SetValue set) {
            ArrayNode elements = Json.NODES.arrayNode();
            set.elements().forEach(element -> elements.add(json(element)));
            return node("Set", elements);
        } else if (value instanceof RecordValue record) {
            ObjectNode attributes = Json.NODES.objectNode();
            record.attributes().forEach((name, attribute) -> attributes.set(name, json(attribute)));
            return node("Record", attributes);
        } else if (value instanceof DatetimeValue time) {
            // Not every moment that can be reckoned with has a text.
            return node(
                    "offset",
                    Json.NODES
                            .arrayNode()
                            .add(constructed("datetime", "1970-01-01"))
                            .add(constructed("duration", time.epochMilliseconds() + "ms")));
        } else if (value instanceof ExtensionValue extension) {
            return constructed(extension.constructor().cedarName(), extension.toString());
        }
        throw new AssertionError("no JSON for " + value);
    }

    private static ObjectNode constructed(String function, String text) {
        return node(function, Json.NODES.arrayNode().add(node("Value", Json.NODES.textNode(text))));
    }

    private static ObjectNode node(String name, JsonNode content) {
        return Json.NODES.objectNode().set(name, content);
    }
}
