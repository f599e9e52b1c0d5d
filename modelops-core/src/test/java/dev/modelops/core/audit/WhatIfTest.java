package dev.modelops.core.audit;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Environment;
import dev.modelops.Progress;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.audit.WhatIfReport.Flip;
import dev.modelops.audit.WhatIfReport.Kind;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A register, a refused promotion, an approval and a promotion, tried under other policy sets. */
@Tag("every-store")
class WhatIfTest {
    @TempDir
    static Path dir;

    private GovernedLog log;

    @BeforeEach
    void record() {
        log = GovernedLog.open(UnaryOperator.identity(), UnaryOperator.identity());
        var version = log.as(AUTHOR)
                .register(VersionSpec.of("risk", Models.small(dir.resolve("m" + System.identityHashCode(log)))));
        assertThatThrownBy(() -> log.as(RELEASER).promote(version.ref(), Environment.PRODUCTION))
                .isInstanceOf(AccessDeniedException.class);
        var approved = log.as(VALIDATOR).approve(version.ref(), Environment.PRODUCTION, "good");
        var promoted = log.as(RELEASER).promote(version.ref(), Environment.PRODUCTION);
        assertThat(List.of(approved, promoted)).hasSize(2);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private AuditLog audit() {
        return log.ops().as(ADMIN).audit();
    }

    private static Rules builtIn() {
        return Rules.from(Policies.builtIn());
    }

    @Test
    void theSetInForceDecidesAlike() {
        WhatIfReport report = audit().whatIf(Policies.builtIn());

        assertThat(report.flips()).isEmpty();
        assertThat(report.isSame()).isTrue();
        assertThat(report.decisions()).isEqualTo(4);
        assertThat(report.position()).isEqualTo(log.ops().position());
        assertThat(report.policies()).isEqualTo(Policies.builtIn().digest());
    }

    @Test
    void aStricterSetShowsWhatItWouldHaveRefusedAndWhy() {
        PolicySet stricter = builtIn()
                .forbid("gate-two-approvals")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("approvals.independent").atLeast(2))
                .build();
        WhatIfReport report = audit().whatIf(stricter);

        assertThat(report.allowToDeny()).isEqualTo(1);
        assertThat(report.denyToAllow()).isZero();
        assertThat(report.otherReasons()).isEqualTo(1);
        Flip flip = report.flips().get(1);
        assertThat(flip.kind()).isEqualTo(Kind.ALLOW_TO_DENY);
        assertThat(flip.recorded().rules()).containsExactly("release-manager-releases");
        assertThat(flip.replayed()).hasValueSatisfying(then -> {
            assertThat(then.rules()).containsExactly("gate-two-approvals");
            assertThat(then.unmet().get(0).actual()).contains("1");
            assertThat(then.at()).isEqualTo(flip.recorded().at());
        });
    }

