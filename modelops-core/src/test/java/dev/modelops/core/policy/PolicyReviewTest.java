package dev.modelops.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.core.policy.PolicyReview.Different;
import dev.modelops.core.policy.PolicyReview.Kind;
import dev.modelops.core.policy.PolicyReview.Same;
import dev.modelops.core.policy.PolicyReview.Unknown;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Facts;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.PolicyCoverage;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.policy.PolicyTestReport.Trial;
import dev.modelops.testkit.PolicyTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyReviewTest {
    private static final String POLICIES = """
            @id("managers-promote")
            permit(principal in Role::"release-manager", action == Action::"promote", resource);

              @id("gate-approval")
              forbid(principal, action == Action::"promote", resource)
              unless { context has approvals && context.approvals has independent
                       && context.approvals.independent >= 1 };
            """;

    @TempDir
    Path dir;

    @BeforeEach
    void writePolicies() throws IOException {
        Files.writeString(dir.resolve("p.cedar"), POLICIES);
    }

    @Test
    void findingsNameTheLineOfTheRule() {
        assertThat(PolicyReview.ofCedar(POLICIES + "\n  permit(principal, action, resource) when { 1 == 2 };")
                        .findings())
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.kind()).isEqualTo(Kind.NEVER_TRUE);
                    assertThat(found.toString()).startsWith("9:3: WARNING NEVER_TRUE in rule 'policy2': ");
                });
    }

    @Test
    void theBuiltInSetIsTheSameAsItsOwnText() {
        PolicyReview builtIn = PolicyReview.of(Policies.builtIn());

        assertThat(builtIn.compare(PolicyReview.ofCedar(builtIn.toCedar()))).isEqualTo(new Same());
    }

    @Test
    void aChangedGateOfTheBuiltInSetShowsARequest() throws IOException {
        PolicyReview builtIn = PolicyReview.of(Policies.builtIn());
        PolicyReview laxer = PolicyReview.of(
                Rules.from(Policies.builtIn()).without(Policies.GATE_PROMOTER).build());

        assertThat(builtIn.compare(laxer)).isInstanceOfSatisfying(Different.class, different -> {
            assertThat(different.before()).isEqualTo(PolicyReview.Outcome.DENIED);
            assertThat(different.after()).isEqualTo(PolicyReview.Outcome.ALLOWED);
            assertThat(different.rulesBefore()).containsExactly(Policies.GATE_PROMOTER);
            assertThat(different.rulesAfter()).containsExactly("release-manager-releases");
            assertThat(different.witness()).contains("Action::\"promote\"", "Role::\"release-manager\"");
            assertThat(json(different.request()).get("action").get("id").asText())
                    .isEqualTo("promote");
        });
    }

    @Test
    void theBuiltInSetHasNoFindingsButThatItsGatesOverlap() {
        assertThat(PolicyReview.of(Policies.builtIn()).findings())
                .allSatisfy(found -> assertThat(found.severity()).isEqualTo(PolicyReview.Severity.NOTE));
    }

    @Test
    void heldAgainstTheSchemaOfALogWitnessesAreRequestsThatALogDecides() {
        PolicyReview builtIn = PolicyReview.of(Policies.builtIn()).governed();
        PolicyReview laxer = PolicyReview.of(
                Rules.from(Policies.builtIn()).without(Policies.GATE_PROMOTER).build());

        assertThat(builtIn.findings()).isEmpty();
        assertThat(builtIn.compare(PolicyReview.ofCedar(builtIn.toCedar()))).isEqualTo(new Same());
        assertThat(builtIn.compare(laxer))
                .isInstanceOfSatisfying(
                        Different.class,
                        different -> assertThat(different.witness())
                                .contains(
                                        "User::\"someone\" in",
                                        "resource  ModelVersion::",
                                        "author: User::\"someone\""));
        assertThat(PolicyReview.ofCedar("""
                                forbid(principal, action == Action::"promote", resource)
                                unless { context has metrics && context.metrics has auc
                                         && context.metrics.auc.greaterThanOrEqual(decimal("0.80")) };
                                """).governed().findings()).isEmpty();
    }

    @Test
    void requestsOfAFileBecomeTests() throws Throwable {
        Path file = file("""
                {"policies": "p.cedar", "requests": [
                  {"description": "approved", "principal": "idp|ada", "roles": ["release-manager"],
                   "action": "promote", "resource": "credit-risk@3", "environment": "production",
                   "facts": {"approvals.independent": 1}, "decision": "allow", "rules": ["managers-promote"]},
                  {"description": "not approved", "principal": "idp|ada", "roles": ["release-manager"],
                   "action": "promote", "resource": "credit-risk@3", "environment": "production",
                   "decision": "deny", "unmet": ["gate-approval"]},
                  {"description": "wrongly expected", "principal": "idp|bob", "roles": ["auditor"],
                   "action": "promote", "resource": "credit-risk@3", "environment": "production",
                   "facts": {"approvals.independent": 1}, "at": "2026-03-31T12:00:00Z", "decision": "allow"}
                ]}
                """);
        DynamicTest[] tests = PolicyTests.from(file, 1).toArray(DynamicTest[]::new);

        tests[0].getExecutable().execute();
        tests[1].getExecutable().execute();
        assertThatThrownBy(() -> tests[2].getExecutable().execute())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("expected the decision allow, but it was deny")
                .hasMessageContaining("idp|bob with the roles [auditor] asked to promote")
                .hasMessageContaining("release-manager");
        tests[3].getExecutable().execute();
    }

    @Test
    void whatNobodyTriedIsNamed() {
        PolicyTestReport report = PolicyReview.test(file("""
                        {"policies": "p.cedar", "requests": [
                          {"principal": "idp|ada", "action": "audit", "decision": "deny"},
                          {"principal": "idp|ada", "action": "promote", "resource": "m@1",
                           "environment": "production", "decision": "deny"}
                        ]}
                        """));
        PolicyCoverage coverage = report.coverage();

        assertThat(report.passed()).isTrue();
        assertThat(coverage.ratio()).isEqualTo(2.0 / 4);
        assertThat(coverage.gaps())
                .satisfiesExactly(
                        gap -> assertThat(gap)
                                .startsWith("rule 'gate-approval': unless {")
                                .endsWith("never held"),
                        gap -> assertThat(gap).isEqualTo("rule 'managers-promote' was never satisfied"));
    }

    @Test
    void coverageTellsRulesThatFailFromThoseThatNobodyAsked() {
        PolicyReview review = PolicyReview.ofCedar("""
                @id("fails") forbid(principal, action == Action::"promote", resource) when { context.missing };
                @id("unasked") forbid(principal, action == Action::"register", resource) when { context.missing };
                """);
        PolicyCoverage coverage = review.coverage(List.of(new AccessRequest(
                Identity.asserted(Principal.of("idp", "ada")),
                Set.of(),
                Action.promote(ModelRef.parse("m@1"), Environment.PRODUCTION),
                Facts.of(Map.of()),
                LogPosition.of(0),
                Instant.EPOCH)));

        assertThat(coverage.rules().get(0).erred()).isEqualTo(1);
        assertThat(coverage.rules().get(0).matched()).isZero();
        assertThat(coverage.rules().get(1).isEvaluated()).isFalse();
        assertThat(coverage.ratio()).isZero();
        assertThat(coverage.gaps())
                .anySatisfy(gap -> assertThat(gap)
                        .isEqualTo("rule 'unasked' was never evaluated: no request is for an action it is about"));
        assertThatThrownBy(() -> coverage.requireAtLeast(0.1))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("is 0.0 %");
    }

    @Test
    void annotationsThatALogWouldNotTakeAreFoundAndThoseOnFactsCount() {
        String rule = "@id(\"r\") %s forbid (principal, action == Action::\"promote\", resource)"
                + " when { context has ticket.open && context.ticket.open };";

        assertThat(PolicyReview.ofCedar(String.format(rule, "@facts(\"ticket.open: Bool\")"))
                        .governed()
                        .findings())
                .isEmpty();
        assertThat(PolicyReview.ofCedar(String.format(rule, "@facts(\"ticket.open: Bool\") @level(\"firm\")"))
                        .governed()
                        .findings())
                .anySatisfy(found -> {
                    assertThat(found.kind()).isEqualTo(PolicyReview.Kind.INVALID);
                    assertThat(found.line()).hasValue(1);
                    assertThat(found.message())
                            .contains("@level must be \"advisory\", \"soft\" or \"hard\", but was \"firm\"");
                });
        assertThat(PolicyReview.ofCedar(String.format(rule, "@facts(\"ticket.open: Boolean\")"))
                        .governed()
                        .findings())
                .anySatisfy(found -> assertThat(found.message()).contains("of type 'Boolean'"));
    }

    @Test
    void decisionsOfTestsSayWhereTheRulesStand() {
        Decision decision = PolicyReview.test(file("""
                        {"policies": "p.cedar", "requests": [
                          {"principal": "idp|ada", "roles": ["release-manager"], "action": "promote", "resource": "m@1",
                           "environment": "production", "decision": "deny"}]}
                        """)).trials().get(0).decision();

        assertThat(json(decision.toJson())
                        .get("determining")
                        .get(0)
                        .get("source")
                        .asText())
                .isEqualTo("p.cedar:4");
        assertThat(json(decision.toJson()).get("determining").get(0).has("reason"))
                .isFalse();
        assertThat(json(decision.toJson()).has("id")).isFalse();
        assertThat(decision.forAuditor()).contains("forbid gate-approval (p.cedar:4)");
    }

    @Test
    void rulesAboutOverridingCountOnceARequestComesToThem() throws IOException {
        Files.writeString(dir.resolve("p.cedar"), """
                @id("promote") permit(principal, action == Action::"promote", resource);
                @id("override") permit(principal, action == Action::"override", resource)
                when { context.override.reason like "INC-*" };
                @id("window") @level("soft") forbid(principal, action == Action::"promote", resource)
                unless { context.calendar.inChangeWindow };
                @id("signed") forbid(principal, action == Action::"promote", resource)
                unless { context.signature.trusted };
                """);
        String text = """
                {"policies": "p.cedar", "requests": [
                  {"principal": "idp|ada", "action": "promote", "resource": "m@1", "environment": "production",
                   "overriding": "%s", "requiredGates": ["%s"], "decision": "%s",
                   "facts": {"calendar.inChangeWindow": %s, "signature.trusted": %s}}]}
                """;

        assertThat(overrides(text.formatted("INC-1", "signed", "allow", false, true)))
                .isEqualTo("1 0");
        assertThat(overrides(text.formatted("please", "signed", "deny", false, true)))
                .isEqualTo("0 1");
        assertThat(overrides(text.formatted("INC-1", "signed", "allow", true, true)))
                .isEqualTo("0 0");
        assertThat(overrides(text.formatted("INC-1", "signed", "deny", false, false)))
                .isEqualTo("0 0");
        assertThat(overrides(text.formatted("INC-1", "missing", "deny", false, true)))
                .isEqualTo("0 0");
    }

    private String overrides(String test) {
        PolicyTestReport report = PolicyReview.test(file(test));
        assertThat(report.passed()).isTrue();
        PolicyCoverage.Rule rule = report.coverage().rules().stream()
                .filter(one -> one.id().equals("override"))
                .findAny()
                .orElseThrow();
        return rule.matched() + " " + rule.notMatched();
    }

    static Stream<Arguments> badFiles() {
        String request = "{\"principal\": \"idp|ada\", \"action\": \"audit\", \"decision\": \"deny\"}";
        return Stream.of(
                bad("permit (principal, action, resource);", "line 1, column 1: a policy test must be one JSON object"),
                bad("", "the file must be a JSON object"),
                bad("{", "line 1, column "),
                bad("[]", "the file must be a JSON object"),
                bad("{\"policies\": \"p.cedar\"}", "\"requests\": an array of 1 to"),
                bad("{\"policies\": \"p.cedar\", \"requests\": []}", "but has 0"),
                bad("{\"policies\": \"p.cedar\", \"request\": []}", "unknown key \"request\""),
                bad("{\"policies\": \"p.cedar\", \"policies\": \"p.cedar\"}", "uplicate"),
                bad("{\"requests\": [" + request + "]}", "must have \"policies\""),
                bad("{\"policies\": \"none.cedar\", \"requests\": [" + request + "]}", "found nothing"),
                bad("{\"policies\": \"t.json\", \"requests\": [" + request + "]}", "not the test file itself"),
                bad(requests(request.replace("deny", "maybe")), "must be \"allow\" or \"deny\""),
                bad(requests(request.replace("audit", "fly")), "\"action\" must be one of"),
                bad(requests(request.replace("idp|ada", "ada")), "request 1: principal must"),
                bad(requests(withFacts(request, "\"x\": null")), "fact \"x\": a fact is true, false, a whole number"),
                bad(requests(withFacts(request, "\"x\": 0.8")), "is written {\"decimal\": \"0.80\"}"),
                bad(
                        requests(withFacts(request, "\"x\": {\"instant\": \"2030-01-01T09:00:00Z\"}")),
                        "{\"datetime\": ...}"),
                bad(requests(request.replace("\"decision\"", "\"fact\": {}, \"decision\"")), "unknown key \"fact\""),
                bad(requests(request.replace("\"decision\"", "\"at\": \"noon\", \"decision\"")), "request 1: "),
                bad(requests(request.replace("audit", "promote")), "must have \"resource\""));
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void badFilesAreErrors(String text, String message) {
        Path file = file(text);

        assertThatThrownBy(() -> PolicyTests.from(file))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining(message);
    }

    private static String withFacts(String request, String facts) {
        return request.replace("\"decision\"", "\"facts\": {" + facts + "}, \"decision\"");
    }

    static Stream<Arguments> unknownFacts() {
        return Stream.of(
                bad("\"approvals.independant\": 1", "did you mean 'approvals.independent'?"),
                bad("\"approvals.independent\": true", "expected Long, found a value of type Bool"),
                bad("\"approvals.by\": [\"ada\"]", "element: expected User, found a value of type String"),
                bad("\"resource.author\": {\"model\": \"m\"}", "expected an entity of type User"),
                bad("\"signature.trusted\": \"true\"", "expected Bool"),
                bad("\"metrics.auc\": {\"decimal\": \"0.8\"}", "a metric is known once a rule reads it"),
                bad("\"ticket.open\": true", "@facts(\"ticket.open: Bool\")"),
                bad("\"grant.self\": true", "of the action 'promote'"),
                bad("\"principal.roles\": []", "no rule can read a fact 'principal.roles'"),
                bad("\"resource.tags.team\": 7", "is the value of a tag and must be a text"),
                bad("\"findings.open\": 9223372036854775808", "more than 64 bits"),
                bad(
                        "\"resource.validUntil\": {\"datetime\": \"2030\"}",
                        "such as 2026-03-31T12:00:00Z, but was '2030'"));
    }

    @ParameterizedTest
    @MethodSource("unknownFacts")
    void factsThatNoRuleCanReadSoAreRefusedWithTheirPlace(String fact, String message) {
        Path file = file("""
                {"policies": "p.cedar", "requests": [
                  {"principal": "idp|ada", "action": "audit", "decision": "deny"},
                  {"principal": "idp|ada", "action": "promote", "resource": "m@1", "environment": "production",
                   "decision": "deny", "facts": {
                     "approvals.rejections": 0,
                     %s}}]}
                """.formatted(fact));

        assertThatThrownBy(() -> PolicyReview.test(file))
                .isInstanceOfSatisfying(
                        InvalidPolicyException.class,
                        e -> assertThat(e.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.sentence())
                                    .startsWith("request 2: ")
                                    .contains(message);
                            assertThat(problem.line().getAsInt()).isIn(3, 6);
                            assertThat(problem.column()).isPresent();
                        }));
    }

    @Test
    void allMisspeltFactsAreNamedEachWithItsLine() {
        Path file = file("""
                {"policies": "p.cedar", "requests": [
                  {"principal": "idp|ada", "action": "promote", "resource": "m@1", "environment": "production",
                   "decision": "deny", "facts": {"nowhere": 0,
                     "approvals.rejection": 0}}]}
                """);

        assertThatThrownBy(() -> PolicyReview.test(file))
                .isInstanceOfSatisfying(
                        InvalidPolicyException.class,
                        e -> assertThat(e.problems())
                                .extracting(problem -> problem.line().getAsInt())
                                .containsExactly(3, 4));
    }

    @Test
    void whatRulesDeclareAndReadMayBeGiven() throws IOException {
        Files.writeString(dir.resolve("p.cedar"), """
                permit(principal, action == Action::"promote", resource)
                when { context.metricsRoundedUp has loss && context.metricsRoundedUp.loss.lessThan(decimal("0.2"))
                       && context.ticket.open && context.now < datetime("2031-01-01")
                       && resource.model.tier == 1 && resource.author.units.isEmpty()
                       && resource.hasTag("team") && resource.getTag("team") == "retail" };
                @facts("ticket.open: Bool")
                forbid(principal, action == Action::"promote", resource) when { context.environment.region == "eu" };
                @facts("environment.region: String")
                permit(principal, action == Action::"override", resource) when { context.override.reason == "INC-7" };
                """);
        PolicyTestReport report = PolicyReview.test(file("""
                {"policies": "p.cedar", "requests": [
                  {"principal": "idp|ada", "action": "promote", "resource": "m@1", "environment": "production",
                   "overriding": "INC-7", "decision": "allow", "facts": {
                     "metrics.loss": {"decimal": "0.1"}, "ticket.open": true, "environment.region": "us",
                     "resource.model.tier": 1, "resource.author": {"user": "idp|bob"}, "resource.author.units": [],
                     "resource.tags.team": "retail", "resource.model": {"model": "m"}}}]}
                """));

        assertThat(report.trials().get(0).failure()).isEmpty();
    }

    @Test
    void factsThatFailRefuseAndAreHeldToTheirNames() {
        String requests = """
                {"policies": "p.cedar", "requests": [
                  {"principal": "idp|ada", "roles": ["release-manager"], "action": "promote", "resource": "m@1",
                   "environment": "production", "decision": "deny", "unmet": ["gate-approval"],
                   "facts": {"approvals.independent": {"failed": "no answer"}}}]}
                """;
        Trial failing = PolicyReview.test(file(requests)).trials().get(0);

        assertThat(failing.failure()).isEmpty();
        assertThat(failing.decision())
                .isInstanceOfSatisfying(
                        Decision.Deny.class, deny -> assertThat(deny.cause()).isEqualTo(Decision.Cause.FACT_ERROR));
        assertThatThrownBy(() -> PolicyReview.test(file(requests.replace("independent", "independant"))))
                .hasMessageContaining("did you mean 'approvals.independent'?");
    }

    @Test
    void theTimeOfTheRequestIsWhatRulesSeeUnlessAnotherIsGiven() throws IOException {
        Files.writeString(
                dir.resolve("p.cedar"),
                "permit(principal, action, resource) when { context.now == datetime(\"2026-03-31T12:00:00Z\") };");
        assertThat(PolicyReview.test(file("""
                                {"policies": "p.cedar", "requests": [
                                  {"principal": "idp|ada", "action": "audit", "at": "2026-03-31T12:00:00Z", "decision": "allow"},
                                  {"principal": "idp|ada", "action": "audit", "decision": "deny"},
                                  {"principal": "idp|ada", "action": "audit", "decision": "allow",
                                   "facts": {"now": {"datetime": "2026-03-31T12:00:00Z"}}}]}
                                """)).passed()).isTrue();
    }

    @Test
    void policiesInPlaceOfATestAreToldSo() {
        assertThatThrownBy(() -> PolicyReview.test(dir.resolve("p.cedar")))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining("p.cedar is named like the policies themselves")
                .hasMessageContaining("\"requests\"");
    }

    @Test
    void badPoliciesAreErrorsWithTheirPlace() {
        assertThatThrownBy(() -> PolicyReview.ofCedar("permit(principal, action, resource)\n  when { context. };"))
                .isInstanceOfSatisfying(InvalidPolicyException.class, e -> {
                    assertThat(e.problems()).singleElement().satisfies(problem -> {
                        assertThat(problem.line()).hasValue(2);
                        assertThat(problem.column()).isPresent();
                    });
                });
        assertThatThrownBy(() -> PolicyReview.read(dir.resolve("p.txt")))
                .isInstanceOf(InvalidPolicyException.class)
                .hasMessageContaining(".cedar");
    }

    private static String requests(String request) {
        return "{\"policies\": \"p.cedar\", \"requests\": [" + request + "]}";
    }

    private static Arguments bad(String text, String message) {
        return Arguments.of(text, message);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private Path file(String text) {
        try {
            return Files.writeString(dir.resolve("t.json"), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static PolicyReview gate(String annotations, String condition) {
        return PolicyReview.ofCedar("@id(\"p\") permit(principal, action, resource);\n" + annotations
                        + " forbid(principal, action == Action::\"promote\", resource) when { " + condition + " };")
                .governed();
    }

    @Test
    void governedPoliciesOfOtherGatesObligationsOrFailuresAreNotCalledTheSame() {
        String open = "context has incident.open && context.incident.open";
        PolicyReview first = gate("@id(\"g\")", open);
        assertThat(first.compare(gate("@id(\"g\") @expects(\"calm\")", open))).isEqualTo(new Same());
        assertThat(first.compare(gate("@id(\"h\")", open)))
                .isInstanceOfSatisfying(
                        Unknown.class,
                        unknown -> assertThat(unknown.reasons())
                                .singleElement()
                                .asString()
                                .contains("[g, h]"));
        assertThat(gate("@id(\"g\") @level(\"soft\")", open)
                        .compare(gate("@id(\"g\") @level(\"soft\") @obligation(\"open-review\")", open)))
                .isInstanceOfSatisfying(
                        Unknown.class,
                        unknown -> assertThat(unknown.reasons())
                                .singleElement()
                                .asString()
                                .contains("open-review"));
        assertThat(gate("@id(\"g\")", "context has incident.open && false").compare(gate("@id(\"g\")", "false")))
                .isInstanceOfSatisfying(
                        Unknown.class,
                        unknown -> assertThat(unknown.reasons())
                                .singleElement()
                                .asString()
                                .contains("incident.open"));
    }

    @Test
    void factsThatRulesDeclareAreKnownToTheirReview() {
        assertThat(gate("@id(\"g\") @facts(\"ticket.open: Bool\")", "context has ticket.open && context.ticket.open")
                        .findings())
                .isEmpty();
        assertThat(gate("@id(\"g\")", "context has ticket.open && context.ticket.open")
                        .findings())
                .isNotEmpty();
    }
}
