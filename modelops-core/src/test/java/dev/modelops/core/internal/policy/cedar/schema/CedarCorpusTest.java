package dev.modelops.core.internal.policy.cedar.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.PolicyPrinter;
import dev.modelops.core.internal.policy.cedar.StoredQuery;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.validation.ValidationReport;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Runs the tests that the Cedar project publishes: those in the folder that the system property
 * {@code modelops.cedar.corpus} names, else those in {@code shared/conformance/cedar} beside the project, else the
 * handwritten ones, which this project carries along.
 */
class CedarCorpusTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everyDecisionAndEveryVerdictIsTheOneOfCedar() throws Exception {
        Tally tally = run(CorpusFiles.in(place()));
        System.out.println(tally);
        assertThat(tally.differences.stream().limit(20)).as(tally.toString()).isEmpty();
        assertThat(tally.requests).isPositive();
    }

    @Test
    void theCorpusThatIsCarriedAlongAgrees() throws Exception {
        Tally tally = run(CorpusFiles.in(carried()));
        assertThat(tally.differences).isEmpty();
        assertThat(tally.tests).isEqualTo(22);
        assertThat(tally.requests).isEqualTo(74);
    }

    @Test
    void anythingThatIsNotAsExpectedIsFound() throws Exception {
        for (String[] change : new String[][] {
            {"\"decision\": \"allow\"", "\"decision\": \"deny\""},
            {"\"reason\": [\n    \"policy0\"\n   ]", "\"reason\": []"},
            {"\"errors\": []", "\"errors\": [\"policy0\"]"},
            {"\"type\": \"User\"", "\"type\": \"Nobody\""},
            {"\"shouldValidate\": true", "\"shouldValidate\": false"}
        }) {
            Map<String, String> texts = new TreeMap<>();
            CorpusFiles.in(carried())
                    .get(0)
                    .texts()
                    .forEach((path, text) -> texts.put(
                            path, path.equals("tests/decimal/1.json") ? text.replace(change[0], change[1]) : text));
            assertThat(run(List.of(CorpusFiles.of("changed", texts))).differences)
                    .as(change[0])
                    .isNotEmpty()
                    .allMatch(difference -> difference.contains("tests/decimal/1.json"));
        }
        assertThat(run(List.of()).tests).isZero();
    }

    private static Path place() throws URISyntaxException {
        String named = System.getProperty("modelops.cedar.corpus", "");
        if (!named.isBlank()) {
            return Path.of(named);
        }
        Path project = Path.of(System.getProperty("user.dir")).toAbsolutePath();
        for (Path folder = project; folder != null; folder = folder.getParent()) {
            Path beside = folder.resolve("shared").resolve("conformance").resolve("cedar");
            if (Files.isDirectory(beside)) {
                return beside;
            }
        }
        return carried();
    }

    private static Path carried() throws URISyntaxException {
        return Path.of(CedarCorpusTest.class.getResource("/cedar-corpus").toURI());
    }

    private static Tally run(List<CorpusFiles> corpora) throws IOException {
        Tally tally = new Tally();
        for (CorpusFiles files : corpora) {
            files.tests().parallelStream().map(path -> test(files, path)).forEachOrdered(tally::add);
        }
        return tally;
    }

    private static Tally test(CorpusFiles files, String path) {
        Tally tally = new Tally();
        tally.tests = 1;
        try {
            new Case(files, path, tally).run();
        } catch (RuntimeException | JsonProcessingException e) {
            tally.differences.add(files.name() + " " + path + ": " + e);
        }
        return tally;
    }

    /** One test of a corpus. */
    private static final class Case {
        private final CorpusFiles files;
        private final String where;
        private final JsonNode test;
        private final Tally tally;
        private final Schema schema;
        private final EntityStore entities;

        Case(CorpusFiles files, String path, Tally tally) throws JsonProcessingException {
            this.files = files;
            this.where = files.name() + " " + path + ": ";
            this.test = JSON.readTree(files.text(path));
            this.tally = tally;
            String schemaPath = test.get("schema").textValue();
            this.schema = schemaPath.endsWith(".json")
                    ? SchemaJson.read(files.text(schemaPath))
                    : SchemaText.read(files.text(schemaPath));
            this.entities = EntityJson.read(files.text(test.get("entities").textValue()), schema);
        }

        void run() {
            CedarPolicySet policies =
                    PolicyParser.numbered(files.text(test.get("policies").textValue()));
            Map<String, Authorizer> forms = new LinkedHashMap<>();
            forms.put("as read", new Authorizer(policies));
            forms.put("through text", again(policies, each -> PolicyParser.policy(PolicyPrinter.print(each))));
            forms.put("through JSON", again(policies, each -> PolicyJson.readPolicy(PolicyJson.write(each))));
            same("entities read again", EntityJson.read(EntityJson.write(entities), null), entities);
            same("schema read again", SchemaJson.read(SchemaJson.write(schema)), schema);
            boolean validated = false;
            for (JsonNode request : test.get("requests")) {
                request(request, forms);
                validated |= request.path("validateRequest").asBoolean(true);
            }
            if (validated) {
                same("problems of entities", Conformance.ofEntities(schema, entities), List.of());
            }
            verdict(new Validator(schema).validate(policies));
        }

        private void verdict(ValidationReport report) {
            boolean expected = test.get("shouldValidate").booleanValue();
            tally.verdicts++;
            if (report.passed() == expected) {
                tally.agreeingVerdicts++;
            } else {
                tally.differences.add(where + "validation: expected to " + (expected ? "pass" : "fail") + ", found "
                        + report.findings());
            }
        }

        private Authorizer again(CedarPolicySet policies, UnaryOperator<CedarPolicy> trip) {
            SortedMap<String, CedarPolicy> read = new TreeMap<>();
            policies.policies().forEach((id, policy) -> read.put(id, trip.apply(policy)));
            same("policies read again", read, policies.policies());
            return new Authorizer(new CedarPolicySet(read));
        }

        private void request(JsonNode request, Map<String, Authorizer> forms) {
            EntityUid principal = ValueJson.uid(request.get("principal"), "principal");
            EntityUid action = ValueJson.uid(request.get("action"), "action");
            EntityUid resource = ValueJson.uid(request.get("resource"), "resource");
            ActionDeclaration declared = schema.action(action);
            RecordValue context =
                    EntityJson.readContext(request.get("context"), declared == null ? null : declared.context());
            String name = "'" + request.path("description").asText() + "', ";
            if (request.path("validateRequest").asBoolean(true)) {
                same(name + "problems", Conformance.ofRequest(schema, principal, action, resource, context), List.of());
            }
            int before = tally.differences.size();
            StoredQuery query = new StoredQuery(principal, action, resource, context, entities);
            forms.forEach((form, authorizer) -> {
                Authorizer.Response response = authorizer.authorize(query);
                String at = name + form + ", ";
                same(
                        at + "decision",
                        response.cedarAllows() ? "allow" : "deny",
                        request.get("decision").textValue());
                same(at + "reasons", Set.copyOf(response.cedarReasons()), texts(request.get("reason")));
                same(at + "errors", response.cedarErrors(), texts(request.get("errors")));
            });
            tally.requests++;
            tally.agreeingRequests += tally.differences.size() == before ? 1 : 0;
        }

        private static Set<String> texts(JsonNode array) {
            Set<String> texts = new TreeSet<>();
            array.forEach(text -> texts.add(text.textValue()));
            return texts;
        }

        private void same(String what, Object found, Object expected) {
            if (!found.equals(expected)) {
                tally.differences.add(where + what + ": expected " + expected + ", found " + found);
            }
        }
    }

    /** What ran, and what did not agree. */
    private static final class Tally {
        private final List<String> differences = new ArrayList<>();
        private int tests;
        private int requests;
        private int agreeingRequests;
        private int verdicts;
        private int agreeingVerdicts;

        void add(Tally other) {
            differences.addAll(other.differences);
            tests += other.tests;
            requests += other.requests;
            agreeingRequests += other.agreeingRequests;
            verdicts += other.verdicts;
            agreeingVerdicts += other.agreeingVerdicts;
        }

        @Override
        public String toString() {
            return "Cedar corpus: %d tests; %d requests, %d agree; %d verdicts, %d agree; %d differences"
                    .formatted(tests, requests, agreeingRequests, verdicts, agreeingVerdicts, differences.size());
        }
    }
}
