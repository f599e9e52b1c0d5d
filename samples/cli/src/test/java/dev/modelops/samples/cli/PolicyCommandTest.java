package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.audit.WhatIfReport.Flip;
import dev.modelops.audit.WhatIfReport.Kind;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.policy.PolicySet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyCommandTest {
    private static final String POLICIES = """
            @id("managers")
            permit(principal in Role::"release-manager", action == Action::"promote", resource);

            @id("gate-approval")
            forbid(principal, action == Action::"promote", resource)
            unless { context has approvals && context.approvals has independent && context.approvals.independent >= 1 };
            """;

    @TempDir
    Path dir;

    private final SampleStore store = new SampleStore();

    private Path file(String name, String text) {
        try {
            return Files.writeString(dir.resolve(name), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Run run(Object... arguments) {
        String[] line = new String[arguments.length + 1];
        line[0] = "policy";
        for (int i = 0; i < arguments.length; i++) {
            line[i + 1] = arguments[i].toString();
        }
        Run run = Run.of(store, line);
        assertThat(run.err()).doesNotContain("\tat ", "failed unexpectedly");
        return run;
    }

    @Test
    void soundPoliciesHaveNoFindings() {
        Run run = run("check", file("p.cedar", POLICIES));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualToNormalizingNewlines("No findings.\n");
    }

    @Test
    void findingsNameFileLineAndColumn() {
        Path file = file("p.cedar", POLICIES + "\npermit(principal, action, resource) when { 1 == 2 };\n");
        Run run = run("check", file);
        Run json = run("check", file, "--json");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .startsWith(file + ":8:1: WARNING NEVER_TRUE in rule 'policy2': the policy applies to no request")
                .contains("1 finding.");
        assertThat(json.exitCode()).isEqualTo(1);
        JsonNode finding = json.json().get("findings").get(0);
        assertThat(finding.get("kind").asText()).isEqualTo("NEVER_TRUE");
        assertThat(finding.get("line").asInt()).isEqualTo(8);
    }

    @Test
    void notesAloneAreNoFailure() {
        Run run = run("check", file("p.cedar", "permit(principal, action, resource) when { true };"));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("NOTE ALWAYS_TRUE");
    }

    @Test
    void aSchemaValidatesStrictly() {
        Path schema = file("s.cedarschema", """
                entity Role; entity User in [Role]; entity Version;
                action promote appliesTo { principal: User, resource: Version, context: { approvals?: Long } };
                """);
        Path file = file(
                "p.cedar",
                "forbid(principal, action == Action::\"promote\", resource) unless { context.approvals > 1 };");

        assertThat(run("check", file).out()).contains("ERROR ");
        assertThat(run("check", file, "--schema", "none").exitCode()).isZero();
        Run run = run("check", file, "--schema", schema);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("ERROR MISSING_HAS", "the forbid fails and refuses");
        Run bad = run("check", file, "--schema", file("bad.cedarschema", "entity User\nin;"));
        assertThat(bad.exitCode()).isEqualTo(2);
        assertThat(bad.err()).contains("bad.cedarschema:2:3:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit(principal, action, resource)\n  when { context. };",
                "permit(principal, action, resource)\n  when { \"open };",
                "permit(principal, action, resource);\npermit",
                "\n  \u0000\u001b[2J"
            })
    void garbageIsAFindingWithItsPlace(String text) {
        Path file = file("p.cedar", text);
        Run run = run("check", file);
        Run json = run("check", file, "--json");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .matches("(?s).*p\\.cedar:2:\\d+: ERROR UNREADABLE: .+")
                .doesNotContain("\u001b");
        assertThat(json.json().get("findings").get(0).get("line").asInt()).isEqualTo(2);
        assertThat(run("diff", file, file).exitCode()).isEqualTo(2);
        assertThat(run("format", file).exitCode()).isEqualTo(2);
        assertThat(run("whatif", file, "--store", "d").exitCode()).isEqualTo(2);
        assertThat(run("whatif", file, "--store", "d").err()).contains("p.cedar:2:");
    }

    @Test
    void garbageInJsonIsExplained() {
        Run run = run("check", file("p.json", "{\"staticPolicies\": 3"));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("ERROR UNREADABLE: ");
    }

    private Path tests(String decision) {
        Path policies = file("p.cedar", POLICIES);
        return file(
                "t.json",
                "{\"policies\": \"" + policies.getFileName()
                        + "\", \"requests\": [{\"description\": \"needs an approval\","
                        + " \"principal\": \"idp|ada\", \"roles\": [\"release-manager\"], \"action\": \"promote\","
                        + " \"resource\": \"m@1\", \"environment\": \"production\", \"facts\":"
                        + " {\"approvals.independent\": 0}, \"decision\": \"" + decision + "\"}]}");
    }

    @Test
    void testsPassOrFailWithAnExplanation() {
        Run good = run("test", tests("deny"));
        assertThat(good.exitCode()).isZero();
        assertThat(good.out()).contains("ok    needs an approval", "1 of 1 as expected, coverage 75.0 %");

        Run bad = run("test", tests("allow"));
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.out())
                .contains("FAIL  needs an approval", "expected the decision allow, but it was deny", "gate-approval");
        JsonNode json =
                run("test", tests("allow"), "--json").json().get("files").get(0);
        assertThat(json.get("requests").get(0).get("failure").asText()).contains("but it was deny");
    }

    @Test
    void tooLittleCoverageFailsAndNamesTheGaps() {
        Run run = run("test", tests("deny"), "--coverage", "90");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("GAP   rule 'gate-approval'", "at least 90.0 % is asked for");
    }

    @Test
    void aFileThatIsNoTestIsWrongUsage() {
        Run run = run("test", file("t.json", "{\"policies\": \"p.cedar\",\n \"request\": ]}"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("t.json:2:", "not well-formed JSON");
    }

    @Test
    void policiesInPlaceOfATestAreWrongUsageInOurOwnWords() {
        Run run = run("test", file("p.cedar", POLICIES));
        Run text = run("test", file("p.json", POLICIES));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("p.cedar: a policy test must be a JSON file with \"policies\" and \"requests\"");
        assertThat(text.exitCode()).isEqualTo(2);
        assertThat(text.err())
                .contains("p.json:1:", "a policy test must be one JSON object")
                .doesNotContain("Unexpected character", "code 64");
    }

    @Test
    void aMisspeltFactIsWrongUsageWithItsPlace() throws IOException {
        Path tests = tests("deny");
        Files.writeString(tests, Files.readString(tests).replace("approvals.independent", "approval.independent"));
        Run run = run("test", tests);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("t.json:1:", "did you mean 'approvals.independent'?");
    }

    @Test
    void aFileWithoutPoliciesIsAWarning() {
        Path file = file("p.cedar", "// none yet\n");
        Run run = run("check", file);
        JsonNode finding = run("check", file, "--json").json().get("findings").get(0);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("WARNING EMPTY: there are no policies in the file");
        assertThat(finding.get("kind").asText()).isEqualTo("EMPTY");
        assertThat(finding.get("rule").isNull()).isTrue();
        assertThat(run("check", file("p.json", "{\"staticPolicies\": {}}")).out())
                .contains("WARNING EMPTY");
    }

    @Test
    void theSetInForceIsShownAsTextThatTheOtherVerbsRead() {
        PolicySet first = PolicyReview.ofCedar(POLICIES).policySet();
        PolicySet second =
                PolicyReview.ofCedar(POLICIES.replace(">= 1", ">= 2")).policySet();
        store.install(first, 1);
        store.install(second, 5);
        Run now = run("show", "--store", "d");
        JsonNode json = run("show", "--store", "d", "--as-of", "4", "--json").json();

        assertThat(now.exitCode()).isZero();
        assertThat(now.out())
                .startsWith("// " + second.digest())
                .contains("// revision 2, in force from 2030-01-01T09:00:05Z at position 5, proposed by "
                        + SampleStore.ADA + ", installed by " + SampleStore.EVE + ": stricter\\u000a\\u001b[2J");
        assertThat(run("diff", file("a.cedar", POLICIES.replace(">= 1", "> 1")), file("b.cedar", now.out()))
                        .exitCode())
                .isZero();
        assertThat(json.get("digest").asText()).isEqualTo(first.digest().toString());
        assertThat(json.get("revision").asInt()).isEqualTo(1);
        assertThat(json.get("proposer").isNull()).isTrue();
        assertThat(json.get("policies").has("staticPolicies")).isTrue();
        assertThat(store.closed).isTrue();
    }

    @Test
    void aSetIsShownByItsDigestThoughItNeverCameIntoForce() {
        PolicySet proposed = PolicyReview.ofCedar(POLICIES).policySet();
        store.sets.add(proposed);
        Run run = run("show", "--store", "d", "--digest", proposed.digest());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("// " + proposed.digest()).contains("// never in force", "@id(\"managers\")");
        assertThat(run("show", "--store", "d", "--digest", SampleStore.DIGEST).exitCode())
                .isEqualTo(1);
        assertThat(run("show", "--store", "d").exitCode()).isEqualTo(1);
    }

    @Test
    void otherWordsForTheSameAreExitCode0() {
        Run run = run(
                "diff",
                file("a.cedar", POLICIES),
                file("b.cedar", POLICIES.replace(">= 1", "> 0").replace("managers", "release")));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualToNormalizingNewlines("The policy sets decide every request alike.\n");
    }

    @Test
    void aDifferenceIsExitCode1AndShowsARequest() {
        Path before = file("a.cedar", POLICIES);
        Path after = file("b.cedar", POLICIES.replace(">= 1", ">= 2"));
        Run run = run("diff", before, after);
        JsonNode json = run("diff", before, after, "--json").json();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("decide this request differently", "Role::\"release-manager\"", "independent: 1")
                .contains(before + ": allowed by managers", after + ": DENIED by gate-approval");
        assertThat(json.get("result").asText()).isEqualTo("different");
        assertThat(json.get("request").get("action").get("id").asText()).isEqualTo("promote");
    }

    @Test
    void whatCannotBeToldIsExitCode3() {
        String sum = "permit(principal, action == Action::\"promote\", resource)"
                + " when { context.approvals.independent + context.approvals.rejections > 3 };";
        String turned = sum.replace("independent", "#")
                .replace("rejections", "independent")
                .replace("#", "rejections");
        Run run = run("diff", file("a.cedar", sum), file("b.cedar", turned));

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out())
                .contains("is unknown:", "'context.approvals.independent + context.approvals.rejections > 3' is more");
    }

    @Test
    void whatDoesNotFitTheSchemaCannotBeTold() {
        Path before = file("a.cedar", "permit(principal, action == Action::\"fly\", resource);");
        Path after = file("b.cedar", "permit(principal, action == Action::\"sail\", resource);");
        Run run = run("diff", before, after);

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("rule 'policy0' does not fit the schema");
        assertThat(run("diff", before, after, "--schema", "none").exitCode()).isEqualTo(1);
    }

    @Test
    void aReplayWithoutChangesIsExitCode0() {
        Run run = run("whatif", file("p.cedar", POLICIES), "--store", "d");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("5 recorded decisions up to position 6: 0 would be refused");
        assertThat(store.asked).isNotNull();
        assertThat(store.closed).isTrue();
    }

    @Test
    void aReplayByPoliciesThatNoLogTakesSaysSo() {
        Path file = file("p.cedar", "@id(\"x\")\npermit(principal, action == Action::\"promot\", resource);");
        Run run = run("whatif", file, "--store", "d");

        assertThat(run.err())
                .contains(
                        "warning: no log takes these policies: " + file + ":1:1: rule 'x': ",
                        "did you mean 'promote'?");
        assertThat(run("whatif", file("q.cedar", POLICIES), "--store", "d").err())
                .doesNotContain("no log takes");
    }

    @Test
    void flipsAreExitCode1WithBothDecisions() {
        store.flips.add(new Flip(
                5,
                Kind.ALLOW_TO_DENY,
                SampleStore.allow("managers"),
                Optional.of(SampleStore.deny()),
                Optional.empty()));
        store.flips.add(new Flip(
                6,
                Kind.UNDECIDABLE,
                SampleStore.allow("managers"),
                Optional.empty(),
                Optional.of("not recorded: calendar.open")));
        Path file = file("p.cedar", POLICIES);
        Run run = run("whatif", file, "--store", "d");
        Run short1 = run("whatif", file, "--store", "d", "--limit", "1");
        JsonNode json = run("whatif", file, "--store", "d", "--json").json();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("entry 5: was allowed and would be REFUSED", "gate-approval", "ask a validator")
                .contains("entry 6: cannot be told", "not recorded: calendar.open")
                .contains("1 would be refused", "1 cannot be told");
        assertThat(short1.out()).contains("and 1 more, raise --limit").doesNotContain("entry 6");
        assertThat(json.get("flips").get(0).get("kind").asText()).isEqualTo("ALLOW_TO_DENY");
        assertThat(json.get("flips").get(1).get("replayed").isNull()).isTrue();
    }

    @Test
    void onlyWhatCannotBeToldIsExitCode3() {
        store.flips.add(new Flip(
                6, Kind.UNDECIDABLE, SampleStore.deny(), Optional.empty(), Optional.of("not recorded: calendar")));

        assertThat(run("whatif", file("p.cedar", POLICIES), "--store", "d").exitCode())
                .isEqualTo(3);
    }

    @Test
    void otherReasonsAreNoFailure() {
        store.flips.add(
                new Flip(3, Kind.OTHER_REASONS, SampleStore.deny(), Optional.of(SampleStore.deny()), Optional.empty()));

        assertThat(run("whatif", file("p.cedar", POLICIES), "--store", "d").exitCode())
                .isZero();
    }

    @Test
    void policiesAreWrittenInBothForms() throws IOException {
        Path text = file("p.cedar", POLICIES);
        Path json = file("p.json", run("format", text, "--json").out());
        Path again = file("again.cedar", run("format", json).out());

        assertThat(run("diff", text, again).exitCode()).isZero();
        assertThat(run("format", again).out()).isEqualTo(Files.readString(again));
    }
}
