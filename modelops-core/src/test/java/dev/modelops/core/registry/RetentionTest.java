package dev.modelops.core.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.Retention;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final Principal PIA = GovernedLog.person("pia");
    private static final Principal LEO = GovernedLog.person("leo");
    private static final ModelRef RISK = GovernedLog.ref("risk", 1);
    private static final ModelRef OTHER = GovernedLog.ref("other", 1);
    private static final String COMMENTED = "dev.modelops.version.commented.v1";

    @TempDir
    Path dir;

    private final GovernedLog log = GovernedLog.open(
            genesis -> genesis.grant(PIA, Role.PRIVACY_OFFICER).grant(LEO, Role.LEGAL_OFFICER), opening -> opening);

    @BeforeEach
    void register() {
        for (ModelRef ref : List.of(RISK, OTHER)) {
            var unused = log.as(GovernedLog.AUTHOR)
                    .register(VersionSpec.of(
                            ref.name().value(),
                            Models.small(dir.resolve(ref.name().value()), 1)));
        }
    }

    @AfterEach
    void close() {
        log.close();
    }

    private Recorded comment(ModelRef ref, String text) {
        return log.as(GovernedLog.AUTHOR).comment(ref, text);
    }

    private List<Retention.Due> due(Retention.Rule... rules) {
        Instant now = log.clock().instant();
        return Retention.due(log.ops().as(PIA).audit(), List.of(rules), now);
    }

    @Test
    void aTextIsDueOnceEveryRuleAboutItHasRunOut() {
        Recorded first = comment(RISK, "first");
        log.clock().advance(Duration.ofDays(100));
        comment(RISK, "second");
        log.as(GovernedLog.VALIDATOR).approve(RISK, Environment.PRODUCTION, "fine");
        assertThat(due(Retention.EU_AI_ACT_LOGS)).isEmpty();
        log.clock().advance(Duration.ofDays(84));
        assertThat(due(Retention.EU_AI_ACT_LOGS)).singleElement().satisfies(due -> {
            assertThat(due.position()).isEqualTo(first.position());
            assertThat(due.type()).isEqualTo(COMMENTED);
            assertThat(due.subject()).contains("risk@1");
            assertThat(due.rule().citation()).contains("2024/1689");
            assertThat(due.keptUntil()).isEqualTo(Instant.parse("2026-09-01T09:00:00Z"));
        });
        assertThat(due(Retention.EU_AI_ACT_LOGS, Retention.HIPAA_DOCUMENTATION)).isEmpty();
        log.clock().advance(Duration.ofDays(101));
        assertThat(due(Retention.EU_AI_ACT_LOGS)).hasSize(3);
        assertThat(due(Retention.EU_AI_ACT_LOGS.on(COMMENTED))).hasSize(2);
        assertThat(due()).isEmpty();
    }

    @Test
    void whatIsHeldOrErasedIsNotDueAndNothingIsErasedWithoutAnAct() {
        Recorded risk = comment(RISK, "about risk");
        Recorded other = comment(OTHER, "about other");
        log.clock().advance(Duration.ofDays(1000));
        assertThat(due(Retention.ECOA_APPLICATIONS)).hasSize(2);
        var held = log.as(LEO).perform(Action.hold("case", ModelName.of("risk")));
        assertThat(held.type()).isEqualTo("dev.modelops.hold.placed.v1");
        assertThat(due(Retention.ECOA_APPLICATIONS))
                .extracting(Retention.Due::position)
                .containsExactly(other.position());
        var unused = log.as(LEO).perform(Action.hold("everything"));
        assertThat(due(Retention.ECOA_APPLICATIONS)).isEmpty();
        unused = log.as(LEO).perform(Action.liftHold("everything"));
        unused = log.as(LEO).perform(Action.liftHold("case"));
        assertThat(due(Retention.ECOA_APPLICATIONS)).hasSize(2);
        for (Retention.Due due : due(Retention.ECOA_APPLICATIONS)) {
            unused = log.as(PIA).perform(Action.erase(due.position(), "retention"));
        }
        assertThat(due(Retention.ECOA_APPLICATIONS)).isEmpty();
        Assertions.assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> log.as(PIA).perform(Action.erase(risk.position(), "retention")));
    }

    @Test
    void aPeriodIsNotNegative() {
        assertThatIllegalArgumentException().isThrownBy(() -> Retention.Rule.ofAll("x", Period.ofDays(-1), "none"));
    }
}
