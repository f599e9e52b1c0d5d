package dev.modelops.core.internal.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Explanation.Determining;
import dev.modelops.policy.Explanation.Erred;
import dev.modelops.policy.Explanation.Overriding;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.Requirement;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decisions as entries record them. Members that say nothing are left out. Lists, texts and the whole are capped, so that no
 * entry can overflow; the digest of the whole explanation stands beside what was cut.
 */
public final class DecisionJson {
    private static final int MAX_REASONS = 16;
    private static final int MAX_TEXT = 500;
    private static final int MAX_BYTES = 24_000;
    private static final int MAX_SCALE = 1000;
    private static final String CUT = "…";
    private static final List<String> REPLAYED = List.of("outcome", "rules", "obligations", "override");

    private final ObjectNode json = Json.object();
    private int room = MAX_BYTES;
    private boolean cut;

    private DecisionJson() {}

    /** Returns the recorded form. */
    public static ObjectNode write(Decision decision) {
        return new DecisionJson().of(decision);
    }

    /** Tells whether a decision is, but for its explanation, the one that was recorded. */
    public static boolean isSame(Decision recorded, Decision again) {
        ObjectNode one = write(recorded);
        ObjectNode other = write(again);
        return REPLAYED.stream().allMatch(member -> Objects.equals(one.get(member), other.get(member)));
    }

    /** Adds the ids of rules, capped. */
    public static void writeRules(List<String> rules, ObjectNode json) {
        new DecisionJson().texts(json.putArray("rules"), rules);
    }

    private ObjectNode of(Decision decision) {
        Explanation explanation = decision.explanation();
        json.put("outcome", decision.isAllowed() ? "allow" : "deny");
        texts(json.putArray("rules"), decision.rules());
        if (decision instanceof Decision.Deny deny) {
            json.put("cause", deny.cause().name());
        }
        json.put("policy", decision.policy().toString());
        json.put("asOf", decision.asOf().size());
        if (explanation.cedarAllows() != decision.isAllowed()) {
            json.put("cedarOutcome", explanation.cedarAllows() ? "allow" : "deny");
        }
        Overriding overriding = explanation.overriding();
        if (overriding != null) {
            ObjectNode item = json.putObject("override");
            // Never cut: it is what the caller will be held to.
            item.put("reason", sound(overriding.reason()));
            texts(item.putArray("rules"), overriding.rules());
            texts(item.putArray("permittedBy"), overriding.permittedBy());
        }
        list("obligations", decision.obligations(), (due, item) -> {
            item.put("rule", fitting(due.rule()));
            item.put("id", fitting(due.id()));
            put(item, "parameters", due.parameters());
        });
        list("unmet", decision.unmet(), (requirement, item) -> {
            item.put("rule", fitting(requirement.rule()));
            if (requirement.level() != Level.HARD) {
                item.put("level", requirement.level().id());
            }
            put(item, "fact", requirement.fact());
            item.put("expected", fitting(requirement.expected()));
            item.put("actual", fitting(requirement.actual()));
            item.put("remedy", fitting(requirement.remedy()));
        });
        list("erred", explanation.erred(), (erred, item) -> {
            item.put("rule", fitting(erred.rule()));
            item.put("kind", fitting(erred.kind()));
            put(item, "where", erred.where());
        });
        facts(explanation.facts());
        if (cut) {
            json.put("whole", Digest.sha256Of(Bytes.ofUtf8(decision.toJson())).toString());
        }
        return json;
    }

    /** Writes one element of a list. */
    private interface Form<T> {
        void write(T element, ObjectNode item);
    }

    private <T> void list(String name, List<T> elements, Form<T> form) {
        if (elements.isEmpty() || room <= 0) {
            cut |= !elements.isEmpty();
            return;
        }
        ArrayNode list = json.putArray(name);
        for (T element : elements) {
            if (list.size() == MAX_REASONS || room <= 0) {
                cut = true;
                return;
            }
            form.write(element, list.addObject());
        }
    }

    private void texts(ArrayNode list, Collection<?> texts) {
        for (Object text : texts) {
            if (list.size() == MAX_REASONS) {
                cut = true;
                return;
            }
            list.add(fitting(String.valueOf(text)));
        }
    }

    private void facts(Map<String, Object> facts) {
        if (facts.isEmpty()) {
            return;
        }
        ObjectNode object = json.putObject("facts");
        facts.forEach((name, value) -> {
            if (object.size() == MAX_REASONS || room <= 0 || name.length() > MAX_TEXT) {
                cut = true;
                return;
            }
            String key = fitting(name);
            if (value instanceof Boolean truth) {
                object.put(key, truth);
            } else if (value instanceof Long number) {
                object.put(key, number);
            } else if (value instanceof BigDecimal number) {
                object.put(key, number);
            } else if (value instanceof Collection<?> texts) {
                texts(object.putArray(key), texts);
            } else {
                object.put(key, fitting(value.toString()));
            }
        });
    }

    private void put(ObjectNode item, String name, String text) {
        if (!text.isEmpty()) {
            item.put(name, fitting(text));
        }
    }

