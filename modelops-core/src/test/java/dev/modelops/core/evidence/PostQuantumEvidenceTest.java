package dev.modelops.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Evidence signed with ML-DSA, beside Ed25519 or alone; model signatures never are. */
class PostQuantumEvidenceTest {
    private static final Signer QUANTUM_SAFE = Signers.generate(SignatureAlgorithm.ML_DSA_65);
    private static final Signer USUAL = Signers.generate(SignatureAlgorithm.ED25519);
    private static final Digest ARTIFACT = Digest.sha256Of(Bytes.ofUtf8("model"));
    private static final Predicate RELEASE = new Predicate.Release("pkg:generic/credit@3", Optional.empty());

    @TempDir
    Path dir;

    private static void assertRefused(Bytes envelope, Reason reason, PublicKey... trusted) {
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> Attestation.verify(envelope, ARTIFACT, List.of(trusted), trusted.length))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void anEnvelopeSignedWithMlDsaVerifiesUnderItsKeyReadFromPem() {
        Bytes envelope = Attestation.sign("credit@3", ARTIFACT, RELEASE, QUANTUM_SAFE);
        PublicKey key = Keys.publicKey(Keys.publicKeyPem(QUANTUM_SAFE.publicKey()));

        assertThat(Attestation.verify(envelope, ARTIFACT, List.of(key), 1).signers())
                .containsExactly(Crypto.keyDigest(QUANTUM_SAFE.publicKey()));
        assertRefused(envelope, Reason.UNTRUSTED_KEY, USUAL.publicKey());
        assertRefused(
                envelope,
                Reason.UNTRUSTED_KEY,
                Signers.generate(SignatureAlgorithm.ML_DSA_65).publicKey());
        assertRefused(
                Bytes.ofUtf8(envelope.toUtf8().replace("\"sig\":\"", "\"sig\":\"AAAA")),
                Reason.INVALID_SIGNATURE,
                QUANTUM_SAFE.publicKey());
    }

    @Test
    void bothKindsOfKeySignTheSameStatementAndWhoWantsBothDemandsBoth() {
        Bytes usual = Attestation.sign("credit@3", ARTIFACT, RELEASE, USUAL);
        Bytes both = Attestation.signAgain(usual, QUANTUM_SAFE);
        List<PublicKey> keys = List.of(USUAL.publicKey(), QUANTUM_SAFE.publicKey());

        assertThat(Attestation.verify(both, ARTIFACT, keys, 2).signers()).hasSize(2);
        assertThat(Attestation.verify(both, ARTIFACT, List.of(USUAL.publicKey()), 1)
                        .predicate())
                .isEqualTo(RELEASE);
        assertRefused(usual, Reason.UNTRUSTED_KEY, USUAL.publicKey(), QUANTUM_SAFE.publicKey());
        assertThatExceptionOfType(SigningException.class).isThrownBy(() -> Attestation.signAgain(both, QUANTUM_SAFE));
        assertThat(Set.copyOf(keys)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(value = SignatureAlgorithm.class, mode = EnumSource.Mode.MATCH_ANY, names = "ML_DSA_.*")
    void modelsAreNeverSignedSo(SignatureAlgorithm algorithm) throws Exception {
        Path model = Files.createDirectories(dir.resolve("model"));
        Files.writeString(model.resolve("weights"), "weights");
        Signer signer = Signers.generate(algorithm);

        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> ModelSignatures.sign(model, dir.resolve("model.sig"), signer, Progress.NONE))
                .withMessageContaining(algorithm.name().replace('_', '-'))
                .withMessageContaining("EC key");
        assertThat(dir.resolve("model.sig")).doesNotExist();
        assertThatExceptionOfType(SigningException.class).isThrownBy(() -> Verifiers.key(signer.publicKey()));
    }
}
