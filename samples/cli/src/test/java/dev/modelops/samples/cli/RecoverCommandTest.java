package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Genesis;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.LogKey;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ceremony, with files that go from one machine to another. */
class RecoverCommandTest {
    private static final Principal ROOT = Principal.of("example.org", "root");

    @TempDir
    Path dir;

    private Path restored;
    private Path key;
    private Path memory;
    private Path lost;
    private Path statement;
    private final List<Path> roots = new ArrayList<>();

    private Path newKey(String name) throws IOException {
        KeyPair pair = Keys.generate(SignatureAlgorithm.ED25519);
        Files.writeString(dir.resolve(name + ".pub"), Keys.publicKeyPem(pair.getPublic()));
        return Files.writeString(dir.resolve(name + ".pem"), Keys.privateKeyPem(pair));
    }

    @BeforeEach
    void loseEntries() throws IOException {
        for (int i = 1; i <= 3; i++) {
            roots.add(newKey("root-" + i));
        }
        Signer signer = Signers.pem(newKey("old"));
        newKey("new-log");
        newKey("new-writer");
        newKey("another");
        restored = dir.resolve("restored");
        memory = dir.resolve("memory");
        statement = dir.resolve("statement.txt");
        Storage live = Storages.inMemory();
        LogKey logKey = ModelOps.create(
                live,
                Genesis.of("example.org/models", signer, signer)
                        .roots(
                                2,
                                roots.stream()
                                        .map(root -> Signers.pem(root).publicKey())
                                        .toList())
                        .grant(ROOT, Role.ADMIN)
                        .grant(ROOT, Role.RELEASE_MANAGER));
        key = Files.writeString(dir.resolve("models.vkey"), logKey.text());
        try (ModelOps ops = ModelOps.open(live, logKey)
                        .writer(signer)
                        .logSigner(signer)
                        .memory(CheckpointMemories.folder(memory))
                        .start();
                Storage backup = Storages.directory(restored)) {
            ops.as(ROOT).registry().setTag(ModelName.of("risk"), "tier", "1");
            ops.audit().checkpoint();
            StoreTransfer.copy(live, backup, logKey, Progress.NONE);
            ops.as(ROOT).registry().setTag(ModelName.of("risk"), "tier", "2");
            Checkpoint newest = ops.audit().checkpoint();
            lost = Files.writeString(dir.resolve("newest.checkpoint"), newest.note());
        }
    }

    private static Run run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return Run.of(Store::open, texts);
    }

    private Run ceremony(String verb, Object... more) {
        List<Object> all = new ArrayList<>(List.of(
                "log",
                "recover",
                verb,
                "--store",
                restored,
                "--log-key",
                key,
                "--log-signer",
                dir.resolve("new-log.pem"),
                "--writer",
                dir.resolve("new-writer.pem"),
                "--memory",
                memory,
                "--reason",
                "disk lost"));
        all.addAll(List.of(more));
        return run(all.toArray());
    }

    private Run sign(int root) {
        return run("log", "recover", "sign", statement, "--key", roots.get(root - 1), "--out", signature(root));
    }

    private Path signature(int root) {
        return dir.resolve("root-" + root + ".sig");
    }

    @Test
    void enoughHoldersOfRootKeysLetTheLogGoOn() throws IOException {
        Run prepared =
                ceremony("prepare", "--lost", lost, "--also-writer", dir.resolve("another.pub"), "--out", statement);
        assertThat(prepared.exitCode()).as(prepared.err()).isZero();
        assertThat(prepared.out()).contains("Wrote " + statement, "modelops.dev/recovery@v1", "reason disk lost");
        assertThat(Files.readString(statement)).contains("from " + Files.readString(key), "at 2 ");

        Run signed = sign(1);
        assertThat(signed.exitCode()).as(signed.err()).isZero();
        assertThat(signed.out()).contains("Signed, into " + signature(1), "reason disk lost");
        assertThat(sign(2).exitCode()).isZero();

        Path next = dir.resolve("models-2.vkey");
        Run few = ceremony(
                "complete",
                "--lost",
                lost,
                "--also-writer",
                dir.resolve("another.pub"),
                "--statement",
                statement,
                "--signature",
                signature(1));
        assertThat(few.exitCode()).isEqualTo(1);
        assertThat(few.err()).contains("nothing was changed").doesNotContain("unexpectedly");

        Run completed = ceremony(
                "complete",
                "--lost",
                lost,
                "--also-writer",
                dir.resolve("another.pub"),
                "--statement",
                statement,
                "--signature",
                signature(1),
                "--signature",
                signature(2),
                "--key-out",
                next,
                "--json");
        assertThat(completed.exitCode()).as(completed.err()).isZero();
        assertThat(completed.json().get("origin").asText()).isEqualTo("example.org/models/2");
        assertThat(Files.readString(next).strip())
                .isEqualTo(completed.json().get("logKey").asText());
        assertThat(run("log", "verify", "--store", restored, "--log-key", next).out())
                .startsWith("The log is sound: 3 entries verified.");
        assertThat(run("log", "verify", "--store", restored, "--log-key", key).exitCode())
                .isEqualTo(1);
    }

    @Test
    void aStatementThatSaysSomethingElseIsNotCompleted() throws IOException {
        assertThat(ceremony("prepare", "--lost", lost, "--out", statement).exitCode())
                .isZero();
        sign(1);
        sign(2);
        Run other = ceremony(
                "complete",
                "--lost",
                lost,
                "--also-writer",
                dir.resolve("another.pub"),
                "--statement",
                statement,
                "--signature",
                signature(1),
                "--signature",
                signature(2));
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.err()).contains("is not what these options and this store say now");
        Run kept = ceremony("prepare", "--lost", lost, "--out", statement);
        assertThat(kept.exitCode()).isEqualTo(1);
        assertThat(kept.err()).contains("exists already");
    }

    @Test
    void whatTheMemorySawCannotBePassedOver() {
        Run hidden = ceremony("prepare", "--nothing-lost", "--out", statement);
        assertThat(hidden.exitCode()).isEqualTo(1);
        assertThat(hidden.err()).startsWith("modelops: ").doesNotContain("unexpectedly");
        assertThat(statement).doesNotExist();
    }

    @Test
    void onlyAStatementOfRecoveryIsSigned() throws IOException {
        Files.writeString(statement, "pay a million\n");
        Run refused = sign(1);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("cannot be signed: not a statement of recovery");
        assertThat(signature(1)).doesNotExist();
        Run noKey = run("log", "recover", "sign", statement, "--key", dir.resolve("none.pem"), "--out", signature(1));
        assertThat(noKey.exitCode()).isEqualTo(1);
        assertThat(noKey.err()).contains("none.pem cannot be used");
    }

    @Test
    void holdersOfRootKeysMayKeepThemEncrypted() throws IOException {
        Path locked = dir.resolve("locked.pem");
        Path secret = Files.writeString(dir.resolve("secret"), "marked-5\n");
        assertThat(run("key", "generate", "--private-key", locked, "--algorithm", "ed25519", "--password-file", secret)
                        .exitCode())
                .isZero();
        Files.writeString(statement, "pay a million\n");

        Run closed = run("log", "recover", "sign", statement, "--key", locked, "--out", signature(1));
        assertThat(closed.err()).contains("locked.pem cannot be used: private key is encrypted; give its password");
        Run open = run(
                "log", "recover", "sign", statement, "--key", locked, "--password-file", secret, "--out", signature(1));
        assertThat(open.err()).contains("cannot be signed: not a statement of recovery");
    }
}
