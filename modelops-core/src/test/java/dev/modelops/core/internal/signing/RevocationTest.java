package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.TestPki.draft;
import static dev.modelops.core.internal.signing.TestPki.list;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.TestPki.Identity;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.VerificationOptions;
import dev.modelops.core.signing.VerificationOptions.Compatibility;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509CRL;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates whose issuers have taken them back. */
class RevocationTest {
    private static final int ISSUES_AND_REVOKES = KeyUsage.keyCertSign | KeyUsage.cRLSign;
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Identity ROOT =
            draft("root").authority(-1).usage(ISSUES_AND_REVOKES).selfSigned();
    private static final Identity INTERMEDIATE =
            draft("intermediate").authority(0).usage(ISSUES_AND_REVOKES).issuedBy(ROOT);
    private static final Identity LEAF = draft("leaf").keys(KEYS).issuedBy(INTERMEDIATE);
    private static final X509CRL ROOT_LIST = list().by(ROOT);

    @TempDir
    Path folder;

    private Path model = Path.of("");
    private Path signature = Path.of("");

    @BeforeEach
    void signModel() {
        model = Models.folder(folder);
        signature = folder.resolve("model.sig");
        sign(LEAF, INTERMEDIATE);
    }

    private void sign(Identity leaf, Identity issuer) {
        Signer signer = Crypto.signer(
                leaf.privateKey(), leaf.keys().getPublic(), List.of(leaf.certificate(), issuer.certificate()));
        ModelSignatures.sign(model, signature, signer, Progress.NONE);
    }

    private VerificationResult verify(VerificationOptions options, Identity anchor, X509CRL... lists) {
        Clock now = Clock.fixed(TestPki.NOW, ZoneOffset.UTC);
        return ModelSignatures.verify(
                model,
                signature,
                Verifiers.certificate(List.of(anchor.certificate()), List.of(lists), now),
                options,
                Progress.NONE);
    }

    private void assertVerified(X509CRL... lists) {
        assertThat(verify(VerificationOptions.STRICT, ROOT, lists).orThrow().notes())
                .isEmpty();
    }

