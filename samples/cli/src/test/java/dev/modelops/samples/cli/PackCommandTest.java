package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.EvidenceBundle;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version carried from one store to another by the command. */
class PackCommandTest {
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal IVAN = Principal.of("example.org", "ivan");

    @TempDir
    Path dir;

    private Path development;
    private Path developmentKey;
    private Path production;
    private Path productionKey;
    private Path writer;
    private Path pack;

    @BeforeEach
    void live() throws IOException {
        development = dir.resolve("development");
        try (ModelOps ops = ModelOps.embedded(development)) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.as(ADA).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            ops.as(ADA).registry().setTag(ModelRef.of("risk", 1), "stage", "done");
        }
        developmentKey = Files.copy(development.resolve("log.vkey"), dir.resolve("development.vkey"));
        pack = dir.resolve("risk-1.pack");
        writer = Files.writeString(
                dir.resolve("writer.pem"), Keys.privateKeyPem(Keys.generate(SignatureAlgorithm.ED25519)));
        production = dir.resolve("production");
        LogKey trusted = new LogKey(Files.readString(developmentKey).strip());
        create(Rules.from(Policies.builtIn())
                .permit("importers-import-from-development")
                .role(Role.of("importer"))
                .on(Action.Type.IMPORT_VERSION)
                .when(Condition.fact("source.key").is(trusted.text()))
                .build());
    }

    private void create(PolicySet policies) throws IOException {
        Signer signer = Signers.pem(writer);
        try (Storage storage = Storages.directory(production)) {
            LogKey key = ModelOps.create(
                    storage,
                    Genesis.of("bank.example/production", signer, signer)
                            .publisher(Signers.pem(development.resolve("keys/publisher.pem"))
                                    .publicKey())
                            .environment(Environment.PRODUCTION)
                            .policies(policies)
                            .grant(IVAN, Role.of("importer"))
                            .grant(ADA, Role.DATA_SCIENTIST));
            productionKey = Files.writeString(dir.resolve("production.vkey"), key.text() + "\n");
        }
    }

    private static Run run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return Run.of(Store::open, texts);
    }

    private Run export() {
        return run("pack", "export", "risk@1", "--store", development, "--to", pack, "--log-key", developmentKey);
    }

    private Run bring(Object... more) {
        Object[] base = {
            "pack",
            "import",
            pack,
            "--source-key",
            developmentKey,
            "--store",
            production,
            "--log-key",
            productionKey,
            "--writer",
            writer
        };
        Object[] all = new Object[base.length + more.length];
        System.arraycopy(base, 0, all, 0, base.length);
        System.arraycopy(more, 0, all, base.length, more.length);
        return run(all);
    }

    @Test
    void aVersionIsPackedVerifiedAndImported() {
        Run exported = export();
        assertThat(exported.exitCode()).as(exported.err()).isZero();
        assertThat(exported.out())
                .startsWith("Packed risk@1 with 1 entry about it into " + pack)
                .contains("as of position 4.");

        Run verified = run("pack", "verify", pack, "--log-key", developmentKey);
        assertThat(verified.exitCode()).as(verified.err()).isZero();
        assertThat(verified.out())
                .startsWith("The pack is sound: risk@1 of modelops.dev/embedded/")
                .contains("registered risk@1");
        JsonNode pack = run("pack", "verify", this.pack, "--log-key", developmentKey, "--json")
                .json();
        assertThat(pack.get("version").asText()).isEqualTo("risk@1");
        assertThat(pack.get("entries")).hasSize(1);
        assertThat(pack.get("position").asLong()).isEqualTo(4);

        Run imported = bring("--as", IVAN, "--log-signer", writer, "--reason", "CR-118");
        assertThat(imported.exitCode()).as(imported.err()).isZero();
        assertThat(imported.out())
                .startsWith("Imported risk@1 of modelops.dev/embedded/")
                .contains(" as risk@1, at ");
        assertThat(imported.err()).isEmpty();
        Run sound = run("log", "verify", "--store", production, "--log-key", productionKey);
        assertThat(sound.out()).startsWith("The log is sound: 2 entries verified.");
        assertThat(run("log", "show", "--store", production, "--log-key", productionKey)
                        .out())
                .contains("imported risk@1, which is risk@1 of modelops.dev/embedded/", ": CR-118");
        Run shown = run("model", "show", "risk@1", "--store", production, "--log-key", productionKey);
        assertThat(shown.out())
                .contains("imported from  risk@1 of modelops.dev/embedded/", "made there by  example.org|ada");
        JsonNode source = run("model", "show", "risk@1", "--store", production, "--log-key", productionKey, "--json")
                .json()
                .get("versions")
                .get(0)
                .get("source");
        assertThat(source.get("author").asText()).isEqualTo(ADA.toString());

        Run twice = bring("--as", IVAN);
        assertThat(twice.exitCode()).isEqualTo(1);
        assertThat(twice.err()).contains("was imported already: it is risk@1 here");
    }

    @Test
    void theSameCommandGivenAgainImportsNothingMore() {
        export();
        Run first = bring("--as", IVAN, "--command-id", "import-1", "--model", "credit", "--json");
        Run again = bring("--as", IVAN, "--command-id", "import-1", "--model", "credit", "--json");
        assertThat(first.json().get("version").asText()).isEqualTo("credit@1");
        assertThat(first.json().get("source").get("version").asText()).isEqualTo("risk@1");
        assertThat(again.json()).isEqualTo(first.json());
    }

    @Test
    void whoMayNotIsToldWhy() throws IOException {
        export();
        Run stranger = bring("--as", ADA);
        assertThat(stranger.exitCode()).isEqualTo(1);
        assertThat(stranger.out()).isEmpty();
        assertThat(stranger.err()).contains("importVersion risk@1 of modelops.dev/embedded/", "the role importer");

        Path other = Files.writeString(
                dir.resolve("other.pem"), Keys.privateKeyPem(Keys.generate(SignatureAlgorithm.ED25519)));
        Run noWriter = run(
                "pack",
                "import",
                pack,
                "--source-key",
                developmentKey,
                "--store",
                production,
                "--log-key",
                productionKey,
                "--writer",
                other,
                "--as",
                IVAN);
        assertThat(noWriter.exitCode()).isEqualTo(1);
        assertThat(noWriter.err()).contains("is not enrolled in this log").doesNotContain("unexpectedly");
        Run noKey = run(
                "pack",
                "import",
                pack,
                "--source-key",
                developmentKey,
                "--store",
                production,
                "--log-key",
                productionKey,
                "--writer",
                dir.resolve("none.pem"),
                "--as",
                IVAN);
        assertThat(noKey.exitCode()).isEqualTo(1);
        assertThat(noKey.err()).contains("none.pem cannot be used: ").doesNotContain("unexpectedly");
    }

    @Test
    void aPackThatIsNotOfThatLogOrNotWholeIsExplained() throws IOException {
        export();
        Run again = export();
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("exists already");
        Run foreign = run("pack", "verify", pack, "--log-key", productionKey);
        assertThat(foreign.exitCode()).isEqualTo(1);
        assertThat(foreign.err()).contains("but trusted is the log bank.example/production");
        byte[] bytes = Files.readAllBytes(pack);
        bytes[bytes.length / 3] ^= 1;
        Files.write(pack, bytes);
        Run damaged = run("pack", "verify", pack, "--log-key", developmentKey);
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(damaged.err())
                .startsWith("modelops: ")
                .contains("risk-1.pack")
                .doesNotContain("unexpectedly");
        assertThat(bring("--as", IVAN).exitCode()).isEqualTo(1);
        assertThat(run("log", "verify", "--store", production, "--log-key", productionKey)
                        .out())
                .startsWith("The log is sound: 1 entry verified.");
        Run missing = run("pack", "export", "risk@7", "--store", development, "--to", dir.resolve("x"));
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("there is no version risk@7", "pin a key of your own");
    }

    @Test
    void anEvidenceFolderIsVerifiedByKeysAlone() throws IOException {
        Path folder = dir.resolve("evidence");
        LogKey key = new LogKey(Files.readString(developmentKey).strip());
        try (Storage storage = Storages.directory(development)) {
            EvidenceBundle.export(storage, key, ModelRef.of("risk", 1), folder, Progress.NONE);
        }
        Path publisher = Files.writeString(
                dir.resolve("publisher.pub"),
                Keys.publicKeyPem(
                        Signers.pem(development.resolve("keys/publisher.pem")).publicKey()));
        Run sound = run("verify", "bundle", folder, "--log-key", developmentKey, "--public-key", publisher);
        assertThat(sound.exitCode()).as(sound.err()).isZero();
        assertThat(sound.out()).startsWith("The folder is sound: risk@1 of " + key.origin() + ", with 1 entry");
        JsonNode json = run(
                        "verify", "bundle", folder, "--log-key", developmentKey, "--public-key", publisher, "--json")
                .json();
        assertThat(json.path("version").asText()).isEqualTo("risk@1");
        assertThat(json.path("evidence").isArray()).isTrue();
        Run foreign = run("verify", "bundle", folder, "--log-key", productionKey, "--public-key", publisher);
        assertThat(foreign.exitCode()).isEqualTo(1);
        assertThat(foreign.err()).contains("but trusted is the log bank.example/production");
        Files.writeString(folder.resolve("README.md"), "all is well");
        Run altered = run("verify", "bundle", folder, "--log-key", developmentKey, "--public-key", publisher);
        assertThat(altered.exitCode()).isEqualTo(1);
        assertThat(altered.err()).contains("README.md").doesNotContain("unexpectedly");
    }
}
