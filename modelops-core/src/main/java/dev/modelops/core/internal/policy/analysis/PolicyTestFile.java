package dev.modelops.core.internal.policy.analysis;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
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
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.log.FactJson;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Explanation.Determining;
import dev.modelops.policy.FactException;
import dev.modelops.policy.Facts;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.InvalidPolicyException.Problem;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.policy.PolicyTestReport.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Requests with the decisions expected of them, in a JSON file beside the policies. */
public final class PolicyTestFile {
    private static final int MOST_REQUESTS = 100_000;
    private static final int MOST_PROBLEMS = 20;
    private static final String FACTS = "facts";
    private static final String FAILED = "failed";
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
            FACTS,
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

    /** In place of the value of a fact that cannot be established. */
    private record Failed(String why) {}

    /** Facts as a file gives them. */
    private record GivenFacts(Map<String, Object> values) implements Facts {
        @Override
        public Optional<Object> get(String name) {
            Object value = values.get(name);
            if (value instanceof Failed failed) {
                throw new FactException("fact '" + name + "' could not be established: " + failed.why());
            }
            return Optional.ofNullable(value);
        }

        @Override
        public Set<String> names() {
            return values.keySet();
        }

        @Override
        public String toString() {
            return new TreeMap<>(values).toString();
        }
    }

    private record Case(
            String name,
            AccessRequest request,
            Map<String, Object> facts,
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
        requireTest(file);
        String text = PolicyDocument.text(file);
        JsonNode root = parse(text);
        requireKeys(root, FILE_KEYS, "the file");
        Path source = policies(file, root);
        PolicyDocument policies = PolicyDocument.read(source);
        PolicyEngine engine = PolicyAdmission.compile(policies.policySet());
        List<Case> cases = cases(text, root);
        requireKnownFacts(text, cases, policies.policies());
        CoverageCollector coverage = new CoverageCollector(policies.policies());
        List<Trial> trials = new ArrayList<>();
        for (Case one : cases) {
            Decision decision = withSources(
                    engine.decide(one.request(), one.requiredGates()), String.valueOf(source.getFileName()), policies);
            engine.queries(one.request(), one.requiredGates()).forEach(coverage::see);
            trials.add(new Trial(one.name(), decision, Optional.ofNullable(failure(one, decision))));
        }
        return new PolicyTestReport(trials, coverage.report());
    }

    /** Adds where the rules stand, which the set that a log keeps does not know. */
    private static Decision withSources(Decision decision, String file, PolicyDocument policies) {
        Explanation known = decision.explanation();
        List<Determining> rules = new ArrayList<>();
        for (Determining rule : known.determining()) {
            Integer line = policies.lines().get(rule.rule());
            rules.add(
                    line == null
                            ? rule
                            : new Determining(rule.rule(), rule.effect(), rule.reason(), file + ":" + line));
        }
        Explanation located = new Explanation(
                known.principal(),
                known.action(),
                rules,
                known.erred(),
                known.obligations(),
                known.facts(),
                known.overriding(),
                known.cedarAllows());
        return decision instanceof Deny deny
                ? new Deny(deny.cause(), deny.rules(), deny.unmet(), located, deny.policy(), deny.asOf(), deny.at())
                : new Allow(
                        decision.rules(), decision.unmet(), located, decision.policy(), decision.asOf(), decision.at());
    }

    private static void requireTest(Path file) {
        if (String.valueOf(file.getFileName()).endsWith(".cedar")) {
            throw PolicyDocument.invalid("a policy test must be a JSON file with \"policies\" and \"requests\", but "
                    + file.getFileName()
                    + " is named like the policies themselves; name the test file whose \"policies\""
                    + " it is");
        }
    }

    private static void requireKnownFacts(String text, List<Case> cases, CedarPolicySet set) {
        KnownFacts known;
        try {
            known = new KnownFacts(set);
        } catch (IllegalArgumentException e) {
            throw PolicyDocument.invalid(String.valueOf(e.getMessage()));
        }
        Map<JsonPointer, String> problems = new LinkedHashMap<>();
        for (int i = 0; i < cases.size() && problems.size() < MOST_PROBLEMS; i++) {
            JsonPointer facts = JsonPointer.compile("/requests/" + i + "/facts");
            Action action = cases.get(i).request().action();
            String where = "request " + (i + 1) + ": ";
            cases.get(i).facts().forEach((name, fact) -> {
                String problem =
                        fact instanceof Failed ? known.problem(action, name) : known.problem(action, name, fact);
                if (problem != null) {
                    problems.put(facts.appendProperty(name), where + problem);
                }
            });
        }
        if (!problems.isEmpty()) {
            throw new InvalidPolicyException(located(text, problems));
        }
    }

