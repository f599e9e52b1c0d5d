package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.person;
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
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.TrustPolicies;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Approval.Verdict;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.signing.VerificationException;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Approvals that persons sign with their own keys, and what becomes of them elsewhere. */
class SignedApprovalTest {
    private static final String LOG = "example.org/models";
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final Principal OTHER = person("other");
    private static final Principal THIRD = person("third");
    private static final TestKeys KEYS = TestKeys.seeded(73);
    private static final Signer ROOT = KEYS.ed25519("root");
    private static final Signer OWN = KEYS.ed25519("validator");
    private static final Signer SECOND = KEYS.ecdsa("validator's second");
    private static final Signer OTHERS = KEYS.ed25519("other validator");
    private static final TrustPolicy TRUST = TrustPolicy.of(LOG, 1, List.of(ROOT.publicKey()))
            .role(TrustPolicy.PUBLISHER, 1, PUBLISHER.publicKey())
            .role(
                    TrustPolicy.APPROVER,
                    1,
                    Key.of(OWN.publicKey()).owner(VALIDATOR),
                    Key.of(SECOND.publicKey()).owner(VALIDATOR).until(START.plus(Duration.ofDays(1))),
                    Key.of(OTHERS.publicKey()).owner(OTHER));

    private final GovernedLog log = GovernedLog.open(
            genesis -> {
                Set<String> gates = new HashSet<>(Policies.PRODUCTION_GATES);
                gates.add(Policies.GATE_SIGNED_APPROVAL);
                return genesis.roots(1, List.of(ROOT.publicKey()))
                        .grant(OTHER, Role.VALIDATOR)
                        .grant(THIRD, Role.VALIDATOR)
                        .environment(PRODUCTION, gates.toArray(String[]::new));
            },
            UnaryOperator.identity());

    @TempDir
    private Path dir;

    private ModelVersion version;

