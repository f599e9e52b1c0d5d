package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyBundle;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A change of policy takes a proposal and an installation, and what cannot be decided by does not come into force. */
@Tag("every-store")
class PolicyAdministrationTest {
    private static final Principal SECOND = GovernedLog.person("second admin");

    /** Comments by nobody. */
    private static final PolicySet SILENT = Rules.from(Policies.builtIn())
            .forbid("gate-silence")
            .on(Action.Type.COMMENT)
            .build();

    /** Serving by nobody. */
    private static final PolicySet HALTED = Rules.from(Policies.builtIn())
            .forbid("gate-halt")
            .on(Action.Type.SERVE)
            .build();

    @TempDir
    static Path dir;

    private GovernedLog log;

    @BeforeEach
    void open() {
        log = GovernedLog.open(genesis -> genesis.grant(SECOND, Role.ADMIN), UnaryOperator.identity());
    }

    @AfterEach
    void close() {
        log.close();
    }

    private PolicyAdministration by(Principal principal) {
        return log.ops().as(principal).policies();
    }

    private long size() {
        return log.ops().position().size();
    }

    private PolicyRevision change(PolicySet set) {
        var unused = by(ADMIN).propose(set, null);
        return by(SECOND).install(set.digest());
    }

    private void register() {
        var unused = log.as(AUTHOR)
                .register(VersionSpec.of("risk", Models.small(dir.resolve("m" + System.identityHashCode(log)))));
    }

    @Test
    void aLogBeginsWithTheSetOfItsGenesis() {
        PolicyRevision first = by(AUTHOR).current();
        assertThat(first)
                .isEqualTo(new PolicyRevision(
                        1,
                        Policies.builtIn().digest(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        GovernedLog.START,
                        LogPosition.of(1)));
        assertThat(by(AUTHOR).installed()).containsExactly(first);
        assertThat(by(AUTHOR).proposals()).isEmpty();
        assertThat(by(AUTHOR).read(first.digest())).isEqualTo(Policies.builtIn());
    }

    @Test
    void oneProposesAnotherInstallsAndActsAreDecidedByTheNewSetFromThenOn() {
        register();
        log.as(AUTHOR).comment(ref("risk", 1), "before");
        log.clock().advance(Duration.ofSeconds(1));

        PolicyProposal proposal = by(ADMIN).propose(SILENT, "too much talk");
        assertThat(proposal)
                .isEqualTo(new PolicyProposal(
                        SILENT.digest(),
                        1,
                        2,
                        Optional.empty(),
                        ADMIN,
                        Optional.of(new ErasableText.Kept("too much talk")),
                        log.clock().instant(),
                        LogPosition.of(size())));
        assertThat(by(SECOND).proposals()).containsExactly(proposal);
        assertThat(by(SECOND).read(SILENT.digest())).isEqualTo(SILENT);
        assertThat(by(SECOND).current().number()).isEqualTo(1);
        log.as(AUTHOR).comment(ref("risk", 1), "still before");

        log.clock().advance(Duration.ofSeconds(1));
        PolicyRevision revision = by(SECOND).install(SILENT.digest());
        assertThat(revision)
                .isEqualTo(new PolicyRevision(
                        2,
                        SILENT.digest(),
                        Optional.of(ADMIN),
                        Optional.of(SECOND),
                        Optional.empty(),
                        log.clock().instant(),
                        LogPosition.of(size())));
        assertThat(by(AUTHOR).current()).isEqualTo(revision);
        assertThat(by(AUTHOR).proposals()).isEmpty();
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(AUTHOR).comment(ref("risk", 1), "after"))
                .satisfies(e -> {
                    assertThat(e.decision().rules()).containsExactly("gate-silence");
                    assertThat(e.decision().policy()).isEqualTo(SILENT.digest());
                });
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
    }

    @Test
    void whatOnlyTheNewSetPermitsIsFoundInOrder() {
        register();
        var unused = change(builtIn()
                .permit("auditor-comments")
                .role(Role.AUDITOR)
                .on(Action.Type.COMMENT)
                .build());
        log.as(GovernedLog.AUDITOR).comment(ref("risk", 1), "well done");
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
        unused = change(SILENT);
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
    }