    /** Returns problems with the places of the members that they are about. */
    private static List<Problem> located(String text, Map<JsonPointer, String> problems) {
        Map<String, JsonLocation> places = new HashMap<>();
        Set<String> wanted =
                problems.keySet().stream().map(JsonPointer::toString).collect(Collectors.toSet());
        try (JsonParser parser = MAPPER.createParser(text)) {
            while (parser.nextToken() != null && places.size() < wanted.size()) {
                boolean begins = parser.currentToken() == JsonToken.FIELD_NAME
                        || parser.currentToken() == JsonToken.START_OBJECT;
                String pointer =
                        begins ? parser.getParsingContext().pathAsPointer().toString() : "";
                if (wanted.contains(pointer)) {
                    places.putIfAbsent(pointer, parser.currentTokenLocation());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("a file that was read cannot be read again", e);
        }
        List<Problem> located = new ArrayList<>();
        problems.forEach((pointer, problem) -> {
            JsonLocation at = places.get(pointer.toString());
            located.add(
                    at == null
                            ? Problem.of(problem)
                            : new Problem(problem, OptionalInt.of(at.getLineNr()), OptionalInt.of(at.getColumnNr())));
        });
        return located;
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
            boolean twice = e.getOriginalMessage().startsWith("Duplicate");
            String problem = "a policy test must be one JSON object with \"policies\" and \"requests\", but this is "
                    + (twice ? "JSON with a duplicate member" : "not well-formed JSON");
            throw new InvalidPolicyException(List.of(
                    at == null
                            ? Problem.of(problem)
                            : new Problem(problem, OptionalInt.of(at.getLineNr()), OptionalInt.of(at.getColumnNr()))));
        }
    }

    private static List<Case> cases(String text, JsonNode root) {
        JsonNode requests = root.get("requests");
        if (requests == null || !requests.isArray() || requests.isEmpty() || requests.size() > MOST_REQUESTS) {
            throw PolicyDocument.invalid(
                    "the file must have \"requests\": an array of 1 to " + MOST_REQUESTS + " requests, but has "
                            + (requests == null ? "none" : requests.isArray() ? requests.size() : "something else"));
        }
        List<Case> cases = new ArrayList<>();
        for (JsonNode request : requests) {
            String where = "request " + (cases.size() + 1);
            JsonPointer place = JsonPointer.compile("/requests/" + cases.size());
            try {
                cases.add(read(request, where));
            } catch (InvalidPolicyException e) {
                throw new InvalidPolicyException(
                        located(text, Map.of(place, e.problems().get(0).sentence())));
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new InvalidPolicyException(located(text, Map.of(place, where + ": " + e.getMessage())));
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
        JsonNode given = json.get(FACTS);
        if (given != null) {
            if (!given.isObject()) {
                throw new IllegalArgumentException("\"facts\" must be an object of values by name");
            }
            given.properties().forEach(entry -> facts.put(entry.getKey(), fact(entry.getKey(), entry.getValue())));
        }
        facts.putIfAbsent("now", at);
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
                        new GivenFacts(facts),
                        LogPosition.of(0),
                        at),
                facts,
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
            case IMPORT_VERSION ->
                Action.importVersion(
                        model(json, where), text(json, "name", where), ModelRef.parse(text(json, "value", where)));
            case ATTACH_EVIDENCE -> Action.attachEvidence(version(json, where));
            case COMMENT -> Action.comment(version(json, where), "comment");
            case APPROVE -> Action.approve(version(json, where), environment(json, where));
            case REJECT -> Action.reject(version(json, where), environment(json, where));
            case WITHDRAW -> Action.withdraw(version(json, where), environment(json, where));
            case PROMOTE -> Action.promote(version(json, where), environment(json, where));
            case ROLLBACK -> Action.rollback(model(json, where), environment(json, where));
            case QUARANTINE -> Action.quarantine(version(json, where), environment(json, where));
            case FALL_BACK ->
                Action.fallBack(
                        version(json, where),
                        environment(json, where),
                        VersionNumber.of(Integer.parseInt(text(json, "value", where))),
                        text(json, "name", where));
            case SUSPEND -> Action.suspend(model(json, where), environment(json, where));
            case RESUME -> Action.resume(model(json, where), environment(json, where));
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
            case INSTALL_TRUST -> Action.installTrust(Integer.parseInt(text(json, "value", where)));
            case ERASE -> Action.erase(LogPosition.of(1), text(json, "name", where));
            case HOLD ->
                json.has("resource")
                        ? Action.hold(text(json, "name", where), model(json, where))
                        : Action.hold(text(json, "name", where));
            case LIFT_HOLD -> Action.liftHold(text(json, "name", where));
            case RECORD -> Action.record(model(json, where), environment(json, where));
            case EXPIRE_RECORDS ->
                Action.expireRecords(model(json, where), LogPosition.of(1), text(json, "name", where));
            case ALERT -> Action.alert(version(json, where), environment(json, where));
            case ACKNOWLEDGE ->
                Action.acknowledge(version(json, where), environment(json, where), text(json, "name", where));
            case START_EXPERIMENT -> Action.startExperiment(version(json, where), environment(json, where));
            case END_EXPERIMENT ->
                Action.endExperiment(version(json, where), environment(json, where), text(json, "name", where));
            case JUDGE -> Action.judge(version(json, where), environment(json, where));
            case REQUEST_RETRAINING ->
                Action.requestRetraining(version(json, where), environment(json, where), text(json, "name", where));
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
        JsonNode failure = value.isObject() && value.size() == 1 ? value.get(FAILED) : null;
        if (failure != null && failure.isTextual()) {
            return new Failed(failure.textValue());
        }
        try {
            return FactJson.read(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("fact \"" + name + "\": " + e.getMessage(), e);
        }
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