    @Test
    void aLaxerSetShowsWhichRefusalsItWouldHaveSpared() {
        PolicySet laxer = builtIn().without(Policies.GATE_APPROVAL).build();
        WhatIfReport required = audit().whatIf(laxer);

        assertThat(required.denyToAllow() + required.otherReasons())
                .as("a gate that the environment requires refuses while it is missing")
                .isPositive();
        PolicySet hollow = builtIn()
                .without(Policies.GATE_APPROVAL)
                .forbid(Policies.GATE_APPROVAL)
                .on(Action.Type.COMMENT)
                .build();
        WhatIfReport report = audit().whatIf(hollow);

        assertThat(report.denyToAllow()).isEqualTo(1);
        assertThat(report.flips()).singleElement().satisfies(flip -> {
            assertThat(flip.index()).isEqualTo(2);
            assertThat(flip.recorded().isAllowed()).isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"environment.region", "principal.clearance"})
    void soIsWhatHangsOnAnAttributeThatNobodyRecorded(String fact) {
        Condition isHome = Condition.fact(fact).is("home");
        for (PolicySet set : List.of(
                builtIn()
                        .forbid("gate-home")
                        .on(Action.Type.PROMOTE)
                        .unless(isHome)
                        .build(),
                builtIn()
                        .forbid("gate-home")
                        .on(Action.Type.PROMOTE)
                        .when(isHome)
                        .build())) {
            WhatIfReport report = audit().whatIf(set);
            assertThat(report.undecidable()).isEqualTo(1);
            assertThat(report.allowToDeny()).isZero();
        }
    }

    @Test
    void soIsAnOverrideThatHangsOnOne() {
        PolicySet soft = builtIn()
                .forbid("gate-wait")
                .level(Level.SOFT)
                .on(Action.Type.PROMOTE)
                .permit("all-override")
                .on(Action.Type.OVERRIDE)
                .build();
        PolicySet hanging = builtIn()
                .forbid("gate-wait")
                .level(Level.SOFT)
                .on(Action.Type.PROMOTE)
                .permit("all-override")
                .on(Action.Type.OVERRIDE)
                .when(Condition.fact("incident.open").isTrue())
                .build();
        try (GovernedLog other = GovernedLog.open(genesis -> genesis.policies(soft), UnaryOperator.identity())) {
            var version = other.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("soft"))));
            var approved = other.as(VALIDATOR).approve(version.ref(), Environment.PRODUCTION, "good");
            var promoted = other.as(RELEASER)
                    .perform(Action.promote(version.ref(), Environment.PRODUCTION)
                            .overriding("the old one fails"));
            assertThat(List.of(approved, promoted)).hasSize(2);
            WhatIfReport report = other.ops().as(ADMIN).audit().whatIf(hanging);
            assertThat(report.undecidable()).isEqualTo(1);
            assertThat(report.allowToDeny()).isZero();
        }
    }

    @Test
    void whatHangsOnAFactThatNobodyRecordedIsUndecidable() {
        PolicySet windowed = builtIn()
                .forbid("gate-window")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("calendar.open").isTrue())
                .build();
        WhatIfReport report = audit().whatIf(windowed);

        assertThat(report.isSame()).isFalse();
        assertThat(report.undecidable()).isEqualTo(1);
        assertThat(report.flips())
                .filteredOn(flip -> flip.kind() == Kind.UNDECIDABLE)
                .singleElement()
                .satisfies(flip -> {
                    assertThat(flip.index()).isEqualTo(4);
                    assertThat(flip.replayed()).isEmpty();
                    assertThat(flip.reason())
                            .hasValueSatisfying(why -> assertThat(why).contains("calendar"));
                });
    }

    @Test
    void factsOfTheStateThatAreAbsentAreNotMissing() {
        PolicySet judged = builtIn()
                .forbid("gate-first")
                .on(Action.Type.PROMOTE)
                .unless(Condition.fact("champion.version").isPresent())
                .build();

        assertThat(audit().whatIf(judged).undecidable()).isZero();
        assertThat(audit().whatIf(judged).allowToDeny()).isEqualTo(1);
    }

    @Test
    void whetherARecordOfFactsOfTheStateIsThereIsNotMissing() {
        PolicySet asking = PolicyReview.ofCedar(
                        PolicyReview.of(Policies.builtIn()).toCedar()
                                + "@id(\"asking\") forbid (principal, action == Action::\"promote\", resource) unless {"
                                + " context has signature && context.signature.trusted && !(context has validation)"
                                + " && context has documents && context has fairness };")
                .policySet();
        WhatIfReport report = audit().whatIf(asking);

        assertThat(report.flips()).isEmpty();
    }

    @Test
    void anOverrideIsUndecidableIfAFactThatNobodyRecordedMayHaveRefusedIt() {
        String soft = PolicyReview.of(Policies.builtIn()).toCedar()
                + "@id(\"frozen\") @level(\"soft\") forbid (principal, action == Action::\"promote\", resource);"
                + "@id(\"pass\") permit (principal, action == Action::\"override\", resource);";
        PolicySet strange = PolicyReview.ofCedar(
                        soft + "@id(\"window\") forbid (principal, action == Action::\"promote\","
                                + " resource) unless { context.calendar.inChangeWindow };")
                .policySet();
        try (GovernedLog other = GovernedLog.open(
                genesis -> genesis.policies(PolicyReview.ofCedar(soft).policySet()), UnaryOperator.identity())) {
            var version = other.as(AUTHOR)
                    .register(VersionSpec.of("risk", Models.small(dir.resolve("m" + System.identityHashCode(other)))));
            var approved = other.as(VALIDATOR).approve(version.ref(), Environment.PRODUCTION, "good");
            var promoted = other.as(RELEASER)
                    .perform(Action.promote(version.ref(), Environment.PRODUCTION)
                            .overriding("INC-1"));
            assertThat(List.of(approved, promoted)).hasSize(2);

            WhatIfReport report = other.ops().as(ADMIN).audit().whatIf(strange);

            assertThat(report.undecidable()).isEqualTo(1);
            assertThat(report.allowToDeny()).isZero();
        }
    }

    @Test
    void everyFlipIsGivenOnceInOrder() {
        PolicySet none =
                Rules.create().permit("nothing").on(Action.Type.COMMENT).build();
        List<Flip> flips = new ArrayList<>();
        WhatIfReport report = audit().whatIf(none, flips::add, Progress.NONE);

        assertThat(flips).isEqualTo(report.flips());
        assertThat(flips).extracting(Flip::index).containsExactly(1L, 2L, 3L, 4L);
        assertThat(report.allowToDeny()).isEqualTo(3);
        assertThat(report.otherReasons()).isEqualTo(1);
    }

    @Test
    void nothingIsRecordedAndAuditIsDemanded() {
        var before = log.ops().position();
        var unused = audit().whatIf(Policies.builtIn());

        assertThat(log.ops().position()).isEqualTo(before);
        assertThatThrownBy(() -> log.ops().as(STRANGER).audit().whatIf(Policies.builtIn()))
                .isInstanceOf(AccessDeniedException.class);
    }

    @Test
    void aSetThatCannotBeReadIsRefusedAndACancelledReplayStops() {
        assertThatThrownBy(() -> audit().whatIf(new PolicySet("{"))).isInstanceOf(InvalidPolicyException.class);
        assertThatThrownBy(() -> audit().whatIf(Policies.builtIn(), flip -> {}, new Progress() {
                    @Override
                    public void report(long done, long total) {}

                    @Override
                    public boolean isCancelled() {
                        return true;
                    }
                }))
                .isInstanceOf(CancellationException.class);
    }
}
