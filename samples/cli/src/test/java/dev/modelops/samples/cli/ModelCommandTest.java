package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.LogPosition;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ModelCommandTest {
    private final SampleStore store = new SampleStore();

    private Run run(String... arguments) {
        return Run.of(store, arguments);
    }

    @Test
    void listShowsChampionsAndAliases() {
        Run run = run("model", "list", "--store", "d");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualToNormalizingNewlines("""
                        model        versions  champions     aliases
                        credit-risk  2         production=2  tested=1
                        """);
        assertThat(run("model", "list", "--store", "d", "--json").json().toString())
                .isEqualTo("{\"position\":6,\"models\":[{\"name\":\"credit-risk\",\"latest\":2,"
                        + "\"champions\":{\"production\":2},\"aliases\":{\"tested\":1}}]}");
    }

    @Test
    void showOfAModelListsItsVersions() {
        Run run = run("model", "show", "credit-risk", "--store", "d");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("champions  production=2\n")
                .contains("aliases    tested=1\n")
                .containsPattern("\n1 +active .* auc=0.8070  - +0\n")
                .containsPattern("\n2 +active .* auc=0.8070  production approved  1\n");
        assertThat(run("model", "show", "credit-risk", "--store", "d", "--json")
                        .json()
                        .get("versions"))
                .hasSize(2);
    }

    @Test
    void showOfAVersionTellsEverything() {
        Run run = run("model", "show", "credit-risk@2", "--store", "d");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("version      credit-risk@2\n")
                .contains("status       active\n")
                .contains("champion of  production\n")
                .contains("metric       auc=0.8070\n")
                .contains("parameter    depth=4\n")
                .contains("tag          team=credit\n")
                .contains("data set     loans sha256:")
                .contains("judgement    approved for production by https://id.example.org|eve")
                .contains(": VR-12\n")
                .contains("answers      the request to train anew of entry 1\n")
                .contains("evidence     validation-report, 1234 bytes, sha256:")
                .contains("comment      https://id.example.org|ada")
                .contains("signed by    " + SampleStore.DIGEST);
        assertThat(run("model", "show", "credit-risk@1", "--store", "d").out())
                .contains("signed by    a key that this log does not trust");
    }

    @Test
    void jsonOfAVersionHasEveryField() {
        JsonNode result =
                run("model", "show", "credit-risk@2", "--store", "d", "--json").json();
        JsonNode version = result.get("versions").get(0);

        assertThat(result.fieldNames()).toIterable().containsExactly("position", "model", "versions");
        assertThat(version.fieldNames())
                .toIterable()
                .containsExactly(
                        "version",
                        "number",
                        "status",
                        "championOf",
                        "kind",
                        "description",
                        "author",
                        "registeredAt",
                        "position",
                        "artifact",
                        "files",
                        "bytes",
                        "bundle",
                        "publisher",
                        "parent",
                        "codeCommit",
                        "answers",
                        "source",
                        "dataSets",
                        "metrics",
                        "parameters",
                        "tags",
                        "approvals",
                        "evidence",
                        "comments");
        assertThat(version.get("championOf").toString()).isEqualTo("[\"production\"]");
        assertThat(version.get("parent").asInt()).isEqualTo(1);
        assertThat(version.get("codeCommit").isNull()).isTrue();
        assertThat(version.get("answers").asLong()).isEqualTo(2);
        assertThat(version.get("approvals").get(0).get("reason").asText()).isEqualTo("VR-12");
        assertThat(version.get("evidence").get(0).get("bytes").asLong()).isEqualTo(1234);
        assertThat(run("model", "show", "credit-risk@2", "--store", "d", "--json")
                        .out())
                .contains("\"auc\" : 0.8070");
    }

    @Test
    void aVersionMayBeNamedByAnAlias() {
        assertThat(run("model", "show", "credit-risk@tested", "--store", "d").out())
                .contains("version      credit-risk@1\n");
    }

    @Test
    void whatIsNotThereIsExitCode1() {
        for (String name : new String[] {"other", "credit-risk@3", "credit-risk@unknown", "other@1"}) {
            Run run = run("model", "show", name, "--store", "d");
            assertThat(run.exitCode()).as(name).isEqualTo(1);
            assertThat(run.err()).as(name).startsWith("modelops: there is no ");
            assertThat(run.out()).as(name).isEmpty();
        }
        assertThat(run("model", "history", "other", "--store", "d").exitCode()).isEqualTo(1);
    }

    @Test
    void asOfReachesTheStore() {
        assertThat(run("model", "list", "--store", "d").exitCode()).isZero();
        assertThat(store.askedFor).isEqualTo(new AsOf.Now());
        assertThat(run("model", "list", "--store", "d", "--as-of", "3").exitCode())
                .isZero();
        assertThat(store.askedFor).isEqualTo(new AsOf.AtPosition(LogPosition.of(3)));
        assertThat(run("model", "show", "credit-risk", "--store", "d", "--as-of", "2030-01-02")
                        .exitCode())
                .isZero();
        assertThat(store.askedFor).isEqualTo(new AsOf.AtTime(Instant.parse("2030-01-02T00:00:00Z")));
    }

    @Test
    void historyTellsWhatHappenedToTheModel() {
        Run run = run("model", "history", "credit-risk", "--store", "d");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).hasSize(6);
        assertThat(run.out()).contains("made credit-risk@2 champion of production, before it 1");
    }

    @Test
    void historyOfAVersionLeavesOutTheOthers() {
        Run run = run("model", "history", "credit-risk@2", "--store", "d", "--json");

        assertThat(run.json().get("entries").findValuesAsText("index")).containsExactly("2", "3", "4", "5");
    }

    @Test
    void historyEndsAtTheStateAskedFor() {
        Run run = run("model", "history", "credit-risk", "--store", "d", "--as-of", "3", "--json");

        assertThat(run.json().get("entries").findValuesAsText("index")).containsExactly("1", "2");
    }
}
