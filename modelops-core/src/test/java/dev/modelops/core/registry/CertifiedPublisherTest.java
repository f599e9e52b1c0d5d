package dev.modelops.core.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.Progress;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.TrustPolicies;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.VerificationException;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that trusts an authority instead of single keys, and publishers whose certificates come and go. */
@Tag("every-store")
class CertifiedPublisherTest {
    private static final TestPki.Identity AUTHORITY = authority("the bank's authority");
    private static final TestPki.Identity ANOTHER = authority("some other authority");

    @TempDir
    Path dir;

    private int models;

    @Test
    void aVersionSignedUnderACertificateIsServedAlsoAfterTheCertificateExpired() {
        Signer publisher = publisher(AUTHORITY, Duration.ofDays(30));
        GovernedLog log = GovernedLog.open(
                genesis -> genesis.publisherAuthority(AUTHORITY.certificate()),
                opening -> opening.publisher(publisher));
        ModelVersion version = log.as(GovernedLog.AUTHOR).register(spec());
        assertThat(version.publisher()).contains(Crypto.keyDigest(publisher.publicKey()));
        log.as(GovernedLog.VALIDATOR).approve(version.ref(), Environment.PRODUCTION, "fine");
        log.as(GovernedLog.RELEASER).promote(version.ref(), Environment.PRODUCTION);

        log.clock().advance(Duration.ofDays(60));
        try (ModelHandle<String> handle = log.ops()
                .as(GovernedLog.SERVICE)
                .serving()
                .open(
                        "risk",
                        Environment.PRODUCTION,
                        artifact -> artifact.digest().toString())) {
            assertThat(handle.apply(digest -> digest).value())
                    .isEqualTo(version.artifact().toString());
        }
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
        log.ops().close();
    }

    @Test
    void aCertificateThatExpiredBeforeRegistrationIsNotTrusted() {
        Signer publisher = publisher(AUTHORITY, Duration.ofDays(30));
        GovernedLog log = GovernedLog.open(
                genesis -> genesis.publisherAuthority(AUTHORITY.certificate()),
                opening -> opening.publisher(publisher));
        log.clock().advance(Duration.ofDays(60));
        ModelVersion version = log.as(GovernedLog.AUTHOR).register(spec());
        assertThat(version.publisher()).isEmpty();
        log.as(GovernedLog.VALIDATOR).approve(version.ref(), Environment.PRODUCTION, "fine");
        assertThatThrownBy(() -> log.as(GovernedLog.RELEASER).promote(version.ref(), Environment.PRODUCTION))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining("gate-signature");
        log.ops().close();
    }

    @Test
    void aCertificateOfAnotherAuthorityIsNotTrusted() {
        Signer publisher = publisher(ANOTHER, Duration.ofDays(30));
        GovernedLog log = GovernedLog.open(
                genesis -> genesis.publisherAuthority(AUTHORITY.certificate()),
                opening -> opening.publisher(publisher));
        assertThat(log.as(GovernedLog.AUTHOR).register(spec()).publisher()).isEmpty();
        log.ops().close();
    }

    @Test
    void aSignatureThatLiesAmongTheFilesItSignsIsNotAFileOfTheModel() throws Exception {
        GovernedLog log = GovernedLog.open();
        Path model = Models.small(dir.resolve("signed elsewhere"));
        Path signature = model.resolve("model.sig");
        ModelSignatures.sign(model, signature, GovernedLog.PUBLISHER, Progress.NONE);
        Bytes bundle = Bytes.of(Files.readAllBytes(signature));
        ModelVersion version = log.as(GovernedLog.AUTHOR)
                .register(VersionSpec.of("risk", model).bundle(bundle));
        assertThat(version.publisher()).isPresent();

        Files.writeString(model.resolve("unsigned.txt"), "added");
        assertThatThrownBy(() -> log.as(GovernedLog.AUTHOR)
                        .register(VersionSpec.of("risk", model).bundle(bundle)))
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining("unsigned.txt");
        log.ops().close();
    }

    @Test
    void anAuthorityOfATrustPolicyCertifiesWhereNobodyIsNamedApartAndKeysItCertifiedCanBeRevoked() {
        Signer root = TestKeys.seeded(3).ed25519("root");
        Signer publisher = publisher(AUTHORITY, Duration.ofDays(30));
        GovernedLog log = GovernedLog.open(
                genesis -> genesis.publisherAuthority(ANOTHER.certificate())
                        .publisherAuthority(AUTHORITY.certificate())
                        .roots(1, List.of(root.publicKey())),
                opening -> opening.publisher(publisher));
        ModelVersion before = log.as(GovernedLog.AUTHOR).register(spec());
        TrustPolicy without = TrustPolicy.of("example.org/models", 1, List.of(root.publicKey()));
        install(log, without, root);
        assertThat(log.as(GovernedLog.AUTHOR).register(spec()).publisher()).isEmpty();
        TrustPolicy named = without.next().authority(AUTHORITY.certificate());
        install(log, named, root);
        ModelVersion certified = log.as(GovernedLog.AUTHOR).register(spec());
        assertThat(certified.publisher()).isPresent();
        TrustPolicy apart = named.next().role(TrustPolicy.PUBLISHER, "ri*", 1, GovernedLog.PUBLISHER.publicKey());
        install(log, apart, root);
        assertThat(log.as(GovernedLog.AUTHOR).register(spec()).publisher()).isEmpty();
        TrustPolicy revoking = apart.next()
                .withoutRole(TrustPolicy.PUBLISHER, "ri*")
                .revoke(publisher.publicKey(), certified.position(), "stolen");
        install(log, revoking, root);
        assertThat(log.as(GovernedLog.AUTHOR).register(spec()).publisher()).isEmpty();
        log.as(GovernedLog.VALIDATOR).approve(before.ref(), Environment.PRODUCTION, "fine");
        log.as(GovernedLog.RELEASER).promote(before.ref(), Environment.PRODUCTION);
        log.as(GovernedLog.VALIDATOR).approve(certified.ref(), Environment.PRODUCTION, "fine");
        assertThatThrownBy(() -> log.as(GovernedLog.RELEASER).promote(certified.ref(), Environment.PRODUCTION))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining("gate-signature");
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
        log.ops().close();
    }

