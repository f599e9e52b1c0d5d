package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Policies, entities and requests drawn at random from a small world, so that they often meet, and written in Cedar's JSON
 * forms without any help of our own classes. Most expressions are well typed; some parts are not, on purpose.
 */
final class RandomWorld {
    /** A schema that what is drawn mostly conforms to. */
    static final String SCHEMA = """
            type Inner = {n: Long, "odd name"?: Bool};
            entity Group in [Group];
            entity User in [Group, User] = {
              b?: Bool, n?: Long, s?: String, e?: User, d?: decimal, ip?: ipaddr, at?: datetime, lasts?: duration,
              ns?: Set<Long>, ss?: Set<String>, es?: Set<User>, r?: Inner, "odd name"?: Bool
            } tags Long;
            namespace App {
              entity Doc in [Doc, Group] = {
                b?: Bool, n?: Long, s?: String, e?: User, d?: decimal, ip?: ipaddr, at?: datetime, lasts?: duration,
                ns?: Set<Long>, ss?: Set<String>, es?: Set<User>, r?: Inner, "odd name"?: Bool
              } tags Set<String>;
            }
            action all;
            action b in [all];
            action a in [b] appliesTo {
              principal: [User], resource: [App::Doc, User],
              context: {
                b: Bool, n: Long, s: String, e: User, d: decimal, ip: ipaddr, at: datetime, lasts: duration,
                ns: Set<Long>, ss: Set<String>, es: Set<User>, r: Inner, "odd name"?: Bool
              }
            };
            action c in [all] appliesTo {
              principal: [User, Group], resource: [App::Doc],
              context: {
                b?: Bool, n?: Long, s?: String, e?: User, d?: decimal, ip?: ipaddr, at?: datetime, lasts?: duration,
                ns?: Set<Long>, ss?: Set<String>, es?: Set<User>, r?: Inner, "odd name"?: Bool
              }
            };
            """;

    private static final List<String> IDS = List.of("a", "b", "c", "\u00e9\"\\\n*\ud83d\ude00", "");
    private static final List<String> TEXTS =
            List.of("", "a", "b", "ab", "aab", "a*b", "*", "\\", "\u00e9", "\ud83d\ude00", "a\u0000\"'\n", "A");
    private static final long[] NUMBERS = {
        0, 1, -1, 2, 3, 7, 1000, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, 3037000500L, -4294967296L
    };
    private static final List<String> TAGS = List.of("t", "u", "odd tag");
    private static final List<String> ACTIONS = List.of("a", "b", "c", "all");

    private enum T {
        BOOL("b"),
        LONG("n"),
        STRING("s"),
        ENTITY("e"),
        DECIMAL("d"),
        IP("ip"),
        DATETIME("at"),
        DURATION("lasts"),
        LONGS("ns"),
        STRINGS("ss"),
        ENTITIES("es"),
        RECORD("r");

        private static final List<T> ALL = List.of(values());
        private final String attribute;

        T(String attribute) {
            this.attribute = attribute;
        }
    }

    private final Random random;
    private final Words words;
    private final double noise;

    /**
     * Starts drawing.
     *
     * @param noise how often a part is of another type than its place asks for
     */
    RandomWorld(long seed, double noise) {
        this.random = new Random(seed * 0x9E3779B97F4A7C15L + 1);
        this.words = new Words(random);
        this.noise = noise;
    }

    Random random() {
        return random;
    }

    // Policies

