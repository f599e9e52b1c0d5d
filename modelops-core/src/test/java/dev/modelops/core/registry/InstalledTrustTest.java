package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.VersionConflictException;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Envelopes;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.evidence.Predicate.TestResult;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.TrustPolicies;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.signing.VerificationException;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Trust policies in a log: how one comes into force, who then counts for what, and what becomes of what was signed before. */
class InstalledTrustTest {
    private static final String LOG = "example.org/models";
    private static final TestKeys KEYS = TestKeys.seeded(72);
    private static final Signer A = KEYS.ed25519("root a");
    private static final Signer B = KEYS.ed25519("root b");
    private static final Signer C = KEYS.ed25519("root c");
    private static final Signer D = KEYS.ed25519("root d");
    private static final Signer E = KEYS.ed25519("root e");
    private static final Signer CI = KEYS.ecdsa("ci");
    private static final Signer CREDIT_CI = KEYS.ecdsa("credit ci");
    private static final Signer LAB_1 = KEYS.ed25519("lab 1");
    private static final Signer LAB_2 = KEYS.ecdsa("lab 2");
    private static final Signer LAB_3 = KEYS.ed25519("lab 3");
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final TrustPolicy FIRST = TrustPolicy.of(LOG, 2, roots(A, B, C))
            .role(TrustPolicy.PUBLISHER, 1, PUBLISHER.publicKey(), CI.publicKey());

    private GovernedLog log = open(Policies.builtIn());

    @TempDir
    private Path dir;

    private int models;

    private static GovernedLog open(dev.modelops.policy.PolicySet set) {
        return GovernedLog.open(genesis -> genesis.roots(2, roots(A, B, C)).policies(set), UnaryOperator.identity());
    }

    @AfterEach
    void close() {
        try {
            assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        } finally {
            log.close();
        }
    }

    private static List<PublicKey> roots(Signer... signers) {
        return Stream.of(signers).map(Signer::publicKey).toList();
    }

    private static Bytes signed(TrustPolicy policy, Signer... signers) {
        Bytes envelope = TrustPolicies.sign(policy, signers[0]);
        for (int i = 1; i < signers.length; i++) {
            envelope = TrustPolicies.signAgain(envelope, signers[i]);
        }
        return envelope;
    }

    private PolicyAdministration admin() {
        return log.ops().as(ADMIN).policies();
    }

    private TrustPolicy install(TrustPolicy policy, Signer... signers) {
        return admin().installTrust(signed(policy, signers));
    }

