package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.audit.AuditReport;
import dev.modelops.core.Witnesses;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.SignatureAlgorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogCommandTest {
    @TempDir
    Path dir;

    private final SampleStore store = new SampleStore();

    private Run run(String... arguments) {
        return Run.of(store, arguments);
    }

    @Test
    void verifyDemandsTheWitnessesOfAPolicy() throws IOException {
        String key = Witnesses.folder(
                        "w.example.org",
                        Signers.generate(SignatureAlgorithm.ED25519),
                        dir.resolve("unused"),
                        List.of(),
                        Clock.systemUTC())
                .keys()
                .get(0);
        Path policy = Files.writeString(
                dir.resolve("witnesses.policy"),
                "witness one " + key + "\ngroup all-of-them all one\nquorum all-of-them\n");
        Instant before = Instant.now();

        Run run = run("log", "verify", "--store", "d", "--witness-policy", policy.toString(), "--witness-grace", "2d");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(store.witnessedBefore)
                .isBetween(before.minus(Duration.ofDays(2)), Instant.now().minus(Duration.ofDays(2)));
        assertThat(run("log", "verify", "--store", "d", "--witness-policy", policy.toString())
                        .exitCode())
                .isZero();
        assertThat(store.witnessedBefore).isAfter(before.minus(Duration.ofMinutes(61)));

        store.findings.add(
                new AuditReport.Finding(AuditReport.Kind.WITNESS, OptionalLong.of(3), "entries 3 to 5 are unseen"));
        Run unseen = run("log", "verify", "--store", "d", "--witness-policy", policy.toString());
        assertThat(unseen.exitCode()).isEqualTo(1);
        assertThat(unseen.out()).contains("entry 3: WITNESS: entries 3 to 5 are unseen");

        Path broken = Files.writeString(dir.resolve("broken.policy"), "witness one nonsense\n");
        Run wrong = run("log", "verify", "--store", "d", "--witness-policy", broken.toString());
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).startsWith("modelops: the witness policy " + broken + " cannot be used: ");
        Run none = run(
                "log",
                "verify",
                "--store",
                "d",
                "--witness-policy",
                dir.resolve("none").toString());
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).startsWith("modelops: the witness policy ").contains("does not exist");
    }

    @Test
    void showListsEntriesInSentences() {
        Run run = run("log", "show", "--store", "d");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines().map(line -> line.replaceAll("  +", " | ")))
                .containsExactly(
                        "index | time | actor | what happened | decision",
                        "0 | 2030-01-01T09:00:00Z | https://id.example.org|ada | created the log | -",
                        "1 | 2030-01-01T09:00:01Z | https://id.example.org|eve | registered credit-risk@1 | allowed",
                        "2 | 2030-01-01T09:00:02Z | https://id.example.org|ada | registered credit-risk@2 | allowed",
                        "3 | 2030-01-01T09:00:03Z | https://id.example.org|eve | tried to promote credit-risk@2 in"
                                + " production and was refused | DENIED, FORBIDDEN",
                        "4 | 2030-01-01T09:00:04Z | https://id.example.org|ada | approved credit-risk@2 for"
                                + " production: VR-12 | allowed",
                        "5 | 2030-01-01T09:00:05Z | https://id.example.org|eve | made credit-risk@2 champion of"
                                + " production, before it 1 | allowed");
        assertThat(store.closed).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "--actor, https://id.example.org|eve, '1,3,5'",
        "--type, champion.promoted, '5'",
        "--type, dev.modelops.champion.promoted.v1, '5'",
        "--type, version.registered.v1, '1,2'",
        "--model, credit-risk, '1,2,3,4,5'",
        "--from, 2030-01-01T09:00:04Z, '4,5'",
        "--from, 2030-01-01T10:00:04+01:00, '4,5'",
        "--from, 2030-01-02, ''",
        "--until, 2030-01-01T09:00:02Z, '0,1'"
    })
    void showKeepsToItsConditions(String option, String value, String indexes) {
        Run run = run("log", "show", "--store", "d", "--json", option, value);

        assertThat(run.exitCode()).isZero();
        assertThat(String.join(",", run.json().get("entries").findValuesAsText("index")))
                .isEqualTo(indexes);
        assertThat(run.json().get("more").asBoolean()).isFalse();
    }

    @Test
    void showSaysWhenItCutTheList() {
        Run table = run("log", "show", "--store", "d", "--limit", "2");
        Run json = run("log", "show", "--store", "d", "--limit", "2", "--json");
        Run whole = run("log", "show", "--store", "d", "--limit", "6", "--json");

        assertThat(table.out().lines()).hasSize(3);
        assertThat(table.err()).contains("first 2 entries; raise --limit");
        assertThat(json.json().get("entries")).hasSize(2);
        assertThat(json.json().get("more").asBoolean()).isTrue();
        assertThat(json.err()).isEmpty();
        assertThat(whole.json().get("more").asBoolean()).isFalse();
    }

    @Test
    void showOneEntryInFull() {
        Run run = run("log", "show", "--store", "d", "--index", "3");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("index          3\n")
                .contains("actor          https://id.example.org|eve (ASSERTED)\n")
                .contains("decision       DENIED, FORBIDDEN\n")
                .contains("rules          gate-approval\n")
                .contains("unmet          [gate-approval] needs 1 approval; found none; ask a validator\n")
                .contains("\"action\" : \"promote\"");
    }

    @Test
    void jsonOfAnEntryHasEveryField() {
        JsonNode entry = run("log", "show", "--store", "d", "--index", "3", "--json")
                .json()
                .get("entries")
                .get(0);

        assertThat(entry.fieldNames())
                .toIterable()
                .containsExactly(
                        "index", "id", "time", "type", "subject", "actor", "assurance", "summary", "decision", "event");
        assertThat(entry.get("index").asLong()).isEqualTo(3);
        assertThat(entry.get("subject").asText()).isEqualTo("credit-risk@2");
        assertThat(entry.get("decision").toString())
                .isEqualTo("{\"outcome\":\"deny\",\"cause\":\"FORBIDDEN\",\"rules\":[\"gate-approval\"],"
                        + "\"unmet\":[{\"rule\":\"gate-approval\",\"expected\":\"1 approval\",\"actual\":\"none\","
                        + "\"remedy\":\"ask a validator\"}],\"policy\":\"" + SampleStore.DIGEST + "\",\"asOf\":3}");
        assertThat(entry.get("event").get("data").get("action").asText()).isEqualTo("promote");
    }

    @Test
    void jsonHasNullForWhatAnEntryHasNot() {
        JsonNode entry = run("log", "show", "--store", "d", "--index", "0", "--json")
                .json()
                .get("entries")
                .get(0);

        assertThat(entry.get("subject").isNull()).isTrue();
        assertThat(entry.get("decision").isNull()).isTrue();
    }

    @Test
    void jsonIsWrittenInAscii() {
        store.add(
                "dev.modelops.version.commented.v1",
                "credit-risk@2",
                null,
                "{\"data\":{\"reason\":\"\\u202e\\u009b2J \\u00e9\"}}");
        Run run = run("log", "show", "--store", "d", "--index", "6", "--json");

        assertThat(run.out()).matches("[\\x20-\\x7e\\s]*");
        assertThat(run.json().get("entries").get(0).get("summary").asText())
                .isEqualTo("commented on credit-risk@2: \u202e\u009b2J \u00e9");
    }

    @Test
    void anEntryThatIsNotThereIsExitCode1() {
        Run run = run("log", "show", "--store", "d", "--index", "6");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("modelops: there is no entry 6");
    }

    @Test
    void verifyOfASoundLogIsExitCode0() {
        Run run = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text());

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("The log is sound: 6 entries verified.")
                .contains("size     6\n")
                .contains("root     " + SampleStore.DIGEST)
                .contains("log      example.org/models\n");
        assertThat(store.pinned).isEqualTo(SampleStore.KEY);
    }

    @Test
    void verifyNamesEveryBadEntry() {
        store.findings.add(new AuditReport.Finding(
                AuditReport.Kind.SEAL, OptionalLong.of(4), "the seal does not match\u001b[1A\nThe log is sound"));
        store.findings.add(
                new AuditReport.Finding(AuditReport.Kind.ROLLED_BACK, OptionalLong.empty(), "7 entries were seen"));
        Run run = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text());
        JsonNode json = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text(), "--json")
                .json();

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .startsWith("The log is NOT sound: 2 findings in 6 entries.")
                .contains("\n  entry 4: SEAL: the seal does not match\\u001b[1A\\u000aThe log is sound\n")
                .contains("\n  the log: ROLLED_BACK: 7 entries were seen\n");
        assertThat(json.get("sound").asBoolean()).isFalse();
        assertThat(json.get("entries").asLong()).isEqualTo(6);
        assertThat(json.get("root").asText()).isEqualTo(SampleStore.DIGEST.toString());
        assertThat(json.get("pinned").asBoolean()).isTrue();
        assertThat(json.get("findings").get(0).get("index").asLong()).isEqualTo(4);
        assertThat(json.get("findings").get(0).get("kind").asText()).isEqualTo("SEAL");
        assertThat(json.get("findings").get(1).get("index").isNull()).isTrue();
    }

    @Test
    void verifySaysWhatWasNotChecked() {
        store.unchecked.add(new AuditReport.Finding(
                AuditReport.Kind.STATE, OptionalLong.of(3), "the verdict of entry 3 was not added up again: expired"));
        Run run = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text());
        JsonNode json = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text(), "--json")
                .json();

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith(
                        "The log is sound: 6 entries verified.\nNot checked: 1 conclusion, for the reasons given:\n")
                .contains("\n  entry 3: STATE: the verdict of entry 3 was not added up again: expired\n");
        assertThat(json.get("sound").asBoolean()).isTrue();
        assertThat(json.get("findings")).isEmpty();
        assertThat(json.get("unchecked").get(0).get("index").asLong()).isEqualTo(3);
    }

    @Test
    void verifyWarnsWhenTheKeyComesFromTheStore() {
        Run run = run("log", "verify", "--store", "d", "--json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .contains("proves only that the store agrees with itself")
                .contains("--log-key");
        assertThat(run.json().get("pinned").asBoolean()).isFalse();
        assertThat(store.pinned).isNull();
    }

    @Test
    void verifyOfAnUnreadableStoreIsAFinding() {
        store.unreadable = true;
        Run text = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text());
        Run json = run("log", "verify", "--store", "d", "--log-key", SampleStore.KEY.text(), "--json");

        assertThat(text.exitCode()).isEqualTo(1);
        assertThat(text.err()).startsWith("modelops: the seal of entry 3 does not match");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.json().get("sound").asBoolean()).isFalse();
        assertThat(json.json().get("findings").get(0).get("kind").asText()).isEqualTo("UNREADABLE");
    }

    @Test
    void theKeyMayComeFromAFile() throws IOException {
        Path file = Files.writeString(dir.resolve("models.vkey"), SampleStore.KEY.text() + "\n");

        assertThat(run("log", "verify", "--store", "d", "--log-key", file.toString())
                        .exitCode())
                .isZero();
        assertThat(store.pinned).isEqualTo(SampleStore.KEY);
    }

    @Test
    void aFileThatHoldsNoKeyIsWrongUsage() throws IOException {
        Path wrong = Files.writeString(dir.resolve("wrong"), "not a key");
        Path large = Files.writeString(dir.resolve("large"), "x".repeat(2000));

        Run run = run("log", "verify", "--store", "d", "--log-key", wrong.toString());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("holds no log key").doesNotContain("not a key");
        assertThat(run("log", "verify", "--store", "d", "--log-key", large.toString())
                        .err())
                .contains("at most 1024 bytes");
        assertThat(run("log", "verify", "--store", "d", "--log-key", dir.toString())
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void proveWritesTheReceipt() {
        Path file = dir.resolve("entry.tlog-proof");
        Run run = run("log", "prove", "--store", "d", "--index", "5", "--out", file.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(file).hasContent("receipt for id-5\n");
        assertThat(run.out()).contains("entry 5").contains(file.toString());
        assertThat(run("log", "prove", "--store", "d", "--index", "5", "--out", file.toString(), "--json")
                        .json()
                        .get("index")
                        .asLong())
                .isEqualTo(5);
    }

    @Test
    void whatCannotBeProvenWritesNothing() {
        Path file = dir.resolve("entry.tlog-proof");
        Run missing = run("log", "prove", "--store", "d", "--index", "6", "--out", file.toString());
        Run unwritable = run(
                "log",
                "prove",
                "--store",
                "d",
                "--index",
                "5",
                "--out",
                dir.resolve("no/such").toString());

        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(file).doesNotExist();
        assertThat(unwritable.exitCode()).isEqualTo(1);
        assertThat(unwritable.err()).contains("could not write");
    }

    @Test
    void exportWritesTheKeyBesideTheTiles() {
        Path folder = dir.resolve("tiles");
        Run run = run("log", "export", "--store", "d", "--out", folder.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(folder.resolve("vkey")).hasContent(SampleStore.KEY.text() + "\n");
        assertThat(folder.resolve("checkpoint")).exists();
        assertThat(run.out()).startsWith("Exported 6 entries to " + folder);
        assertThat(run("log", "export", "--store", "d", "--out", folder.toString(), "--json")
                        .json()
                        .get("entries")
                        .asLong())
                .isEqualTo(6);
    }
}
