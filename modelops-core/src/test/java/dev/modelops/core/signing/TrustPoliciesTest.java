package dev.modelops.core.signing;

import static dev.modelops.signing.TrustPolicy.APPROVER;
import static dev.modelops.signing.TrustPolicy.PUBLISHER;
import static dev.modelops.signing.TrustPolicy.ROOT;
import static dev.modelops.signing.TrustPolicy.TESTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Bytes;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import dev.modelops.core.evidence.Envelopes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.signing.TrustPolicy.Revocation;
import dev.modelops.signing.TrustPolicy.Role;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.interfaces.ECPublicKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrustPoliciesTest {
    private static final TestKeys KEYS = TestKeys.seeded(71);
    private static final Signer A = KEYS.ed25519("root a");
    private static final Signer B = KEYS.ed25519("root b");
    private static final Signer C = KEYS.ed25519("root c");
    private static final PublicKey CI = KEYS.ecdsa("ci").publicKey();
    private static final PublicKey CREDIT_CI = KEYS.ecdsa("credit ci").publicKey();
    private static final PublicKey LAB = KEYS.ed25519("lab").publicKey();
    private static final PublicKey VERA_KEY = KEYS.ed25519("vera").publicKey();
    private static final Principal VERA = Principal.of("corp", "vera");
    private static final Instant TIME = Instant.parse("2026-05-01T10:00:00Z");
    private static final String TYPE = "application/vnd.modelops.trust-policy.v1+json";

    private static final TrustPolicy FIRST = TrustPolicy.of("example.org/models", 2, roots(A, B, C));
    private static final TrustPolicy FULL = FIRST.next()
            .role(PUBLISHER, 1, Key.of(CI).from(TIME).until(TIME.plusSeconds(60)))
            .role(PUBLISHER, "credit-*", 1, CREDIT_CI)
            .role(TESTER, 2, LAB, VERA_KEY)
            .role(APPROVER, 1, Key.of(VERA_KEY).owner(VERA))
            .revoke(KEYS.ecdsa("lost").publicKey(), LogPosition.of(12), "laptop stolen");

    private static List<PublicKey> roots(Signer... signers) {
        return Stream.of(signers).map(Signer::publicKey).toList();
    }

    @Test
    void whatWasSignedIsReadAgainAndEqualPoliciesHaveEqualBytes() {
        for (TrustPolicy policy : List.of(FIRST, FULL)) {
            Bytes one = TrustPolicies.sign(policy, A);
            assertThat(TrustPolicies.read(one)).isEqualTo(policy).hasToString(policy.toString());
            assertThat(TrustPolicies.sign(TrustPolicies.read(one), A)).isEqualTo(one);
            Bytes two = TrustPolicies.signAgain(one, B);
            assertThat(TrustPolicies.read(two)).isEqualTo(policy);
            assertThat(TrustPolicies.signers(two, roots(A, B, C)))
                    .containsExactlyInAnyOrder(Crypto.keyDigest(A.publicKey()), Crypto.keyDigest(B.publicKey()));
        }
        assertThat(FULL).isNotEqualTo(FIRST);
        assertThat(FULL.version()).isEqualTo(2);
    }

    @Test
    void whatIsSaidOfAKeyHoldsInAllRoles() {
        assertThat(FULL.keys()).hasSize(7);
        assertThat(FULL.key(Key.of(VERA_KEY).id())).contains(Key.of(VERA_KEY).owner(VERA));
        assertThat(FULL.role(TESTER, 2, LAB, VERA_KEY)
                        .key(Key.of(VERA_KEY).id())
                        .flatMap(Key::owner))
                .contains(VERA);
        assertThat(FULL.withoutRole(TESTER, "*").key(Key.of(LAB).id())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "credit-risk, credit-risk",
        "credit-risk-2, credit-*",
        "credit-, credit-*",
        "credit, c*",
        "cash, c*",
        "fraud, *"
    })
    void theEntryThatFitsAModelMostCloselyCounts(String model, String models) {
        TrustPolicy policy = FIRST.role(PUBLISHER, "c*", 1, CI)
                .role(PUBLISHER, "credit-*", 1, CI)
                .role(PUBLISHER, 1, CI)
                .role(PUBLISHER, "credit-risk", 1, CI);
        assertThat(policy.role(PUBLISHER, ModelName.of(model)).map(Role::models))
                .contains(models);
        assertThat(policy.role(TESTER, ModelName.of(model))).isEmpty();
    }

    @Test
    void keysOfOneOwnerCountOnce() {
        Key one = Key.of(LAB).owner(VERA);
        Key other = Key.of(VERA_KEY).owner(VERA);
        assertThat(FIRST.role(TESTER, 1, one, other).holders(Set.of(one.id(), other.id())))
                .isEqualTo(1);
        assertThat(FIRST.holders(Set.of(one.id(), other.id()))).isEqualTo(2);
        assertRefused(() -> FIRST.role(TESTER, 2, one, other), "needs 2 different holders of keys, but has 1");
    }

    @Test
    void aRevokedKeyLosesAllRolesAndLeavesThemToNobody() {
        TrustPolicy policy = FULL.next().revoke(CREDIT_CI, "left the company");
        assertThat(policy.role(PUBLISHER, ModelName.of("credit-risk")).map(Role::keys))
                .contains(Set.of());
        assertThat(policy.revocations())
                .containsExactly(new Revocation(Key.of(CREDIT_CI).id(), Optional.empty(), "left the company"));
        assertThat(TrustPolicies.read(TrustPolicies.sign(policy, A))).isEqualTo(policy);
        assertRefused(() -> policy.role(TESTER, 1, CREDIT_CI), "is revoked and cannot fill a role");
        assertRefused(
                () -> FIRST.revoke(A.publicKey(), "x").revoke(B.publicKey(), "y"), "needs 2 different holders of keys");
    }

    static Stream<Arguments> nonsense() {
        return Stream.of(
                arguments("a threshold of none", call(() -> FIRST.role(TESTER, 0, LAB)), "at least 1"),
                arguments("a key twice", call(() -> FIRST.role(TESTER, 1, LAB, LAB)), "given twice"),
                arguments("nobody for a role", call(() -> FIRST.role(TESTER, 1, new Key[0])), "but has 0"),
                arguments("two publishers", call(() -> FIRST.role(PUBLISHER, 2, CI, LAB)), "room for one"),
                arguments("some root keys", call(() -> FIRST.role(ROOT, "c*", 1, LAB)), "all models"),
                arguments("no root keys", call(() -> FIRST.withoutRole(ROOT, "*")), "must name its root keys"),
                arguments(
                        "a root key that expires",
                        call(() -> FIRST.role(ROOT, 1, Key.of(LAB).until(TIME))),
                        "must not expire"),
                arguments("an approver without name", call(() -> FIRST.role(APPROVER, 1, LAB)), "whose it is"),
                arguments("a bad role", call(() -> FIRST.role("Tester", 1, LAB)), "role must be"),
                arguments("bad models", call(() -> FIRST.role(TESTER, "*-risk", 1, LAB)), "models must be"),
                arguments("no log", call(() -> TrustPolicy.of(" ", 1, roots(A))), "must name the log"),
                arguments(
                        "too few roots",
                        call(() -> TrustPolicy.of("x", 2, roots(A))),
                        "needs 2 different holders of keys, but has 1"),
                arguments(
                        "a window of nothing", call(() -> Key.of(LAB).from(TIME).until(TIME.minusMillis(1))), "until"),
                arguments("no reason", call(() -> FIRST.revoke(LAB, " ")), "reason of a revocation"),
                arguments("from nowhere", call(() -> FIRST.revoke(LAB, LogPosition.of(0), "x")), "from position 1"),
                arguments(
                        "a key without a role",
                        call(() -> TrustPolicy.of("x", 1, List.of(Key.of(LAB)), List.of(), List.of(), List.of())),
                        "must name its root keys"));
    }

    private static ThrowingCallable call(ThrowingCallable call) {
        return call;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nonsense")
    void whatDoesNotHoldTogetherIsNoPolicy(String what, ThrowingCallable call, String message) {
        assertRefused(call, message);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
    }

    static Stream<Arguments> alterations() throws IOException {
        String full = payload();
        return Stream.of(
                altered("a space", text -> text.replace("{\"log\"", "{ \"log\"")),
                altered("a member more", text -> text.replace("{\"log\"", "{\"note\":1,\"log\"")),
                altered("a member twice", text -> text.replace("{\"log\"", "{\"version\":9,\"log\"")),
                altered("a member less", text -> text.replace("\"authorities\":[],", "")),
                altered("version 0", text -> text.replace("\"version\":2", "\"version\":0")),
                altered("version 2.0", text -> text.replace("\"version\":2", "\"version\":2.0")),
                altered("an absurd version", text -> text.replace("\"version\":2", "\"version\":99999999999")),
                altered("a threshold out of reach", text -> text.replace("\"threshold\":2", "\"threshold\":4")),
                altered("a threshold of text", text -> text.replace("\"threshold\":2", "\"threshold\":\"2\"")),
                altered("a time with zeros", text -> text.replace("10:00:00Z", "10:00:00.000Z")),
                altered("no time", text -> text.replace("10:00:00Z", "yesterday")),
                altered("an owner that is none", text -> text.replace("corp|vera", "vera")),
                altered("a key that is none", text -> text.replaceFirst("\"key\":\"M", "\"key\":\"N")),
                altered("a role that is none", text -> text.replace("\"role\":\"tester\"", "\"role\":\"Tester\"")),
                altered(
                        "another order",
                        text -> text.replace(
                                "\"role\":\"approver\",\"models\":\"*\"", "\"models\":\"*\",\"role\":\"approver\"")),
                altered("revoked from nowhere", text -> text.replace("\"from\":12", "\"from\":-12")),
                altered("a list", text -> "[" + text + "]"),
                arguments("as it is", full, null));
    }

    private static String payload() throws IOException {
        return new String(Envelopes.payload(TrustPolicies.sign(FULL, A)), StandardCharsets.UTF_8);
    }

    private static Arguments altered(String what, Function<String, String> change) throws IOException {
        String full = payload();
        String changed = change.apply(full);
        assertThat(changed).as(what).isNotEqualTo(full);
        return arguments(what, changed, Reason.INVALID_STATEMENT);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("alterations")
    void onlyTheOneFormIsReadWhoeverSignedIt(String what, String payload, Reason reason) {
        Bytes envelope = Envelopes.sign(TYPE, payload, A);
        if (reason == null) {
            assertThat(TrustPolicies.read(envelope)).isEqualTo(FULL);
            return;
        }
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> TrustPolicies.read(envelope))
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
        assertThatExceptionOfType(VerificationException.class).isThrownBy(() -> TrustPolicies.signAgain(envelope, B));
    }

    @Test
    void anEnvelopeOfAnotherKindIsNone() {
        Bytes other = Envelopes.sign("application/vnd.in-toto+json", "{}", A);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> TrustPolicies.read(other))
                .withMessageContaining("payload type");
        for (String text : List.of("", "{}", "[]", TrustPolicies.sign(FIRST, A).toUtf8() + "{}", "x".repeat(50_000))) {
            assertThatExceptionOfType(VerificationException.class)
                    .isThrownBy(() -> TrustPolicies.read(Bytes.ofUtf8(text)));
        }
    }

    @Test
    void aKeyInAnotherEncodingWouldBeAnotherNameForItAndIsRefused() throws Exception {
        ECPublicKey key = (ECPublicKey) Crypto.publicKey(CI.getEncoded());
        byte[] compressed = new SubjectPublicKeyInfo(
                        new AlgorithmIdentifier(
                                new ASN1ObjectIdentifier("1.2.840.10045.2.1"),
                                new ASN1ObjectIdentifier("1.2.840.10045.3.1.7")),
                        key.getQ().getEncoded(true))
                .getEncoded();
        ECPublicKey again = (ECPublicKey)
                KeyFactory.getInstance("EC", Crypto.BOUNCY_CASTLE).generatePublic(new X509EncodedKeySpec(compressed));
        again = compressing(again, compressed);
        TrustPolicy policy = FIRST.role(PUBLISHER, 1, again);
        assertRefused(() -> TrustPolicies.sign(policy, A), "must be encoded with its curve by name");
    }

    private static ECPublicKey compressing(ECPublicKey key, byte[] encoded) {
        return (ECPublicKey) java.lang.reflect.Proxy.newProxyInstance(
                TrustPoliciesTest.class.getClassLoader(),
                new Class<?>[] {ECPublicKey.class, java.security.interfaces.ECPublicKey.class},
                (proxy, method, arguments) ->
                        method.getName().equals("getEncoded") ? encoded : method.invoke(key, arguments));
    }

    @Test
    void onlyRootKeysOfTheRightKindSignAndEachOnce() {
        Signer ec = KEYS.signer(SignatureAlgorithm.ECDSA_P256, "root");
        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> TrustPolicies.sign(FIRST, ec))
                .withMessageContaining("Ed25519");
        assertRefused(() -> TrustPolicies.sign(TrustPolicy.of("x", 1, roots(ec)), A), "root keys must be Ed25519");
        Bytes signed = TrustPolicies.sign(FIRST, A);
        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> TrustPolicies.signAgain(signed, A))
                .withMessageContaining("signed it already");
    }

    @Test
    void aPolicyThatAnEntryCannotHoldIsRefusedWhereItIsSigned() {
        PublicKey[] many = IntStream.range(0, 250)
                .mapToObj(i -> KEYS.ecdsa("tester " + i).publicKey())
                .toArray(PublicKey[]::new);
        TrustPolicy large = FIRST.role(TESTER, 1, many);
        assertRefused(() -> TrustPolicies.sign(large, A), "to stand in an entry of the log");
    }
}
