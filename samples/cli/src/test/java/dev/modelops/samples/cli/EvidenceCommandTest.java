package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.ModelOps;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What speaks for a version, from being made to being checked by somebody who has no store. */
class EvidenceCommandTest {
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final String WRITER = " --store @store --log-key @log.vkey --writer @store/keys/log.pem ";
    private static final String READ = " --store @store --log-key @log.vkey ";
    private static final String PASSED =
            "{\"result\": \"PASSED\", \"configuration\": [], \"passedTests\": [\"auc\", \"bias\"], \"suite\": {\"v\": 1.10}}";

    @TempDir
    Path dir;

    private String artifact;
    private String other;

    @BeforeEach
    void live() throws IOException {
        Path store = dir.resolve("store");
        try (ModelOps ops = ModelOps.embedded(store)) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            other = ops.as(ADA)
                    .registry()
                    .register(VersionSpec.of("risk", Files.writeString(dir.resolve("first"), "1")))
                    .artifact()
                    .toString();
            artifact = ops.as(ADA)
                    .registry()
                    .register(VersionSpec.of("risk", Models.small(dir.resolve("model")))
                            .parent(VersionNumber.of(1))
                            .metric("auc", "0.81"))
                    .artifact()
                    .toString();
        }
        Files.copy(store.resolve("log.vkey"), dir.resolve("log.vkey"));
        Path publisher = store.resolve("keys/publisher.pem");
        Files.writeString(
                dir.resolve("publisher.pub"),
                Keys.publicKeyPem(Signers.pem(publisher).publicKey()));
        Keys.store(Keys.generate(SignatureAlgorithm.ED25519), dir.resolve("stranger.pem"), dir.resolve("stranger.pub"));
        Files.writeString(dir.resolve("result.json"), PASSED);
    }

    /** Runs a command line in which {@code @} stands for the folder of this test and {@code %} for the artifact. */
    private Run run(String line) {
        return Run.of(
                Store::open,
                Arrays.stream(line.strip().split(" +"))
                        .map(word -> word.equals("%") ? artifact : word)
                        .map(word -> word.startsWith("@")
                                ? dir.resolve(word.substring(1)).toString()
                                : word)
                        .toArray(String[]::new));
    }

    private Run done(String line) {
        Run run = run(line);
        assertThat(run.exitCode()).as(run.toString()).isZero();
        assertThat(run.err()).as(line).doesNotContain("modelops: ");
        return run;
    }

    private void failed(String line, String message) {
        Run run = run(line);
        assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
        assertThat(run.out() + run.err()).contains(message).doesNotContain("unexpectedly", "Exception");
    }

    private void misused(String line, String message) {
        Run run = run(line);
        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    private Run sign(String document, String type, String key, String to) {
        return done("evidence sign @" + document + " --type " + type + " --artifact % --model risk@2 --private-key @"
                + key + " --to @" + to);
    }

    @Test
    void aSignedResultIsAttachedListedExportedAndVerified() throws IOException {
        Run signed = sign("result.json", "test-result", "store/keys/publisher.pem", "result.dsse");
        assertThat(signed.out()).contains("artifact   " + artifact, Predicate.TestResult.TYPE);

        Run attached = done("evidence attach risk@2 @result.dsse --as example.org|ada" + WRITER
                + "--log-signer @store/keys/log.pem");
        assertThat(attached.out())
                .startsWith("Attached " + Predicate.TestResult.TYPE + " to risk@2, at position ")
                .contains("Signed by 1 publisher of this log, and says PASSED.");

        Run listed = done("evidence list risk@2" + READ);
        assertThat(listed.out())
                .contains(Predicate.TestResult.TYPE)
                .contains("PASSED")
                .contains("example.org|ada");
        JsonNode json = done("evidence list risk@2 --json" + READ).json();
        assertThat(json.path("artifact").asText()).isEqualTo(artifact);
        assertThat(json.path("evidence")).hasSize(1);
        assertThat(json.at("/evidence/0/outcome").asText()).isEqualTo("PASSED");
        assertThat(json.at("/evidence/0/signers")).hasSize(1);
        assertThat(done("evidence list risk@1" + READ).out()).startsWith("Nothing is attached to risk@1.");

        Run exported = done("evidence export risk@2 --to @folder" + READ);
        assertThat(exported.out()).startsWith("Exported what speaks for risk@2");
        Run bundle = done("verify bundle @folder --log-key @log.vkey --public-key @publisher.pub");
        assertThat(bundle.out()).contains("The folder is sound", "signed, PASSED");
        failed("evidence export risk@2 --to @folder" + READ, "exists already");

        Run verified = done("evidence verify @result.dsse --artifact % --public-key @publisher.pub");
        assertThat(verified.out())
                .startsWith("The statement is verified: signed by 1 key that you trust.")
                .contains("PASSED: 2 tests passed, 0 warned, 0 failed");
        JsonNode statement = done("evidence verify @result.dsse --artifact % --public-key @publisher.pub --json")
                .json();
        assertThat(statement.path("verified").asBoolean()).isTrue();
        assertThat(statement.path("predicate")).isEqualTo(new ObjectMapper().readTree(PASSED));
    }

    @Test
    void theBillOfMaterialsOfAVersionIsWrittenSignedAndOfNoOther() throws IOException {
        Run written = done("evidence bom risk@2 --to @bom.json --json" + READ);
        assertThat(written.json().path("artifact").asText()).isEqualTo(artifact);
        JsonNode bom = new ObjectMapper().readTree(Files.readString(dir.resolve("bom.json")));
        assertThat(bom.path("bomFormat").asText()).isEqualTo("CycloneDX");
        assertThat(bom.at("/metadata/component/pedigree/ancestors/0/version").asText())
                .isEqualTo("1");
        assertThat(bom.at("/metadata/component/pedigree/ancestors/0/hashes/0/content")
                        .asText())
                .isEqualTo(other.substring("sha256:".length()));
        assertThat(bom.at("/metadata/component/components")).isNotEmpty();
        done("evidence bom risk@2 --to @again.json" + READ);
        assertThat(dir.resolve("again.json")).hasSameTextualContentAs(dir.resolve("bom.json"));
        failed("evidence bom risk@2 --to @bom.json" + READ, "exists already");
        failed("evidence bom risk@9 --to @new.json" + READ, "there is no version risk@9");

        sign("bom.json", "bom", "store/keys/publisher.pem", "bom.dsse");
        done("evidence attach risk@2 @bom.dsse --as example.org|ada" + WRITER);
        done("evidence verify @bom.dsse --artifact % --public-key @publisher.pub");
        failed("evidence attach risk@1 @bom.dsse --as example.org|ada" + WRITER, "it belongs to another model");
        failed(
                "evidence sign @bom.json --type bom --artifact " + other
                        + " --private-key @stranger.pem --to @wrong.dsse",
                "it belongs to another model or version");
        assertThat(dir.resolve("wrong.dsse")).doesNotExist();
    }

    @Test
    void whatDoesNotVerifyIsSaidWithItsReason() throws IOException {
        sign("result.json", "test-result", "stranger.pem", "result.dsse");
        String verify = "evidence verify @result.dsse --public-key @publisher.pub";
        failed(verify + " --artifact %", "The statement is NOT verified: UNTRUSTED_KEY: ");
        failed(
                "evidence verify @result.dsse --public-key @stranger.pub --artifact " + other,
                "INVALID_STATEMENT: attestation must be about " + other + ", but is about " + artifact);
        Run rejected = run(verify + " --artifact % --json");
        assertThat(rejected.exitCode()).isEqualTo(1);
        assertThat(rejected.json().path("verified").asBoolean(true)).isFalse();
        assertThat(rejected.json().path("reason").asText()).isEqualTo("UNTRUSTED_KEY");
        failed(
                "evidence verify @result.dsse --public-key @publisher.pub --public-key @stranger.pub --threshold 2"
                        + " --artifact %",
                "must be signed by 2 of the 2");
        failed("evidence verify @result.json --public-key @stranger.pub --artifact %", "MALFORMED_BUNDLE");
        misused(verify + " --artifact % --threshold 2", "--threshold must be from 1 to 1");
        misused(
                verify + " --public-key @publisher.pub --artifact % --threshold 2",
                "the number of different keys, but was 2");

        Run kept = done("evidence attach risk@2 @result.dsse --as example.org|ada" + WRITER);
        assertThat(kept.out()).contains("No publisher of this log has signed it: it is kept, and proves nothing.");
        Files.writeString(
                dir.resolve("broken.dsse"),
                Files.readString(dir.resolve("result.dsse")).replace("\"sig\"", "\"sign\""));
        failed("evidence attach risk@2 @broken.dsse --type x --as example.org|ada" + WRITER, "signatures[0]");
        failed("evidence attach risk@2 @result.dsse --as example.org|eve" + WRITER, "eve");
    }

    @Test
    void aDocumentThatSaysNotWhatItIsNeedsAKind() {
        misused("evidence attach risk@2 @result.json --as example.org|ada" + WRITER, "--type is needed: ");
        Run attached =
                done("evidence attach risk@2 @result.json --type lab-report --as example.org|ada --json" + WRITER);
        assertThat(attached.json().path("type").asText()).isEqualTo("lab-report");
        assertThat(attached.json().path("version").asText()).isEqualTo("risk@2");
        assertThat(attached.json().path("signers")).isEmpty();
        assertThat(attached.json().path("outcome").isNull()).isTrue();
        failed(
                "evidence attach risk@2 @result.json --type lab-report --as example.org|ada" + WRITER,
                "is attached to risk@2 already");
        failed("evidence attach risk@2 @none --type x --as example.org|ada" + WRITER, "none does not exist");
    }

    @Test
    void onlyWhatCanBeReadAgainIsSigned() throws IOException {
        String sign = "evidence sign @result.json --artifact % --private-key @stranger.pem --to @out.dsse --type ";
        failed(sign + "release", "'purl'");
        misused(sign + "testresult", "--type must be one of approval, bom, provenance, release, test-result,");
        Files.writeString(dir.resolve("result.json"), "[]");
        failed(sign + "https://example.org/scan/v1", "predicate must be an object");
        Files.writeString(dir.resolve("result.json"), "{\"findings\":[]}");
        done(sign + "https://example.org/scan/v1");
        done("evidence attach risk@2 @out.dsse --as example.org|ada" + WRITER);
    }
}
