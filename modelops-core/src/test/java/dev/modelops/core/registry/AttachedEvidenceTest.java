package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.UNKNOWN_PUBLISHER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Envelopes;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.registry.Approval.Verdict;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.VerificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachedEvidenceTest {
    private static final Digest PUBLISHER_ID = Crypto.keyDigest(PUBLISHER.publicKey());
    private static final Digest POLICY = Digest.sha256Of(Bytes.ofUtf8("policy"));

    private final GovernedLog log = GovernedLog.open();

    @TempDir
    private Path dir;

    private ModelVersion first;
    private ModelVersion second;

    @BeforeEach
    void register() throws IOException {
        first = register("one");
        second = register("two");
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void aTrustedStatementShowsWhoSignedItAndHowItCameOut() {
        Evidence evidence = attach(first, statement(first, Outcome.PASSED));
        assertThat(evidence.signers()).containsExactly(PUBLISHER_ID);
        assertThat(evidence.outcome()).contains(Outcome.PASSED);
        assertThat(log.as(AUTHOR).evidence(first.ref())).containsExactly(evidence);
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).isSound())
                .isTrue();
    }

    @Test
    void whatAStrangerSignedIsKeptButProvesNothing() {
        Bytes envelope = Attestation.sign("m", first.artifact(), tests(Outcome.PASSED), UNKNOWN_PUBLISHER);
        Evidence evidence = attach(first, envelope);
        assertThat(evidence.signers()).isEmpty();
        assertThat(evidence.outcome()).isEmpty();
        Evidence both = attach(first, Attestation.signAgain(envelope, PUBLISHER));
        assertThat(both.signers()).containsExactly(PUBLISHER_ID);
    }

    @Test
    void evidenceOfAnotherVersionIsRefusedWhoeverSignedIt() {
        for (var signer : List.of(PUBLISHER, UNKNOWN_PUBLISHER)) {
            Bytes envelope = Attestation.sign("m", second.artifact(), tests(Outcome.PASSED), signer);
            assertThatThrownBy(() -> attach(first, envelope))
                    .isInstanceOf(VerificationException.class)
                    .hasMessageContaining("must be about " + first.artifact());
        }
        assertThat(log.as(AUTHOR).evidence(first.ref())).isEmpty();
    }

    @Test
    void anEnvelopeIsNotTakenForAPlainDocumentBecauseItIsBroken() {
        String good = statement(first, Outcome.PASSED).toUtf8();
        for (String bad : List.of(
                good.replace("\"signatures\":[", "\"signatures\":[],\"signatures\":["),
                good.replace("{\"payload\":", "{\"x\":{\"payload\":[1]},\"payload\":"),
                good.replace("payloadType", "payload\\u0054ype").replace("in-toto+json", "json"),
                good.substring(0, good.length() - 1),
                good + "{}")) {
            assertThatThrownBy(() -> attach(first, Bytes.ofUtf8(bad)))
                    .as(bad)
                    .isInstanceOf(VerificationException.class);
        }
        for (String plain : List.of("", "{", "{}", "[" + good + "]", "{\"payload\":\"x\"}", "\0\1\2")) {
            assertThat(attach(first, "note", Bytes.ofUtf8(plain)).signers()).isEmpty();
        }
    }

    @Test
    void aStatementIsAttachedAsWhatItIs() {
        Bytes envelope = statement(first, Outcome.PASSED);
        assertThatThrownBy(() -> attach(first, Predicate.VerificationSummary.TYPE, envelope))
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining("attached under its predicate type");
        assertThatThrownBy(() -> attach(first, "validation-report", envelope))
                .isInstanceOf(VerificationException.class);
    }

    @Test
    void aPredicateThatIsNoneIsRefusedWhereATrustedKeySignedIt() {
        String statement = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\""
                + first.artifact().toHex() + "\"}}],\"predicateType\":\"%s\",\"predicate\":{\"result\":\"PASSED\","
                + "\"failedTests\":[\"auc\"],\"configuration\":[]}}";
        Bytes tests = Envelopes.sign(
                "application/vnd.in-toto+json", String.format(statement, Predicate.TestResult.TYPE), PUBLISHER);
        assertThatThrownBy(() -> attach(first, tests)).isInstanceOf(VerificationException.class);
        String other = "https://example.org/scan/v1";
        Bytes scan = Envelopes.sign("application/vnd.in-toto+json", String.format(statement, other), PUBLISHER);
        Evidence evidence = attach(first, other, scan);
        assertThat(evidence.signers()).containsExactly(PUBLISHER_ID);
        assertThat(evidence.outcome()).isEmpty();
    }

    @Test
    void anApprovalForAnotherLogOrVersionIsRefused() {
        Predicate.Approval good = approval("example.org/models", first.ref());
        assertThat(attach(first, good.type(), Attestation.sign("m", first.artifact(), good, PUBLISHER))
                        .signers())
                .containsExactly(PUBLISHER_ID);
        for (Predicate.Approval bad :
                List.of(approval("example.org/others", first.ref()), approval("example.org/models", second.ref()))) {
            Bytes envelope = Attestation.sign("m", first.artifact(), bad, PUBLISHER);
            assertThatThrownBy(() -> attach(first, bad.type(), envelope))
                    .isInstanceOf(VerificationException.class)
                    .hasMessageContaining("approval must be for " + first.ref());
        }
    }

    @Test
    void theOutcomeNeedsASigner() {
        Evidence evidence = attach(first, "note", Bytes.ofUtf8("x"));
        assertThatThrownBy(() -> new Evidence(
                        evidence.ref(),
                        evidence.type(),
                        evidence.digest(),
                        1,
                        evidence.by(),
                        evidence.at(),
                        evidence.position(),
                        Set.of(),
                        Optional.of(Outcome.PASSED)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Predicate.Approval approval(String of, ModelRef version) {
        return new Predicate.Approval(
                of,
                version,
                Environment.PRODUCTION,
                Verdict.APPROVED,
                Principal.of("corp", "vera"),
                POLICY,
                Set.of(),
                GovernedLog.START,
                Optional.empty());
    }

    private static Predicate.TestResult tests(Outcome outcome) {
        return new Predicate.TestResult(outcome, List.of(), List.of(), List.of(), List.of());
    }

    private static Bytes statement(ModelVersion version, Outcome outcome) {
        return Attestation.sign(version.ref().toString(), version.artifact(), tests(outcome), PUBLISHER);
    }

    private Evidence attach(ModelVersion version, Bytes document) {
        return attach(version, Predicate.TestResult.TYPE, document);
    }

    private Evidence attach(ModelVersion version, String type, Bytes document) {
        return log.as(VALIDATOR).attach(version.ref(), type, document);
    }

    private ModelVersion register(String content) throws IOException {
        Path files = Files.createDirectory(dir.resolve(content));
        Files.writeString(files.resolve("weights.bin"), content);
        return log.as(AUTHOR).register(VersionSpec.of("credit", files).kind("classifier"));
    }
}
