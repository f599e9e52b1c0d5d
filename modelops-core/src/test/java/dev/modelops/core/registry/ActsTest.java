package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditEntry;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Policies;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every act: what it does, how it is recorded, who may not do it. */
@Tag("every-store")
class ActsTest {
    private static final ModelName RISK = ModelName.of("risk");
    private static final ModelRef V1 = ref("risk", 1);
    private static final ModelRef V2 = ref("risk", 2);
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final List<Principal> EVERYBODY =
            List.of(ADMIN, AUTHOR, VALIDATOR, RELEASER, AUDITOR, SERVICE, STRANGER);

    @TempDir
    static Path dir;

    private GovernedLog log;

    /** Two versions, the second with a tag, an alias and an approval; both approved, the first then the second promoted. */
    @BeforeEach
    void openLog() {
        log = GovernedLog.open();
        register(1);
        register(2);
        for (ModelRef ref : List.of(V1, V2)) {
            log.as(VALIDATOR).approve(ref, PRODUCTION, "fine");
            log.as(RELEASER).promote(ref, PRODUCTION);
        }
        log.as(RELEASER).setAlias(V2, Alias.of("next"));
        log.as(AUTHOR).setTag(V2, "team", "a");
        log.clock().advance(Duration.ofMillis(5));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private void register(int variant) {
        log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("v" + variant), variant)));
    }

    static Stream<Arguments> acts() {
        return Stream.of(
                act(Action.comment(V1, "good"), "version.commented", "risk@1", AUTHOR, VALIDATOR),
                act(Action.approve(V1, PRODUCTION), "version.approved", "risk@1", VALIDATOR),
                act(Action.reject(V1, PRODUCTION), "version.rejected", "risk@1", VALIDATOR),
                act(Action.withdraw(V1, PRODUCTION), "judgement.withdrawn", "risk@1", VALIDATOR),
                act(Action.promote(V1, PRODUCTION), "champion.promoted", "risk@1", RELEASER),
                act(Action.rollback(RISK, PRODUCTION), "champion.rolledback", "risk@1", RELEASER),
                act(Action.setAlias(V1, Alias.of("next")), "alias.set", "risk@1", RELEASER),
                act(Action.removeAlias(RISK, Alias.of("next")), "alias.removed", "risk@2", RELEASER),
                act(Action.setTag(V1, "team", "b"), "tag.set", "risk@1", AUTHOR, RELEASER),
                act(Action.removeTag(V2, "team"), "tag.removed", "risk@2", AUTHOR, RELEASER),
                act(Action.grantRole(STRANGER, Role.VALIDATOR), "role.granted", STRANGER.toString(), ADMIN),
                act(Action.revokeRole(VALIDATOR, Role.VALIDATOR), "role.revoked", VALIDATOR.toString(), ADMIN),
                act(Action.transition(V2, "deprecate"), "version.transitioned", "risk@2", RELEASER));
    }

    private static Arguments act(Action action, String type, String subject, Principal... allowed) {
        return Arguments.of(action, "dev.modelops." + type + ".v1", subject, List.of(allowed));
    }

    @ParameterizedTest
    @MethodSource("acts")
    void anActIsRecordedAsOneEntryThatSaysAll(Action action, String type, String subject, List<Principal> allowed) {
        Principal who = allowed.get(0);
        CommandId id = CommandId.of("my-act");
        long before = log.ops().position().size();
        Recorded recorded = log.as(who).perform(action.as(id));

        assertThat(recorded.commandId()).isEqualTo(id);
        assertThat(recorded.type()).isEqualTo(type);
        assertThat(recorded.subject()).isEqualTo(subject);
        assertThat(recorded.at()).isEqualTo(log.clock().instant());
        assertThat(recorded.position().size())
                .isEqualTo(before + 1)
                .isEqualTo(log.ops().position().size());
        assertThat(recorded.decision().rules()).isNotEmpty();
        assertThat(recorded.decision().asOf().size()).isEqualTo(before);

        AuditEntry entry = log.ops().as(AUDITOR).audit().get(before);
        assertThat(entry.type()).isEqualTo(type);
        assertThat(entry.subject()).contains(subject);
        assertThat(entry.actor()).isEqualTo(who);
        assertThat(entry.at()).isEqualTo(recorded.at());
        assertThat(entry.decision()).contains(recorded.decision());

        assertThat(log.as(who).perform(action.as(id))).isEqualTo(recorded);
        assertThat(log.ops().outcome(id)).contains(recorded);
        assertThat(log.ops().position().size()).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @MethodSource("acts")
    void whoeverMayNotIsRefusedAndTheRefusalIsRecorded(
            Action action, String type, String subject, List<Principal> allowed) {
        Picture before = Picture.of(log.as(AUDITOR), EVERYBODY);
        for (Principal who : EVERYBODY) {
            Decision dry = log.as(who).check(action);
            assertThat(dry.isAllowed()).as("%s by %s", action, who).isEqualTo(allowed.contains(who));
            if (dry instanceof Decision.Deny foreseen) {
                assertThatExceptionOfType(AccessDeniedException.class)
                        .isThrownBy(() -> log.as(who).perform(action))
                        .satisfies(e -> {
                            assertThat(e.decision().cause()).isEqualTo(foreseen.cause());
                            assertThat(e.decision().rules()).isEqualTo(foreseen.rules());
                            assertThat(e.decision().unmet()).isEqualTo(foreseen.unmet());
                        });
                AuditEntry refusal =
                        log.ops().as(AUDITOR).audit().get(log.ops().position().index());
                assertThat(refusal.type()).isEqualTo("dev.modelops.access.refused.v1");
                assertThat(refusal.actor()).isEqualTo(who);
                assertThat(refusal.decision()).get().isInstanceOf(Decision.Deny.class);
            }
        }
        assertThat(Picture.of(log.as(AUDITOR), EVERYBODY)).isEqualTo(before);
        assertThat(log.as(allowed.get(0)).perform(action).type()).isEqualTo(type);
        assertThat(subject).isNotEmpty();
    }

    @Test
    void aRepeatedRefusalIsNotRecordedAgain() {
        for (int i = 0; i < 5; i++) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(STRANGER).promote(V1, PRODUCTION));
        }
        long size = log.ops().position().size();
        assertThat(log.ops().as(AUDITOR).audit().get(size - 1).type()).isEqualTo("dev.modelops.access.refused.v1");
        assertThat(log.ops().as(AUDITOR).audit().get(size - 2).type()).isNotEqualTo("dev.modelops.access.refused.v1");
        log.clock().advance(Duration.ofHours(2));
        log.as(AUTHOR).comment(V1, "later");
        assertThat(log.ops().as(AUDITOR).audit().get(size).type()).isEqualTo("dev.modelops.access.refusals.counted.v1");
        assertThat(log.ops().as(AUDITOR).audit().get(size).body().toUtf8()).contains("\"count\":4");
    }

    @Test
    void whatIsNotAnActOfItsOwnIsNotPerformedWhoeverAsks() {
        long before = log.ops().position().size();
        for (Action action : List.of(
                Action.register(RISK),
                Action.importVersion(RISK, "example.org/elsewhere+00000000+AA==", V1),
                Action.attachEvidence(V1),
                Action.read(RISK),
                Action.audit(),
                Action.serve(V1, PRODUCTION))) {
            for (Principal who : EVERYBODY) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> log.as(who).perform(action));
            }
        }
        assertThat(log.ops().position().size()).isEqualTo(before);
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        ModelRegistry releaser = log.as(RELEASER);
        assertNotFound(() -> releaser.promote(ref("risk", 9), PRODUCTION));
        assertNotFound(() -> releaser.promote(ref("other", 1), PRODUCTION));
        assertNotFound(() -> releaser.promote(V1, Environment.of("moon")));
        assertNotFound(() -> releaser.rollback(ModelName.of("other"), PRODUCTION, "worse"));
        assertNotFound(() -> releaser.removeAlias(RISK, Alias.of("nobody")));
        assertNotFound(() -> releaser.removeTag(V1, "team"));
        assertNotFound(() -> releaser.check(Action.promote(ref("risk", 9), PRODUCTION)));
        assertNotFound(() -> log.as(VALIDATOR).withdraw(V1, Environment.STAGING, "said nothing there"));
        assertNotFound(() -> log.as(AUTHOR).comment(ref("risk", 9), "where"));
        assertNotFound(() -> log.as(AUTHOR).attach(ref("risk", 9), "report", Bytes.ofUtf8("x")));
    }

    private static void assertNotFound(org.assertj.core.api.ThrowableAssert.ThrowingCallable act) {
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(act);
    }

    private static void assertConflict(org.assertj.core.api.ThrowableAssert.ThrowingCallable act) {
        assertThatExceptionOfType(VersionConflictException.class).isThrownBy(act);
    }

    @Test
    void whoeverExpectsAnotherPresentLosesTheRace() {
        ModelRegistry releaser = log.as(RELEASER);
        long before = log.ops().position().size();
        assertConflict(() -> releaser.perform(Action.promote(V1, PRODUCTION).expectChampion(VersionNumber.of(1))));
        assertConflict(() -> releaser.perform(Action.promote(V1, PRODUCTION).expectChampion(null)));
        assertConflict(() -> releaser.perform(Action.rollback(RISK, PRODUCTION).expectChampion(VersionNumber.of(1))));
        assertConflict(
                () -> releaser.perform(Action.setAlias(V1, Alias.of("next")).expectAlias(VersionNumber.of(1))));
        assertConflict(
                () -> releaser.perform(Action.setAlias(V1, Alias.of("next")).expectAlias(null)));
        assertConflict(() ->
                releaser.perform(Action.removeAlias(RISK, Alias.of("next")).expectAlias(VersionNumber.of(1))));
        assertConflict(() -> releaser.setAlias(V2, Alias.of("next")));
        assertConflict(() -> releaser.promote(V2, PRODUCTION));
        assertThat(log.ops().position().size()).isEqualTo(before);

        releaser.perform(Action.promote(V1, PRODUCTION).expectChampion(VersionNumber.of(2)));
        releaser.perform(Action.setAlias(V1, Alias.of("next")).expectAlias(VersionNumber.of(2)));
        releaser.perform(Action.setAlias(V1, Alias.of("new")).expectAlias(null));
        assertThat(log.as(AUDITOR).find(RISK, Alias.of("next")))
                .map(version -> version.ref())
                .contains(V1);
        assertThat(log.as(AUDITOR).champions(RISK, PRODUCTION))
                .containsExactly(VersionNumber.of(1), VersionNumber.of(2), VersionNumber.of(1));
    }

    @Test
    void commentsAndJudgementsAreKeptAsTheyWereGiven() {
        Recorded said = log.as(AUTHOR).comment(V1, "first\nsecond");
        assertThat(log.as(AUDITOR).comments(V1))
                .containsExactly(
                        new Comment(V1, new ErasableText.Kept("first\nsecond"), AUTHOR, said.at(), said.position()));
        var report = log.as(VALIDATOR).attach(V1, "report", Bytes.ofUtf8("all is well"));
        Recorded approved = log.as(VALIDATOR).approve(V1, PRODUCTION, "VR-7");
        Approval approval = new Approval(
                V1,
                PRODUCTION,
                Approval.Verdict.APPROVED,
                VALIDATOR,
                Optional.of(new ErasableText.Kept("VR-7")),
                log.as(AUDITOR).get(V1).artifact(),
                Set.of(report.digest()),
                approved.decision().policy(),
                approved.at(),
                approved.position(),
                Optional.empty());
        assertThat(log.as(AUDITOR).approvals(V1)).containsExactly(approval);
        log.as(VALIDATOR).reject(V1, PRODUCTION, "no");
        assertThat(log.as(AUDITOR).approvals(V1))
                .extracting(Approval::verdict)
                .containsExactly(Approval.Verdict.REJECTED);
        log.as(VALIDATOR).withdraw(V1, PRODUCTION, "moot");
        assertThat(log.as(AUDITOR).approvals(V1)).isEmpty();
    }

    @Test
    void relabellingADocumentVoidsAnApprovalAsAnyEvidenceDoes() {
        Bytes report = Bytes.ofUtf8("bias found");
        log.as(AUTHOR).attach(V1, "draft", report);
        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
        assertThat(log.as(RELEASER).check(Action.promote(V1, PRODUCTION)).isAllowed())
                .isTrue();
        log.as(AUTHOR).attach(V1, "validation-report", report);
        assertThat(log.as(RELEASER).check(Action.promote(V1, PRODUCTION)).rules())
                .containsExactly(Policies.GATE_APPROVAL);
    }

    @Test
    void aRollbackIsDecidedOnWhereItLeads() {
        log.as(RELEASER).revoke(V2, "broken");
        assertThat(log.as(RELEASER).check(Action.rollback(RISK, PRODUCTION)).isAllowed())
                .isTrue();
        assertThat(log.as(RELEASER).rollback(RISK, PRODUCTION, "broken").subject())
                .isEqualTo("risk@1");
        assertThat(log.as(RELEASER).check(Action.rollback(RISK, PRODUCTION)).rules())
                .contains(Policies.GATE_FORMER_CHAMPION);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(RELEASER).rollback(RISK, PRODUCTION, "again"));
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(RELEASER).rollback(RISK, Environment.STAGING, "never was one"));
    }

    @Test
    void theLifeCycleHasNoOtherSteps() {
        ModelRegistry releaser = log.as(RELEASER);
        assertConflict(() -> releaser.perform(Action.transition(V1, "reinstate")));
        assertConflict(() -> releaser.perform(Action.transition(V1, "explode")));
        releaser.deprecate(V1, "old");
        assertThat(log.as(AUDITOR).get(V1).status()).isEqualTo("deprecated");
        releaser.perform(Action.transition(V1, "reinstate"));
        releaser.retire(V1, "older");
        assertThat(log.as(AUDITOR).get(V1).status()).isEqualTo("retired");
        releaser.revoke(V1, "dangerous");
        assertConflict(() -> releaser.revoke(V1, "twice"));
        assertThat(log.as(AUDITOR).get(V1).status()).isEqualTo("revoked");
    }

    @Test
    void nobodyGrantsARoleToThemselvesNorTwice() {
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(ADMIN).grantRole(ADMIN, Role.VALIDATOR))
                .satisfies(e -> assertThat(e.decision().rules()).containsExactly(Policies.GATE_SELF_GRANT));
        assertConflict(() -> log.as(ADMIN).grantRole(AUTHOR, Role.DATA_SCIENTIST));
        assertConflict(() -> log.as(ADMIN).revokeRole(AUTHOR, Role.VALIDATOR));
        log.as(ADMIN).revokeRole(ADMIN, Role.ADMIN);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(ADMIN).grantRole(STRANGER, Role.ADMIN));
    }
}
