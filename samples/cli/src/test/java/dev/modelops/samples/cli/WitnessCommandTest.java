package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.WitnessPolicy;
import dev.modelops.core.Witnesses;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessCommandTest {
    @TempDir
    Path dir;

    private Path key;

    @BeforeEach
    void makeKey() throws Exception {
        KeyPair pair = Keys.generate(SignatureAlgorithm.ED25519);
        key = dir.resolve("witness.pem");
        Files.writeString(key, Keys.privateKeyPem(pair));
    }

    private Run run(String... arguments) {
        return Run.of(new SampleStore(), arguments);
    }

    @Test
    void theKeyIsShownInTextAndAsJson() {
        Run text = run("witness", "key", "--key", key.toString(), "--name", "w.example.org");
        Run json = run("witness", "key", "--key", key.toString(), "--name", "w.example.org", "--json");

        assertThat(text.out()).startsWith("w.example.org+");
        assertThat(json.json().get("key").asText()).isEqualTo(text.out().strip());
        assertThat(WitnessPolicy.of(1, text.out().strip())).isNotNull();
    }

    @Test
    void aWitnessMayHaveAPostQuantumKeyBesideItsOther() {
        Path further = dir.resolve("further.pem");
        assertThat(run("key", "generate", "--private-key", further.toString(), "--algorithm", "ml-dsa-44")
                        .exitCode())
                .isZero();
        String[] line = {"witness", "key", "--key", key.toString(), "--key", further.toString(), "--name", "w"};

        Run text = run(line);
        JsonNode json = run(Stream.concat(Stream.of(line), Stream.of("--json")).toArray(String[]::new))
                .json();

        assertThat(text.out().lines()).hasSize(2).allMatch(vkey -> vkey.startsWith("w+"));
        assertThat(json.get("keys"))
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(text.out().lines().toList());
        assertThat(json.get("key")).isEqualTo(json.get("keys").get(0));
    }

    @Test
    void keysThatCannotSignAreRefused() throws Exception {
        Path other = dir.resolve("other.pem");
        Files.writeString(other, Keys.privateKeyPem(Keys.generate(SignatureAlgorithm.ECDSA_P256)));

        for (Path file : List.of(other, dir.resolve("none.pem"))) {
            Run refused = run("witness", "key", "--key", file.toString(), "--name", "w");
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).startsWith("modelops: ").doesNotContain("unexpectedly");
        }
        Run spaced = run("witness", "key", "--key", key.toString(), "--name", "a name");
        assertThat(spaced.exitCode()).isEqualTo(1);
        assertThat(spaced.err()).contains("spaces");
    }

    @Test
    void aServedWitnessAnswersUntilItIsStopped() throws Exception {
        String own = run("witness", "key", "--key", key.toString(), "--name", "w.example.org")
                .out()
                .strip();
        Signer signer = Signers.generate(SignatureAlgorithm.ED25519);
        LogKey watched = ModelOps.create(Storages.inMemory(), Genesis.of("example.org/log", signer, signer));
        StringWriter out = new StringWriter();
        Thread serving = new Thread(() -> ModelOpsCli.run(
                new SampleStore()::open,
                new PrintWriter(out),
                new PrintWriter(new StringWriter()),
                "witness",
                "serve",
                "--key",
                key.toString(),
                "--name",
                "w.example.org",
                "--folder",
                dir.resolve("state").toString(),
                "--port",
                "0",
                "--log",
                watched.text()));
        serving.start();
        while (serving.isAlive() && !out.toString().contains("example.org/log")) {
            Thread.sleep(20);
        }
        String at = out.toString().lines().findFirst().orElseThrow().replaceFirst("listening *", "");
        Witness asked = Witnesses.http(URI.create("http://" + at), own);
        assertThat(asked.newest("example.org/log")).isEmpty();
        assertThat(asked.cosign("nonsense", 0, List.of())).isInstanceOf(Witness.Answer.Refused.class);
        serving.interrupt();
        serving.join();
    }
}