    private void assertRefused(String told, X509CRL... lists) {
        assertThat(verify(VerificationOptions.STRICT, ROOT, lists))
                .isInstanceOfSatisfying(VerificationResult.Rejected.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(Reason.UNTRUSTED_CERTIFICATE);
                    assertThat(rejected.message()).contains(told);
                });
    }

    @Test
    void whoeverWasRevokedIsNotBelieved() {
        assertVerified();
        assertVerified(ROOT_LIST, list().by(INTERMEDIATE));
        Identity other = draft("other").issuedBy(INTERMEDIATE);
        assertVerified(ROOT_LIST, list().revoking(other).by(INTERMEDIATE));

        assertRefused(
                "must not be revoked, but 'CN=leaf' was at 2026-01-01T00:01:00Z (key compromise); do not use the model",
                ROOT_LIST,
                list().revoking(other, LEAF).by(INTERMEDIATE));
    }

    @Test
    void whoeverWasCertifiedByARevokedAuthorityIsNotBelieved() {
        assertRefused(
                "but 'CN=intermediate' was at", list().revoking(INTERMEDIATE).by(ROOT), list().by(INTERMEDIATE));
    }

    /** Otherwise whoever holds back the newest list, or hands out another, would undo a revocation. */
    @Test
    void everyIssuerMustHaveAListThatHoldsNow() {
        assertRefused("of its issuer 'CN=intermediate', but none that was given is by it", ROOT_LIST);
        assertRefused("of its issuer 'CN=root', but none", list().by(INTERMEDIATE));
        Instant now = TestPki.NOW;
        assertRefused(
                "the one that was given held until " + now.minusSeconds(1) + "; get the newest",
                ROOT_LIST,
                list().valid(TestPki.START, now.minusSeconds(1)).by(INTERMEDIATE));
        assertRefused(
                "which is to come",
                ROOT_LIST,
                list().valid(now.plusSeconds(1), TestPki.END).by(INTERMEDIATE));
        assertRefused(
                "does not say how long it holds",
                ROOT_LIST,
                list().valid(TestPki.START, null).by(INTERMEDIATE));
        assertRefused("not read here (2.5.29.28)", ROOT_LIST, list().ofSome().by(INTERMEDIATE));
        assertRefused("none that was given is by it", ROOT_LIST, list().by(INTERMEDIATE, ROOT.privateKey()));
        Identity sameName =
                draft("intermediate").authority(0).usage(ISSUES_AND_REVOKES).issuedBy(ROOT);
        assertRefused("none that was given is by it", ROOT_LIST, list().by(sameName));

        assertVerified(
                ROOT_LIST,
                list().by(sameName),
                list().valid(TestPki.START, now.minusSeconds(1)).by(INTERMEDIATE),
                list().by(INTERMEDIATE));
    }

    @Test
    void aRevocationIsForEverThoughALaterListDoesNotTellOfIt() {
        assertRefused(
                "must not be revoked",
                ROOT_LIST,
                list().by(INTERMEDIATE),
                list().revoking(LEAF)
                        .valid(TestPki.START, TestPki.NOW.minusSeconds(1))
                        .by(INTERMEDIATE));
    }

    @Test
    void anAuthorityThatMayNotSignListsSignsNone() {
        Identity issuer = draft("issuer").authority(0).issuedBy(ROOT);
        sign(draft("leaf").keys(KEYS).issuedBy(issuer), issuer);
        assertRefused("none that was given is by it", ROOT_LIST, list().by(issuer));
    }

    @Test
    void whatIsTrustedAsItStandsNeedsNoList() {
        assertThat(verify(
                        VerificationOptions.STRICT, LEAF, list().revoking(LEAF).by(INTERMEDIATE)))
                .isInstanceOf(VerificationResult.Verified.class);
    }

    @Test
    void noLeniencyMakesARevokedCertificateGood() {
        Identity expired = draft("leaf")
                .keys(KEYS)
                .valid(TestPki.START, TestPki.START.plusSeconds(600))
                .issuedBy(INTERMEDIATE);
        sign(expired, INTERMEDIATE);
        VerificationOptions lenient =
                VerificationOptions.STRICT.withCompatibility(Set.of(Compatibility.SIGNING_TIME_UNKNOWN));

        assertThat(verify(lenient, ROOT, ROOT_LIST, list().by(INTERMEDIATE)))
                .isInstanceOf(VerificationResult.Verified.class);
        assertThat(verify(lenient, ROOT, ROOT_LIST, list().revoking(expired).by(INTERMEDIATE)))
                .isInstanceOf(VerificationResult.Rejected.class);
    }

    @Test
    void listsAreReadInBothFormsAndSeveralAtOnce() throws Exception {
        X509CRL second = list().by(INTERMEDIATE);
        assertThat(Keys.revocations(Bytes.of(ROOT_LIST.getEncoded()))).containsExactly(ROOT_LIST);
        String both = pem(ROOT_LIST) + pem(second);
        assertThat(Keys.revocations(Bytes.ofUtf8(both))).containsExactly(ROOT_LIST, second);
    }

    private static String pem(X509CRL list) throws Exception {
        return "-----BEGIN X509 CRL-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(list.getEncoded())
                + "\n-----END X509 CRL-----\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "geheim", "-----BEGIN X509 CRL-----\ngeheim\n", "0\u0003abc"})
    void whatIsNoListIsRefusedWithoutBeingQuoted(String text) {
        assertThatThrownBy(() -> Keys.revocations(Bytes.ofUtf8(text)))
                .isInstanceOf(SigningException.class)
                .hasMessageContaining("certificate revocation list")
                .hasMessageNotContaining("geheim");
    }
}
