package dev.modelops.core.internal.policy.analysis;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.Alias;
import dev.modelops.Assurance;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Facts;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.InvalidPolicyException.Problem;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.policy.PolicyTestReport.Trial;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Requests with the decisions expected of them, in a JSON file beside the policies. */
public final class PolicyTestFile {
    private static final int MOST_REQUESTS = 100_000;
    private static final Instant DEFAULT_TIME = Instant.parse("2030-01-01T09:00:00Z");
    private static final Set<String> FILE_KEYS = Set.of("description", "policies", "requests");
    private static final Set<String> REQUEST_KEYS = Set.of(
            "description",
            "principal",
            "assurance",
            "roles",
            "action",
            "resource",
            "environment",
            "name",
            "overriding",
            "value",
            "facts",
            "at",
            "requiredGates",
            "decision",
            "rules",
            "unmet");
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(100)
                            .maxNameLength(1024)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private PolicyTestFile() {}

    private record Case(
            String name,
            AccessRequest request,
            Set<String> requiredGates,
            boolean allowed,
            @Nullable Set<String> rules,
            @Nullable Set<String> unmet) {}

    /**
     * Decides all requests of a file.
     *
     * @throws InvalidPolicyException if the file or the policies it names are not as they must be
     */
    public static PolicyTestReport run(Path file) {
        JsonNode root = parse(PolicyDocument.text(file));
        requireKeys(root, FILE_KEYS, "the file");
        PolicyDocument policies = PolicyDocument.read(policies(file, root));
        PolicyEngine engine = PolicyAdmission.compile(policies.policySet());
        List<Case> cases = cases(root);
        CoverageCollector coverage = new CoverageCollector(policies.policies());
        List<Trial> trials = new ArrayList<>();
        for (Case one : cases) {
            Decision decision = engine.decide(one.request(), one.requiredGates());
            coverage.see(engine.query(one.request()));
            trials.add(new Trial(one.name(), decision, Optional.ofNullable(failure(one, decision))));
        }
        return new PolicyTestReport(trials, coverage.report());
    }

    private static Path policies(Path file, JsonNode root) {
        String name = text(root, "policies", "the file");
        Path resolved = file.resolveSibling(name).normalize();
        if (resolved.equals(file.normalize())) {
            throw PolicyDocument.invalid("\"policies\" must name the file of the policies, not the test file itself");
        }
        return resolved;
    }