    @Test
    void anAuthorityWhoseKeyIsRevokedCertifiesNobody() {
        Signer root = TestKeys.seeded(3).ed25519("root");
        Signer publisher = publisher(AUTHORITY, Duration.ofDays(30));
        GovernedLog log = GovernedLog.open(
                genesis -> genesis.publisherAuthority(AUTHORITY.certificate()).roots(1, List.of(root.publicKey())),
                opening -> opening.publisher(publisher));
        ModelVersion before = log.as(GovernedLog.AUTHOR).register(spec());
        TrustPolicy first = TrustPolicy.of("example.org/models", 1, List.of(root.publicKey()))
                .authority(AUTHORITY.certificate());
        install(log, first, root);
        ModelVersion certified = log.as(GovernedLog.AUTHOR).register(spec());
        assertThat(certified.publisher()).isPresent();
        TrustPolicy revoking =
                first.next().revoke(AUTHORITY.certificate().getPublicKey(), certified.position(), "stolen");
        assertThat(revoking.authorities()).isEmpty();
        assertThatThrownBy(() -> revoking.authority(AUTHORITY.certificate()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be that of an authority");
        log.as(GovernedLog.VALIDATOR).approve(certified.ref(), Environment.PRODUCTION, "fine");
        log.as(GovernedLog.RELEASER).promote(certified.ref(), Environment.PRODUCTION);
        ModelHandle<String> handle = serve(log);
        assertThat(handle.version()).contains(certified.ref());
        install(log, revoking, root);
        assertThatThrownBy(() -> handle.apply(digest -> digest))
                .as("what the revoked authority certified is served no longer, though it is loaded")
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining("gate-signature");
        assertThat(log.as(GovernedLog.AUTHOR).register(spec()).publisher()).isEmpty();
        TrustPolicy forgetful = TrustPolicy.of(
                revoking.log(), 3, revoking.keys(), revoking.roles(), List.of(AUTHORITY.certificate()), List.of());
        assertThatThrownBy(() -> install(log, forgetful, root))
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining("no authority whose key was revoked");
        log.as(GovernedLog.VALIDATOR).approve(before.ref(), Environment.PRODUCTION, "fine");
        log.as(GovernedLog.RELEASER).promote(before.ref(), Environment.PRODUCTION);
        assertThat(handle.version()).contains(before.ref());
        assertThatThrownBy(() -> log.as(GovernedLog.RELEASER).promote(certified.ref(), Environment.PRODUCTION))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining("gate-signature");
        handle.close();
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
        log.ops().close();
    }

    private static ModelHandle<String> serve(GovernedLog log) {
        return log.ops()
                .as(GovernedLog.SERVICE)
                .serving()
                .open(
                        "risk",
                        Environment.PRODUCTION,
                        artifact -> artifact.digest().toString());
    }

    private static void install(GovernedLog log, TrustPolicy policy, Signer root) {
        log.ops().as(GovernedLog.ADMIN).policies().installTrust(TrustPolicies.sign(policy, root));
    }

    private VersionSpec spec() {
        return VersionSpec.of("risk", Models.small(dir.resolve("model-" + ++models)));
    }

    private static TestPki.Identity authority(String name) {
        return TestPki.draft(name)
                .keys(TestPki.keys("secp384r1"))
                .valid(GovernedLog.START.minus(Duration.ofDays(1)), GovernedLog.START.plus(Duration.ofDays(3650)))
                .authority(0)
                .usage(KeyUsage.keyCertSign)
                .selfSigned();
    }

    private static Signer publisher(TestPki.Identity authority, Duration validity) {
        TestPki.Identity leaf = TestPki.draft("publisher")
                .keys(TestPki.keys("secp256r1"))
                .valid(GovernedLog.START.minus(Duration.ofDays(1)), GovernedLog.START.plus(validity))
                .usage(KeyUsage.digitalSignature)
                .issuedBy(authority);
        return Crypto.signer(
                leaf.privateKey(), leaf.keys().getPublic(), List.of(leaf.certificate(), authority.certificate()));
    }
}