    @Test
    void thePastKeepsTheSetThatDecidedIt() {
        LogPosition before = log.ops().position();
        PolicyRevision second = change(SILENT);
        PolicyRevision third = change(HALTED);
        assertThat(by(AUTHOR).installed()).extracting(PolicyRevision::number).containsExactly(1L, 2L, 3L);
        assertThat(by(AUTHOR).asOf(before).number()).isEqualTo(1);
        assertThat(by(AUTHOR).asOf(LogPosition.of(second.position().size() - 1)).number())
                .isEqualTo(1);
        assertThat(by(AUTHOR).asOf(second.position())).isEqualTo(second);
        assertThat(by(AUTHOR).asOf(LogPosition.of(third.position().size() - 1))).isEqualTo(second);
        assertThat(by(AUTHOR).asOf(log.ops().position())).isEqualTo(third);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(AUTHOR).asOf(LogPosition.of(size() + 1)));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(AUTHOR).asOf(LogPosition.of(0)));
    }

    @Test
    void nobodyInstallsASetOfTheirOwn() {
        var unused = by(ADMIN).propose(SILENT, null);
        assertThat(log.as(ADMIN).check(Action.installPolicies(SILENT.digest())).rules())
                .containsExactly(Policies.GATE_POLICY_AUTHOR);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> by(ADMIN).install(SILENT.digest()))
                .satisfies(e -> {
                    assertThat(e.decision().rules()).containsExactly(Policies.GATE_POLICY_AUTHOR);
                    assertThat(e.decision().unmet().get(0).actual()).isEqualTo("policies.self is true");
                });
        assertThat(by(ADMIN).current().number()).isEqualTo(1);
    }

    @Test
    void onlyAdministratorsProposeAndInstall() {
        var unused = by(ADMIN).propose(SILENT, null);
        for (Principal who : List.of(AUTHOR, VALIDATOR, RELEASER, SERVICE, STRANGER)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .as(who.id())
                    .isThrownBy(() -> by(who).propose(HALTED, null));
            assertThatExceptionOfType(AccessDeniedException.class)
                    .as(who.id())
                    .isThrownBy(() -> by(who).install(SILENT.digest()));
        }
        assertThat(by(ADMIN).proposals()).hasSize(1);
        assertThat(log.storage().blobs().contains(HALTED.digest())).isFalse();
    }

    @Test
    void whoMayNotReadHearsNothingOfPolicies() {
        for (ThrowingCallable read : List.<ThrowingCallable>of(
                () -> by(STRANGER).current(),
                () -> by(STRANGER).installed(),
                () -> by(STRANGER).proposals(),
                () -> by(STRANGER).asOf(LogPosition.of(1)),
                () -> by(STRANGER).read(Policies.builtIn().digest()))) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(read)
                    .withMessageContaining("'read policies' by");
        }
    }

    @Test
    void ofTwoProposalsInPlaceOfOneRevisionOnlyTheFirstIsInstalled() {
        var one = by(ADMIN).propose(SILENT, null);
        var other = by(ADMIN).propose(HALTED, null);
        assertThat(by(ADMIN).proposals()).containsExactly(one, other);
        var unused = by(SECOND).install(HALTED.digest());
        assertThat(by(ADMIN).proposals()).isEmpty();
        long before = size();
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(SECOND).install(SILENT.digest()))
                .withMessageContaining("revision 1")
                .withMessageContaining("revision 2 is in force");
        assertThat(size()).isEqualTo(before);
        assertThat(change(SILENT).number()).isEqualTo(3);
    }

    @Test
    void aSetIsNeitherProposedNorInstalledTwice() {
        var first = by(ADMIN).propose(SILENT, null);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(SECOND).propose(SILENT, null))
                .withMessageContaining("proposed by " + ADMIN);
        assertThat(by(ADMIN).proposals()).containsExactly(first);
        var unused = by(SECOND).install(SILENT.digest());
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(SECOND).install(SILENT.digest()))
                .withMessageContaining("in force already");
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(SECOND).propose(SILENT, null))
                .withMessageContaining("in force already");
    }

    @Test
    void aFormerSetComesBackAsANewRevision() {
        var unused = change(SILENT);
        PolicyRevision back = change(Policies.builtIn());
        assertThat(back.number()).isEqualTo(3);
        assertThat(back.digest()).isEqualTo(Policies.builtIn().digest());
        register();
        log.as(AUTHOR).comment(ref("risk", 1), "again");
        assertThat(log.ops()
                        .as(GovernedLog.AUDITOR)
                        .audit()
                        .verify(Progress.NONE)
                        .findings())
                .isEmpty();
    }

    @Test
    void aSetThatNobodyProposedIsNotFound() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(ADMIN).install(SILENT.digest()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(ADMIN).read(SILENT.digest()));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(ADMIN).read(Digest.sha256Of(Bytes.ofUtf8("evidence"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log.as(ADMIN).perform(Action.proposePolicies(SILENT.digest())));
    }

    @Test
    void anInstallationWithReasonAndCommandIdIsRecognisedWhenItIsRepeated() {
        var unused = by(ADMIN).propose(SILENT, null);
        Action action = Action.installPolicies(SILENT.digest())
                .because("board decision 7")
                .as(CommandId.of("install-1"));
        Recorded done = log.as(SECOND).perform(action);
        assertThat(done.subject()).isEqualTo(SILENT.digest().toString());
        assertThat(done.type()).isEqualTo("dev.modelops.policies.installed.v1");
        assertThat(log.as(SECOND).perform(action)).isEqualTo(done);
        assertThat(by(SECOND).current().reason()).contains(new ErasableText.Kept("board decision 7"));
        assertThat(by(SECOND).installed()).hasSize(2);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(SECOND)
                        .perform(Action.installPolicies(HALTED.digest()).as(CommandId.of("install-1"))))
                .withMessageContaining("install-1");
    }

    @Test
    void bothActsAreInTheLogWithWhatTheyChanged() {
        var unused = by(ADMIN).propose(SILENT, "why not");
        unused = null;
        var revision = by(SECOND).install(SILENT.digest());
        var audit = log.ops().as(GovernedLog.AUDITOR).audit();
        AuditEntry proposed = only(audit.query(AuditQuery.all().type("dev.modelops.policies.proposed.v1"))
                .items());
        assertThat(proposed.subject()).contains(SILENT.digest().toString());
        assertThat(proposed.actor()).isEqualTo(ADMIN);
        assertThat(proposed.body().toUtf8())
                .contains("\"basedOn\":1", "\"revision\":2", "\"reason\":{\"commitment\":\"sha256:");
        assertThat(audit.text(proposed.position().index())).contains(new ErasableText.Kept("why not"));
        AuditEntry installed = only(audit.query(AuditQuery.all().type("dev.modelops.policies.installed.v1"))
                .items());
        assertThat(installed.position()).isEqualTo(revision.position());
        assertThat(installed.actor()).isEqualTo(SECOND);
        assertThat(installed.decision().map(Decision::policy))
                .contains(Policies.builtIn().digest());
        assertThat(installed.body().toUtf8())
                .contains(
                        "\"revision\":2",
                        "\"previous\":\"" + Policies.builtIn().digest() + "\"",
                        "\"proposer\":\"" + ADMIN + "\"");
    }

    private static AuditEntry only(List<AuditEntry> entries) {
        assertThat(entries).hasSize(1);
        return entries.get(0);
    }

    private static Rules builtIn() {
        return Rules.from(Policies.builtIn());
    }

    static Stream<Arguments> unfit() {
        String document = Policies.builtIn().document();
        return Stream.of(
                arguments("no JSON", new PolicySet("permit(principal, action, resource);"), "policy set"),
                arguments("empty", new PolicySet(""), ""),
                arguments("truncated", new PolicySet(document.substring(0, document.length() / 2)), ""),
                arguments(
                        "duplicate member",
                        new PolicySet(document.replaceFirst("\\{", "{\"templates\":{},")),
                        "uplicate"),
                arguments("huge", new PolicySet(" ".repeat(5_000_000) + document), "at most"),
                arguments("deep", new PolicySet("{\"staticPolicies\":" + "[".repeat(100_000)), ""),
                arguments(
                        "half a surrogate pair", new PolicySet(document.replaceFirst("reads", "\uD800")), "surrogate"),
                arguments(
                        "a gate is missing that production requires",
                        builtIn().without(Policies.GATE_APPROVAL).build(),
                        "production"),
                arguments(
                        "a required gate is a permit",
                        builtIn()
                                .without(Policies.GATE_APPROVAL)
                                .permit(Policies.GATE_APPROVAL)
                                .on(Action.Type.READ)
                                .build(),
                        Policies.GATE_APPROVAL),
                arguments(
                        "nobody may change policy again",
                        builtIn().without("admin-administers-policies").build(),
                        "no rule permits installPolicies"),
                arguments(
                        "nobody may propose again",
                        builtIn()
                                .without("admin-administers-policies")
                                .permit("installs")
                                .on(Action.Type.INSTALL_POLICIES)
                                .build(),
                        "no rule permits proposePolicies"),
                arguments(
                        "the permit is for something that is not the log",
                        builtIn()
                                .without("admin-administers-policies")
                                .permit("installs")
                                .on(Action.Type.INSTALL_POLICIES, Action.Type.PROPOSE_POLICIES)
                                .model(ModelName.of("risk"))
                                .build(),
                        "no rule permits installPolicies"),
                arguments(
                        "a gate is meant for promotions but not restricted to them",
                        builtIn()
                                .forbid("gate-everywhere")
                                .unless(Condition.fact("approvals.independent").atLeast(1))
                                .build(),
                        "nobody who may installPolicies today could under this set: gate-everywhere needs"),
                arguments(
                        "a gate forbids it to all who may do it",
                        builtIn()
                                .forbid("gate-admins")
                                .role(Role.ADMIN)
                                .on(Action.Type.PROPOSE_POLICIES)
                                .build(),
                        "nobody who may proposePolicies today"),
                arguments(
                        "a gate forbids it always",
                        builtIn()
                                .forbid("freeze")
                                .on(Action.Type.INSTALL_POLICIES)
                                .build(),
                        "'freeze' always forbids installPolicies"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unfit")
    void aSetThatIsNotFitIsNotProposedAndTheOldOneStays(String what, PolicySet set, String sentence) {
        long before = size();
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> by(ADMIN).propose(set, null))
                .satisfies(e -> assertThat(e.problems()).isNotEmpty())
                .withMessageContaining(sentence);
        assertThat(size()).isEqualTo(before);
        assertThat(by(ADMIN).current().number()).isEqualTo(1);
        assertThat(by(ADMIN).proposals()).isEmpty();
        assertThat(log.storage().blobs().contains(set.digest())).isFalse();
    }

    @Test
    void everythingThatIsWrongWithASetIsToldAtOnce() {
        PolicySet set = Rules.from(Policies.builtIn())
                .without(Policies.GATE_APPROVAL)
                .without("admin-administers-policies")
                .build();
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> by(ADMIN).propose(set, null))
                .satisfies(e -> assertThat(e.problems()).hasSize(3));
    }

    @Test
    void aProblemHasItsPlaceWhereItIsKnown() {
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> by(ADMIN).propose(new PolicySet("{\n  \"staticPolicies\": ]"), null))
                .satisfies(e -> assertThat(e.problems().get(0).line()).hasValue(2))
                .withMessageContaining("line 2, column ");
    }

    @Test
    void aGateOnInstallationsIsFitOnceSomebodyMeetsIt() {
        PolicySet set = Rules.from(Policies.builtIn())
                .forbid("gate-second-admin")
                .on(Action.Type.INSTALL_POLICIES)
                .unless(Condition.requesterHolds(Role.AUDITOR))
                .build();
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> by(ADMIN).propose(set, null))
                .withMessageContaining("gate-second-admin needs");
        log.as(ADMIN).grantRole(SECOND, Role.AUDITOR);
        assertThat(change(set).number()).isEqualTo(2);
        var unused = by(SECOND).propose(SILENT, null);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> by(ADMIN).install(SILENT.digest()));
        unused = by(ADMIN).propose(HALTED, null);
        assertThat(by(SECOND).install(HALTED.digest()).number()).isEqualTo(3);
    }

    @Test
    void whoWouldBeShutOutIsLookedAtAgainBeforeTheInstallation() {
        PolicySet set = Rules.from(Policies.builtIn())
                .forbid("gate-second-admin")
                .on(Action.Type.INSTALL_POLICIES)
                .unless(Condition.requesterHolds(Role.AUDITOR))
                .build();
        log.as(ADMIN).grantRole(SECOND, Role.AUDITOR);
        var unused = by(ADMIN).propose(set, null);
        log.as(ADMIN).revokeRole(SECOND, Role.AUDITOR);
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> by(SECOND).install(set.digest()))
                .withMessageContaining("gate-second-admin needs");
        assertThat(by(SECOND).current().number()).isEqualTo(1);
        log.as(ADMIN).grantRole(SECOND, Role.AUDITOR);
        assertThat(by(SECOND).install(set.digest()).number()).isEqualTo(2);
    }

    @Test
    void handlesAreDecidedAnewWhenTheSetChanges() {
        register();
        log.as(VALIDATOR).approve(ref("risk", 1), Environment.PRODUCTION, "VR-1");
        log.as(RELEASER).promote(ref("risk", 1), Environment.PRODUCTION);
        try (ModelHandle<String> handle =
                log.ops().as(SERVICE).serving().open("risk", Environment.PRODUCTION, artifact -> "loaded")) {
            assertThat(handle.apply(model -> model).value()).isEqualTo("loaded");
            var unused = change(HALTED);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> handle.apply(model -> model))
                    .satisfies(e -> assertThat(e.decision().rules()).containsExactly("gate-halt"));
            unused = change(SILENT);
            assertThat(handle.apply(model -> model).value()).isEqualTo("loaded");
        }
    }

    @Test
    void whoOpensTheLogLaterOrFollowsItIsBoundByTheSetInForce() {
        register();
        try (ModelOps follower = log.again()) {
            assertThat(follower.as(AUTHOR).policies().current().number()).isEqualTo(1);
            PolicyRevision revision = change(SILENT);
            follower.sync();
            assertThat(follower.as(AUTHOR).policies().current()).isEqualTo(revision);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> follower.as(AUTHOR).registry().comment(ref("risk", 1), "x"));
        }
        try (ModelOps late = log.again()) {
            assertThat(late.as(AUTHOR).policies().current().digest()).isEqualTo(SILENT.digest());
            assertThat(late.as(AUTHOR)
                            .registry()
                            .check(Action.comment(ref("risk", 1), "x"))
                            .isAllowed())
                    .isFalse();
        }
    }

    @Test
    void anActOfAProcessThatHasNotHeardOfTheInstallationIsDecidedByTheNewSet() {
        register();
        try (ModelOps follower = log.again()) {
            var unused = change(SILENT);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> follower.as(AUTHOR).registry().comment(ref("risk", 1), "x"))
                    .satisfies(e -> assertThat(e.decision().policy()).isEqualTo(SILENT.digest()));
        }
    }

    @Test
    void aSetUnderWhichOnePersonAloneWouldHaveToProposeAndInstallIsRefused() {
        Role chief = Role.of("chief");
        PolicySet alone = Rules.from(Policies.builtIn())
                .forbid("gate-chief")
                .on(Action.Type.PROPOSE_POLICIES, Action.Type.INSTALL_POLICIES)
                .unless(Condition.requesterHolds(chief))
                .build();
        log.as(ADMIN).grantRole(SECOND, chief);
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> by(ADMIN).propose(alone, null))
                .withMessageContaining("what another may propose");
        Principal third = GovernedLog.person("third admin");
        log.as(ADMIN).grantRole(third, Role.ADMIN);
        log.as(ADMIN).grantRole(third, chief);
        assertThat(change(alone).digest()).isEqualTo(alone.digest());
    }

    @Test
    void aRevisionThatLeavesNoRoomForLaterOnesIsRefused() {
        try (GovernedLog signed = GovernedLog.open(
                genesis -> genesis.policyPublisher(GovernedLog.LOG_SIGNER.publicKey()), UnaryOperator.identity())) {
            Bytes last = PolicyBundle.sign(SILENT, Long.MAX_VALUE, GovernedLog.LOG_SIGNER);
            PolicyAdministration policies = signed.ops().as(ADMIN).policies();
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> policies.proposeBundle(last, null))
                    .withMessageContaining("no room for those to come");
            Bytes far = PolicyBundle.sign(SILENT, 1L << 53, GovernedLog.LOG_SIGNER);
            assertThat(policies.proposeBundle(far, null).revision()).isEqualTo(1L << 53);
        }
    }
}
