package dev.modelops.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.PolicyEnvelope;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyBundleTest {
    private static final TestKeys KEYS = TestKeys.seeded(11);
    private static final Signer PUBLISHER = KEYS.ed25519("policy publisher");
    private static final Signer OTHER = KEYS.ed25519("somebody else");
    private static final List<PublicKey> TRUSTED = List.of(PUBLISHER.publicKey());
    private static final PolicySet SET = Policies.builtIn();
    private static final String GOOD = PolicyBundle.sign(SET, 7, PUBLISHER).toUtf8();

    @Test
    void aSignedBundleIsReadAgain() {
        PolicyBundle read = PolicyBundle.verify(Bytes.ofUtf8(GOOD), TRUSTED);
        assertThat(read).isEqualTo(new PolicyBundle(SET, 7, Crypto.keyDigest(PUBLISHER.publicKey())));
        assertThat(PolicyBundle.sign(SET, 7, PUBLISHER).toUtf8()).isEqualTo(GOOD);
        assertThat(PolicyBundle.verify(Bytes.ofUtf8(GOOD), List.of(OTHER.publicKey(), PUBLISHER.publicKey()))
                        .revision())
                .isEqualTo(7);
    }

    @Test
    void theSignatureIsDsseOverThePayloadAsItLies() throws Exception {
        byte[] payload = payload(GOOD);
        assertThat(new String(payload, StandardCharsets.UTF_8))
                .startsWith("{\"digest\":\"" + SET.digest() + "\",\"document\":\"")
                .endsWith("\",\"revision\":7}");
        String type = "application/vnd.modelops.policy-bundle.v1+json";
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(PUBLISHER.publicKey().getEncoded())));
        verifier.update(
                ("DSSEv1 " + type.length() + " " + type + " " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
        verifier.update(payload);
        assertThat(verifier.verify(Base64.getDecoder().decode(member("sig")))).isTrue();
        assertThat(member("payloadType")).isEqualTo(type);
        assertThat(member("keyid"))
                .isEqualTo(Crypto.keyDigest(PUBLISHER.publicKey()).toString());
    }

    private static String member(String name) {
        return GOOD.replaceFirst(".*\"" + name + "\":\"([^\"]*)\".*", "$1");
    }

    private static byte[] payload(String bundle) {
        return Base64.getDecoder().decode(bundle.replaceFirst("\\{\"payload\":\"([^\"]*)\".*", "$1"));
    }

    private static String withPayload(String payload) {
        return GOOD.replaceFirst(
                "\"payload\":\"[^\"]*\"",
                "\"payload\":\"" + Base64.getEncoder().encodeToString(payload.getBytes(StandardCharsets.UTF_8)) + "\"");
    }

    /** A bundle with any content, signed well. */
    private static String signed(String payload) {
        String type = PolicyEnvelope.PAYLOAD_TYPE;
        int length = payload.getBytes(StandardCharsets.UTF_8).length;
        Bytes signature =
                PUBLISHER.sign(Bytes.ofUtf8("DSSEv1 " + type.length() + " " + type + " " + length + " " + payload));
        return withPayload(payload).replace(member("sig"), signature.toBase64());
    }

    static Stream<Arguments> bad() {
        String payload = new String(payload(GOOD), StandardCharsets.UTF_8);
        return Stream.of(
                arguments("empty", "", Reason.MALFORMED_BUNDLE),
                arguments("not an object", "[]", Reason.MALFORMED_BUNDLE),
                arguments("a bare policy set", SET.document(), Reason.MALFORMED_BUNDLE),
                arguments("truncated", GOOD.substring(0, GOOD.length() - 9), Reason.MALFORMED_BUNDLE),
                arguments("something after it", GOOD + "{}", Reason.MALFORMED_BUNDLE),
                arguments(
                        "a member twice",
                        GOOD.replace("\"payloadType\"", "\"payload\":\"e30=\",\"payloadType\""),
                        Reason.MALFORMED_BUNDLE),
                arguments("a member more", GOOD.replaceFirst("\\{", "{\"more\":1,"), Reason.MALFORMED_BUNDLE),
                arguments(
                        "no signature",
                        GOOD.replaceFirst("\"signatures\":\\[.*\\]", "\"signatures\":[]"),
                        Reason.MALFORMED_BUNDLE),
                arguments("a long signature", GOOD.replace(member("sig"), "A".repeat(400)), Reason.MALFORMED_BUNDLE),
                arguments("too many signatures", manySignatures(), Reason.MALFORMED_BUNDLE),
                arguments("huge", " ".repeat(PolicyEnvelope.MAX_BYTES) + GOOD, Reason.MALFORMED_BUNDLE),
                arguments("deep", "[".repeat(100_000), Reason.MALFORMED_BUNDLE),
                arguments(
                        "another payload type",
                        GOOD.replace("policy-bundle.v1", "policy-bundle.v2"),
                        Reason.UNSUPPORTED),
                arguments(
                        "an in-toto statement",
                        GOOD.replace(PolicyEnvelope.PAYLOAD_TYPE, "application/vnd.in-toto+json"),
                        Reason.UNSUPPORTED),
                arguments(
                        "an altered document",
                        withPayload(payload.replaceFirst("forbid", "permit")),
                        Reason.INVALID_SIGNATURE),
                arguments(
                        "an altered revision",
                        withPayload(payload.replace("\"revision\":7", "\"revision\":8")),
                        Reason.INVALID_SIGNATURE),
                arguments(
                        "signed by somebody else",
                        PolicyBundle.sign(SET, 7, OTHER).toUtf8(),
                        Reason.UNTRUSTED_KEY),
                arguments(
                        "signed by somebody else under the publisher's name",
                        PolicyBundle.sign(SET, 7, OTHER)
                                .toUtf8()
                                .replace(
                                        Crypto.keyDigest(OTHER.publicKey()).toString(),
                                        Crypto.keyDigest(PUBLISHER.publicKey()).toString()),
                        Reason.INVALID_SIGNATURE),
                arguments("content that is no object", signed("7"), Reason.INVALID_STATEMENT),
                arguments(
                        "content with a member twice",
                        signed(payload.replace(",\"revision\":7", ",\"revision\":7,\"revision\":8")),
                        Reason.INVALID_STATEMENT),
                arguments(
                        "content with a member more",
                        signed(payload.replace(",\"revision\":7", ",\"revision\":7,\"more\":8")),
                        Reason.INVALID_STATEMENT),
                arguments(
                        "the digest of another document",
                        signed(payload.replaceFirst("reads", "Reads")),
                        Reason.INVALID_STATEMENT),
                arguments("no revision", signed(payload.replace(",\"revision\":7", "")), Reason.INVALID_STATEMENT),
                arguments(
                        "revision 0",
                        signed(payload.replace("\"revision\":7", "\"revision\":0")),
                        Reason.INVALID_STATEMENT),
                arguments(
                        "half a revision",
                        signed(payload.replace("\"revision\":7", "\"revision\":7.5")),
                        Reason.INVALID_STATEMENT),
                arguments(
                        "an endless revision",
                        signed(payload.replace("\"revision\":7", "\"revision\":99999999999999999999")),
                        Reason.INVALID_STATEMENT),
                arguments(
                        "a revision in words",
                        signed(payload.replace("\"revision\":7", "\"revision\":\"7\"")),
                        Reason.INVALID_STATEMENT));
    }

    private static String manySignatures() {
        String one = GOOD.replaceFirst(".*\"signatures\":\\[(.*)\\].*", "$1");
        return GOOD.replace(one, String.join(",", Collections.nCopies(17, one)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void aBundleThatIsNotWhatItShouldBeIsRefused(String what, String bundle, Reason reason) {
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> PolicyBundle.verify(Bytes.ofUtf8(bundle), TRUSTED))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void everyFlippedBitIsFound() {
        byte[] good = GOOD.getBytes(StandardCharsets.UTF_8);
        int keyId = GOOD.indexOf(member("keyid"));
        new Random(5).ints(400, 0, good.length * 8).forEach(bit -> {
            byte[] altered = good.clone();
            altered[bit / 8] ^= (byte) (1 << (bit % 8));
            // What a signature says of its key is a hint that nothing depends on.
            if (bit / 8 < keyId || bit / 8 >= keyId + member("keyid").length()) {
                assertThatExceptionOfType(VerificationException.class)
                        .as("bit %s", bit)
                        .isThrownBy(() -> PolicyBundle.verify(Bytes.of(altered), TRUSTED));
            }
        });
    }

    @Test
    void withoutTrustedKeysNothingIsTrusted() {
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> PolicyBundle.verify(Bytes.ofUtf8(GOOD), List.of()))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED_KEY));
    }

    @Test
    void onlyWhatCanBeDecidedByIsSignedAndOnlyByAnEd25519Key() {
        assertThatIllegalArgumentException().isThrownBy(() -> PolicyBundle.sign(SET, 0, PUBLISHER));
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> PolicyBundle.sign(new PolicySet("{}{}"), 1, PUBLISHER));
        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> PolicyBundle.sign(SET, 1, KEYS.ecdsa("ec")))
                .withMessageContaining("Ed25519");
    }

    @Test
    void aSignerThatSignsWithAnotherKeyIsFoundOut() {
        Signer confused = new Signer() {
            @Override
            public SignatureAlgorithm algorithm() {
                return PUBLISHER.algorithm();
            }

            @Override
            public PublicKey publicKey() {
                return PUBLISHER.publicKey();
            }

            @Override
            public Bytes sign(Bytes message) {
                return OTHER.sign(message);
            }
        };
        assertThatExceptionOfType(SigningException.class).isThrownBy(() -> PolicyBundle.sign(SET, 1, confused));
    }
}
