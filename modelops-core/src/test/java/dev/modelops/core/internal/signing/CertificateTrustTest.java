package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.OmsRule.CERTIFICATES;
import static dev.modelops.core.internal.signing.OmsRule.MATERIAL_FITS_METHOD;
import static dev.modelops.core.internal.signing.TestPki.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.TestPki.Draft;
import dev.modelops.core.internal.signing.TestPki.Identity;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateTrustTest {
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Identity ROOT = draft("root").authority(-1).selfSigned();
    private static final Identity INTERMEDIATE =
            draft("intermediate").authority(0).issuedBy(ROOT);

    @TempDir
    Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void makeModel() {
        model = Models.folder(folder);
    }

    @Test
    void aChainToAnAnchorIsTrusted() {
        Identity leaf = leaf().issuedBy(INTERMEDIATE);

        VerifiedStatement statement = verify(bundle(leaf, INTERMEDIATE), TestPki.NOW, ROOT);

        assertThat(statement.signer()).isEqualTo(Crypto.keyDigest(KEYS.getPublic()));
        assertThat(statement.notes()).isEmpty();
    }

    @Test
    void theChainMayBeInAnyOrderAndHoldTheRootAndStrangers() {
        Identity leaf = leaf().issuedBy(INTERMEDIATE);
        Identity stranger = draft("stranger").authority(-1).selfSigned();

        assertThat(verify(bundle(leaf, ROOT, stranger, INTERMEDIATE), TestPki.NOW, stranger, ROOT)
                        .files())
                .hasSize(3);
    }

    @Test
    void anIntermediateMayBeTheAnchorAndALeafTooIfItSaysSo() {
        Identity leaf = leaf().issuedBy(INTERMEDIATE);

        assertThat(verify(bundle(leaf), TestPki.NOW, INTERMEDIATE).files()).hasSize(3);
        assertThat(verify(bundle(leaf), TestPki.NOW, leaf).files()).hasSize(3);
        assertUntrusted(bundle(leaf), TestPki.END.plusSeconds(1), leaf);
    }

    @Covers(CERTIFICATES)
    @Test
    void aCertificateCountsOnlyWithinItsValidity() {
        Bytes bundle = bundle(leaf().valid(Instant.parse("2026-03-01T00:00:00Z"), Instant.parse("2026-04-01T00:00:00Z"))
                .issuedBy(ROOT));

        assertThat(verify(bundle, Instant.parse("2026-03-15T00:00:00Z"), ROOT).files())
                .hasSize(3);
        assertUntrusted(bundle, Instant.parse("2026-02-28T23:59:59Z"), ROOT);
        assertUntrusted(bundle, Instant.parse("2026-04-01T00:00:01Z"), ROOT);
    }

    @Test
    void anExpiredIntermediateOrAnchorEndsTheTrust() {
        Identity expired = draft("intermediate")
                .authority(0)
                .valid(TestPki.START, TestPki.START.plusSeconds(60))
                .issuedBy(ROOT);
        Identity oldRoot = draft("old root")
                .authority(-1)
                .valid(TestPki.START, TestPki.START.plusSeconds(60))
                .selfSigned();

        assertUntrusted(bundle(leaf().issuedBy(expired), expired), TestPki.NOW, ROOT);
        assertUntrusted(bundle(leaf().issuedBy(oldRoot)), TestPki.NOW, oldRoot);
    }

    @Covers(CERTIFICATES)
    @Test
    void theUsageMustBeSigning() {
        for (Draft draft : List.of(
                leaf().usage(KeyUsage.keyAgreement).purposes(),
                leaf().usage(-1).purposes(),
                leaf().usage(KeyUsage.keyCertSign).purposes(),
                leaf().usage(KeyUsage.nonRepudiation).purposes(),
                leaf().usage(-1).purposes(KeyPurposeId.id_kp_clientAuth),
                leaf().purposes(KeyPurposeId.id_kp_serverAuth),
                leaf().purposes(KeyPurposeId.id_kp_timeStamping, KeyPurposeId.id_kp_emailProtection))) {
            assertUntrusted(bundle(draft.issuedBy(ROOT)), TestPki.NOW, ROOT);
        }
        for (Draft draft : List.of(
                leaf().purposes(),
                leaf().usage(-1),
                leaf().usage(KeyUsage.keyEncipherment | KeyUsage.digitalSignature),
                leaf().purposes(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_codeSigning),
                leaf().purposes(KeyPurposeId.anyExtendedKeyUsage))) {
            assertThat(verify(bundle(draft.issuedBy(ROOT)), TestPki.NOW, ROOT).files())
                    .hasSize(3);
        }
    }

    @Covers(CERTIFICATES)
    @Test
    void anotherAuthorityIsNotTrustedEvenUnderTheSameName() {
        Identity impostor = draft("root").authority(-1).selfSigned();

        assertUntrusted(bundle(leaf().issuedBy(impostor), impostor), TestPki.NOW, ROOT);
        assertUntrusted(
                bundle(leaf().issuedBy(ROOT)),
                TestPki.NOW,
                draft("other").authority(-1).selfSigned());
        assertUntrusted(bundle(leaf().selfSigned()), TestPki.NOW, ROOT);
        assertUntrusted(bundle(leaf().issuedBy(INTERMEDIATE)), TestPki.NOW, ROOT);
    }

    @Test
    void aLeafCannotIssueAnotherLeaf() {
        Identity holder = draft("holder").issuedBy(ROOT);
        Identity forged = leaf().issuedBy(holder);

        assertUntrusted(bundle(forged, holder), TestPki.NOW, ROOT);
    }

    @Test
    void thePathLengthOfAnAuthorityIsKept() {
        Identity below = draft("below").authority(-1).issuedBy(INTERMEDIATE);

        assertUntrusted(bundle(leaf().issuedBy(below), below, INTERMEDIATE), TestPki.NOW, ROOT);
    }

    @Test
    void weakKeysAndHashesOnTheWayAreRefused() {
        KeyPair weakKeys = TestPki.rsa(1024);
        Identity weakRoot = draft("weak").authority(-1).keys(weakKeys).selfSigned();
        Identity weakIntermediate =
                draft("weak intermediate").authority(0).keys(weakKeys).issuedBy(ROOT);
        Identity strongRoot =
                draft("strong").authority(-1).keys(TestPki.rsa(2048)).selfSigned();

        assertUntrusted(bundle(leaf().issuedBy(weakRoot)), TestPki.NOW, weakRoot);
        assertUntrusted(bundle(leaf().issuedBy(weakIntermediate), weakIntermediate), TestPki.NOW, ROOT);
        assertUntrusted(bundle(leaf().algorithm("SHA1withECDSA").issuedBy(ROOT)), TestPki.NOW, ROOT);
        assertThat(verify(bundle(leaf().issuedBy(strongRoot)), TestPki.NOW, strongRoot)
                        .files())
                .hasSize(3);
    }

    @Test
    void aCertificateForAnotherKindOfKeyIsUnsupported() {
        Identity rsa = draft("rsa").keys(TestPki.rsa(2048)).issuedBy(ROOT);
        Identity otherCurve = draft("k1").keys(TestPki.keys("brainpoolP256r1")).issuedBy(ROOT);

        assertRefused(withCertificates(bundle(leaf().issuedBy(ROOT)), rsa), TestPki.NOW, Reason.UNSUPPORTED, ROOT);
        assertRefused(
                withCertificates(bundle(leaf().issuedBy(ROOT)), otherCurve), TestPki.NOW, Reason.UNSUPPORTED, ROOT);
    }

    @Test
    void theSignatureMustBeByTheLeaf() {
        Bytes bundle = bundle(leaf().issuedBy(ROOT));
        Identity other = draft("other").issuedBy(ROOT);

        assertRefused(withCertificates(bundle, other), TestPki.NOW, Reason.INVALID_SIGNATURE, ROOT);
        assertRefused(
                withCertificates(bundle, other, leaf().issuedBy(ROOT)), TestPki.NOW, Reason.INVALID_SIGNATURE, ROOT);
        assertRefused(Models.restated(bundle, signer(other), s -> {}), TestPki.NOW, Reason.INVALID_SIGNATURE, ROOT);
    }

    @Covers(MATERIAL_FITS_METHOD)
    @Test
    void aTrustedKeyIsNoAnchorAndAnAnchorIsNoTrustedKey() {
        Identity leaf = leaf().issuedBy(ROOT);
        Bytes byCertificate = bundle(leaf);
        Bytes byKey = Models.sign(model, Crypto.signer(KEYS.getPrivate(), KEYS.getPublic(), List.of()));
        PublisherTrust keyOnly = PublisherTrust.of(List.of(KEYS.getPublic()), List.of());
        PublisherTrust anchorOnly = PublisherTrust.of(List.of(), List.of(leaf.certificate()));

        assertThatThrownBy(() -> keyOnly.verify(Bundle.parse(byCertificate), TestPki.NOW))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED_CERTIFICATE));
        assertThatThrownBy(() -> anchorOnly.verify(Bundle.parse(byKey), TestPki.NOW))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED_KEY));
    }

    @Test
    void certificatesThatAreNotWellFormedAreMalformed() throws Exception {
        Bytes bundle = bundle(leaf().issuedBy(ROOT));
        byte[] der = leaf().issuedBy(ROOT).certificate().getEncoded();
        String pem = "-----BEGIN CERTIFICATE-----\n" + Bytes.of(der).toBase64() + "\n-----END CERTIFICATE-----\n";
        for (byte[] bad : List.of(
                new byte[] {1, 2, 3},
                Arrays.copyOf(der, der.length + 1),
                Arrays.copyOf(der, der.length - 1),
                pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII))) {
            Bytes edited = Models.edited(
                    bundle,
                    root -> certificates(root)
                            .removeAll()
                            .addObject()
                            .put("rawBytes", Bytes.of(bad).toBase64()));
            assertRefused(edited, TestPki.NOW, Reason.MALFORMED_BUNDLE, ROOT);
        }
        Bytes none = Models.edited(bundle, root -> certificates(root).removeAll());
        assertRefused(none, TestPki.NOW, Reason.MALFORMED_BUNDLE, ROOT);
        Bytes eleven = Models.edited(bundle, root -> {
            for (int i = 0; i < 10; i++) {
                certificates(root).add(certificates(root).get(0));
            }
        });
        assertRefused(eleven, TestPki.NOW, Reason.MALFORMED_BUNDLE, ROOT);
    }

    @Test
    void aRingOfCertificatesEnds() {
        KeyPair a = TestPki.keys("secp256r1");
        KeyPair b = TestPki.keys("secp256r1");
        Identity first = draft("a").authority(-1).keys(a).selfSigned();
        Identity second = draft("b").authority(-1).keys(b).issuedBy(first);
        Identity back = draft("a").authority(-1).keys(a).issuedBy(second);

        assertUntrusted(bundle(leaf().issuedBy(first), back, second, back, second), TestPki.NOW, ROOT);
    }

    /** However long its parameters are, the time of using them is not given away. */
    @Test
    void aKeyThatSetsItsOwnPriceIsNeverUsed() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("DSA");
        generator.initialize(2048);
        Identity dsa = draft("dsa")
                .authority(-1)
                .keys(generator.generateKeyPair())
                .algorithm("SHA256withDSA")
                .selfSigned();
        Identity leaf = leaf().algorithm("SHA256withDSA").issuedBy(dsa);
        List<String> used = new ArrayList<>();
        X509Certificate watched = new WatchedCertificate(leaf.certificate(), key -> used.add(key.getAlgorithm()));

        for (CertificateTrust trust : List.of(
                CertificateTrust.ofModels(certificates(ROOT)), CertificateTrust.ofModels(certificates(ROOT, dsa)))) {
            assertThatThrownBy(() -> trust.requireTrusted(List.of(watched, dsa.certificate()), TestPki.NOW))
                    .isInstanceOf(VerificationException.class)
                    .hasMessageContaining("'CN=dsa'");
        }
        CertificateTrust.ofModels(certificates(ROOT))
                .requireTrusted(
                        List.of(new WatchedCertificate(
                                leaf().issuedBy(ROOT).certificate(), key -> used.add(key.getAlgorithm()))),
                        TestPki.NOW);
        assertThat(used).isNotEmpty().containsOnly("EC");
    }

    private static Draft leaf() {
        return draft("leaf").keys(KEYS);
    }

    private static Signer signer(Identity... chain) {
        return Crypto.signer(chain[0].privateKey(), chain[0].keys().getPublic(), certificates(chain));
    }

    private static List<X509Certificate> certificates(Identity... identities) {
        return Arrays.stream(identities).map(Identity::certificate).toList();
    }

    private static ArrayNode certificates(ObjectNode root) {
        return (ArrayNode) root.at("/verificationMaterial/x509CertificateChain/certificates");
    }

    private Bytes bundle(Identity... chain) {
        return Models.sign(model, signer(chain));
    }

    private static Bytes withCertificates(Bytes bundle, Identity... chain) {
        List<String> encoded = new ArrayList<>();
        try {
            for (Identity identity : chain) {
                encoded.add(Bytes.of(identity.certificate().getEncoded()).toBase64());
            }
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
        return Models.edited(bundle, root -> {
            ArrayNode certificates = certificates(root).removeAll();
            encoded.forEach(raw -> certificates.addObject().put("rawBytes", raw));
        });
    }

    private static VerifiedStatement verify(Bytes bundle, Instant at, Identity... anchors) {
        return PublisherTrust.of(List.of(), certificates(anchors)).verify(Bundle.parse(bundle), at);
    }

    private static void assertUntrusted(Bytes bundle, Instant at, Identity... anchors) {
        assertRefused(bundle, at, Reason.UNTRUSTED_CERTIFICATE, anchors);
    }

    private static void assertRefused(Bytes bundle, Instant at, Reason reason, Identity... anchors) {
        assertThatThrownBy(() -> verify(bundle, at, anchors))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
