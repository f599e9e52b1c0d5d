package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Refused;
import dev.modelops.core.internal.policy.cedar.schema.ActionDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Conformance;
import dev.modelops.core.internal.policy.cedar.schema.EntityJson;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaJson;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.core.internal.policy.cedar.validation.Finding;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Has schemas read, and policies, requests and entities checked against them, by both engines. They differ on purpose in two
 * places. An attribute declared twice is refused by us; the reference implementation keeps the later declaration. An action
 * listed among the entities with its direct parents alone is accepted by us, as the schema tells the rest; the reference
 * implementation wants all ancestors listed too.
 */
class SchemaDifferentialTest {
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|\\w+|::|\\S");

    private final Comparison comparison = new Comparison(50);
    private final @Nullable NativeCedar engine = NativeCedar.orNull();

    @Test
    void policiesFailTheSameValidation() {
        LongAdder valid = new LongAdder();
        comparison.run("policies validated", seed -> {
            RandomWorld draw = new RandomWorld(seed, seed % 4 == 0 ? 0.01 : 0);
            String schema = schema(draw.random(), 4);
            ObjectNode policies = draw.policySet();
            Set<String> ours = invalid(policies, schema);
            if (ours.isEmpty()) {
                valid.increment();
            }
            return engine == null || ours.equals(theirInvalid(engine, policies, schema))
                    ? null
                    : () -> fewestPolicies(engine, policies, schema);
        });
        assertThat(valid.sum()).isBetween(comparison.cases() / 50L, comparison.cases() * 9L / 10);
    }

    @Test
    void requestsAndEntitiesConformAlike() {
        LongAdder conforming = new LongAdder();
        comparison.run("requests and entities checked and decided", seed -> {
            RandomWorld draw = new RandomWorld(seed, seed % 4 == 0 ? 0.01 : 0);
            String schema = schema(draw.random(), 400);
            ObjectNode policies = draw.policySet();
            ObjectNode request = draw.request();
            request.set("entities", entities(draw));
            String ours = decided(policies, schema, request);
            if (!ours.startsWith("refused")) {
                conforming.increment();
            }
            if (engine == null || isSame(ours, theirs(engine, policies, schema, request))) {
                return null;
            }
            ObjectNode whole = request.deepCopy();
            whole.set("policies", policies);
            return () -> smallest(engine, whole, schema);
        });
        assertThat(conforming.sum()).isBetween(comparison.cases() / 20L, comparison.cases() * 9L / 10);
    }

    @Test
    void brokenSchemasAreRefusedByBoth() {
        LongAdder accepted = new LongAdder();
        comparison.run("schemas with changed words", seed -> {
            Random random = new Random(seed);
            List<String> words = new ArrayList<>();
            for (Matcher word = WORD.matcher(schema(random, 4)); word.find(); ) {
                words.add(word.group());
            }
            List<String> changed = new Mutations(random).words(words);
            String text = String.join(" ", changed);
            if (isAccepted(text)) {
                accepted.increment();
            }
            if (engine == null || !differs(text)) {
                return null;
            }
            return () -> smallest(changed);
        });
        assertThat(accepted.sum()).isBetween(comparison.cases() / 200L, comparison.cases() / 3L);
    }

    private static String fewestPolicies(NativeCedar engine, JsonNode policies, String schema) throws Refused {
        ObjectNode whole = Json.NODES.objectNode().set("policies", policies);
        JsonNode fewest = Shrinker.shrink(whole, candidate -> {
                    try {
                        return !invalid(candidate.path("policies"), schema)
                                .equals(theirInvalid(engine, candidate.path("policies"), schema));
                    } catch (Refused | IllegalArgumentException e) {
                        return false;
                    }
                })
                .path("policies");
        return fewest + "\n  we fail " + new Validator(SchemaText.read(schema)).validate(OurCedar.read(fewest))
                + "\n  they fail " + theirInvalid(engine, fewest, schema) + "\n" + schema;
    }

    private static String smallest(NativeCedar engine, ObjectNode whole, String schema) {
        ObjectNode smallest = Shrinker.shrink(
                whole,
                candidate -> Difference.isWhole(candidate)
                        && !isSame(
                                decided(candidate.path("policies"), schema, candidate),
                                theirs(engine, candidate.path("policies"), schema, candidate)));
        return smallest + "\n  ours:   " + decided(smallest.path("policies"), schema, smallest) + "\n  theirs: "
                + theirs(engine, smallest.path("policies"), schema, smallest) + "\n" + schema;
    }

    private String smallest(List<String> words) {
        boolean ours = isAccepted(String.join(" ", words));
        String shortest = String.join(
                " ",
                Shrinker.shrink(
                        words,
                        candidate -> isAccepted(String.join(" ", candidate)) == ours
                                && differs(String.join(" ", candidate))));
        try {
            return "we read " + SchemaText.read(shortest) + ", they do not: " + shortest;
        } catch (IllegalArgumentException e) {
            return "we refuse, they do not: " + shortest + "\n  " + e.getMessage();
        }
    }

