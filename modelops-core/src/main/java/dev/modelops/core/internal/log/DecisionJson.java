package dev.modelops.core.internal.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Decisions as entries record them. Reasons are capped, so that no entry can overflow. */
public final class DecisionJson {
    private static final int MAX_REASONS = 16;
    private static final int MAX_TEXT = 500;

    private DecisionJson() {}

    /** Returns the recorded form. */
    public static ObjectNode write(Decision decision) {
        ObjectNode json = Json.object();
        json.put("outcome", decision.isAllowed() ? "allow" : "deny");
        writeRules(decision.rules(), json);
        if (decision instanceof Decision.Deny deny) {
            json.put("cause", deny.cause().name());
            ArrayNode unmet = json.putArray("unmet");
            deny.unmet().stream().limit(MAX_REASONS).forEach(requirement -> {
                ObjectNode item = unmet.addObject();
                item.put("rule", cut(requirement.rule()));
                item.put("expected", cut(requirement.expected()));
                item.put("actual", cut(requirement.actual()));
                item.put("remedy", cut(requirement.remedy()));
            });
        }
        json.put("policy", decision.policy().toString());
        json.put("asOf", decision.asOf().size());
        return json;
    }

    /** Adds the ids of rules, capped. */
    public static void writeRules(List<String> rules, ObjectNode json) {
        ArrayNode list = json.putArray("rules");
        rules.stream().limit(MAX_REASONS).forEach(rule -> list.add(cut(rule)));
    }

    /** Reads the recorded form; {@link IllegalArgumentException} if it is none. */
    public static Decision read(ObjectNode json, Instant at) {
        List<String> rules = new ArrayList<>();
        array(json, "rules").forEach(rule -> rules.add(rule.asText()));
        Digest policy = Digest.parse(Entry.text(json, "policy"));
        LogPosition asOf = LogPosition.of(json.path("asOf").asLong());
        return switch (Entry.text(json, "outcome")) {
            case "allow" -> new Decision.Allow(rules, policy, asOf, at);
            case "deny" -> {
                List<Requirement> unmet = new ArrayList<>();
                array(json, "unmet")
                        .forEach(item -> unmet.add(new Requirement(
                                Entry.text(item, "rule"),
                                Entry.text(item, "expected"),
                                Entry.text(item, "actual"),
                                Entry.text(item, "remedy"))));
                yield new Decision.Deny(
                        Decision.Cause.valueOf(Entry.text(json, "cause")), rules, unmet, policy, asOf, at);
            }
            default ->
                throw new IllegalArgumentException("expected outcome allow or deny, found " + json.get("outcome"));
        };
    }

    private static JsonNode array(JsonNode json, String name) {
        JsonNode list = json.get(name);
        if (list == null || !list.isArray()) {
            throw new IllegalArgumentException("expected a list '" + name + "', found " + list);
        }
        return list;
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }
}