    @BeforeEach
    void register() throws IOException {
        install(TRUST);
        version = register("credit");
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

    private void install(TrustPolicy policy) {
        log.ops().as(ADMIN).policies().installTrust(TrustPolicies.sign(policy, ROOT));
    }

    private ModelVersion register(String model) throws IOException {
        Path files = Files.createTempDirectory(dir, "model");
        Files.writeString(files.resolve("weights.bin"), files.toString());
        return log.as(AUTHOR).register(VersionSpec.of(model, files));
    }

    private Predicate.Approval statement() {
        return statement(VALIDATOR, Verdict.APPROVED);
    }

    private Predicate.Approval statement(Principal by, Verdict verdict) {
        return new Predicate.Approval(
                LOG,
                version.ref(),
                PRODUCTION,
                verdict,
                by,
                log.ops().as(ADMIN).policies().current().digest(),
                log.as(AUDITOR).evidence(version.ref()).stream()
                        .map(Evidence::digest)
                        .collect(Collectors.toSet()),
                log.clock().instant(),
                Optional.empty());
    }

    private Bytes signed(Predicate predicate, Signer signer) {
        return Attestation.sign(version.ref().toString(), version.artifact(), predicate, signer);
    }

    private Action approve(Bytes envelope) {
        return Action.approve(version.ref(), PRODUCTION).signed(envelope);
    }

    private List<String> unmet() {
        return log.as(RELEASER).check(Action.promote(version.ref(), PRODUCTION)).unmet().stream()
                .map(Requirement::rule)
                .toList();
    }

    private void assertRefused(Principal who, Action action, String message) {
        LogPosition before = log.ops().position();
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> log.as(who).perform(action))
                .withMessageContaining(message);
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> log.as(who).check(action))
                .withMessageContaining(message);
        assertThat(log.ops().position()).isEqualTo(before);
        assertThat(log.as(AUDITOR).approvals(version.ref())).isEmpty();
    }

    @Test
    void anApprovalUnderTheOwnKeyIsRecordedWithItAndMeetsTheGate() {
        log.as(AUTHOR).attach(version.ref(), "validation-report", Bytes.ofUtf8("all is well"));
        assertThat(unmet()).containsExactlyInAnyOrder(Policies.GATE_APPROVAL, Policies.GATE_SIGNED_APPROVAL);
        log.as(VALIDATOR).approve(version.ref(), PRODUCTION, "not signed");
        assertThat(unmet()).containsExactly(Policies.GATE_SIGNED_APPROVAL);
        Action approve = approve(signed(statement(), OWN)).because("VR-12");
        assertThat(log.as(VALIDATOR).check(approve).isAllowed()).isTrue();
        Recorded recorded = log.as(VALIDATOR).perform(approve);
        Approval approval = log.as(AUDITOR).approvals(version.ref()).get(0);
        assertThat(approval.signer()).contains(Crypto.keyDigest(OWN.publicKey()));
        assertThat(approval.position()).isEqualTo(recorded.position());
        assertThat(unmet()).isEmpty();
        var entry = log.ops().as(AUDITOR).audit().get(recorded.position().index());
        assertThat(entry.body().toUtf8())
                .contains(
                        "\"assurance\":\"SIGNED\"",
                        "\"signer\":\"" + approval.signer().orElseThrow());
        log.as(RELEASER).promote(version.ref(), PRODUCTION);
        assertThat(log.as(AUDITOR).asOf(recorded.position()).approvals(version.ref()))
                .extracting(Approval::signer)
                .containsExactly(approval.signer());
    }

    @Test
    void aRejectionIsSignedAsOne() {
        Bytes rejection = signed(statement(VALIDATOR, Verdict.REJECTED), OWN);
        assertRefused(VALIDATOR, approve(rejection), "with the verdict APPROVED");
        log.as(VALIDATOR).perform(Action.reject(version.ref(), PRODUCTION).signed(rejection));
        assertThat(log.as(AUDITOR).approvals(version.ref()))
                .extracting(Approval::verdict, approval -> approval.signer().isPresent())
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Verdict.REJECTED, true));
    }

    /** What may be wrong with a statement, though its signature is good. */
    private interface Change {
        Predicate.Approval of(Predicate.Approval good);
    }

    static Stream<Arguments> replays() {
        Digest other = Digest.sha256Of(Bytes.ofUtf8("other"));
        return Stream.of(
                replay(
                        "another log",
                        "for the log example.org/models",
                        a -> approval(
                                "example.org/other",
                                a.version(),
                                a.environment(),
                                a.by(),
                                a.policy(),
                                a.evidence(),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "another version",
                        "of the version credit@1",
                        a -> approval(
                                a.log(),
                                ModelRef.of("credit", 2),
                                a.environment(),
                                a.by(),
                                a.policy(),
                                a.evidence(),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "another model",
                        "of the version credit@1",
                        a -> approval(
                                a.log(),
                                ModelRef.of("fraud", 1),
                                a.environment(),
                                a.by(),
                                a.policy(),
                                a.evidence(),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "another environment",
                        "for the environment production",
                        a -> approval(
                                a.log(),
                                a.version(),
                                Environment.STAGING,
                                a.by(),
                                a.policy(),
                                a.evidence(),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "another person",
                        "by example.org|validator, who acts",
                        a -> approval(
                                a.log(),
                                a.version(),
                                a.environment(),
                                OTHER,
                                a.policy(),
                                a.evidence(),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "another policy set",
                        "under the policy set in force",
                        a -> approval(
                                a.log(),
                                a.version(),
                                a.environment(),
                                a.by(),
                                other,
                                a.evidence(),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "other evidence",
                        "on the 0 documents attached now",
                        a -> approval(
                                a.log(),
                                a.version(),
                                a.environment(),
                                a.by(),
                                a.policy(),
                                Set.of(other),
                                a.decidedOn(),
                                a.reason())),
                replay(
                        "a time to come",
                        "of a time no later than now",
                        a -> approval(
                                a.log(),
                                a.version(),
                                a.environment(),
                                a.by(),
                                a.policy(),
                                a.evidence(),
                                a.decidedOn().plusSeconds(301),
                                a.reason())),
                replay(
                        "a reason that could never be erased",
                        "must hold no reason",
                        a -> approval(
                                a.log(),
                                a.version(),
                                a.environment(),
                                a.by(),
                                a.policy(),
                                a.evidence(),
                                a.decidedOn(),
                                Optional.of("fine"))));
    }

    private static Arguments replay(String what, String message, Change change) {
        return arguments(what, message, change);
    }

    private static Predicate.Approval approval(
            String of,
            ModelRef ref,
            Environment environment,
            Principal by,
            Digest policy,
            Set<Digest> evidence,
            Instant at,
            Optional<String> reason) {
        return new Predicate.Approval(of, ref, environment, Verdict.APPROVED, by, policy, evidence, at, reason);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("replays")
    void whatWasSignedForAnythingElseIsRefusedWithTheReason(String what, String message, Change change) {
        assertRefused(VALIDATOR, approve(signed(change.of(statement()), OWN)), message);
    }

    @Test
    void anApprovalOfOtherFilesOrOtherThingsIsNone() throws IOException {
        ModelVersion other = register("credit");
        Bytes elsewhere = Attestation.sign("m", other.artifact(), statement(), OWN);
        assertRefused(VALIDATOR, approve(elsewhere), "attestation must be about " + version.artifact());
        Predicate release = new Predicate.Release("pkg:generic/credit@1", Optional.empty());
        assertRefused(VALIDATOR, approve(signed(release, OWN)), "a statement of type " + Predicate.Approval.TYPE);
        assertRefused(VALIDATOR, approve(Bytes.ofUtf8("{}")), "must have a member");
        assertRefused(VALIDATOR, approve(Bytes.ofUtf8("x".repeat(20_000))), "at most 16000 bytes");
    }

    @Test
    void evidenceThatCameSinceVoidsWhatWasSigned() {
        Bytes envelope = signed(statement(), OWN);
        log.as(AUTHOR).attach(version.ref(), "report", Bytes.ofUtf8("bias found"));
        assertRefused(VALIDATOR, approve(envelope), "on the 1 documents attached now");
    }

    @Test
    void onlyAKeyOfWhoActsCounts() {
        assertRefused(VALIDATOR, approve(signed(statement(), OTHERS)), "signed by 1 of the 2 keys");
        assertRefused(VALIDATOR, approve(signed(statement(), PUBLISHER)), "signed by 1 of the 2 keys");
        assertRefused(OTHER, approve(signed(statement(), OWN)), "signed by 1 of the 1 keys");
        assertRefused(OTHER, approve(signed(statement(), OTHERS)), "by example.org|other, who acts");
        assertRefused(
                THIRD, approve(signed(statement(THIRD, Verdict.APPROVED), OWN)), "names no key of theirs for credit");
    }

    @Test
    void aKeyCountsWithinItsTimeAndUntilItLosesItsRole() {
        log.clock().advance(Duration.ofDays(2));
        assertRefused(VALIDATOR, approve(signed(statement(), SECOND)), "signed by 1 of the 1 keys");
        install(TRUST.next()
                .role(
                        TrustPolicy.APPROVER,
                        1,
                        Key.of(SECOND.publicKey()).owner(VALIDATOR).until(START)));
        assertRefused(VALIDATOR, approve(signed(statement(), SECOND)), "a key that is believed at");
        assertRefused(VALIDATOR, approve(signed(statement(), OWN)), "a key that is believed at");
        install(TRUST.next().next().withoutRole(TrustPolicy.APPROVER, "*"));
        assertRefused(VALIDATOR, approve(signed(statement(), OWN)), "names none for credit");
    }

    @Test
    void aWithdrawnApprovalIsNotBroughtBackByShowingItAgain() {
        Action approve = approve(signed(statement(), OWN));
        Recorded first = log.as(VALIDATOR).perform(approve);
        assertThat(log.as(VALIDATOR).perform(approve).position()).isEqualTo(first.position());
        log.as(VALIDATOR).withdraw(version.ref(), PRODUCTION, "doubts");
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(VALIDATOR).perform(approve))
                .withMessageContaining("does not stand as signed any more");
        assertThat(log.as(AUDITOR).approvals(version.ref())).isEmpty();
        log.clock().advance(Duration.ofMinutes(1));
        log.as(VALIDATOR).perform(approve(signed(statement(), OWN)));
        assertThat(log.as(AUDITOR).approvals(version.ref())).hasSize(1);
    }

    @Test
    void theIdentityOfTheActIsWhatWasSigned() {
        Bytes envelope = signed(statement(), OWN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log.as(VALIDATOR).perform(approve(envelope).as(CommandId.of("mine"))));
        Recorded recorded = log.as(VALIDATOR).perform(approve(envelope));
        CommandId id = recorded.commandId();
        log.as(VALIDATOR).withdraw(version.ref(), PRODUCTION, "x");
        assertThat(log.ops().outcome(id).map(Recorded::position)).contains(recorded.position());
    }

    @Test
    void anUnsignedActUnderTheSameIdentityIsNotTakenForASignedOne() {
        Bytes envelope = signed(statement(), OWN);
        CommandId id = dev.modelops.core.internal.state.SignedJudgement.command(envelope);
        log.as(VALIDATOR).perform(Action.approve(version.ref(), PRODUCTION).as(id));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(VALIDATOR).perform(approve(envelope)));
        assertThat(unmet()).containsExactly(Policies.GATE_SIGNED_APPROVAL);
    }

    @Test
    void asManyPersonsSignAsThePolicyDemandsAndTwoKeysOfOneAreOne() {
        install(TRUST.next()
                .role(
                        TrustPolicy.APPROVER,
                        2,
                        Key.of(OWN.publicKey()).owner(VALIDATOR),
                        Key.of(SECOND.publicKey()).owner(VALIDATOR),
                        Key.of(OTHERS.publicKey()).owner(OTHER)));
        log.as(VALIDATOR).perform(approve(signed(statement(), OWN)));
        assertThat(unmet()).containsExactly(Policies.GATE_SIGNED_APPROVAL);
        log.clock().advance(Duration.ofMillis(1));
        log.as(VALIDATOR).perform(approve(signed(statement(), SECOND)));
        assertThat(unmet()).containsExactly(Policies.GATE_SIGNED_APPROVAL);
        log.as(OTHER).perform(approve(signed(statement(OTHER, Verdict.APPROVED), OTHERS)));
        assertThat(unmet()).isEmpty();
    }

    /** Sets are iterated in another order by every process; one that named another key could not read the log. */
    @Test
    void whoSignsWithTwoKeysIsNamedByTheSameOneInEveryProcess() {
        for (int i = 0; i < 8; i++) {
            Signer one = KEYS.ed25519("one of two " + i);
            Signer other = KEYS.ed25519("other of two " + i);
            install(log.ops()
                    .as(ADMIN)
                    .policies()
                    .trust()
                    .orElseThrow()
                    .next()
                    .role(
                            TrustPolicy.APPROVER,
                            1,
                            Key.of(one.publicKey()).owner(VALIDATOR),
                            Key.of(other.publicKey()).owner(VALIDATOR)));
            log.clock().advance(Duration.ofMillis(1));
            log.as(VALIDATOR).perform(approve(Attestation.signAgain(signed(statement(), one), other)));
            String first = Stream.of(one, other)
                    .map(key -> Crypto.keyDigest(key.publicKey()).toString())
                    .min(String::compareTo)
                    .orElseThrow();
            assertThat(log.as(AUDITOR).approvals(version.ref()))
                    .extracting(approval -> approval.signer().orElseThrow().toString())
                    .containsExactly(first);
        }
    }

    @Test
    void anApprovalByAKeyThatWasInWrongHandsCountsAsUnsigned() {
        Recorded recorded = log.as(VALIDATOR).perform(approve(signed(statement(), OWN)));
        assertThat(unmet()).isEmpty();
        TrustPolicy second = TRUST.next().revoke(OWN.publicKey(), recorded.position(), "token lost");
        install(second);
        assertThat(unmet()).containsExactly(Policies.GATE_SIGNED_APPROVAL);
        install(second.next().revoke(OTHERS.publicKey(), "retired"));
        assertThat(unmet()).containsExactly(Policies.GATE_SIGNED_APPROVAL);
    }

    @Test
    void policyDecidesAboutSignedApprovalsAsAboutAny() throws IOException {
        Bytes envelope = signed(statement(VALIDATOR, Verdict.APPROVED), OWN);
        log.as(ADMIN).revokeRole(VALIDATOR, Role.VALIDATOR);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(VALIDATOR).perform(approve(envelope)));
        log.as(ADMIN).grantRole(VALIDATOR, Role.VALIDATOR);
        log.as(VALIDATOR).perform(approve(envelope));
    }

    @Test
    void whoMayNotJudgeIsNotToldWhatWouldHaveToBeSigned() {
        Action approve = approve(signed(statement(AUTHOR, Verdict.APPROVED), PUBLISHER));
        assertThat(log.as(AUTHOR).check(approve).isAllowed()).isFalse();
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(AUTHOR).perform(approve));
    }

    @Test
    void aSecondProcessCountsTheSame() {
        log.as(VALIDATOR).perform(approve(signed(statement(), OWN)));
        try (ModelOps again = log.again()) {
            assertThat(again.as(RELEASER)
                            .registry()
                            .check(Action.promote(version.ref(), PRODUCTION))
                            .isAllowed())
                    .isTrue();
        }
    }
}