    private boolean differs(String text) {
        Schema ours = null;
        try {
            ours = SchemaText.read(text);
        } catch (IllegalArgumentException e) {
            if (String.valueOf(e.getMessage()).contains("is declared twice")) {
                return false;
            }
        }
        try {
            NativeCedar theirs = Objects.requireNonNull(engine);
            theirs.checkSchema(text);
            return !SchemaJson.read(theirs.schemaToJson(text)).equals(ours);
        } catch (Refused e) {
            return ours != null;
        }
    }

    private static boolean isAccepted(String text) {
        try {
            return SchemaText.read(text) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the schema with some attributes made optional, or one in so many required, and some types changed. */
    private static String schema(Random random, int required) {
        StringBuilder schema = new StringBuilder();
        Matcher attribute =
                Pattern.compile("(\\w+|\"odd name\")(\\??): (\\w+(?:<\\w+>)?)").matcher(RandomWorld.SCHEMA);
        while (attribute.find()) {
            String optional = attribute.group(2);
            String type = attribute.group(3);
            if (!attribute.group(1).matches("principal|resource|context")) {
                boolean change = random.nextInt(optional.isEmpty() ? 4 : required) == 0;
                optional = (required > 4 || change) && optional.isEmpty() ? "?" : change ? "" : optional;
                type = random.nextInt(15 * required) == 0 ? "String" : type;
            }
            attribute.appendReplacement(schema, Matcher.quoteReplacement(attribute.group(1) + optional + ": " + type));
        }
        return attribute.appendTail(schema).toString();
    }

    /** Returns entities, mostly without actions, which a schema brings along. */
    private static ArrayNode entities(RandomWorld draw) {
        ArrayNode entities = draw.entities();
        boolean actions = draw.random().nextInt(8) == 0;
        for (Iterator<JsonNode> all = entities.iterator(); all.hasNext(); ) {
            ObjectNode entity = (ObjectNode) all.next();
            boolean action = entity.at("/uid/type").asText().equals("Action");
            if (action && !actions || draw.random().nextInt(3) > 0) {
                all.remove();
            } else if (!action && draw.random().nextInt(4) > 0) {
                entity.putArray("parents");
            }
            if (entity.at("/uid/type").asText().equals("Group")) {
                entity.putObject("attrs");
                entity.remove("tags");
            }
        }
        return entities;
    }

    private static Set<String> invalid(JsonNode policies, String schema) {
        return new Validator(SchemaText.read(schema))
                .validate(OurCedar.read(policies)).errors().stream()
                        .map(Finding::policy)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the ids of what they fail; the links of a template that fails are not listed beside it, as we do not. */
    private static Set<String> theirInvalid(NativeCedar engine, JsonNode policies, String schema) throws Refused {
        Set<String> invalid = engine.invalid(policies, schema);
        for (JsonNode link : policies.path("templateLinks")) {
            if (invalid.contains(link.path("templateId").asText())) {
                invalid.remove(link.path("newId").asText());
            }
        }
        return invalid;
    }

    private static String decided(JsonNode policies, String text, ObjectNode request) {
        try {
            Schema schema = SchemaText.read(text);
            EntityStore entities = EntityJson.read(request.path("entities").toString(), schema);
            List<String> problems = new ArrayList<>(Conformance.ofEntities(schema, entities));
            EntityUid principal = OurCedar.uid(request.path("principal"));
            EntityUid action = OurCedar.uid(request.path("action"));
            EntityUid resource = OurCedar.uid(request.path("resource"));
            ActionDeclaration declared = schema.actions().get(action);
            RecordValue context = EntityJson.readContext(
                    request.path("context").toString(), declared == null ? null : declared.context());
            problems.addAll(Conformance.ofRequest(schema, principal, action, resource, context));
            if (!problems.isEmpty()) {
                return "refused: " + problems;
            }
            Response response = new Authorizer(OurCedar.read(policies))
                    .authorize(new StoredQuery(principal, action, resource, context, entities));
            return (response.cedarAllows() ? "allow " : "deny ") + new TreeSet<>(response.cedarReasons()) + " "
                    + response.cedarErrors();
        } catch (IllegalArgumentException e) {
            return "refused: " + e.getMessage();
        }
    }

    private static String theirs(NativeCedar engine, JsonNode policies, String schema, ObjectNode request) {
        try {
            NativeCedar.Answer answer = engine.decide(policies, schema, request);
            return (answer.allows() ? "allow " : "deny ") + answer.reasons() + " " + answer.errors();
        } catch (Refused e) {
            return "refused: " + e.getMessage();
        }
    }

    private static boolean isSame(String ours, String theirs) {
        return ours.equals(theirs)
                || theirs.startsWith("refused")
                        && (ours.startsWith("refused") || theirs.contains("does not match its schema declaration"));
    }
}
