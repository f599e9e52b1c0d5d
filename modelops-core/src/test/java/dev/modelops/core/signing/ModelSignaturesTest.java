package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.signing.Verifier;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signing and verifying as a build and a host see it. */
class ModelSignaturesTest {
    private static final Signer SIGNER = Signers.generate(SignatureAlgorithm.ECDSA_P256);
    private static final Verifier VERIFIER = Verifiers.key(SIGNER.publicKey());

    @TempDir
    Path folder;

    private Path model = Path.of("");
    private Path signature = Path.of("");

    @BeforeEach
    void makeModel() throws IOException {
        model = Files.createDirectories(folder.resolve("model"));
        signature = model.resolve("model.sig");
        Files.createDirectories(model.resolve("sub"));
        Files.writeString(model.resolve("weights.bin"), "weights");
        Files.writeString(model.resolve("sub/vocabulary"), "words");
    }

    @ParameterizedTest
    @EnumSource(
            value = SignatureAlgorithm.class,
            names = {"ECDSA_P256", "ECDSA_P384", "ECDSA_P521"})
    void aSignedModelVerifiesByKey(SignatureAlgorithm algorithm) throws IOException {
        Signer signer = Signers.generate(algorithm);

        Digest root = ModelSignatures.sign(model, signature, signer, Progress.NONE);

        assertThat(verify(Verifiers.key(signer.publicKey())).orThrow()).satisfies(verified -> {
            assertThat(verified.root()).isEqualTo(root);
            assertThat(verified.files()).extracting(f -> f.name()).containsExactly("sub/vocabulary", "weights.bin");
            assertThat(verified.notes()).isEmpty();
        });
        assertThat(names(model)).containsExactlyInAnyOrder("model.sig", "sub", "weights.bin");
    }

