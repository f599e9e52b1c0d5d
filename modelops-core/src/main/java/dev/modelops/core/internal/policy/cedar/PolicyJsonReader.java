package dev.modelops.core.internal.policy.cedar;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.If;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the Cedar JSON policy format, strictly: what is not understood in full is refused. */
final class PolicyJsonReader {
    private static final int MAX_CHARACTERS = 4 * 1024 * 1024;
    private static final int MAX_JSON_DEPTH = 2 * (Expr.MAX_DEPTH + Expr.MAX_CHAIN) + 32;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_JSON_DEPTH)
                            .maxStringLength(64 * 1024)
                            .maxNameLength(1024)
                            .maxNumberLength(20)
                            .maxDocumentLength(MAX_CHARACTERS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Map<String, UnaryOperator> UNARY = Arrays.stream(UnaryOperator.values())
            .collect(Collectors.toUnmodifiableMap(UnaryOperator::cedarName, operator -> operator));
    private static final Map<String, BinaryOperator> BINARY = Arrays.stream(BinaryOperator.values())
            .collect(Collectors.toUnmodifiableMap(BinaryOperator::cedarName, operator -> operator));
    private static final Map<String, Variable> VARIABLES = Arrays.stream(Variable.values())
            .collect(Collectors.toUnmodifiableMap(Variable::cedarName, variable -> variable));

    private String where = "policy set";

    private PolicyJsonReader() {}

    static CedarPolicySet read(String document) {
        return new PolicyJsonReader().policySet(tree(document, "policy set"));
    }

    static CedarPolicy readPolicy(String document) {
        PolicyJsonReader reader = new PolicyJsonReader();
        reader.where = "policy";
        JsonNode root = tree(document, "policy");
        return reader.located(() -> reader.policy(root));
    }

    private static JsonNode tree(String document, String what) {
        if (document.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    what + " must have at most " + MAX_CHARACTERS + " characters, but has " + document.length());
        }
        try (JsonParser parser = MAPPER.createParser(document)) {
            JsonNode root = MAPPER.readValue(parser, JsonNode.class);
            if (root == null) {
                throw new IllegalArgumentException(what + " must be a JSON object, but was empty");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(what + " is not well-formed JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(what + " cannot be read: " + e.getMessage(), e);
        }
    }

    private CedarPolicySet policySet(JsonNode root) {
        JsonNode set = object(root, Set.of("templates", "staticPolicies", "templateLinks"), Set.of("staticPolicies"));
        SortedMap<String, CedarPolicy> statics = policies(set.get("staticPolicies"), "staticPolicies", "policy");
        SortedMap<String, CedarPolicy> templates = policies(set.get("templates"), "templates", "template");
        SortedMap<String, TemplateLink> links = new TreeMap<>();
        JsonNode listed = set.get("templateLinks");
        if (listed != null) {
            where = "policy set";
            for (JsonNode link : array(listed, "templateLinks")) {
                link(link, links);
            }
        }
        if (statics.size() + templates.size() + links.size() > CedarPolicySet.MAX_POLICIES) {
            throw bad("expected at most " + CedarPolicySet.MAX_POLICIES + " policies, templates and links together");
        }
        return new CedarPolicySet(statics, templates, links);
    }

    private SortedMap<String, CedarPolicy> policies(@Nullable JsonNode policies, String name, String kind) {
        SortedMap<String, CedarPolicy> found = new TreeMap<>();
        if (policies == null) {
            return found;
        }
        if (!policies.isObject() || policies.size() > CedarPolicySet.MAX_POLICIES) {
            where = "policy set";
            throw bad("'" + name + "' must be an object of at most " + CedarPolicySet.MAX_POLICIES + " policies by id");
        }
        for (Map.Entry<String, JsonNode> entry : policies.properties()) {
            where = kind + " '" + Names.brief(entry.getKey()) + "'";
            text(entry.getKey());
            found.put(entry.getKey(), located(() -> policy(entry.getValue())));
        }
        return found;
    }

    private void link(JsonNode node, SortedMap<String, TemplateLink> links) {
        where = "template link";
        JsonNode link = members(node, "templateId", "newId", "values");
        String id = string(link, "newId");
        where = "template link '" + Names.brief(id) + "'";
        JsonNode values = object(link.get("values"), Set.of("?principal", "?resource"), Set.of());
        SortedMap<Slot, EntityUid> filled = new TreeMap<>();
        for (Slot slot : Slot.values()) {
            JsonNode value = values.get(slot.cedarName());
            if (value != null) {
                filled.put(slot, locatedEntity(value));
            }
        }
        if (links.put(id, new TemplateLink(string(link, "templateId"), filled)) != null) {
            throw bad("expected each id once, found a second link of this id");
        }
    }

    private EntityUid locatedEntity(JsonNode node) {
        try {
            return entity(node);
        } catch (LocatedException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private CedarPolicy policy(JsonNode node) {
        JsonNode policy = object(
                node,
                Set.of("effect", "principal", "action", "resource", "annotations", "conditions"),
                Set.of("effect", "principal", "action", "resource", "conditions"));
        String effect = string(policy, "effect");
        if (!effect.equals("permit") && !effect.equals("forbid")) {
            throw bad("'effect' must be permit or forbid, but was '" + Names.brief(effect) + "'");
        }
        List<Clause> clauses = new ArrayList<>();
        for (JsonNode clause : array(policy.get("conditions"), "conditions")) {
            clauses.add(clause(clause));
        }
        return new CedarPolicy(
                effect.equals("permit") ? Effect.PERMIT : Effect.FORBID,
                scope(policy.get("principal"), "principal", Slot.PRINCIPAL),
                scope(policy.get("action"), "action", null),
                scope(policy.get("resource"), "resource", Slot.RESOURCE),
                annotations(policy.get("annotations")),
                clauses);
    }

    private SortedMap<String, String> annotations(@Nullable JsonNode node) {
        SortedMap<String, String> annotations = new TreeMap<>();
        if (node != null) {
            if (!node.isObject()) {
                throw bad("'annotations' must be an object");
            }
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                JsonNode value = entry.getValue();
                annotations.put(entry.getKey(), value.isNull() ? "" : string(node, entry.getKey()));
            }
        }
        return annotations;
    }

    private Clause clause(JsonNode node) {
        JsonNode clause = object(node, Set.of("kind", "body"), Set.of("kind", "body"));
        String kind = string(clause, "kind");
        if (!kind.equals("when") && !kind.equals("unless")) {
            throw bad("'kind' must be when or unless, but was '" + Names.brief(kind) + "'");
        }
        return new Clause(kind.equals("when") ? Clause.Kind.WHEN : Clause.Kind.UNLESS, expr(clause.get("body"), 1));
    }

    private Scope scope(JsonNode node, String name, @Nullable Slot slot) {
        JsonNode scope = object(node, Set.of("op", "entity", "entities", "entity_type", "in", "slot"), Set.of("op"));
        String op = string(scope, "op");
        return switch (op) {
            case "All" -> {
                only(scope, "op");
                yield new Scope.All();
            }
            case "==" -> {
                if (hasSlot(scope, name, slot)) {
                    only(scope, "op", "slot");
                    yield new Scope.EqSlot();
                }
                only(scope, "op", "entity");
                yield new Scope.Eq(entity(scope.get("entity")));
            }
            case "in" -> {
                if (scope.has("entities")) {
                    only(scope, "op", "entities");
                    List<EntityUid> entities = new ArrayList<>();
                    for (JsonNode entity : array(scope.get("entities"), "entities")) {
                        entities.add(entity(entity));
                    }
                    yield new Scope.InAny(entities);
                }
                if (hasSlot(scope, name, slot)) {
                    only(scope, "op", "slot");
                    yield new Scope.InSlot();
                }
                only(scope, "op", "entity");
                yield new Scope.In(entity(scope.get("entity")));
            }
            case "is" -> {
                String type = string(scope, "entity_type");
                if (scope.has("in")) {
                    only(scope, "op", "entity_type", "in");
                    JsonNode in = object(scope.get("in"), Set.of("entity", "slot"), Set.of());
                    if (hasSlot(in, name, slot)) {
                        only(in, "slot");
                        yield new Scope.IsInSlot(type);
                    }
                    only(in, "entity");
                    yield new Scope.IsIn(type, entity(in.get("entity")));
                }
                only(scope, "op", "entity_type");
                yield new Scope.Is(type);
            }
            default -> throw bad("'op' of " + name + " must be All, ==, in or is, but was '" + Names.brief(op) + "'");
        };
    }

    private boolean hasSlot(JsonNode scope, String name, @Nullable Slot slot) {
        if (!scope.has("slot")) {
            return false;
        }
        String found = string(scope, "slot");
        if (slot == null || !found.equals(slot.cedarName())) {
            throw bad("'slot' of " + name + " must be "
                    + (slot == null ? "left out: name an action" : slot.cedarName())
                    + ", but was '" + Names.brief(found) + "'");
        }
        return true;
    }

    private EntityUid entity(@Nullable JsonNode node) {
        if (node != null && node.isObject() && node.size() == 1 && node.has("__entity")) {
            return entity(node.get("__entity"));
        }
        JsonNode entity = object(node, Set.of("type", "id"), Set.of("type", "id"));
        return new EntityUid(string(entity, "type"), string(entity, "id"));
    }

    private Expr expr(@Nullable JsonNode node, int depth) {
        if (depth > Expr.MAX_DEPTH) {
            throw bad("expression must nest at most " + Expr.MAX_DEPTH + " deep");
        }
        if (node == null || !node.isObject() || node.size() != 1) {
            throw bad("expression must be an object with one member that names the operator");
        }
        Map.Entry<String, JsonNode> only = node.properties().iterator().next();
        String operator = only.getKey();
        JsonNode body = only.getValue();
        UnaryOperator unary = UNARY.get(operator);
        if (unary != null) {
            JsonNode members = members(body, "arg");
            return new Unary(unary, expr(members.get("arg"), depth + 1));
        }
        BinaryOperator binary = BINARY.get(operator);
        if (binary == BinaryOperator.AND || binary == BinaryOperator.OR) {
            return chain(node, binary, depth);
        }
        if (binary != null) {
            JsonNode members = members(body, "left", "right");
            return new Binary(binary, expr(members.get("left"), depth + 1), expr(members.get("right"), depth + 1));
        }
        return switch (operator) {
            case "Value" -> value(body, depth);
            case "Var" -> variable(body);
            case "if-then-else" -> {
                JsonNode members = members(body, "if", "then", "else");
                yield new If(
                        expr(members.get("if"), depth + 1),
                        expr(members.get("then"), depth + 1),
                        expr(members.get("else"), depth + 1));
            }
            case "." -> {
                JsonNode members = members(body, "left", "attr");
                yield new GetAttr(expr(members.get("left"), depth + 1), string(members, "attr"));
            }
            case "has" -> {
                JsonNode members = members(body, "left", "attr");
                yield has(expr(members.get("left"), depth + 1), members);
            }
            case "like" -> {
                JsonNode members = members(body, "left", "pattern");
                yield new Like(expr(members.get("left"), depth + 1), pattern(members.get("pattern")));
            }
            case "is" -> {
                JsonNode members = object(body, Set.of("left", "entity_type", "in"), Set.of("left", "entity_type"));
                Expr in = members.has("in") ? expr(members.get("in"), depth + 1) : null;
                yield new Is(expr(members.get("left"), depth + 1), string(members, "entity_type"), in);
            }
            case "Set" -> new SetOf(exprs(body, operator, depth));
            case "Record" -> {
                if (!body.isObject()) {
                    throw bad("'Record' must be an object");
                }
                SortedMap<String, Expr> attributes = new TreeMap<>();
                for (Map.Entry<String, JsonNode> attribute : body.properties()) {
                    attributes.put(text(attribute.getKey()), expr(attribute.getValue(), depth + 1));
                }
                yield new RecordOf(attributes);
            }
            default -> new Call(function(operator), exprs(body, operator, depth));
        };
    }

    /** Reads {@code &&} or {@code ||}, which are written one within the other as often as they are chained. */
    private Expr chain(JsonNode node, BinaryOperator operator, int depth) {
        Deque<JsonNode> operands = new ArrayDeque<>();
        JsonNode left = node;
        while (left.isObject() && left.size() == 1 && left.has(operator.cedarName())) {
            JsonNode members = members(left.get(operator.cedarName()), "left", "right");
            operands.addFirst(members.get("right"));
            left = members.get("left");
        }
        operands.addFirst(left);
        List<Expr> exprs = new ArrayList<>();
        for (JsonNode operand : operands) {
            exprs.add(expr(operand, depth + 1));
        }
        return Expr.chain(operator, exprs);
    }

    private Expr has(Expr of, JsonNode members) {
        JsonNode path = members.get("attr");
        if (!path.isArray()) {
            return new Has(of, string(members, "attr"));
        }
        if (path.isEmpty() || path.size() > Expr.MAX_DEPTH) {
            throw bad("'attr' must be a text, or an array of 1 to " + Expr.MAX_DEPTH + " texts");
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : path) {
            if (!name.isTextual()) {
                throw bad("'attr' must be a text, or an array of texts");
            }
            names.add(text(name.textValue()));
        }
        return Expr.hasPath(of, names);
    }

    private List<Expr> exprs(JsonNode node, String name, int depth) {
        List<Expr> exprs = new ArrayList<>();
        for (JsonNode element : array(node, name)) {
            exprs.add(expr(element, depth + 1));
        }
        return exprs;
    }

    private ExtensionFunction function(String name) {
        ExtensionFunction function = ExtensionFunction.named(name);
        if (function == null) {
            throw bad("unknown operator '" + Names.brief(name) + "'; known are "
                    + Stream.of(
                                    Stream.of(
                                            "Value", "Var", "if-then-else", ".", "has", "like", "is", "Set", "Record"),
                                    UNARY.keySet().stream().sorted(),
                                    BINARY.keySet().stream().sorted(),
                                    Arrays.stream(ExtensionFunction.values()).map(ExtensionFunction::cedarName))
                            .flatMap(names -> names)
                            .collect(Collectors.joining(" ")));
        }
        return function;
    }

    private Expr variable(JsonNode node) {
        Variable variable = node.isTextual() ? VARIABLES.get(node.textValue()) : null;
        if (variable == null) {
            throw bad("'Var' must be principal, action, resource or context");
        }
        return new Var(variable);
    }

    private Pattern pattern(JsonNode node) {
        Pattern.Builder pattern = new Pattern.Builder();
        for (JsonNode piece : array(node, "pattern")) {
            if (piece.isTextual() && piece.textValue().equals("Wildcard")) {
                pattern.wildcard();
            } else {
                pattern.text(string(members(piece, "Literal"), "Literal"));
            }
        }
        return pattern.build();
    }

    /** Reads a value, with the constructors of sets, records and extension values written out. */
    private Expr value(JsonNode node, int depth) {
        if (depth > Expr.MAX_DEPTH) {
            throw bad("expression must nest at most " + Expr.MAX_DEPTH + " deep");
        }
        if (node.isBoolean()) {
            return new Literal(BoolValue.of(node.booleanValue()));
        } else if (node.isTextual()) {
            return new Literal(new StringValue(text(node.textValue())));
        } else if (node.isIntegralNumber() && node.canConvertToLong()) {
            return new Literal(new LongValue(node.longValue()));
        } else if (node.isArray()) {
            List<Expr> elements = new ArrayList<>();
            for (JsonNode element : node) {
                elements.add(value(element, depth + 1));
            }
            return new SetOf(elements);
        } else if (node.isObject()) {
            return objectValue(node, depth);
        }
        throw bad("value must be true, false, a whole number of 64 bits, a text, an array or an object");
    }

    private Expr objectValue(JsonNode node, int depth) {
        if (node.size() == 1 && node.has("__entity")) {
            return new Literal(entity(node));
        }
        if (node.size() == 1 && node.has("__extn")) {
            return extensionValue(node.get("__extn"), depth);
        }
        SortedMap<String, Expr> attributes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> attribute : node.properties()) {
            if (attribute.getKey().startsWith("__")) {
                throw bad("'" + Names.brief(attribute.getKey()) + "' must be alone in its object");
            }
            attributes.put(text(attribute.getKey()), value(attribute.getValue(), depth + 1));
        }
        return new RecordOf(attributes);
    }

    private Expr extensionValue(JsonNode node, int depth) {
        JsonNode call = object(node, Set.of("fn", "arg", "args"), Set.of("fn"));
        ExtensionFunction function = function(string(call, "fn"));
        List<Expr> arguments = new ArrayList<>();
        if (call.has("args")) {
            only(call, "fn", "args");
            for (JsonNode argument : array(call.get("args"), "args")) {
                arguments.add(value(argument, depth + 1));
            }
        } else {
            only(call, "fn", "arg");
            arguments.add(value(call.get("arg"), depth + 1));
        }
        return new Call(function, arguments);
    }

    private JsonNode members(@Nullable JsonNode node, String... names) {
        Set<String> all = Set.of(names);
        return object(node, all, all);
    }

    private JsonNode object(@Nullable JsonNode node, Set<String> known, Set<String> required) {
        if (node == null || !node.isObject()) {
            throw bad("expected an object with " + sorted(known));
        }
        Iterator<String> names = node.fieldNames();
        while (names.hasNext()) {
            String name = names.next();
            if (!known.contains(name)) {
                throw bad("unknown member '" + Names.brief(name) + "'; known are " + sorted(known));
            }
        }
        for (String name : required) {
            if (!node.has(name)) {
                throw bad("member '" + name + "' is missing");
            }
        }
        return node;
    }

    private void only(JsonNode node, String... names) {
        members(node, names);
    }

    private JsonNode array(@Nullable JsonNode node, String name) {
        if (node == null || !node.isArray()) {
            throw bad("'" + Names.brief(name) + "' must be an array");
        }
        return node;
    }

    private String string(JsonNode owner, String name) {
        JsonNode node = owner.get(name);
        if (node == null || !node.isTextual()) {
            throw bad("'" + Names.brief(name) + "' must be a text");
        }
        return text(node.textValue());
    }

    private String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw bad("text holds half of a surrogate pair");
            }
        }
        return text;
    }

    private static String sorted(Set<String> names) {
        return names.stream().sorted().collect(Collectors.joining(", "));
    }

    private CedarPolicy located(Supplier<CedarPolicy> reading) {
        try {
            return reading.get();
        } catch (LocatedException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private LocatedException bad(String problem) {
        return new LocatedException(where + ": " + problem);
    }

    private static final class LocatedException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        LocatedException(String message) {
            super(message);
        }
    }
}
