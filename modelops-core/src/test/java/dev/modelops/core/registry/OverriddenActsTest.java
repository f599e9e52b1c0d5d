package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static dev.modelops.core.policy.Condition.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.AuditEntry;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Explanation.Overriding;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Soft rules overridden in a log: done, recorded, read back, decided again. */
@Tag("every-store")
class OverriddenActsTest {
    private static final Role ON_CALL = Role.of("on-call");
    private static final ModelRef V1 = ref("risk", 1);
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final Action PROMOTE = Action.promote(V1, PRODUCTION);
    private static final PolicySet SET = Rules.from(Policies.builtIn())
            .without(Policies.GATE_APPROVAL)
            .forbid(Policies.GATE_APPROVAL)
            .on(Type.PROMOTE)
            .unless(fact("approvals.independent").atLeast(1))
            .level(Level.SOFT)
            .forbid("hint")
            .on(Type.PROMOTE)
            .level(Level.ADVISORY)
            .permit("break-glass")
            .role(ON_CALL)
            .on(Type.OVERRIDE)
            .obligation("open-review; notify(risk-board)")
            .build();

    @TempDir
    Path dir;

    private GovernedLog log;

    @BeforeEach
    void openLog() {
        log = GovernedLog.open(genesis -> genesis.policies(SET), UnaryOperator.identity());
        log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir)));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private AuditEntry last() {
        var audit = log.ops().as(AUDITOR).audit();
        return audit.get(log.as(AUDITOR).position().size() - 1);
    }

    private void isSound() {
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void anOverriddenActIsRecordedWithReasonRulesAndPersonAndReplaysToTheSame() {
        log.as(ADMIN).perform(Action.grantRole(RELEASER, ON_CALL));
        Recorded done = log.as(RELEASER)
                .perform(PROMOTE.overriding("INC-4711: the champion is broken").as(CommandId.of("c")));
        assertThat(done.decision().explanation().overriding())
                .isEqualTo(new Overriding(
                        "INC-4711: the champion is broken", List.of(Policies.GATE_APPROVAL), List.of("break-glass")));
        assertThat(done.decision().obligations())
                .containsExactly(
                        new Obligation("break-glass", "open-review", ""),
                        new Obligation("break-glass", "notify", "risk-board"));
        assertThat(done.decision().unmet())
                .extracting(unmet -> unmet.rule() + " " + unmet.level().id())
                .containsExactly(Policies.GATE_APPROVAL + " soft", "hint advisory");
        AuditEntry entry = last();
        assertThat(entry.actor()).isEqualTo(RELEASER);
        assertThat(entry.decision()).contains(done.decision());
        assertThat(new String(entry.body().toByteArray(), StandardCharsets.UTF_8))
                .contains("\"override\":{\"reason\":\"INC-4711: the champion is broken\",\"rules\":[\"gate-approval\"],"
                        + "\"permittedBy\":[\"break-glass\"]}")
                .contains("\"cedarOutcome\":\"deny\"");
        assertThat(log.ops().outcome(CommandId.of("c"))).contains(done);
        assertThat(log.as(RELEASER).perform(PROMOTE.overriding("INC-4711").as(CommandId.of("c"))))
                .isEqualTo(done);
        isSound();
    }

    @Test
    void aRefusedOverrideIsRecordedInFullEachTimeBesideThePlainRefusal() {
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(RELEASER).perform(PROMOTE));
        AccessDeniedException refusal = catchThrowableOfType(
                AccessDeniedException.class,
                () -> log.as(RELEASER).perform(PROMOTE.overriding("please").as(CommandId.of("d"))));
        assertThat(refusal.getMessage())
                .isEqualTo(refusal.decision().forUser())
                .contains("[gate-approval] (soft)", "for the override: the role on-call");
        AuditEntry entry = last();
        Decision recorded = entry.decision().orElseThrow();
        assertThat(entry.type()).isEqualTo("dev.modelops.access.refused.v1");
        assertThat(recorded.unmet()).isEqualTo(refusal.decision().unmet());
        assertThat(recorded.explanation().principal()).isEqualTo(RELEASER);
        assertThat(recorded.explanation().action())
                .isEqualTo(PROMOTE.overriding("please").as(CommandId.of("d")));
        isSound();
    }

    @Test
    void anOverrideIsADryRunToo() {
        log.as(ADMIN).perform(Action.grantRole(RELEASER, ON_CALL));
        assertThat(log.as(RELEASER).check(PROMOTE).isAllowed()).isFalse();
        Decision decision = log.as(RELEASER).check(PROMOTE.overriding("INC-1"));
        assertThat(decision.isAllowed()).isTrue();
        assertThat(decision.forUser())
                .contains(
                        "condition is overridden:\n[gate-approval]", "To be seen to: open-review, notify(risk-board)");
        assertThat(log.as(RELEASER).check(Action.override(PROMOTE)).isAllowed()).isTrue();
    }

    @Test
    void anOverrideByItselfIsNothingToPerform() {
        log.as(ADMIN).perform(Action.grantRole(RELEASER, ON_CALL));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> log.as(RELEASER).perform(Action.override(PROMOTE)))
                .withMessageContaining("'override' is not to be performed");
    }

    @Test
    void whatNeedsNoOverrideRecordsNone() {
        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
        Recorded done = log.as(RELEASER).perform(PROMOTE.overriding("to be safe"));
        assertThat(done.decision().explanation().overriding()).isNull();
        assertThat(done.decision().obligations()).isEmpty();
        assertThat(new String(last().body().toByteArray(), StandardCharsets.UTF_8))
                .doesNotContain("to be safe");
        isSound();
    }

    @Test
    void anAdvisoryGateThatIsRequiredStopsWhatItShouldGuard() {
        PolicySet downgraded = Rules.from(SET)
                .without(Policies.GATE_REJECTION)
                .forbid(Policies.GATE_REJECTION)
                .on(Type.PROMOTE)
                .unless(fact("approvals.rejections").atMost(0))
                .level(Level.ADVISORY)
                .build();
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> GovernedLog.open(genesis -> genesis.policies(downgraded), UnaryOperator.identity()))
                .withMessageContaining(Policies.GATE_REJECTION);
    }

    @Test
    void decisionsAboutActsBearTheCommandIdThatTheirEntryBears() {
        AccessDeniedException refused = catchThrowableOfType(
                AccessDeniedException.class, () -> log.as(RELEASER).perform(PROMOTE.as(CommandId.of("try-1"))));
        assertThat(refused.decision().toJson()).startsWith("{\"v\":1,\"id\":\"try-1\",");
        assertThat(last().decision().orElseThrow().toJson()).startsWith("{\"v\":1,\"id\":\"try-1\",");

        String unnamed = catchThrowableOfType(
                        AccessDeniedException.class, () -> log.as(VALIDATOR).perform(PROMOTE))
                .decision()
                .toJson();
        assertThat(unnamed).startsWith("{\"v\":1,\"id\":\"");
        assertThat(new String(last().body().toByteArray(), StandardCharsets.UTF_8))
                .contains("\"command\":\"" + idOf(unnamed) + "\"");

        String generated = log.as(AUTHOR)
                .perform(Action.comment(V1, "for a look"))
                .decision()
                .toJson();
        String id = idOf(generated);
        assertThat(last().decision().orElseThrow().toJson()).isEqualTo(generated);
        assertThat(new String(last().body().toByteArray(), StandardCharsets.UTF_8))
                .contains("\"command\":\"" + id + "\"");
        assertThat(log.ops().outcome(CommandId.of(id)))
                .hasValueSatisfying(done -> assertThat(done.decision().toJson()).isEqualTo(generated));

        assertThat(log.as(RELEASER).check(PROMOTE).toJson()).startsWith("{\"v\":1,\"outcome\":\"deny\"");
    }

    private static String idOf(String decision) {
        return decision.substring("{\"v\":1,\"id\":\"".length(), decision.indexOf("\",\"outcome"));
    }

    @Test
    void aRefusalOverApprovalsTellsWhoseCounted() {
        log.as(ADMIN).perform(Action.grantRole(AUDITOR, Role.VALIDATOR));
        log.as(VALIDATOR).perform(Action.approve(V1, PRODUCTION));
        log.as(AUDITOR).perform(Action.reject(V1, PRODUCTION));

        assertThat(log.as(RELEASER).check(PROMOTE).toJson())
                .contains("\"evidence\":{\"approvals.rejections\":1,\"approvals.by\":[\"" + VALIDATOR + "\"]}");
    }
}