    @Test
    void aSignedModelVerifiesByCertificate() throws IOException {
        var root = TestPki.draft("root").authority(-1).selfSigned();
        var leaf = TestPki.draft("leaf").issuedBy(root);
        Path key = Files.writeString(folder.resolve("key.pem"), Keys.privateKeyPem(leaf.keys()));
        Path chain = Files.writeString(folder.resolve("chain.pem"), certificatePem(leaf));
        ModelSignatures.sign(model, signature, Signers.pem(key, chain), Progress.NONE);
        List<java.security.cert.X509Certificate> anchors = Keys.certificates(certificatePem(root));

        assertThat(verify(Verifiers.certificate(anchors, Clock.fixed(TestPki.NOW, ZoneOffset.UTC))))
                .isInstanceOf(VerificationResult.Verified.class);
        assertThat(verify(Verifiers.certificate(anchors, Clock.fixed(TestPki.END.plusSeconds(1), ZoneOffset.UTC))))
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        r -> assertThat(r.reason()).isEqualTo(Reason.UNTRUSTED_CERTIFICATE));
        assertThat(verify(Verifiers.key(leaf.keys().getPublic())))
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        r -> assertThat(r.reason()).isEqualTo(Reason.UNTRUSTED_CERTIFICATE));
        assertThatThrownBy(() -> Verifiers.certificate(List.of(), Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSingleFileIsSignedBeside() throws IOException {
        Path file = model.resolve("weights.bin");
        Path beside = folder.resolve("weights.sig");
        ModelSignatures.sign(file, beside, SIGNER, Progress.NONE);

        assertThat(VERIFIER.verify(file, read(beside), Progress.NONE)).isInstanceOf(VerificationResult.Verified.class);
        Files.writeString(file, "other");
        assertThat(VERIFIER.verify(file, read(beside), Progress.NONE))
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        r -> assertThat(r.reason()).isEqualTo(Reason.CONTENT_MISMATCH));
    }

    @Test
    void aChangedModelIsRejected() throws IOException {
        ModelSignatures.sign(model, signature, SIGNER, Progress.NONE);

        Files.writeString(model.resolve("extra"), "x");
        assertRejected(Reason.UNSIGNED_FILE);
        Files.delete(model.resolve("extra"));
        Files.writeString(model.resolve("sub/vocabulary"), "wards");
        assertRejected(Reason.CONTENT_MISMATCH);
        Files.delete(model.resolve("sub/vocabulary"));
        assertRejected(Reason.MISSING_FILE);
        Files.createSymbolicLink(model.resolve("sub/vocabulary"), model.resolve("weights.bin"));
        assertThatThrownBy(() -> verify(VERIFIER)).isInstanceOf(InvalidModelException.class);
    }

    @Test
    void theSignatureMayLieInTheModelUnderItsUsualNameThoughItIsNotRecorded() throws IOException {
        Path outside = folder.resolve("outside.sig");
        ModelSignatures.sign(model, outside, SIGNER, Progress.NONE);
        Files.copy(outside, signature);

        assertThat(verify(VERIFIER)).isInstanceOf(VerificationResult.Verified.class);
        Files.writeString(signature, Files.readString(signature).replace("v0.3", "v0.4"));
        assertThat(VERIFIER.verify(model, read(outside), Progress.NONE))
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        r -> assertThat(r.reason()).isEqualTo(Reason.UNSIGNED_FILE));
    }

    @Test
    void anOlderSignatureIsReplacedAndAnythingElseIsNot() throws IOException {
        ModelSignatures.sign(model, signature, SIGNER, Progress.NONE);
        Files.writeString(model.resolve("weights.bin"), "new weights");
        ModelSignatures.sign(model, signature, SIGNER, Progress.NONE);
        assertThat(verify(VERIFIER)).isInstanceOf(VerificationResult.Verified.class);

        for (Path other : List.of(model.resolve("weights.bin"), model.resolve("sub"))) {
            assertThatThrownBy(() -> ModelSignatures.sign(model, other, SIGNER, Progress.NONE))
                    .isInstanceOf(SigningException.class);
        }
        assertThatThrownBy(() -> ModelSignatures.sign(
                        model.resolve("weights.bin"), model.resolve("weights.bin"), SIGNER, Progress.NONE))
                .isInstanceOf(SigningException.class);
        assertThat(Files.readString(model.resolve("weights.bin"))).isEqualTo("new weights");
    }

    @Test
    void aFailureLeavesNothingBehind() throws IOException {
        assertThatThrownBy(() -> ModelSignatures.sign(
                        model, signature, Signers.generate(SignatureAlgorithm.ED25519), Progress.NONE))
                .isInstanceOf(SigningException.class);
        assertThatThrownBy(
                        () -> ModelSignatures.sign(model, folder.resolve("nowhere/model.sig"), SIGNER, Progress.NONE))
                .isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> ModelSignatures.sign(folder.resolve("none"), signature, SIGNER, Progress.NONE))
                .isInstanceOf(InvalidModelException.class);

        assertThat(names(model)).containsExactlyInAnyOrder("sub", "weights.bin");
        assertThat(names(folder)).containsExactly("model");
    }

    @Test
    void aBrokenBundleIsAResultAndAMissingModelAnException() throws IOException {
        ModelSignatures.sign(model, signature, SIGNER, Progress.NONE);

        assertThatThrownBy(() -> VERIFIER.verify(model, Bytes.ofUtf8("{}"), Progress.NONE)
                        .orThrow())
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED_BUNDLE));
        assertThatThrownBy(() -> VERIFIER.verify(folder.resolve("none"), read(signature), Progress.NONE))
                .isInstanceOf(InvalidModelException.class);
        assertThatThrownBy(() ->
                        Verifiers.key(Keys.generate(SignatureAlgorithm.ED25519).getPublic()))
                .isInstanceOf(SigningException.class);
    }

    private VerificationResult verify(Verifier verifier) throws IOException {
        return verifier.verify(model, read(signature), Progress.NONE);
    }

    private void assertRejected(Reason reason) throws IOException {
        assertThat(verify(VERIFIER))
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(reason));
    }

    private static String certificatePem(TestPki.Identity identity) {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Bytes.of(identity.certificate().getEncoded()).toBase64()
                    + "\n-----END CERTIFICATE-----\n";
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Bytes read(Path file) throws IOException {
        return Bytes.of(Files.readAllBytes(file));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
