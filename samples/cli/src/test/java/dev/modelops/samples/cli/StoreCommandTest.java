package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real stores, moved by the command. */
class StoreCommandTest {
    private static final Principal AUTHOR = Principal.of("example.org", "author");

    @TempDir
    Path dir;

    private Path store;
    private Path key;

    @BeforeEach
    void live() throws IOException {
        store = dir.resolve("store");
        fill(store, 4);
        key = Files.copy(store.resolve("log.vkey"), dir.resolve("pinned.vkey"));
    }

    private void fill(Path folder, int comments) {
        try (ModelOps ops = ModelOps.embedded(folder)) {
            ModelRef risk = new ModelRef(ModelName.of("risk"), VersionNumber.of(1));
            if (ops.registry().find(risk).isEmpty()) {
                ops.registry().grantRole(AUTHOR, Role.DATA_SCIENTIST);
                ops.as(AUTHOR).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            }
            for (int i = 0; i < comments; i++) {
                ops.as(AUTHOR).registry().comment(risk, "remark " + i);
            }
        }
    }

    private static Run run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return Run.of(Store::open, texts);
    }

    private void assertSound(Object... where) {
        Object[] arguments = new Object[where.length + 5];
        System.arraycopy(new Object[] {"log", "verify", "--log-key", key, "--store"}, 0, arguments, 0, 5);
        System.arraycopy(where, 0, arguments, 5, where.length);
        Run run = run(arguments);
        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).startsWith("The log is sound: 7 entries verified.");
    }

    @Test
    void aCopyIsTheLogAndAnotherCopyAddsWhatIsNew() {
        Path to = dir.resolve("copy");
        Run first = run("store", "copy", "--from", store, "--to", to, "--log-key", key);
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out())
                .contains(
                        "Copied 7 entries, 4 blobs of ",
                        " and 4 texts to " + to,
                        "up to position 7; 0 entries and 0 blobs were")
                .contains("stop everything that writes there", "Private keys were not copied");
        assertThat(first.err().lines()).contains("modelops: 50 % done", "modelops: 100 % done");
        assertSound(to);

        fill(store, 1);
        Run again = run("store", "copy", "--from", store, "--to", to, "--log-key", key, "--json");
        JsonNode result = again.json();
        assertThat(again.exitCode()).isZero();
        assertThat(result.get("entries").asLong()).isEqualTo(1);
        assertThat(result.get("skippedEntries").asLong()).isEqualTo(7);
        assertThat(result.get("position").asLong()).isEqualTo(8);
        assertThat(result.get("skippedBlobs").asLong()).isEqualTo(4);
        assertThat(result.get("texts").asLong()).isEqualTo(1);
        assertThat(result.get("root").asText()).startsWith("sha256:");
    }

    @Test
    void blobsGoWhereTheyAreToGo() {
        Path to = dir.resolve("copy");
        Path blobs = dir.resolve("elsewhere");
        assertThat(run("store", "copy", "--from", store, "--to", to, "--blobs", blobs, "--log-key", key)
                        .exitCode())
                .isZero();
        assertThat(to.resolve("blobs")).doesNotExist();
        assertSound(to, "--blobs", blobs);

        Path back = dir.resolve("back");
        assertThat(run("store", "copy", "--from", to, "--from-blobs", blobs, "--to", back, "--log-key", key)
                        .exitCode())
                .isZero();
        assertSound(back);
    }

    @Test
    void anArchiveIsAStoreAndIsImportedIntoOne() {
        Path archive = dir.resolve("store.zip");
        Run export = run("store", "export", "--store", store, "--to", archive, "--log-key", key);
        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out())
                .startsWith("Exported 7 entries, 4 blobs of ")
                .contains(" and 4 texts to " + archive, "up to position 7.");
        assertSound(archive);
        assertThat(run("model", "show", "risk@1", "--store", archive).out()).contains("risk@1");

        Run twice = run("store", "export", "--store", store, "--to", archive, "--log-key", key);
        assertThat(twice.exitCode()).isEqualTo(1);
        assertThat(twice.err()).contains("exists already");

        Path to = dir.resolve("imported");
        Run imported = run("store", "import", "--from", archive, "--to", to);
        assertThat(imported.exitCode()).isZero();
        assertThat(imported.err()).contains("verifying with the key kept with the log", "--log-key");
        assertSound(to);
    }

    @Test
    void anotherLogInTheTargetIsExplained() {
        Path other = dir.resolve("other");
        fill(other, 1);
        Run run = run("store", "copy", "--from", store, "--to", other, "--log-key", key);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("modelops: the store to copy to holds another log already", "name an empty store");
    }

    @Test
    void anotherKeyIsRefusedAndNothingIsMadeOfANameThatIsNoStore() {
        Path other = dir.resolve("other");
        fill(other, 0);
        Path to = dir.resolve("copy");
        Run run = run("store", "copy", "--from", store, "--to", to, "--log-key", other.resolve("log.vkey"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("is not of the pinned key", "pin the key under which it goes on");

        Run none = run("store", "copy", "--from", dir.resolve("none"), "--to", dir.resolve("new"), "--log-key", key);
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).contains("expected the folder of a ModelOps store");
        assertThat(dir.resolve("new")).doesNotExist();

        Run file = run("store", "copy", "--from", store, "--to", key, "--log-key", key);
        assertThat(file.exitCode()).isEqualTo(1);
        assertThat(file.err()).contains("is a file; to write an archive, use 'modelops store export'");
    }

    @Test
    void passwordsInAnAddressAreNotShown() {
        assertThat(StoreAddress.parse("jdbc:postgresql://host/db?user=u&password=secret"))
                .hasToString("jdbc:postgresql://host/db");
        assertThat(StoreAddress.parse("jdbc:postgresql://u:secret@host:5432/db"))
                .hasToString("jdbc:postgresql://host:5432/db");
    }
}
