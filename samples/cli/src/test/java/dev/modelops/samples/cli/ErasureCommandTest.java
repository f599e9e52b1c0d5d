package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts erased, held and found to be due, by the command, in a real store. */
class ErasureCommandTest {
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final Principal LEO = Principal.of("example.org", "leo");

    @TempDir
    Path dir;

    private Path store;
    private Path key;
    private long remark;
    private long other;

    @BeforeEach
    void live() throws IOException {
        store = dir.resolve("store");
        try (ModelOps ops = ModelOps.embedded(store)) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.registry().grantRole(PIA, Role.PRIVACY_OFFICER);
            ops.registry().grantRole(LEO, Role.LEGAL_OFFICER);
            ops.as(ADA).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            remark = ops.as(ADA)
                    .registry()
                    .comment(ModelRef.of("risk", 1), "Ms. Example has a grudge")
                    .position()
                    .index();
            other = ops.as(ADA)
                    .registry()
                    .comment(ModelRef.of("risk", 1), "the data is of 2019")
                    .position()
                    .index();
        }
        key = Files.copy(store.resolve("log.vkey"), dir.resolve("pinned.vkey"));
    }

    private Run run(String line, Object... more) {
        List<String> all = new ArrayList<>(List.of(line.split(" ")));
        for (Object each : more) {
            all.add(each.toString());
        }
        all.addAll(List.of("--store", store.toString(), "--log-key", key.toString()));
        return Run.of(Store::open, all.toArray(String[]::new));
    }

    private Run act(Principal who, String line, Object... more) {
        List<Object> all = new ArrayList<>(List.of(more));
        Path pem = store.resolve("keys/log.pem");
        all.addAll(List.of("--writer", pem, "--log-signer", pem, "--as", who));
        return run(line, all.toArray());
    }

    private static Run done(Run run) {
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        return run;
    }

    private static void assertRefused(Run run, String... reasons) {
        assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("modelops: ").contains(reasons).doesNotContain("unexpectedly");
    }

    @Test
    void aTextIsErasedAndTheLogVerifiesStill() {
        Run erased = done(act(PIA, "text erase", "--index", remark, "--ground", "DSR-7", "--reason", "asked for"));
        assertThat(erased.out())
                .startsWith("Erased the text of entry " + remark + " about risk@1, at position ")
                .contains("backups made before still hold it");
        assertThat(done(run("log show")).out())
                .contains("erased the text of entry " + remark + " on the ground of DSR-7", ": asked for")
                .contains("the data is of 2019")
                .doesNotContain("grudge");
        assertThat(done(run("log verify")).out()).startsWith("The log is sound: ");

        assertRefused(act(PIA, "text erase", "--index", remark, "--ground", "DSR-7"), "erased already");
        assertRefused(act(PIA, "text erase", "--index", 0, "--ground", "DSR-7"), "has no text of a person");
        assertRefused(act(ADA, "text erase", "--index", other, "--ground", "DSR-8"), "privacy-officer");
    }

    @Test
    void theResultIsOneJsonObjectAndACommandGivenAgainDoesNothingMore() {
        JsonNode erased = done(act(
                        PIA, "text erase --json", "--index", remark, "--ground", "DSR-7", "--command-id", "erase-1"))
                .json();
        assertThat(erased.get("index").asLong()).isEqualTo(remark);
        assertThat(erased.get("ground").asText()).isEqualTo("DSR-7");
        assertThat(erased.get("subject").asText()).isEqualTo("risk@1");
        assertThat(done(act(
                                PIA,
                                "text erase --json",
                                "--index",
                                remark,
                                "--ground",
                                "DSR-7",
                                "--command-id",
                                "erase-1"))
                        .json())
                .isEqualTo(erased);
    }

    @Test
    void whatIsHeldIsNotErasedUntilTheHoldIsLifted() {
        assertThat(done(run("hold list")).out()).startsWith("No legal hold is in force.");
        assertThat(done(act(LEO, "hold place case-7", "--model", "risk")).out())
                .startsWith("Placed the legal hold case-7 on risk, at position ");
        assertThat(done(act(LEO, "hold place case-8")).out())
                .startsWith("Placed the legal hold case-8 on the whole log, at position ");
        assertThat(done(run("hold list")).out()).contains("case-7  risk ", "case-8  the whole log  example.org|leo  ");
        JsonNode holds = done(run("hold list --json")).json().get("holds");
        assertThat(holds).hasSize(2);
        assertThat(holds.get(0).get("model").asText()).isEqualTo("risk");
        assertThat(holds.get(1).get("model").isNull()).isTrue();
        assertThat(holds.get(1).get("by").asText()).isEqualTo(LEO.toString());

        assertRefused(act(PIA, "text erase", "--index", remark, "--ground", "DSR-7"), "legal hold");
        assertRefused(act(PIA, "hold lift case-7"), "legal-officer");
        assertRefused(act(LEO, "hold place case-7"), "case-7");
        assertRefused(act(LEO, "hold lift case-9"), "case-9");
        assertThat(done(act(LEO, "hold lift case-8", "--reason", "closed")).out())
                .startsWith("Lifted the legal hold case-8 on the whole log");
        JsonNode lifted = done(act(LEO, "hold lift case-7 --json")).json();
        assertThat(lifted.get("name").asText()).isEqualTo("case-7");
        assertThat(done(run("hold list --json")).json().get("holds")).isEmpty();
        done(act(PIA, "text erase", "--index", remark, "--ground", "DSR-7"));
    }

    @Test
    void textsAreDueOnceEveryRuleAboutThemHasRunOut() {
        assertThat(done(run("retention due --rule hipaa-documentation")).out()).startsWith("No text is due at ");
        Run due = done(run("retention due --rule eu-ai-act-logs --keep P1D --at 2999-01-01"));
        assertThat(due.out())
                .contains("dev.modelops.version.commented.v1  risk@1", "eu-ai-act-logs")
                .doesNotContain("keep-P1D");
        assertThat(due.err()).contains("nothing was erased");
        JsonNode json = done(run("retention due --json --keep P10Y --type version.commented --at 2999-01-01"))
                .json();
        assertThat(json.get("at").asText()).isEqualTo("2999-01-01T00:00:00Z");
        assertThat(json.get("due")).hasSize(2);
        assertThat(json.get("due").get(0).get("index").asLong()).isEqualTo(remark);
        assertThat(json.get("due").get(0).get("rule").asText()).isEqualTo("keep-P10Y");
        assertThat(done(run("retention due --json --keep P10Y --type champion.promoted --at 2999-01-01"))
                        .json()
                        .get("due"))
                .isEmpty();
        done(act(LEO, "hold place case-7", "--model", "risk"));
        assertThat(done(run("retention due --keep P0D --at 2999-01-01")).out()).startsWith("No text is due at ");
    }

    @Test
    void theLogIsHeldAgainstWhatIsRememberedOfIt() throws IOException {
        Path memory = Files.createDirectory(dir.resolve("memory"));
        Path old = dir.resolve("old");
        done(on("store copy --from " + store + " --to " + old));
        done(act(LEO, "hold place case-7", "--memory", memory));

        assertThat(done(run("log verify", "--memory", memory)).out()).startsWith("The log is sound: ");
        assertThat(done(on("log verify --store " + old)).out()).startsWith("The log is sound: ");
        Run cut = on("log verify --store " + old + " --memory " + memory);
        assertThat(cut.exitCode()).isEqualTo(1);
        assertThat(cut.out()).contains("NOT sound", "ROLLED_BACK", "a checkpoint seen before covers 8");
        assertRefused(run("log verify", "--memory", dir.resolve("none")), "none does not exist");
    }

    private Run on(String line) {
        return Run.of(Store::open, (line + " --log-key " + key).split(" "));
    }
}
