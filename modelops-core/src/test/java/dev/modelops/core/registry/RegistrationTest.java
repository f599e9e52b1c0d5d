package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.InvalidModelException;
import dev.modelops.ModelOpsException;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.TestStorage;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registering versions, attaching evidence, and getting both out again. */
@Tag("every-store")
class RegistrationTest {
    private static final Digest DATA = Digest.sha256Of(Bytes.ofUtf8("data"));

    @TempDir
    Path dir;

    private AlterableBlobs blobs;
    private GovernedLog log;

    @BeforeEach
    void openLog() {
        Storage memory = TestStorage.fresh();
        blobs = new AlterableBlobs(memory.blobs());
        log = GovernedLog.in(new Storage(memory.log(), blobs), GovernedLog::peopled);
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private Path files(int variant) {
        return Models.small(dir.resolve("v" + variant), variant);
    }

    private ModelVersion register(int variant) {
        return log.as(AUTHOR).register(VersionSpec.of("risk", files(variant)));
    }

    private Bytes signature(Path files, Signer signer) throws Exception {
        Path file = dir.resolve("elsewhere.sig");
        var unused = ModelSignatures.sign(files, file, signer, Progress.NONE);
        return Bytes.of(Files.readAllBytes(file));
    }

    @Test
    void everythingThatIsSaidAboutAVersionCanBeReadBack() {
        register(1);
        log.clock().advance(Duration.ofSeconds(3));
        ModelVersion version = log.as(AUTHOR)
                .register(VersionSpec.of("risk", files(2))
                        .kind("classifier")
                        .description("Ein Modell f\u00fcr \"Kredite\"\n\ud83d\ude00")
                        .metric("auc", "0.8070")
                        .metric("tiny", new BigDecimal("1E-9"))
                        .parameter("depth", "6")
                        .parameter("empty", "")
                        .tag("team", "a")
                        .parent(VersionNumber.of(1))
                        .dataSet("train", DATA)
                        .codeCommit("0123abcd"));
        assertThat(version.ref()).isEqualTo(ref("risk", 2));
        assertThat(version.kind()).isEqualTo("classifier");
        assertThat(version.description()).isEqualTo("Ein Modell f\u00fcr \"Kredite\"\n\ud83d\ude00");
        assertThat(version.metrics())
                .isEqualTo(Map.of("auc", new BigDecimal("0.8070"), "tiny", new BigDecimal("1E-9")));
        assertThat(version.parameters()).isEqualTo(Map.of("depth", "6", "empty", ""));
        assertThat(version.tags()).isEqualTo(Map.of("team", "a"));
        assertThat(version.parent()).contains(VersionNumber.of(1));
        assertThat(version.dataSets()).containsExactly(new DataSet("train", DATA));
        assertThat(version.codeCommit()).contains("0123abcd");
        assertThat(version.fileCount()).isEqualTo(2);
        assertThat(version.publisher()).isPresent();
        assertThat(version.status()).isEqualTo("active");
        assertThat(version.author()).isEqualTo(AUTHOR);
        assertThat(version.registeredAt()).isEqualTo(GovernedLog.START.plusSeconds(3));
        assertThat(version.position()).isEqualTo(log.ops().position());
        assertThat(log.as(AUDITOR).get(version.ref())).isEqualTo(version);
        try (var again = log.again()) {
            assertThat(again.as(AUDITOR).registry().get(version.ref())).isEqualTo(version);
        }
    }

    @Test
    void onlyDataScientistsRegister() {
        Path files = files(1);
        for (Principal who : List.of(ADMIN, VALIDATOR, RELEASER, AUDITOR, SERVICE, STRANGER)) {
            assertThat(log.as(who).check(VersionSpec.of("risk", files)).isAllowed())
                    .isFalse();
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(who).register(VersionSpec.of("risk", files)));
        }
        assertThat(log.as(AUDITOR).models()).isEmpty();
        assertThat(log.as(AUTHOR).check(VersionSpec.of("risk", files)).isAllowed())
                .isTrue();
    }

    @Test
    void aSingleFileIsAModel() throws Exception {
        Path file = Files.writeString(dir.resolve("rules.json"), "{}");
        ModelVersion version = log.as(AUTHOR).register(VersionSpec.of("rules", file));
        assertThat(version.fileCount()).isEqualTo(1);
        assertThat(version.byteCount()).isEqualTo(2);
        log.as(AUDITOR).download(version.ref(), dir.resolve("out"), dir.resolve("out.sig"), Progress.NONE);
        assertThat(dir.resolve("out")).isDirectoryContaining("glob:**rules.json");
    }