    /** Registers a model that a key signed. */
    private ModelVersion register(String model, Signer signer) {
        Path files = dir.resolve("model-" + ++models);
        Path signature = dir.resolve("model-" + models + ".sig");
        try {
            Files.createDirectory(files);
            Files.writeString(files.resolve("weights.bin"), model + models);
            ModelSignatures.sign(files, signature, signer, Progress.NONE);
            return log.as(AUTHOR)
                    .register(VersionSpec.of(model, files).bundle(Bytes.of(Files.readAllBytes(signature))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void promote(ModelRef ref) {
        log.as(VALIDATOR).approve(ref, PRODUCTION, "fine");
        log.as(RELEASER).promote(ref, PRODUCTION);
    }

    private List<String> unmet(ModelRef ref) {
        return log.as(RELEASER).check(Action.promote(ref, PRODUCTION)).unmet().stream()
                .map(Requirement::rule)
                .toList();
    }

    private Evidence attach(ModelVersion version, Predicate predicate, Signer... signers) {
        Bytes envelope = Attestation.sign(version.ref().toString(), version.artifact(), predicate, signers[0]);
        for (int i = 1; i < signers.length; i++) {
            envelope = Attestation.signAgain(envelope, signers[i]);
        }
        return log.as(AUTHOR).attach(version.ref(), predicate.type(), envelope);
    }

    private static TestResult tests(Outcome outcome) {
        return new TestResult(
                outcome, List.of(), List.of(), List.of(), outcome == Outcome.FAILED ? List.of("auc") : List.of());
    }

    @Test
    void aPolicyComesIntoForceByAnActAndStandsInTheLog() {
        assertThat(admin().trust()).isEmpty();
        assertThat(install(FIRST, A, C)).isEqualTo(FIRST);
        assertThat(admin().trust()).contains(FIRST);
        var entry = log.ops().as(AUDITOR).audit().get(log.ops().position().index());
        assertThat(entry.type()).isEqualTo("dev.modelops.trust.installed.v1");
        assertThat(entry.body().toUtf8()).contains("\"version\":1", "trust-policy.v1+json");
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.ops().as(STRANGER).policies().trust());
    }

    private static String payload(Bytes envelope) throws IOException {
        return new String(Envelopes.payload(envelope), StandardCharsets.UTF_8);
    }

    static Stream<Arguments> refused() throws IOException {
        TrustPolicy elsewhere = TrustPolicy.of("example.org/other", 2, roots(A, B, C));
        Bytes good = signed(FIRST, A, B);
        return Stream.of(
                arguments("one root key", signed(FIRST, A), "signed by 2 different holders of the root keys in force"),
                arguments("strangers", signed(FIRST, D, E), "but is by 0"),
                arguments(
                        "one root key twice",
                        Envelopes.sign(
                                "application/vnd.modelops.trust-policy.v1+json", payload(signed(FIRST, A)), A, A),
                        "but is by 1"),
                arguments("one and a stranger", signed(FIRST, A, D), "but is by 1"),
                arguments("another log", signed(elsewhere, A, B), "must be for the log 'example.org/models'"),
                arguments("another version", signed(FIRST.next(), A, B), "has version 1, but this is version 2"),
                arguments(
                        "new roots who did not sign",
                        signed(TrustPolicy.of(LOG, 2, roots(A, D, E)), A, B),
                        "signed by 2 different holders of the root keys that it names itself, but is by 1"),
                arguments(
                        "revoked from what is yet to come",
                        signed(FIRST.revoke(LAB_1.publicKey(), LogPosition.of(3), "x"), A, B),
                        "must revoke keys from position 2 on at the latest"),
                arguments(
                        "altered",
                        Bytes.ofUtf8(good.toUtf8().replace("\"payload\":\"eyJ", "\"payload\":\"eyK")),
                        "but is by 0"),
                arguments("broken", Bytes.ofUtf8(good.toUtf8() + "}"), "well-formed"),
                arguments("a model's bundle", Bytes.ofUtf8("{\"mediaType\":\"x\"}"), "must have no members but"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void whatEnoughRootKeysDidNotSignChangesNothing(String what, Bytes envelope, String message) {
        LogPosition before = log.ops().position();
        Action install =
                Action.installTrust(what.equals("another version") ? 2 : 1).signed(envelope);
        assertThatExceptionOfType(ModelOpsException.class)
                .isThrownBy(() -> log.as(ADMIN).perform(install))
                .withMessageContaining(message);
        assertThat(log.ops().position()).isEqualTo(before);
        assertThat(admin().trust()).isEmpty();
    }

    @Test
    void policyDecidesWhoInstallsWhatRootKeysSigned() {
        Bytes envelope = signed(FIRST, A, B);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.ops().as(RELEASER).policies().installTrust(envelope));
        assertThat(log.as(ADMIN).check(Action.installTrust(1)).isAllowed()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log.as(ADMIN).perform(Action.installTrust(1)))
                .withMessageContaining("signed(...)");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Action.promote(GovernedLog.ref("m", 1), PRODUCTION).signed(envelope));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(ADMIN).perform(Action.installTrust(3).signed(envelope)));
        assertThat(admin().trust()).isEmpty();
    }

    @Test
    void aRepeatedInstallationIsRecognisedAndAReplayedOneRefused() {
        Action install = Action.installTrust(1)
                .signed(signed(FIRST, A, B))
                .as(CommandId.of("trust-1"))
                .because("yearly ceremony");
        Recorded done = log.as(ADMIN).perform(install);
        assertThat(log.as(ADMIN).perform(install).position()).isEqualTo(done.position());
        Action other = Action.installTrust(1).signed(signed(FIRST, A, C)).as(CommandId.of("trust-1"));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(ADMIN).perform(other));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> install(FIRST, A, B))
                .withMessageContaining("has version 2, but this is version 1");
    }

    @Test
    void aLogWithoutRootKeysKeepsToItsGenesis() {
        log.close();
        log = GovernedLog.open();
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(FIRST, A, B))
                .withMessageContaining("created without any");
    }

