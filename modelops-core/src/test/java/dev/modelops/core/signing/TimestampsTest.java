package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.core.internal.signing.TestPki.Identity;
import dev.modelops.core.internal.signing.TestTsa;
import dev.modelops.core.internal.signing.TestTsa.Fault;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Timestamps of RFC 3161, asked of an authority on loopback that also answers wrongly. */
class TimestampsTest {
    private static final Bytes CONTENT = Bytes.ofUtf8("what was there");
    private static final Identity ROOT = TestPki.draft("tsa root").authority(-1).selfSigned();
    private static final Identity TSA = TestTsa.draft().issuedBy(ROOT);
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir
    Path dir;

    private final TestTsa tsa = new TestTsa(TSA);

    @AfterEach
    void close() {
        tsa.close();
    }

    private Bytes stamp() {
        return Timestamps.stamp(CONTENT, Timestamps.http(tsa.address()));
    }

    private static Timestamp verify(Bytes stamp, Identity... anchors) {
        return Timestamps.verify(stamp, CONTENT, certificates(anchors));
    }

    private static List<X509Certificate> certificates(Identity... identities) {
        return Arrays.stream(identities).map(Identity::certificate).toList();
    }

    private static void assertRefused(Bytes stamp, String told, Identity... anchors) {
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> verify(stamp, anchors))
                .withMessageContaining(told)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED_TIMESTAMP));
    }

    @Test
    void aTimestampTellsWhenItsContentWasThereAndWhoSaysSo() {
        Timestamp stamp = verify(stamp(), ROOT);

        assertThat(stamp.time()).isEqualTo(TestPki.NOW);
        assertThat(stamp.accuracy()).isEqualTo(Duration.ofSeconds(1));
        assertThat(stamp.authority()).isEqualTo("CN=tsa");
        assertThat(stamp.key()).isEqualTo(Crypto.keyDigest(TSA.certificate().getPublicKey()));
    }

    @Test
    void theAuthorityItselfMayBeTheAnchorAndOthersMayLieBetween() {
        Identity middle = TestPki.draft("tsa issuer").authority(0).issuedBy(ROOT);
        Identity below = TestTsa.draft().issuedBy(middle);

        assertThat(verify(stamp(), TSA).time()).isEqualTo(TestPki.NOW);
        assertThat(verify(tsaAs(below, middle), ROOT).time()).isEqualTo(TestPki.NOW);
        assertThat(verify(tsaAs(below), ROOT, middle).time()).isEqualTo(TestPki.NOW);
        assertRefused(tsaAs(below), "CN=tsa issuer", ROOT);
    }

    private Bytes tsaAs(Identity identity, Identity... others) {
        tsa.as(identity, others);
        return stamp();
    }

    @Test
    void rsaKeysAndLongerHashesAreReadToo() {
        Identity rsa = TestTsa.draft().keys(TestPki.rsa(2048)).issuedBy(ROOT);
        tsa.signingBy("SHA384withRSA");

        assertThat(verify(tsaAs(rsa), ROOT).time()).isEqualTo(TestPki.NOW);
    }

    @Test
    void aTimestampOfSomethingElseIsRefused() {
        Bytes stamp = stamp();

        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> Timestamps.verify(stamp, Bytes.ofUtf8("another"), certificates(ROOT)))
                .withMessageContaining("something else");
    }

    @Test
    void anAuthorityThatNobodyTrustsIsRefused() {
        Identity impostor = TestPki.draft("tsa root").authority(-1).selfSigned();

        assertRefused(stamp(), "trusted anchor");
        assertRefused(stamp(), "trusted anchor", impostor);
        assertRefused(tsaAs(TestTsa.draft().issuedBy(impostor), impostor), "trusted anchor", ROOT);
        assertRefused(tsaAs(TestTsa.draft().selfSigned()), "trusted anchor", ROOT);
    }

    @Test
    void whatWasSignedWithAnotherKeyThanTheCertificateSaysIsNoTimestamp() {
        tsa.as(TestTsa.draft().selfSigned()).claimingToBe(TSA);

        assertNotStamped("must be signed by its authority");
    }

    @Test
    void theCertificateMustBeForTimeStampingAndNothingElse() {
        for (Identity wrong : List.of(
                TestPki.draft("tsa").issuedBy(ROOT),
                TestTsa.draft().purposes().issuedBy(ROOT),
                TestTsa.draft()
                        .uncriticalPurposes(KeyPurposeId.id_kp_timeStamping)
                        .issuedBy(ROOT),
                TestTsa.draft()
                        .purposes(KeyPurposeId.id_kp_timeStamping, KeyPurposeId.id_kp_codeSigning)
                        .issuedBy(ROOT),
                TestTsa.draft().purposes(KeyPurposeId.anyExtendedKeyUsage).issuedBy(ROOT),
                TestTsa.draft().usage(KeyUsage.keyCertSign).issuedBy(ROOT))) {
            tsa.as(wrong);

            assertNotStamped("time stamping");
            assertRefused(raw(), "time stamping", ROOT);
            assertRefused(raw(), "time stamping", wrong);
        }
    }

    /** What the authority says, unchecked, as somebody may put it into a bundle who wants to be believed. */
    private Bytes raw() {
        List<Bytes> said = new ArrayList<>();
        var unused = catchThrowable(() -> Timestamps.stamp(CONTENT, request -> {
            said.add(tsa.stamp(request));
            return said.get(0);
        }));
        return said.get(0);
    }

    @Test
    void theCertificatesMustBeValidWhenItStamps() {
        Identity late =
                TestTsa.draft().valid(TestPki.NOW.plusSeconds(1), TestPki.END).issuedBy(ROOT);
        Identity gone = TestTsa.draft()
                .valid(TestPki.START, TestPki.NOW.minusSeconds(1))
                .issuedBy(ROOT);
        Identity oldRoot = TestPki.draft("old root")
                .authority(-1)
                .valid(TestPki.START, TestPki.NOW.minusSeconds(1))
                .selfSigned();

        assertRefused(raw(tsa.as(late)), "valid at " + TestPki.NOW, ROOT);
        assertRefused(raw(tsa.as(gone)), "valid at " + TestPki.NOW, ROOT);
        assertRefused(raw(tsa.as(gone)), "valid at " + TestPki.NOW, gone);
        assertRefused(raw(tsa.as(TestTsa.draft().issuedBy(oldRoot))), "valid at " + TestPki.NOW, oldRoot);
        assertThat(verify(raw(tsa.as(gone).stamping(TestPki.START.plusSeconds(1))), ROOT)
                        .time())
                .isEqualTo(TestPki.START.plusSeconds(1));
    }

    private Bytes raw(TestTsa unused) {
        return raw();
    }

    @Test
    void weakKeysAndHashesAreRefused() {
        Identity weak = TestTsa.draft().keys(TestPki.rsa(1024)).issuedBy(ROOT);

        assertRefused(raw(tsa.as(weak).signingBy("SHA256withRSA")), "RSA with at least 2048 bits", ROOT);
        assertRefused(raw(tsa.as(TSA).signingBy("SHA1withECDSA")), "SHA-256 or better", ROOT);
        tsa.signingBy("SHA256withECDSA");
        assertRefused(
                raw(tsa.as(TestTsa.draft().algorithm("SHA1withECDSA").issuedBy(ROOT))), "SHA-256 or better", ROOT);
    }

    @ParameterizedTest
    @CsvSource({
        "WRONG_IMPRINT, something else",
        "WEAK_IMPRINT, must be over SHA-256",
        "WRONG_NONCE, the nonce of another",
        "NO_NONCE, no nonce",
        "NO_CERTIFICATE, must come with the certificate of its authority",
        "MANY_CERTIFICATES, at most 10 certificates",
        "FORGED, must be signed by its authority",
        "REFUSAL, refused with status 2: come\\u000aback later",
        "GRANTED_WITHOUT_TOKEN, timestamp must",
        "TRUNCATED, could not be read",
        "TRAILING_BYTES, could not be read",
        "NO_ASN1, could not be read",
        "NESTED, could not be read",
        "OVERSIZED, more than 65536 bytes",
        "ENDLESS, more than 65536 bytes",
        "OTHER_TYPE, text/html",
        "SERVER_ERROR, status 500",
        "REDIRECT, status 302",
    })
    void anAuthorityThatAnswersWronglyGivesNoTimestamp(Fault fault, String told) {
        tsa.with(fault);

        assertNotStamped(told);
    }

    private void assertNotStamped(String told) {
        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(this::stamp)
                .withMessageContaining(told)
                .withMessageContaining("authority");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SLOW", "SLOW_BODY"})
    void anAuthorityThatDoesNotAnswerInTimeIsGivenUp(Fault fault) {
        tsa.with(fault);
        TimestampAuthority authority = Timestamps.http(tsa.address(), SHORT);

        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> Timestamps.stamp(CONTENT, authority))
                .withMessageContaining("could not be asked");
    }

    @Test
    void anInterruptEndsTheAsking() throws Exception {
        tsa.with(Fault.SLOW);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread asking = new Thread(() -> {
            failure.set(catchThrowable(this::stamp));
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        asking.start();
        asking.interrupt();
        asking.join(TimeUnit.SECONDS.toMillis(60));

        assertThat(asking.isAlive()).as("still asking after 60 s").isFalse();
        assertThat(failure.get()).isInstanceOf(SigningException.class).hasMessageContaining("interrupted");
        assertThat(interrupted.get()).isTrue();
    }

    @Test
    void nobodyThereIsSaidSo() {
        URI address = tsa.address();
        tsa.close();

        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> Timestamps.stamp(CONTENT, Timestamps.http(address)))
                .withMessageContaining(address.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://tsa.example.org/", "tsa.example.org", "http:/tsr", "http://user@tsa.example.org/"})
    void onlyAddressesOfHttpAreAsked(String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> Timestamps.http(URI.create(address)));
    }

    @Test
    void noRequestHasTheNumberOfAnother() {
        AtomicReference<Bytes> first = new AtomicReference<>();
        Bytes earlier = Timestamps.stamp(CONTENT, request -> {
            first.set(request);
            return tsa.stamp(request);
        });

        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> Timestamps.stamp(CONTENT, request -> {
                    assertThat(request).isNotEqualTo(first.get());
                    return earlier;
                }))
                .withMessageContaining("nonce of another");
    }

    @Test
    void aFileAndItsTimestampStandBesideEachOther() throws IOException {
        Path file = Files.writeString(dir.resolve("checkpoint"), "what was there");

        Path stamp = Timestamps.stamp(file, Timestamps.http(tsa.address()));

        assertThat(stamp).isEqualTo(dir.resolve("checkpoint.tsr"));
        assertThat(Timestamps.verify(file, certificates(ROOT)).time()).isEqualTo(TestPki.NOW);
        tsa.stamping(TestPki.NOW.plusSeconds(1));
        Timestamps.stamp(file, Timestamps.http(tsa.address()));
        assertThat(Timestamps.verify(file, certificates(ROOT)).time()).isEqualTo(TestPki.NOW.plusSeconds(1));
        Files.writeString(file, "something else");
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> Timestamps.verify(file, certificates(ROOT)))
                .withMessageContaining("something else");
        Files.delete(stamp);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> Timestamps.verify(file, certificates(ROOT)))
                .withMessageContaining("checkpoint.tsr");
    }

    @Test
    void onlySmallFilesAreStamped() throws IOException {
        Path large = Files.write(dir.resolve("large"), new byte[1024 * 1024 + 1]);
        TimestampAuthority authority = Timestamps.http(tsa.address());

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Timestamps.stamp(large, authority))
                .withMessageContaining("at most");
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> Timestamps.stamp(dir, authority));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Timestamps.stamp(dir.resolve("none"), authority));
        assertThat(dir).isDirectoryNotContaining("glob:**.tsr");
    }
}