    @Test
    void whatIsNoModelIsRefusedWithoutATrace() throws Exception {
        long before = log.ops().position().size();
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> log.as(AUTHOR).register(VersionSpec.of("risk", dir.resolve("nowhere"))));
        Path empty = Files.createDirectory(dir.resolve("empty"));
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(() -> log.as(AUTHOR).register(VersionSpec.of("risk", empty)));
        assertThat(log.ops().position().size()).isEqualTo(before);
    }

    @Test
    void textsThatFitNoEntryAreRefusedWithoutATrace() {
        VersionSpec spec = VersionSpec.of("risk", files(1));
        for (int i = 0; i < 100; i++) {
            spec = spec.parameter("p" + i, "x".repeat(1000));
        }
        VersionSpec tooMuch = spec;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log.as(AUTHOR).register(tooMuch))
                .withMessageContaining("65535");
        assertThat(log.as(AUDITOR).models()).isEmpty();
        assertThat(register(1).ref()).isEqualTo(ref("risk", 1));
    }

    @Test
    void aNumberStandsForOneContentForEver() {
        ModelVersion first = register(1);
        long before = log.ops().position().size();
        VersionSpec again = VersionSpec.of("risk", files(1)).number(VersionNumber.of(1));
        assertThat(log.as(AUTHOR).register(again)).isEqualTo(first);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() ->
                        log.as(AUTHOR).register(VersionSpec.of("risk", files(2)).number(VersionNumber.of(1))));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() ->
                        log.as(AUTHOR).register(VersionSpec.of("risk", files(2)).number(VersionNumber.of(3))));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() ->
                        log.as(AUTHOR).register(VersionSpec.of("risk", files(2)).parent(VersionNumber.of(2))));
        assertThat(log.ops().position().size()).isEqualTo(before);
        assertThat(log.as(AUTHOR)
                        .register(VersionSpec.of("risk", files(2)).number(VersionNumber.of(2)))
                        .ref())
                .isEqualTo(ref("risk", 2));
        assertThat(register(2).ref()).isEqualTo(ref("risk", 3));
    }

    @Test
    void aRetryUnderTheSameIdRegistersOnce() {
        VersionSpec spec = VersionSpec.of("risk", files(1)).as(CommandId.of("build-17"));
        ModelVersion first = log.as(AUTHOR).register(spec);
        long before = log.ops().position().size();
        assertThat(log.as(AUTHOR).register(spec)).isEqualTo(first);
        assertThat(log.ops().position().size()).isEqualTo(before);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(AUTHOR)
                        .register(VersionSpec.of("other", files(1)).as(CommandId.of("build-17"))));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() ->
                        log.as(AUTHOR).perform(Action.comment(first.ref(), "x").as(CommandId.of("build-17"))));
        assertThat(log.ops().outcome(CommandId.of("build-18"))).isEmpty();
    }

    /** Whoever registered first may have died before it made sure that what the entry names is still there. */
    @Test
    void aRetryPutsAgainWhatIsNoLongerThere() throws Exception {
        Bytes signature = signature(files(1), GovernedLog.PUBLISHER);
        VersionSpec spec = VersionSpec.of("risk", files(1)).bundle(signature).as(CommandId.of("build-17"));
        ModelVersion first = log.as(AUTHOR).register(spec);
        assertThat(blobs.delete(Digest.sha256Of(read(files(1).resolve("weights.txt")))))
                .isTrue();
        assertThat(blobs.delete(first.bundle())).isTrue();

        assertThat(log.as(AUTHOR).register(spec)).isEqualTo(first);

        log.as(AUDITOR).download(first.ref(), dir.resolve("out"), dir.resolve("out.sig"), Progress.NONE);
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void aRetryThatCannotPutTheSignatureAgainIsNotDone() {
        VersionSpec identified = VersionSpec.of("risk", files(1)).as(CommandId.of("build-17"));
        ModelVersion first = log.as(AUTHOR).register(identified);
        VersionSpec numbered = VersionSpec.of("risk", files(1)).number(VersionNumber.of(1));
        assertThat(blobs.delete(first.bundle())).isTrue();

        for (VersionSpec spec : List.of(identified, numbered)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> log.as(AUTHOR).register(spec))
                    .withMessageContaining(first.bundle().toString());
        }
    }

    @Test
    void aRetryPassesOverTheSignatureWithinTheFolderAsTheFirstDid() throws Exception {
        Path files = files(1);
        Bytes signature = signature(files, GovernedLog.PUBLISHER);
        Files.write(files.resolve("model.sig"), signature.toByteArray());
        VersionSpec spec = VersionSpec.of("risk", files).bundle(signature).as(CommandId.of("build-17"));

        assertThat(log.as(AUTHOR).register(spec)).isEqualTo(log.as(AUTHOR).register(spec));
    }

    @Test
    void aSignatureByATrustedKeyIsTakenAsItCame() throws Exception {
        Bytes signature = signature(files(1), GovernedLog.PUBLISHER);
        ModelVersion version =
                log.as(AUTHOR).register(VersionSpec.of("risk", files(1)).bundle(signature));
        assertThat(version.publisher()).isPresent();
        assertThat(version.bundle()).isEqualTo(Digest.sha256Of(signature));
        assertThat(version.publisher()).isEqualTo(register(1).publisher());
    }

    @Test
    void aSignatureByAnUnknownKeyIsKeptButNeverPromotedOrServed() throws Exception {
        Bytes signature = signature(files(1), GovernedLog.UNKNOWN_PUBLISHER);
        ModelVersion version =
                log.as(AUTHOR).register(VersionSpec.of("risk", files(1)).bundle(signature));
        assertThat(version.publisher()).isEmpty();
        log.as(VALIDATOR).approve(version.ref(), Environment.PRODUCTION, "fine");
        for (Environment environment : List.of(Environment.STAGING, Environment.PRODUCTION)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(RELEASER).promote(version.ref(), environment))
                    .satisfies(e -> assertThat(e.decision().rules()).containsExactly(Policies.GATE_SIGNATURE));
            assertThat(log.as(SERVICE)
                            .check(Action.serve(version.ref(), environment))
                            .isAllowed())
                    .isFalse();
        }
        log.as(AUDITOR).download(version.ref(), dir.resolve("out"), dir.resolve("out.sig"), Progress.NONE);
        assertThat(Files.readAllBytes(dir.resolve("out.sig"))).isEqualTo(signature.toByteArray());
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void aSignatureThatDoesNotHoldIsRefusedWithoutATrace() throws Exception {
        long before = log.ops().position().size();
        Bytes other = signature(files(2), GovernedLog.PUBLISHER);
        byte[] broken = signature(files(1), GovernedLog.PUBLISHER).toByteArray();
        int at = new String(broken, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("\"sig\"") + 20;
        broken[at] = (byte) (broken[at] == 'A' ? 'B' : 'A');
        for (Bytes bundle : List.of(other, Bytes.of(broken), Bytes.ofUtf8("{}"), Bytes.ofUtf8("no json"))) {
            assertThatExceptionOfType(VerificationException.class)
                    .isThrownBy(() -> log.as(AUTHOR)
                            .register(VersionSpec.of("risk", files(1)).bundle(bundle)));
        }
        assertThat(log.ops().position().size()).isEqualTo(before);
    }

    @Test
    void downloadsAreTheSignedFilesOrNothing() {
        ModelVersion version = register(1);
        Path folder = dir.resolve("out");
        Path signature = dir.resolve("out.sig");
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(STRANGER).download(version.ref(), folder, signature, Progress.NONE));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> log.as(AUDITOR).download(ref("risk", 2), folder, signature, Progress.NONE));
        Digest weights = Digest.sha256Of(read(files(1).resolve("weights.txt")));
        blobs.alter(weights);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> log.as(AUDITOR).download(version.ref(), folder, signature, Progress.NONE))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(VerificationResult.Reason.CONTENT_MISMATCH));
        assertThat(folder).doesNotExist();
        assertThat(signature).doesNotExist();
        blobs.alter(weights);
        log.as(AUDITOR).download(version.ref(), folder, signature, Progress.NONE);
        assertThat(folder.resolve("weights.txt")).hasSameBinaryContentAs(files(1).resolve("weights.txt"));
        assertThat(folder.resolve("config/schema.json")).exists();
        assertThatExceptionOfType(ModelOpsException.class)
                .isThrownBy(() ->
                        log.as(AUDITOR).download(version.ref(), folder, dir.resolve("second.sig"), Progress.NONE));
        assertThatExceptionOfType(ModelOpsException.class)
                .isThrownBy(
                        () -> log.as(AUDITOR).download(version.ref(), dir.resolve("second"), signature, Progress.NONE));
        assertThat(dir.resolve("second")).doesNotExist();
        assertThat(dir.resolve("second.sig")).doesNotExist();
    }

    @Test
    void evidenceIsReadAsItWasAttachedOrNotAtAll() {
        ModelVersion version = register(1);
        Bytes document = Bytes.ofUtf8("AUC 0.81");
        for (Principal who : List.of(ADMIN, RELEASER, AUDITOR, SERVICE, STRANGER)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(who).attach(version.ref(), "report", document));
        }
        Evidence evidence = log.as(VALIDATOR).attach(version.ref(), "report", document);
        assertThat(evidence)
                .isEqualTo(new Evidence(
                        version.ref(),
                        "report",
                        Digest.sha256Of(document),
                        document.length(),
                        VALIDATOR,
                        log.clock().instant(),
                        log.ops().position(),
                        Set.of(),
                        Optional.empty()));
        assertThat(log.as(AUDITOR).evidence(version.ref())).containsExactly(evidence);
        assertThat(log.as(AUDITOR).read(evidence)).isEqualTo(document);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(AUTHOR).attach(version.ref(), "report", document));
        for (String type : List.of("", " ", "x".repeat(257))) {
            assertThatIllegalArgumentException().isThrownBy(() -> log.as(AUTHOR).attach(version.ref(), type, document));
        }
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(STRANGER).read(evidence));
        Evidence forged = new Evidence(
                version.ref(),
                "report",
                version.bundle(),
                1,
                VALIDATOR,
                evidence.at(),
                evidence.position(),
                Set.of(),
                Optional.empty());
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> log.as(AUDITOR).read(forged));
        blobs.alter(evidence.digest());
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> log.as(AUDITOR).read(evidence));
    }

    private static Bytes read(Path file) {
        try {
            return Bytes.of(Files.readAllBytes(file));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