    /** Returns as much of a text as there is room for; what was cut before is left as it is. */
    private String fitting(String text) {
        String sound = sound(text);
        int end = 0;
        while (end < sound.length()) {
            int c = sound.codePointAt(end);
            int next = end + Character.charCount(c);
            // The mark of a cut is free, so that cutting what was cut changes nothing.
            int cost = next == sound.length() && sound.startsWith(CUT, end) ? 0 : cost(c);
            boolean full = cost > room;
            if (full || next > MAX_TEXT || next == MAX_TEXT && next < sound.length()) {
                room = full ? 0 : room;
                cut = true;
                return sound.substring(0, end) + CUT;
            }
            room -= cost;
            end = next;
        }
        return sound;
    }

    private static int cost(int c) {
        if (c < ' ') {
            return 6;
        }
        return c < 0x80 ? (c == '"' || c == '\\' ? 2 : 1) : c < 0x800 ? 2 : c < 0x10000 ? 3 : 12;
    }

    /** Half a surrogate pair has no form in UTF-8. */
    private static String sound(String text) {
        if (text.codePoints().noneMatch(DecisionJson::isHalf)) {
            return text;
        }
        return text.codePoints()
                .map(c -> isHalf(c) ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isHalf(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** Reads the recorded form; {@link IllegalArgumentException} if it is none. */
    public static Decision read(ObjectNode json, Instant at) {
        List<String> rules = texts(array(json, "rules"));
        Digest policy = Digest.parse(Entry.text(json, "policy"));
        LogPosition asOf = LogPosition.of(json.path("asOf").asLong());
        List<Requirement> unmet = new ArrayList<>();
        optional(json, "unmet")
                .forEach(item -> unmet.add(new Requirement(
                        Entry.text(item, "rule"),
                        level(item),
                        textOrEmpty(item, "fact"),
                        Entry.text(item, "expected"),
                        Entry.text(item, "actual"),
                        Entry.text(item, "remedy"))));
        String outcome = Entry.text(json, "outcome");
        Explanation explanation = explanation(json, outcome, rules);
        return switch (outcome) {
            case "allow" -> new Decision.Allow(rules, unmet, explanation, policy, asOf, at);
            case "deny" ->
                new Decision.Deny(
                        Decision.Cause.valueOf(Entry.text(json, "cause")), rules, unmet, explanation, policy, asOf, at);
            default ->
                throw new IllegalArgumentException("expected outcome allow or deny, found " + json.get("outcome"));
        };
    }

    private static Explanation explanation(ObjectNode json, String outcome, List<String> rules) {
        List<Erred> erred = new ArrayList<>();
        optional(json, "erred")
                .forEach(item -> erred.add(
                        new Erred(Entry.text(item, "rule"), Entry.text(item, "kind"), textOrEmpty(item, "where"))));
        List<Obligation> obligations = new ArrayList<>();
        optional(json, "obligations")
                .forEach(item -> obligations.add(new Obligation(
                        Entry.text(item, "rule"), Entry.text(item, "id"), textOrEmpty(item, "parameters"))));
        String effect = outcome.equals("allow") ? "permit" : "forbid";
        List<Determining> determining =
                rules.stream().map(rule -> new Determining(rule, effect, "")).toList();
        JsonNode overriding = json.get("override");
        return new Explanation(
                null,
                null,
                determining,
                erred,
                obligations,
                readFacts(json.get("facts")),
                overriding == null
                        ? null
                        : new Overriding(
                                Entry.text(overriding, "reason"),
                                texts(array(overriding, "rules")),
                                texts(array(overriding, "permittedBy"))),
                (json.get("cedarOutcome") == null ? outcome : Entry.text(json, "cedarOutcome")).equals("allow"));
    }

    private static SortedMap<String, Object> readFacts(@Nullable JsonNode json) {
        SortedMap<String, Object> facts = new TreeMap<>();
        if (json != null) {
            json.properties().forEach(member -> facts.put(member.getKey(), fact(member.getValue())));
        }
        return facts;
    }

    private static Object fact(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        } else if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        } else if (value.isNumber() && Math.abs(value.decimalValue().scale()) <= MAX_SCALE) {
            return value.decimalValue();
        } else if (value.isArray()) {
            return texts(value);
        } else if (value.isTextual()) {
            return value.textValue();
        }
        throw new IllegalArgumentException("expected the value of a fact, found " + value);
    }

    private static Level level(JsonNode item) {
        if (item.get("level") == null) {
            return Level.HARD;
        }
        String id = Entry.text(item, "level");
        return Level.find(id)
                .orElseThrow(() -> new IllegalArgumentException("expected a level of a rule, found '" + id + "'"));
    }

    private static String textOrEmpty(JsonNode item, String name) {
        return item.get(name) == null ? "" : Entry.text(item, name);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static JsonNode optional(JsonNode json, String name) {
        return json.get(name) == null ? Json.object() : array(json, name);
    }

    private static JsonNode array(JsonNode json, String name) {
        JsonNode list = json.get(name);
        if (list == null || !list.isArray()) {
            throw new IllegalArgumentException("expected a list '" + name + "', found " + list);
        }
        return list;
    }
}