    /** Returns a policy set of one to eight policies, links of templates among them. */
    ObjectNode policySet() {
        ObjectNode set = Json.NODES.objectNode();
        ObjectNode templates = set.putObject("templates");
        ObjectNode statics = set.putObject("staticPolicies");
        ArrayNode links = set.putArray("templateLinks");
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            if (random.nextInt(4) > 0) {
                statics.set("p" + i, policy(false));
                continue;
            }
            ObjectNode template = policy(true);
            templates.set("t" + i, template);
            for (int link = random.nextInt(3); link > 0; link--) {
                ObjectNode values = Json.NODES.objectNode();
                for (String scope : new String[] {"principal", "resource"}) {
                    if (template.path(scope).findValue("slot") != null) {
                        values.set("?" + scope, entityJson());
                    }
                }
                links.addObject()
                        .put("templateId", "t" + i)
                        .put("newId", "l" + i + "-" + link)
                        .set("values", values);
            }
        }
        return set;
    }

    /** Returns a policy, or a template with at least one slot. */
    ObjectNode policy(boolean template) {
        ObjectNode policy = Json.NODES.objectNode();
        policy.put("effect", random.nextInt(3) == 0 ? "forbid" : "permit");
        int slots = template ? 1 + random.nextInt(3) : 0;
        policy.set("principal", scope("?principal", (slots & 1) != 0));
        policy.set("action", actionScope());
        policy.set("resource", scope("?resource", (slots & 2) != 0));
        ArrayNode conditions = policy.putArray("conditions");
        for (int i = random.nextInt(3); i > 0; i--) {
            conditions
                    .addObject()
                    .put("kind", random.nextInt(4) == 0 ? "unless" : "when")
                    .set("body", expr(T.BOOL, 1 + random.nextInt(4)));
        }
        if (random.nextInt(8) == 0) {
            policy.putObject("annotations").put("note", pick(TEXTS)).put("if", "");
        }
        return policy;
    }

    private ObjectNode scope(String slot, boolean slotted) {
        ObjectNode scope = Json.NODES.objectNode();
        int kind = slotted ? 1 + random.nextInt(3) : Math.max(0, random.nextInt(13) - 8);
        ObjectNode holder = scope;
        switch (kind) {
            case 0 -> {
                return scope.put("op", "All");
            }
            case 1 -> scope.put("op", "==");
            case 2 -> scope.put("op", "in");
            case 3 -> {
                scope.put("op", "is").put("entity_type", type());
                holder = scope.putObject("in");
            }
            default -> {
                return scope.put("op", "is").put("entity_type", type());
            }
        }
        if (slotted) {
            holder.put("slot", slot);
        } else {
            holder.set("entity", entityJson());
        }
        return scope;
    }

    private ObjectNode actionScope() {
        ObjectNode scope = Json.NODES.objectNode();
        switch (random.nextInt(9)) {
            case 0 -> scope.put("op", "==").set("entity", action());
            case 1 -> scope.put("op", "in").set("entity", action());
            case 2 -> {
                ArrayNode entities = scope.put("op", "in").putArray("entities");
                for (int i = random.nextInt(3); i > 0; i--) {
                    entities.add(action());
                }
            }
            default -> scope.put("op", "All");
        }
        return scope;
    }

    // Expressions

    /** Returns an expression of any type. */
    ObjectNode any(int depth) {
        return expr(pick(T.ALL), depth);
    }

    private ObjectNode expr(T wanted, int depth) {
        T type = random.nextDouble() < noise ? pick(T.ALL) : wanted;
        if (depth <= 0 || random.nextInt(7) == 0) {
            return leaf(type);
        }
        int deeper = depth - 1;
        if (random.nextInt(12) == 0) {
            ObjectNode parts = Json.NODES.objectNode();
            parts.set("if", expr(T.BOOL, deeper));
            parts.set("then", expr(type, deeper));
            parts.set("else", expr(type, deeper));
            return node("if-then-else", parts);
        }
        return switch (type) {
            case BOOL -> truthOf(deeper);
            case LONG -> number(deeper);
            case STRING, ENTITY -> leaf(type);
            case DECIMAL, IP -> leaf(type);
            case DATETIME ->
                switch (random.nextInt(4)) {
                    case 0 -> call("offset", expr(T.DATETIME, deeper), expr(T.DURATION, deeper));
                    case 1 -> call("toDate", expr(T.DATETIME, deeper));
                    default -> leaf(type);
                };
            case DURATION ->
                switch (random.nextInt(4)) {
                    case 0 -> call("durationSince", expr(T.DATETIME, deeper), expr(T.DATETIME, deeper));
                    case 1 -> call("toTime", expr(T.DATETIME, deeper));
                    default -> leaf(type);
                };
            case LONGS -> set(T.LONG, deeper);
            case STRINGS ->
                random.nextInt(4) == 0 ? binary("getTag", expr(T.ENTITY, deeper), tagName()) : set(T.STRING, deeper);
            case ENTITIES -> set(T.ENTITY, deeper);
            case RECORD -> record(deeper);
        };
    }

    private ObjectNode truthOf(int depth) {
        switch (random.nextInt(17)) {
            case 0, 1 -> {
                return binary("&&", expr(T.BOOL, depth), expr(T.BOOL, depth));
            }
            case 2, 3 -> {
                return binary("||", expr(T.BOOL, depth), expr(T.BOOL, depth));
            }
            case 4 -> {
                return unary("!", expr(T.BOOL, depth));
            }
            case 5, 6 -> {
                T type = pick(T.ALL);
                return binary(random.nextBoolean() ? "==" : "!=", expr(type, depth), expr(type, depth));
            }
            case 7, 8 -> {
                T type = pick(List.of(T.LONG, T.LONG, T.DATETIME, T.DURATION));
                return binary(pick(List.of("<", "<=", ">", ">=")), expr(type, depth), expr(type, depth));
            }
            case 9 -> {
                return binary("in", expr(T.ENTITY, depth), expr(random.nextBoolean() ? T.ENTITY : T.ENTITIES, depth));
            }
            case 10 -> {
                T element = pick(List.of(T.LONG, T.STRING, T.ENTITY));
                T set = element == T.LONG ? T.LONGS : element == T.STRING ? T.STRINGS : T.ENTITIES;
                return switch (random.nextInt(4)) {
                    case 0 -> binary("contains", expr(set, depth), expr(element, depth));
                    case 1 -> binary("containsAll", expr(set, depth), expr(set, depth));
                    case 2 -> binary("containsAny", expr(set, depth), expr(set, depth));
                    default -> unary("isEmpty", expr(set, depth));
                };
            }
            case 11 -> {
                T of = random.nextInt(3) == 0 ? T.RECORD : T.ENTITY;
                return attribute("has", expr(of, depth), attributeName());
            }
            case 12 -> {
                return binary("hasTag", expr(T.ENTITY, depth), tagName());
            }
            case 13 -> {
                ObjectNode parts = Json.NODES.objectNode();
                parts.set("left", expr(T.STRING, depth));
                parts.set("pattern", pattern());
                return node("like", parts);
            }
            case 14 -> {
                ObjectNode parts = Json.NODES.objectNode();
                parts.set("left", expr(T.ENTITY, depth));
                parts.put("entity_type", type());
                if (random.nextInt(3) == 0) {
                    parts.set("in", expr(random.nextBoolean() ? T.ENTITY : T.ENTITIES, depth));
                }
                return node("is", parts);
            }
            case 15 -> {
                return call(
                        pick(List.of("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual")),
                        expr(T.DECIMAL, depth),
                        expr(T.DECIMAL, depth));
            }
            default -> {
                String method = pick(List.of("isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"));
                return method.equals("isInRange")
                        ? call(method, expr(T.IP, depth), expr(T.IP, depth))
                        : call(method, expr(T.IP, depth));
            }
        }
    }

    private ObjectNode number(int depth) {
        return switch (random.nextInt(7)) {
            case 0 -> binary("+", expr(T.LONG, depth), expr(T.LONG, depth));
            case 1 -> binary("-", expr(T.LONG, depth), expr(T.LONG, depth));
            case 2 -> binary("*", expr(T.LONG, depth), expr(T.LONG, depth));
            case 3 -> unary("neg", expr(T.LONG, depth));
            case 4 ->
                call(
                        pick(List.of("toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays")),
                        expr(T.DURATION, depth));
            case 5 -> binary("getTag", expr(T.ENTITY, depth), tagName());
            default -> attribute(".", expr(T.RECORD, depth), "n");
        };
    }

    private ObjectNode set(T element, int depth) {
        ArrayNode elements = Json.NODES.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            elements.add(expr(element, depth));
        }
        return node("Set", elements);
    }

    private ObjectNode record(int depth) {
        ObjectNode parts = Json.NODES.objectNode();
        parts.set("n", expr(T.LONG, depth));
        if (random.nextBoolean()) {
            parts.set(random.nextInt(4) == 0 ? pick(List.of("", "if", "\u00e9")) : "odd name", expr(T.BOOL, depth));
        }
        return node("Record", parts);
    }

    private ObjectNode leaf(T type) {
        if (random.nextInt(5) < 2) {
            String root = pick(List.of("principal", "resource", "context", "context"));
            return attribute(".", variable(root), random.nextInt(15) == 0 ? attributeName() : type.attribute);
        }
        return switch (type) {
            case BOOL -> value(Json.NODES.booleanNode(random.nextBoolean()));
            case LONG -> value(Json.NODES.numberNode(number()));
            case STRING -> value(Json.NODES.textNode(pick(TEXTS)));
            case ENTITY ->
                random.nextInt(3) == 0
                        ? value(Json.NODES.objectNode().set("__entity", entityJson()))
                        : variable(pick(List.of("principal", "resource", "action")));
            case DECIMAL -> call("decimal", value(Json.NODES.textNode(words.decimal())));
            case IP -> call("ip", value(Json.NODES.textNode(words.ip())));
            case DATETIME -> call("datetime", value(Json.NODES.textNode(words.datetime())));
            case DURATION -> call("duration", value(Json.NODES.textNode(words.duration())));
            case LONGS -> set(T.LONG, 0);
            case STRINGS -> set(T.STRING, 0);
            case ENTITIES -> set(T.ENTITY, 0);
            case RECORD -> record(0);
        };
    }

    private ObjectNode tagName() {
        return random.nextInt(6) == 0 ? leaf(T.STRING) : value(Json.NODES.textNode(pick(TAGS)));
    }

    private String attributeName() {
        return switch (random.nextInt(10)) {
            case 0 -> "odd name";
            case 1 -> "";
            case 2 -> "missing";
            default -> pick(T.ALL).attribute;
        };
    }

    private ArrayNode pattern() {
        ArrayNode pattern = Json.NODES.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            if (random.nextBoolean()) {
                pattern.add("Wildcard");
            } else {
                String literal = pick(TEXTS);
                if (!literal.isEmpty()) {
                    pattern.addObject().put("Literal", literal);
                }
            }
        }
        return pattern;
    }

    private static ObjectNode node(String operator, JsonNode parts) {
        return Json.NODES.objectNode().set(operator, parts);
    }

    private static ObjectNode value(JsonNode value) {
        return node("Value", value);
    }

    private static ObjectNode variable(String name) {
        return Json.NODES.objectNode().put("Var", name);
    }

    private static ObjectNode unary(String operator, ObjectNode operand) {
        return node(operator, Json.NODES.objectNode().set("arg", operand));
    }

    private static ObjectNode binary(String operator, ObjectNode left, ObjectNode right) {
        ObjectNode parts = Json.NODES.objectNode();
        parts.set("left", left);
        parts.set("right", right);
        return node(operator, parts);
    }

    private static ObjectNode attribute(String operator, ObjectNode of, String name) {
        ObjectNode parts = Json.NODES.objectNode();
        parts.set("left", of);
        parts.put("attr", name);
        return node(operator, parts);
    }

    private static ObjectNode call(String function, ObjectNode... arguments) {
        ArrayNode list = Json.NODES.arrayNode();
        for (ObjectNode argument : arguments) {
            list.add(argument);
        }
        return node(function, list);
    }

    // Data

    /** Returns entities; their hierarchy has no cycle. */
    ArrayNode entities() {
        List<ObjectNode> all = new ArrayList<>();
        for (String type : new String[] {"User", "App::Doc", "Group"}) {
            for (int i = 0; i < 3; i++) {
                all.add(uid(type, IDS.get(i)));
            }
        }
        for (String id : ACTIONS) {
            all.add(uid("Action", id));
        }
        ArrayNode entities = Json.NODES.arrayNode();
        int absent = 4 + random.nextInt(5);
        for (int i = 0; i < all.size(); i++) {
            boolean action = all.get(i).path("type").asText().equals("Action");
            if (random.nextInt(9) < absent) {
                continue;
            }
            ObjectNode entity = entities.addObject();
            entity.set("uid", all.get(i));
            entity.set("attrs", action ? Json.NODES.objectNode() : attributes(0.25));
            Set<Integer> parents = new LinkedHashSet<>();
            for (int parent = random.nextInt(4) - 1; parent > 0 && i + 1 < all.size(); parent--) {
                parents.add(i + 1 + random.nextInt(all.size() - i - 1));
            }
            ArrayNode list = entity.putArray("parents");
            for (int parent : parents) {
                if (action == (parent >= all.size() - ACTIONS.size())) {
                    list.add(all.get(parent));
                }
            }
            if (!action && random.nextBoolean()) {
                ObjectNode tags = entity.putObject("tags");
                for (String tag : TAGS) {
                    if (random.nextBoolean()) {
                        boolean doc = all.get(i).path("type").asText().equals("App::Doc");
                        tags.set(tag, datum(doc ? T.STRINGS : T.LONG, 1));
                    }
                }
            }
        }
        return entities;
    }

    /** Returns a request, without entities. */
    ObjectNode request() {
        ObjectNode request = Json.NODES.objectNode();
        request.set("principal", uid(random.nextInt(12) == 0 ? "Group" : "User", pick(IDS.subList(0, 4))));
        request.set("action", action());
        request.set("resource", uid(random.nextInt(8) == 0 ? "User" : "App::Doc", pick(IDS.subList(0, 4))));
        request.set("context", attributes(0.5));
        return request;
    }

    private ObjectNode attributes(double chance) {
        ObjectNode attributes = Json.NODES.objectNode();
        for (T type : T.ALL) {
            if (random.nextDouble() < chance) {
                attributes.set(type.attribute, datum(type, 2));
            }
        }
        if (random.nextInt(4) == 0) {
            attributes.set("odd name", datum(T.BOOL, 0));
        }
        return attributes;
    }

    private JsonNode datum(T wanted, int depth) {
        T type = random.nextDouble() < noise / 2 ? pick(T.ALL) : wanted;
        return switch (type) {
            case BOOL -> Json.NODES.booleanNode(random.nextBoolean());
            case LONG -> Json.NODES.numberNode(number());
            case STRING -> Json.NODES.textNode(pick(TEXTS));
            case ENTITY -> Json.NODES.objectNode().set("__entity", uid("User", pick(IDS)));
            case DECIMAL -> extension("decimal");
            case IP -> extension("ip");
            case DATETIME -> extension("datetime");
            case DURATION -> extension("duration");
            case LONGS -> data(T.LONG, depth);
            case STRINGS -> data(T.STRING, depth);
            case ENTITIES -> data(T.ENTITY, depth);
            case RECORD -> {
                ObjectNode record = Json.NODES.objectNode();
                record.set("n", datum(T.LONG, 0));
                if (random.nextBoolean()) {
                    record.set("odd name", datum(depth > 0 && noise > 0 ? pick(T.ALL) : T.BOOL, depth - 1));
                }
                yield record;
            }
        };
    }

    private ArrayNode data(T element, int depth) {
        ArrayNode list = Json.NODES.arrayNode();
        for (int i = depth < 0 ? 0 : random.nextInt(4); i > 0; i--) {
            list.add(datum(element, depth - 1));
        }
        return list;
    }

    private ObjectNode extension(String function) {
        return Json.NODES
                .objectNode()
                .set("__extn", Json.NODES.objectNode().put("fn", function).put("arg", words.right(function)));
    }

    private long number() {
        return random.nextInt(3) == 0 ? random.nextInt(5) : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private ObjectNode entityJson() {
        String type = pick(List.of("User", "User", "Group", "App::Doc", "App::Doc", "Other"));
        return uid(noise == 0 && type.equals("Other") ? "User" : type, pick(IDS));
    }

    private ObjectNode action() {
        return uid("Action", pick(ACTIONS));
    }

    private String type() {
        return pick(List.of("User", "App::Doc", "Group", noise == 0 ? "User" : "Other"));
    }

    private static ObjectNode uid(String type, String id) {
        return Json.NODES.objectNode().put("type", type).put("id", id);
    }

    private <X> X pick(List<X> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