    @Test
    void rootKeysAreExchangedInStepsOfOneSignedByOldAndNew() {
        TrustPolicy second = FIRST.next().roots(2, roots(A, D, E));
        TrustPolicy third = second.next().roots(1, roots(E));
        install(FIRST, A, B);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> install(third, A, B, E))
                .withMessageContaining("has version 2, but this is version 3");
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(second, A, B))
                .withMessageContaining("that it names itself, but is by 1");
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(second, D, E))
                .withMessageContaining("in force, but is by 0");
        install(second, A, B, D);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(third, A, B, C))
                .withMessageContaining("in force, but is by 1");
        install(third, D, E);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(third.next(), A, B, C, D))
                .withMessageContaining("but is by 0");
        install(third.next(), E);
        assertThat(admin().trust().map(TrustPolicy::version)).contains(4);
    }

    @Test
    void anAbsurdVersionCannotBarTheNext() {
        install(FIRST, A, B);
        TrustPolicy absurd = TrustPolicy.of(LOG, Integer.MAX_VALUE, FIRST.keys(), FIRST.roles(), List.of(), List.of());
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> install(absurd, A, B, C))
                .withMessageContaining("has version 2, but this is version 2147483647");
        install(FIRST.next(), A, B);
    }

    @Test
    void oneOwnerOfTwoRootKeysSignsOnce() {
        Key one = Key.of(A.publicKey()).owner(ADMIN);
        Key two = Key.of(B.publicKey()).owner(ADMIN);
        TrustPolicy owned = FIRST.role(TrustPolicy.ROOT, 2, one, two, Key.of(C.publicKey()));
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(owned, A, B))
                .withMessageContaining("that it names itself, but is by 1");
        install(owned, A, C);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(owned.next(), A, B))
                .withMessageContaining("in force, but is by 1");
    }

    @Test
    void aKeyThatLeftItsRoleSignsNothingNewButWhatItSignedStands() {
        ModelVersion before = register("credit", PUBLISHER);
        install(FIRST, A, B);
        ModelVersion by = register("credit", CI);
        install(FIRST.next().role(TrustPolicy.PUBLISHER, 1, LAB_2.publicKey()), A, B);
        ModelVersion after = register("credit", CI);
        ModelVersion fresh = register("credit", LAB_2);
        assertThat(before.publisher()).isPresent();
        assertThat(by.publisher()).contains(Crypto.keyDigest(CI.publicKey()));
        assertThat(after.publisher()).isEmpty();
        assertThat(fresh.publisher()).isPresent();
        assertThat(unmet(by.ref())).containsExactly(Policies.GATE_APPROVAL);
        assertThat(unmet(before.ref())).containsExactly(Policies.GATE_APPROVAL);
        assertThat(unmet(after.ref())).contains(Policies.GATE_SIGNATURE);
        promote(by.ref());
        try (ModelHandle<String> handle = serve("credit")) {
            assertThat(handle.version()).contains(by.ref());
        }
    }

    private ModelHandle<String> serve(String model) {
        return log.ops().as(SERVICE).serving().open(model, PRODUCTION, artifact -> "loaded");
    }

    @Test
    void whatWasRecordedBeforeARevocationCountsAndNothingAfterIt() {
        install(FIRST, A, B);
        ModelVersion before = register("credit", CI);
        install(FIRST.next().revoke(CI.publicKey(), "laptop stolen"), A, B);
        ModelVersion after = register("credit", CI);
        assertThat(after.publisher()).isEmpty();
        assertThat(unmet(after.ref())).contains(Policies.GATE_SIGNATURE);
        promote(before.ref());
        try (ModelHandle<String> handle = serve("credit")) {
            assertThat(handle.apply(model -> model).value()).isEqualTo("loaded");
        }
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> install(FIRST.next().next().role(TrustPolicy.PUBLISHER, 1, CI.publicKey()), A, B))
                .withMessageContaining("no role to a key that was revoked");
    }

    @Test
    void aRevocationFromAnEarlierPositionWithdrawsWhatWasSignedSinceThen() {
        install(FIRST, A, B);
        ModelVersion good = register("credit", CI);
        ModelVersion bad = register("credit", CI);
        promote(good.ref());
        promote(bad.ref());
        try (ModelHandle<String> handle = serve("credit")) {
            assertThat(handle.version()).contains(bad.ref());
            install(FIRST.next().revoke(CI.publicKey(), bad.position(), "stolen then"), A, B);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> handle.apply(model -> model))
                    .satisfies(e -> assertThat(e.decision().unmet())
                            .extracting(Requirement::rule)
                            .contains(Policies.GATE_SIGNATURE));
            log.as(RELEASER).rollback(good.ref().name(), PRODUCTION, "stolen key");
            assertThat(handle.apply(model -> model).version()).isEqualTo(good.ref());
        }
        assertThat(unmet(bad.ref())).contains(Policies.GATE_SIGNATURE);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(RELEASER).promote(bad.ref(), PRODUCTION));
        assertThat(log.as(AUDITOR).get(bad.ref()).publisher()).isPresent();
        Path copy = dir.resolve("copy");
        log.as(AUDITOR).download(bad.ref(), copy, dir.resolve("copy.sig"), Progress.NONE);
        assertThat(copy.resolve("weights.bin")).exists();
    }

    @Test
    void aLaterPolicyDoesNotTakeBackARevocationNorMoveItForward() {
        install(FIRST, A, B);
        ModelVersion bad = register("credit", CI);
        TrustPolicy second = FIRST.next().revoke(CI.publicKey(), bad.position(), "stolen");
        install(second, A, B);
        install(second.next().revoke(CI.publicKey(), "again"), A, B);
        install(second.next().next(), A, B);
        assertThat(unmet(bad.ref())).contains(Policies.GATE_SIGNATURE);
    }

    @Test
    void aProjectHasPublishersOfItsOwn() {
        install(FIRST.role(TrustPolicy.PUBLISHER, "credit-*", 1, CREDIT_CI.publicKey()), A, B);
        assertThat(register("credit-risk", CREDIT_CI).publisher()).isPresent();
        assertThat(register("credit-risk", CI).publisher()).isEmpty();
        assertThat(register("fraud", CI).publisher()).isPresent();
        assertThat(register("fraud", CREDIT_CI).publisher()).isEmpty();
    }

    @Test
    void aKeyIsBelievedWithinItsTimeOfTheLogOnly() {
        Key key = Key.of(CI.publicKey()).from(START.plus(Duration.ofDays(1))).until(START.plus(Duration.ofDays(2)));
        install(FIRST.role(TrustPolicy.PUBLISHER, 1, key), A, B);
        assertThat(register("credit", CI).publisher()).isEmpty();
        log.clock().advance(Duration.ofDays(1));
        ModelVersion within = register("credit", CI);
        assertThat(within.publisher()).isPresent();
        log.clock().advance(Duration.ofDays(2));
        assertThat(register("credit", CI).publisher()).isEmpty();
        promote(within.ref());
        try (ModelHandle<String> handle = serve("credit")) {
            assertThat(handle.version()).contains(within.ref());
        }
    }

    @Test
    void testResultsCountOnceEnoughDifferentTestersSignedThem() {
        log.close();
        log = open(Rules.from(Policies.builtIn())
                .forbid("gate-tests")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("attested.tests").is("PASSED"))
                .build());
        Key first = Key.of(LAB_1.publicKey()).owner(VALIDATOR);
        Key second = Key.of(LAB_2.publicKey()).owner(VALIDATOR);
        install(FIRST.role(TrustPolicy.TESTER, 2, first, second, Key.of(LAB_3.publicKey())), A, B);
        ModelVersion version = register("credit", CI);
        assertThat(unmet(version.ref())).contains("gate-tests");
        attach(version, tests(Outcome.PASSED), LAB_1);
        attach(version, tests(Outcome.PASSED), LAB_1, LAB_2);
        attach(version, tests(Outcome.PASSED), CI);
        assertThat(unmet(version.ref())).contains("gate-tests");
        attach(version, tests(Outcome.PASSED), LAB_3);
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
        attach(version, tests(Outcome.FAILED), LAB_2);
        assertThat(unmet(version.ref())).contains("gate-tests");
    }

    private GovernedLog demandingTests() {
        log.close();
        return open(Rules.from(Policies.builtIn())
                .forbid("gate-tests")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("attested.tests").is("PASSED"))
                .build());
    }

    @Test
    void aKeyWhoseOwnerIsToldLaterIsStillOneTester() {
        log = demandingTests();
        TrustPolicy unowned = FIRST.role(TrustPolicy.TESTER, 2, LAB_1.publicKey(), LAB_2.publicKey());
        install(unowned, A, B);
        ModelVersion version = register("credit", CI);
        attach(version, tests(Outcome.PASSED), LAB_1);
        Key owned = Key.of(LAB_1.publicKey()).owner(VALIDATOR);
        install(unowned.next().role(TrustPolicy.TESTER, 2, owned, Key.of(LAB_2.publicKey())), A, B);
        attach(version, tests(Outcome.WARNED), LAB_1);
        attach(version, new TestResult(Outcome.PASSED, List.of(), List.of("suite"), List.of(), List.of()), LAB_1);
        assertThat(unmet(version.ref())).contains("gate-tests");
        attach(version, tests(Outcome.PASSED), LAB_2);
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
    }

    @Test
    void anOldResultDoesNotBecomeTheNewestByAnotherEnvelope() {
        log = demandingTests();
        install(FIRST.role(TrustPolicy.TESTER, 1, LAB_1.publicKey(), LAB_2.publicKey(), LAB_3.publicKey()), A, B);
        ModelVersion version = register("credit", CI);
        Bytes passed = Attestation.sign(version.ref().toString(), version.artifact(), tests(Outcome.PASSED), LAB_1);
        log.as(AUTHOR).attach(version.ref(), TestResult.TYPE, passed);
        attach(version, tests(Outcome.FAILED), LAB_2);
        for (Bytes again : List.of(Bytes.ofUtf8(passed.toUtf8() + " "), Attestation.signAgain(passed, LAB_3))) {
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> log.as(AUTHOR).attach(version.ref(), TestResult.TYPE, again))
                    .withMessageContaining("attached to " + version.ref() + " already");
            assertThat(unmet(version.ref())).contains("gate-tests");
        }
        attach(version, tests(Outcome.PASSED), LAB_3);
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
    }

    @Test
    void statementsCountByTheRoleForThem() {
        log.close();
        log = open(Rules.from(Policies.builtIn())
                .forbid("gate-types")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("attested.types").containsAll(Predicate.Provenance.TYPE))
                .forbid("gate-roles")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("attested.roles").containsAll("builder", "red-team"))
                .build());
        install(
                FIRST.role(TrustPolicy.BUILDER, 1, LAB_1.publicKey())
                        .role(TrustPolicy.TESTER, 1, LAB_2.publicKey())
                        .role("red-team", 1, LAB_3.publicKey()),
                A,
                B);
        ModelVersion version = register("credit", CI);
        Predicate provenance = Predicate.Provenance.of(Predicate.Provenance.TRAINING, "https://ci.example.org");
        attach(version, provenance, LAB_2);
        assertThat(unmet(version.ref())).contains("gate-types", "gate-roles");
        attach(version, Predicate.Provenance.of("https://example.org/other", "https://ci.example.org"), LAB_1);
        assertThat(unmet(version.ref())).doesNotContain("gate-types").contains("gate-roles");
        attach(version, tests(Outcome.FAILED), LAB_3);
        assertThat(unmet(version.ref())).doesNotContain("gate-roles");
    }

    @Test
    void evidenceThatARevokedKeySignedCountsNoLonger() {
        log.close();
        log = open(Rules.from(Policies.builtIn())
                .forbid("gate-tests")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("attested.tests").is("PASSED"))
                .build());
        TrustPolicy first = FIRST.role(TrustPolicy.TESTER, 1, LAB_1.publicKey(), LAB_2.publicKey());
        install(first, A, B);
        ModelVersion version = register("credit", CI);
        ModelVersion other = register("credit", CI);
        Evidence stands = attach(version, tests(Outcome.PASSED), LAB_1);
        Evidence falls = attach(other, tests(Outcome.PASSED), LAB_1);
        install(first.next().revoke(LAB_1.publicKey(), falls.position(), "stolen"), A, B);
        assertThat(stands.position()).isLessThan(falls.position());
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
        assertThat(unmet(other.ref())).contains("gate-tests");
        assertThat(attach(other, tests(Outcome.WARNED), LAB_1).signers()).isEmpty();
        assertThat(attach(other, tests(Outcome.WARNED), LAB_2).signers()).hasSize(1);
    }

    @Test
    void whatGenesisPublishersSignedBeforeThePolicyStands() {
        log.close();
        log = open(Rules.from(Policies.builtIn())
                .forbid("gate-tests")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("attested.tests").is("PASSED"))
                .build());
        ModelVersion version = register("credit", PUBLISHER);
        attach(version, tests(Outcome.PASSED), PUBLISHER);
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
        install(FIRST.role(TrustPolicy.TESTER, 1, LAB_1.publicKey()), A, B);
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
        attach(version, tests(Outcome.FAILED), PUBLISHER);
        assertThat(unmet(version.ref())).doesNotContain("gate-tests");
        attach(version, tests(Outcome.FAILED), LAB_1);
        assertThat(unmet(version.ref())).contains("gate-tests");
    }

    @Test
    void everyProcessAndEveryRestartGoesByTheSamePolicy() {
        install(FIRST, A, B);
        ModelVersion version = register("credit", CI);
        TrustPolicy second = FIRST.next().roots(2, roots(A, D, E)).revoke(CI.publicKey(), version.position(), "stolen");
        install(second, A, B, D);
        try (ModelOps again = log.again()) {
            assertThat(again.as(ADMIN).policies().trust()).contains(second);
            assertThat(again.as(RELEASER)
                            .registry()
                            .check(Action.promote(version.ref(), PRODUCTION))
                            .unmet())
                    .extracting(Requirement::rule)
                    .contains(Policies.GATE_SIGNATURE);
            again.as(ADMIN).policies().installTrust(signed(second.next(), D, E));
        }
        log.ops().sync();
        assertThat(admin().trust().map(TrustPolicy::version)).contains(3);
    }

    /** Opens a log in which something happens between the judging of a signature and the commit of the act. */
    private void during(Action.Type type, Runnable deed) {
        AtomicInteger asked = new AtomicInteger();
        log.close();
        log = GovernedLog.open(
                genesis -> genesis.roots(2, roots(A, B, C)),
                opening -> opening.narrowedBy(request -> {
                    if (request.action().type() == type && asked.incrementAndGet() == 2) {
                        deed.run();
                    }
                    return new Decision.Allow(
                            List.of("host"), Digest.sha256Of(Bytes.ofUtf8("host")), request.asOf(), request.at());
                }));
    }

    private void installElsewhere(TrustPolicy policy, Signer... signers) {
        try (ModelOps other = log.again()) {
            other.as(ADMIN).policies().installTrust(signed(policy, signers));
        }
    }

    @Test
    void aModelJudgedByThePolicyBeforeIsNotRecordedUnderTheNext() {
        during(
                Action.Type.REGISTER,
                () -> installElsewhere(FIRST.role(TrustPolicy.PUBLISHER, 1, CREDIT_CI.publicKey()), A, B));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> register("credit", PUBLISHER))
                .withMessageContaining("the trust policy was changed while the act was under way");
        assertThat(log.as(AUDITOR).models()).isEmpty();
        assertThat(register("credit", PUBLISHER).publisher()).isEmpty();
    }

    @Test
    void evidenceJudgedByThePolicyBeforeIsNotRecordedUnderTheNext() {
        during(
                Action.Type.ATTACH_EVIDENCE,
                () -> installElsewhere(FIRST.role(TrustPolicy.TESTER, 1, LAB_1.publicKey()), A, B));
        ModelVersion version = register("credit", PUBLISHER);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> attach(version, tests(Outcome.PASSED), LAB_1))
                .withMessageContaining("the trust policy was changed while the act was under way");
        assertThat(attach(version, tests(Outcome.PASSED), LAB_1).signers())
                .containsExactly(Crypto.keyDigest(LAB_1.publicKey()));
    }

    @Test
    void aKeyThatExpiresWhileTheActIsUnderWayIsLookedAtAgain() {
        during(Action.Type.REGISTER, () -> log.clock().advance(Duration.ofDays(2)));
        install(
                FIRST.role(TrustPolicy.PUBLISHER, 1, Key.of(CI.publicKey()).until(START.plus(Duration.ofDays(1)))),
                A,
                B);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> register("credit", CI))
                .withMessageContaining("is not believed at the log time of the act");
        assertThat(register("credit", CI).publisher()).isEmpty();
    }
}