    private static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String problem = "not well-formed JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse("");
            throw new InvalidPolicyException(List.of(
                    at == null
                            ? Problem.of(problem)
                            : new Problem(problem, OptionalInt.of(at.getLineNr()), OptionalInt.of(at.getColumnNr()))));
        }
    }

    private static List<Case> cases(JsonNode root) {
        JsonNode requests = root.get("requests");
        if (requests == null || !requests.isArray() || requests.isEmpty() || requests.size() > MOST_REQUESTS) {
            throw PolicyDocument.invalid(
                    "the file must have \"requests\": an array of 1 to " + MOST_REQUESTS + " requests, but has "
                            + (requests == null ? "none" : requests.isArray() ? requests.size() : "something else"));
        }
        List<Case> cases = new ArrayList<>();
        for (JsonNode request : requests) {
            String where = "request " + (cases.size() + 1);
            try {
                cases.add(read(request, where));
            } catch (IllegalArgumentException | DateTimeException e) {
                throw PolicyDocument.invalid(where + ": " + e.getMessage());
            }
        }
        return cases;
    }

    private static Case read(JsonNode json, String where) {
        requireKeys(json, REQUEST_KEYS, where);
        Principal principal = Principal.parse(text(json, "principal", where));
        Assurance assurance = json.has("assurance") ? assurance(text(json, "assurance", where)) : Assurance.ASSERTED;
        Set<Role> roles = new LinkedHashSet<>();
        texts(json, "roles").forEach(role -> roles.add(Role.of(role)));
        Action action = action(json, where);
        if (json.has("overriding")) {
            action = action.overriding(text(json, "overriding", where));
        }
        Instant at = json.has("at") ? Instant.parse(text(json, "at", where)) : DEFAULT_TIME;
        Map<String, Object> facts = new LinkedHashMap<>();
        JsonNode given = json.get("facts");
        if (given != null) {
            if (!given.isObject()) {
                throw new IllegalArgumentException("\"facts\" must be an object of values by name");
            }
            given.properties().forEach(entry -> facts.put(entry.getKey(), fact(entry.getKey(), entry.getValue())));
        }
        String expected = text(json, "decision", where).toLowerCase(Locale.ROOT);
        if (!expected.equals("allow") && !expected.equals("deny")) {
            throw new IllegalArgumentException(
                    "\"decision\" must be \"allow\" or \"deny\", but was \"" + expected + '"');
        }
        String name = json.has("description") ? text(json, "description", where) : where + ": " + action;
        return new Case(
                name,
                new AccessRequest(
                        new Identity(principal, assurance, roles),
                        roles,
                        action,
                        Facts.of(facts),
                        LogPosition.of(0),
                        at),
                texts(json, "requiredGates"),
                expected.equals("allow"),
                json.has("rules") ? texts(json, "rules") : null,
                json.has("unmet") ? texts(json, "unmet") : null);
    }

    private static Assurance assurance(String name) {
        for (Assurance assurance : Assurance.values()) {
            if (assurance.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) {
                return assurance;
            }
        }
        throw new IllegalArgumentException("\"assurance\" must be one of "
                + Arrays.stream(Assurance.values())
                        .map(value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                        .toList()
                + ", but was \"" + name + '"');
    }

    private static Action action(JsonNode json, String where) {
        String id = text(json, "action", where);
        for (Action.Type type : Action.Type.values()) {
            if (type.id().equals(id)) {
                return action(type, json, where);
            }
        }
        throw new IllegalArgumentException("\"action\" must be one of "
                + Arrays.stream(Action.Type.values()).map(Action.Type::id).toList()
                + ", but was \"" + id + '"');
    }

    private static Action action(Action.Type type, JsonNode json, String where) {
        return switch (type) {
            case REGISTER -> Action.register(model(json, where));
            case ATTACH_EVIDENCE -> Action.attachEvidence(version(json, where));
            case COMMENT -> Action.comment(version(json, where), "comment");
            case APPROVE -> Action.approve(version(json, where), environment(json, where));
            case REJECT -> Action.reject(version(json, where), environment(json, where));
            case WITHDRAW -> Action.withdraw(version(json, where), environment(json, where));
            case PROMOTE -> Action.promote(version(json, where), environment(json, where));
            case ROLLBACK -> Action.rollback(model(json, where), environment(json, where));
            case SET_ALIAS -> Action.setAlias(version(json, where), Alias.of(text(json, "name", where)));
            case REMOVE_ALIAS -> Action.removeAlias(model(json, where), Alias.of(text(json, "name", where)));
            case SET_TAG ->
                isVersion(json, where)
                        ? Action.setTag(version(json, where), text(json, "name", where), text(json, "value", where))
                        : Action.setTag(model(json, where), text(json, "name", where), text(json, "value", where));
            case REMOVE_TAG ->
                isVersion(json, where)
                        ? Action.removeTag(version(json, where), text(json, "name", where))
                        : Action.removeTag(model(json, where), text(json, "name", where));
            case GRANT_ROLE -> Action.grantRole(grantee(json, where), Role.of(text(json, "name", where)));
            case REVOKE_ROLE -> Action.revokeRole(grantee(json, where), Role.of(text(json, "name", where)));
            case TRANSITION -> Action.transition(version(json, where), text(json, "name", where));
            case PROPOSE_POLICIES -> Action.proposePolicies(Digest.parse(text(json, "value", where)));
            case INSTALL_POLICIES -> Action.installPolicies(Digest.parse(text(json, "value", where)));
            case READ -> json.has("resource") ? Action.read(model(json, where)) : Action.readPolicies();
            case AUDIT -> Action.audit();
            case OVERRIDE ->
                throw new IllegalArgumentException("test the act that overrides, with \"overriding\" and the reason");
            case SERVE -> Action.serve(version(json, where), environment(json, where));
        };
    }

    private static boolean isVersion(JsonNode json, String where) {
        return text(json, "resource", where).indexOf('@') >= 0;
    }

    private static ModelName model(JsonNode json, String where) {
        return ModelName.of(text(json, "resource", where));
    }

    private static ModelRef version(JsonNode json, String where) {
        return ModelRef.parse(text(json, "resource", where));
    }

    private static Principal grantee(JsonNode json, String where) {
        return Principal.parse(text(json, "resource", where));
    }

    private static Environment environment(JsonNode json, String where) {
        return Environment.of(text(json, "environment", where));
    }

    private static Object fact(String name, JsonNode value) {
        if (value.isArray()) {
            List<Object> elements = new ArrayList<>();
            value.forEach(element -> elements.add(single(name, element)));
            return elements;
        }
        return single(name, value);
    }

    private static Object single(String name, JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        } else if (value.isTextual()) {
            return value.textValue();
        } else if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        } else if (value.isNumber()) {
            return value.decimalValue();
        } else if (value.isObject() && value.size() == 1) {
            Map.Entry<String, JsonNode> only = value.properties().iterator().next();
            if (only.getValue().isTextual()) {
                String text = only.getValue().textValue();
                switch (only.getKey()) {
                    case "number" -> {
                        return new BigDecimal(text);
                    }
                    case "instant" -> {
                        return Instant.parse(text);
                    }
                    case "duration" -> {
                        return Duration.parse(text);
                    }
                    case "principal" -> {
                        return Principal.parse(text);
                    }
                    case "role" -> {
                        return Role.of(text);
                    }
                    case "environment" -> {
                        return Environment.of(text);
                    }
                    case "model" -> {
                        return ModelName.of(text);
                    }
                    case "version" -> {
                        return ModelRef.parse(text);
                    }
                    default -> {}
                }
            }
        }
        throw new IllegalArgumentException("fact \"" + name
                + "\" must be true, false, a number, a text, an array of these, or one of {\"number\": ...},"
                + " {\"instant\": ...}, {\"duration\": ...}, {\"principal\": ...}, {\"role\": ...},"
                + " {\"environment\": ...}, {\"model\": ...}, {\"version\": ...} with a text, but was " + value);
    }

    private static void requireKeys(JsonNode json, Set<String> known, String where) {
        if (!json.isObject()) {
            throw PolicyDocument.invalid(where + " must be a JSON object");
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw PolicyDocument.invalid(
                        where + " has the unknown key \"" + name + "\"; known are " + new TreeSet<>(known));
            }
        }
    }

    private static String text(JsonNode json, String key, String where) {
        JsonNode value = json.get(key);
        if (value == null || !value.isTextual() || value.textValue().isBlank()) {
            throw PolicyDocument.invalid(
                    where + " must have \"" + key + "\", a text, but has " + (value == null ? "none" : value));
        }
        return value.textValue();
    }

    private static Set<String> texts(JsonNode json, String key) {
        JsonNode value = json.get(key);
        Set<String> all = new TreeSet<>();
        if (value == null) {
            return all;
        }
        if (!value.isArray()) {
            throw new IllegalArgumentException("\"" + key + "\" must be an array of texts");
        }
        for (JsonNode element : value) {
            if (!element.isTextual() || !all.add(element.textValue())) {
                throw new IllegalArgumentException("\"" + key + "\" must hold different texts, but has " + element);
            }
        }
        return all;
    }

    private static @Nullable String failure(Case expected, Decision decision) {
        List<String> differences = new ArrayList<>();
        if (decision.isAllowed() != expected.allowed()) {
            differences.add(
                    "expected the decision " + word(expected.allowed()) + ", but it was " + word(decision.isAllowed()));
        }
        Set<String> rules = new TreeSet<>(decision.rules());
        if (expected.rules() != null && !rules.equals(expected.rules())) {
            differences.add("expected the determining rules " + expected.rules() + ", but they were " + rules);
        }
        Set<String> unmet = new TreeSet<>();
        decision.unmet().forEach(requirement -> unmet.add(requirement.rule()));
        if (expected.unmet() != null && !unmet.equals(expected.unmet())) {
            differences.add("expected the unmet rules " + expected.unmet() + ", but they were " + unmet);
        }
        if (differences.isEmpty()) {
            return null;
        }
        return String.join("\n", differences) + "\n" + describe(expected.request()) + "\n" + decision.forAuditor();
    }

    private static String describe(AccessRequest request) {
        return request.identity().principal() + " with the roles "
                + request.roles().stream().map(Role::value).sorted().toList() + " asked to " + request.action()
                + ", facts " + request.facts();
    }

    private static String word(boolean allowed) {
        return allowed ? "allow" : "deny";
    }
}
