package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Environment;
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
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stopping what is served, by the command, in a real store; and what it says of stores that it cannot read. */
class ServingCommandTest {
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");

    @TempDir
    Path dir;

    private Path store;
    private Path key;

    @BeforeEach
    void live() throws IOException {
        store = dir.resolve("store");
        try (ModelOps ops = ModelOps.embedded(store)) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.registry().grantRole(VERA, Role.VALIDATOR);
            ops.registry().grantRole(RITA, Role.RELEASE_MANAGER);
            ops.as(ADA).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            ops.as(VERA).registry().approve(ModelRef.of("risk", 1), Environment.STAGING, "fine");
            ops.as(RITA).registry().promote(ModelRef.of("risk", 1), Environment.STAGING);
        }
        key = Files.copy(store.resolve("log.vkey"), dir.resolve("pinned.vkey"));
    }

    private Run run(String line, Object... more) {
        List<String> all = new ArrayList<>(List.of(line.split(" ")));
        for (Object each : more) {
            all.add(each.toString());
        }
        all.addAll(List.of("--store", store.toString()));
        return Run.of(Store::open, all.toArray(String[]::new));
    }

    private Run act(Principal who, String line, Object... more) {
        List<Object> all = new ArrayList<>(List.of(more));
        Path pem = store.resolve("keys/log.pem");
        all.addAll(List.of("--writer", pem, "--log-signer", pem, "--as", who, "--log-key", key));
        return run(line + " --environment staging", all.toArray());
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
    void aModelIsSuspendedAndResumed() {
        Run suspended = done(act(RITA, "serving suspend risk", "--reason", "an incident"));
        assertThat(suspended.out()).startsWith("Suspended risk in staging, at position ");
        assertRefused(act(RITA, "serving suspend risk"), "is suspended in staging");
        assertRefused(act(ADA, "serving resume risk"), "release-manager");
        assertThat(done(act(RITA, "serving resume risk")).out()).startsWith("Resumed risk in staging, at position ");
        assertRefused(act(RITA, "serving resume risk"), "is not suspended");
        assertRefused(act(RITA, "serving suspend other"), "other");
        Run shown = done(run("log show", "--log-key", key));
        assertThat(shown.out())
                .contains("suspended risk in staging: an incident")
                .contains("resumed risk in staging");
        assertThat(done(run("log verify", "--log-key", key)).out()).startsWith("The log is sound: ");
    }

    @Test
    void aVersionIsPutIntoQuarantineOnceForOneCommandId() {
        JsonNode first = done(act(RITA, "serving quarantine risk@1 --json", "--command-id", "q-1"))
                .json();
        assertThat(first.get("subject").asText()).isEqualTo("risk@1");
        assertThat(first.get("environment").asText()).isEqualTo("staging");
        assertThat(done(act(RITA, "serving quarantine risk@1 --json", "--command-id", "q-1"))
                        .json())
                .isEqualTo(first);
        assertThat(act(RITA, "serving quarantine risk@1").err()).contains("in quarantine in staging already");
        assertRefused(act(RITA, "serving quarantine risk@2"), "risk@2");
    }

    @Test
    void readingDoesNotMakeALogOfAnEmptyFile() throws IOException {
        store = Files.createDirectory(dir.resolve("empty"));
        Path file = Files.createFile(store.resolve("log.db"));
        for (String verb : List.of("log show", "log verify", "model list")) {
            assertRefused(run(verb, "--log-key", key), "log.db is empty");
            assertThat(file).isEmptyFile();
            assertThat(store.toFile().list()).containsExactly("log.db");
        }
    }

    @Test
    void aStoreWithoutItsKeySaysHowToNameOne() throws IOException {
        Files.delete(store.resolve("log.vkey"));
        Run verified = run("log verify");
        assertThat(verified.exitCode()).isEqualTo(1);
        assertThat(verified.err()).contains("log.vkey").contains("--log-key");
    }

    @Test
    void aDatabaseThatIsAwayIsNotWaitedForLong() {
        var pool = Database.pool(StoreAddress.parse("jdbc:postgresql://127.0.0.1:9/models"), Map.of());
        assertThat(pool.getConnectionTimeout()).isLessThanOrEqualTo(3000);
        assertRefused(
                Run.of(
                        Store::open,
                        "log",
                        "show",
                        "--store",
                        "jdbc:postgresql://127.0.0.1:9/models",
                        "--blobs",
                        dir.toString(),
                        "--log-key",
                        key.toString()),
                "the database cannot be reached");
    }
}
