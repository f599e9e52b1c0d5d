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

import dev.modelops.Assurance;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.RoleSource;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditEntry;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.LifeCycle;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a log's genesis and a host's opening change: where roles come from, the life cycle, a narrower policy, listeners. */
@Tag("every-store")
class FoundingTest {
    private static final ModelRef V1 = ref("risk", 1);
    private static final Environment PRODUCTION = Environment.PRODUCTION;

    @TempDir
    static Path dir;

    private static VersionSpec risk() {
        return VersionSpec.of("risk", Models.small(dir.resolve("v1")));
    }

    private static ModelRegistry claiming(GovernedLog log, Principal who, Role... roles) {
        return log.ops()
                .as(new Identity(who, Assurance.ASSERTED, Set.of(roles)))
                .registry();
    }

    @Test
    void whereRolesAreClaimedGrantsAreRefusedAndClaimsCount() {
        try (GovernedLog log = GovernedLog.bare(
                genesis -> GovernedLog.environments(genesis).roles(RoleSource.CLAIMS), UnaryOperator.identity())) {
            claiming(log, AUTHOR, Role.DATA_SCIENTIST).register(risk());
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> claiming(log, ADMIN, Role.ADMIN).grantRole(STRANGER, Role.AUDITOR));
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> claiming(log, ADMIN, Role.ADMIN).revokeRole(STRANGER, Role.AUDITOR));
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> claiming(log, VALIDATOR).approve(V1, PRODUCTION, "fine"));
            claiming(log, VALIDATOR, Role.VALIDATOR).approve(V1, PRODUCTION, "fine");
            // What the validator claims, or does not, from now on changes nothing: the word was given as a validator.
            assertThat(claiming(log, VALIDATOR).models()).isEmpty();
            claiming(log, RELEASER, Role.RELEASE_MANAGER).promote(V1, PRODUCTION);
            AuditEntry last = log.ops()
                    .as(new Identity(AUDITOR, Assurance.ASSERTED, Set.of(Role.AUDITOR)))
                    .audit()
                    .get(log.ops().position().index());
            assertThat(last.body().toUtf8()).contains("\"roles\":[\"release-manager\"]");
            assertThat(claiming(log, AUDITOR, Role.AUDITOR).roles(RELEASER)).isEmpty();
        }
    }

    @Test
    void whereRolesAreGrantedClaimsCountForNothing() {
        try (GovernedLog log = GovernedLog.open()) {
            Role[] all = {Role.ADMIN, Role.DATA_SCIENTIST, Role.VALIDATOR, Role.RELEASE_MANAGER, Role.AUDITOR};
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> claiming(log, STRANGER, all).register(risk()));
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> claiming(log, STRANGER, all).grantRole(AUTHOR, Role.ADMIN));
            assertThat(claiming(log, STRANGER, all).models()).isEmpty();
            assertThat(log.as(AUDITOR).roles(AUTHOR)).containsExactly(Role.DATA_SCIENTIST);
        }
    }

    @Test
    void anApprovalEndsWithTheRoleOfWhoGaveIt() {
        try (GovernedLog log = GovernedLog.open()) {
            log.as(AUTHOR).register(risk());
            log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
            log.as(ADMIN).revokeRole(VALIDATOR, Role.VALIDATOR);
            assertThat(log.as(RELEASER).check(Action.promote(V1, PRODUCTION)).isAllowed())
                    .isFalse();
            log.as(ADMIN).grantRole(VALIDATOR, Role.VALIDATOR);
            assertThat(log.as(RELEASER).check(Action.promote(V1, PRODUCTION)).isAllowed())
                    .isTrue();
        }
    }

    @Test
    void aLogMayHaveALifeCycleOfItsOwn() {
        LifeCycle drafts = new LifeCycle(
                "draft",
                Map.of(
                        "draft", new LifeCycle.State(false, false, false),
                        "released", new LifeCycle.State(true, true, false),
                        "gone", new LifeCycle.State(false, false, true)),
                List.of(
                        new LifeCycle.Transition("release", "draft", "released"),
                        new LifeCycle.Transition("recall", "released", "draft"),
                        new LifeCycle.Transition("drop", "draft", "gone")));
        try (GovernedLog log = GovernedLog.open(genesis -> genesis.lifeCycle(drafts), UnaryOperator.identity());
                ModelHandle<String> handle =
                        log.ops().as(SERVICE).serving().open("risk", PRODUCTION, artifact -> "model")) {
            assertThat(log.as(AUTHOR).register(risk()).status()).isEqualTo("draft");
            log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(RELEASER).promote(V1, PRODUCTION));
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> log.as(RELEASER).retire(V1, "not a step here"));
            Recorded released = log.as(RELEASER).perform(Action.transition(V1, "release"));
            assertThat(released.type()).isEqualTo("dev.modelops.version.transitioned.v1");
            log.as(RELEASER).promote(V1, PRODUCTION);
            assertThat(handle.version()).contains(V1);
            log.as(RELEASER).perform(Action.transition(V1, "recall"));
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> handle.apply(model -> model));
            log.as(RELEASER).perform(Action.transition(V1, "drop"));
            assertThat(log.as(AUDITOR).get(V1).status()).isEqualTo("gone");
            handle.close();
            // What the handle was refused is recorded in the background, but before any later act.
            log.as(AUTHOR).comment(V1, "after the handle");
            assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    private static GovernedLog without(String gate) {
        return GovernedLog.bare(
                genesis -> genesis.environment(PRODUCTION)
                        .grant(AUTHOR, Role.DATA_SCIENTIST)
                        .grant(AUTHOR, Role.VALIDATOR)
                        .grant(RELEASER, Role.RELEASE_MANAGER)
                        .grant(VALIDATOR, Role.VALIDATOR)
                        .policies(Rules.from(Policies.builtIn()).without(gate).build()),
                UnaryOperator.identity());
    }

    @Test
    void anAuthorsApprovalCountsForNothingEvenWhereItMayBeGiven() {
        try (GovernedLog log = without(Policies.GATE_OWN_VERSION)) {
            log.as(AUTHOR).register(risk());
            log.as(AUTHOR).approve(V1, PRODUCTION, "mine");
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(RELEASER).promote(V1, PRODUCTION))
                    .satisfies(e -> assertThat(e.decision().rules()).containsExactly(Policies.GATE_APPROVAL));
        }
    }

    private static GovernedLog withEnvironment(Environment environment, String... gates) {
        return GovernedLog.open(genesis -> genesis.environment(environment, gates), UnaryOperator.identity());
    }

    private static void assertPromotionRefused(GovernedLog log, Environment environment, String... gates) {
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(RELEASER).promote(V1, environment))
                .satisfies(e -> assertThat(e.decision().rules()).containsExactly(gates));
        assertThat(log.as(AUDITOR).champion(V1.name(), environment)).isEmpty();
    }

    @Test
    void anEnvironmentOfAnyNameThatRequiresApprovalsHasThem() {
        Environment prod = Environment.of("prod");
        try (GovernedLog log = withEnvironment(prod, Policies.PRODUCTION_GATES.toArray(String[]::new))) {
            log.as(AUTHOR).register(risk());
            assertPromotionRefused(log, prod, Policies.GATE_APPROVAL);
            log.as(VALIDATOR).approve(V1, PRODUCTION, "fine, elsewhere");
            assertPromotionRefused(log, prod, Policies.GATE_APPROVAL);
            log.as(VALIDATOR).reject(V1, prod, "drifts");
            assertPromotionRefused(log, prod, Policies.GATE_APPROVAL, Policies.GATE_REJECTION);
            log.as(VALIDATOR).approve(V1, prod, "mended");
            log.as(RELEASER).promote(V1, prod);
            assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aRejectionBarsAnEnvironmentThatRequiresOnlyThat() {
        Environment prod = Environment.of("prod");
        try (GovernedLog log = withEnvironment(prod, Policies.GATE_REJECTION)) {
            log.as(AUTHOR).register(risk());
            log.as(VALIDATOR).reject(V1, prod, "drifts");
            assertPromotionRefused(log, prod, Policies.GATE_REJECTION);
            log.as(VALIDATOR).perform(Action.withdraw(V1, prod));
            log.as(RELEASER).promote(V1, prod);
        }
    }

    @Test
    void anEnvironmentThatRequiresOtherGatesAsksForNoApproval() {
        try (GovernedLog log = withEnvironment(
                Environment.STAGING, Policies.GATE_SIGNATURE, Policies.GATE_STATUS, Policies.GATE_SERVABLE)) {
            log.as(AUTHOR).register(risk());
            log.as(RELEASER).promote(V1, Environment.STAGING);
            assertPromotionRefused(log, PRODUCTION, Policies.GATE_APPROVAL);
        }
    }

    @Test
    void aRollbackNeverLeadsToThePresentChampion() {
        try (GovernedLog log = without(Policies.GATE_FORMER_CHAMPION)) {
            ModelRef v2 = ref("risk", 2);
            ModelName risk = ModelName.of("risk");
            for (ModelRef ref : List.of(V1, v2)) {
                log.as(AUTHOR).register(risk());
                log.as(VALIDATOR).approve(ref, PRODUCTION, "fine");
                log.as(RELEASER).promote(ref, PRODUCTION);
            }
            assertThat(log.as(RELEASER).rollback(risk, PRODUCTION, "worse").subject())
                    .isEqualTo("risk@1");
            log.as(RELEASER).revoke(v2, "worse");
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> log.as(RELEASER).rollback(risk, PRODUCTION, "again"));
        }
    }

    @Test
    void aHostsPolicyNarrowsButNeverWidens() {
        AtomicReference<Function<AccessRequest, Decision>> host = new AtomicReference<>(FoundingTest::allow);
        try (GovernedLog log = GovernedLog.open(
                UnaryOperator.identity(),
                opening -> opening.narrowedBy(request -> host.get().apply(request)))) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .as("the host's permission changes nothing")
                    .isThrownBy(() -> log.as(STRANGER).register(risk()));
            log.as(AUTHOR).register(risk());
            log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
            Action promote = Action.promote(V1, PRODUCTION);
            for (Function<AccessRequest, Decision> refusing :
                    List.<Function<AccessRequest, Decision>>of(FoundingTest::deny, request -> {
                        throw new IllegalStateException("no calendar");
                    })) {
                host.set(refusing);
                assertThat(log.as(RELEASER).check(promote))
                        .isInstanceOfSatisfying(
                                Decision.Deny.class,
                                deny -> assertThat(deny.cause()).isEqualTo(Decision.Cause.NARROWED));
                assertThatExceptionOfType(AccessDeniedException.class)
                        .isThrownBy(() -> log.as(RELEASER).perform(promote))
                        .satisfies(e -> assertThat(e.decision().cause()).isEqualTo(Decision.Cause.NARROWED));
                assertThatExceptionOfType(AccessDeniedException.class)
                        .isThrownBy(() -> log.as(AUTHOR).register(risk()));
                host.set(FoundingTest::allow);
                assertThat(log.as(AUDITOR).champion(ModelName.of("risk"), PRODUCTION))
                        .isEmpty();
            }
            log.as(RELEASER).perform(promote);
            assertThat(log.as(AUDITOR)
                            .query(dev.modelops.registry.VersionQuery.all())
                            .items())
                    .hasSize(1);
        }
    }

    private static Decision allow(AccessRequest request) {
        return new Decision.Allow(List.of("host"), digest(), request.asOf(), request.at());
    }

    private static Decision deny(AccessRequest request) {
        Requirement weekday = new Requirement("host", "a weekday", "a Sunday", "wait until Monday");
        return new Decision.Deny(
                Decision.Cause.FORBIDDEN, List.of("host"), List.of(weekday), digest(), request.asOf(), request.at());
    }

    private static Digest digest() {
        return Digest.sha256Of(dev.modelops.Bytes.ofUtf8("the host's policy"));
    }

    @Test
    void listenersHearEveryEntryFromThenOnInOrderUntilTheyStop() throws Exception {
        try (GovernedLog log = GovernedLog.open()) {
            log.as(AUTHOR).register(risk());
            BlockingQueue<Long> heard = new LinkedBlockingQueue<>();
            long first = log.ops().position().size();
            AutoCloseable broken = log.ops().listen(entry -> {
                throw new IllegalStateException("a listener's fault");
            });
            try (broken;
                    AutoCloseable listening =
                            log.ops().listen(entry -> heard.add(entry.position().index()))) {
                for (int i = 0; i < 20; i++) {
                    log.as(AUTHOR).comment(V1, "comment " + i);
                }
                for (long i = first; i < first + 20; i++) {
                    assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(i);
                }
                assertThat(listening).isNotNull();
            }
            log.as(AUTHOR).comment(V1, "unheard");
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void whatAnotherProcessDidIsSeenOnceAsked() {
        try (GovernedLog log = GovernedLog.open();
                ModelOps other = log.again()) {
            Recorded done;
            log.as(AUTHOR).register(risk());
            done = log.as(AUTHOR).perform(Action.comment(V1, "x").as(CommandId.of("c-1")));
            // It may have followed by itself or not.
            assertThat(other.position()).isLessThanOrEqualTo(log.ops().position());
            assertThat(other.outcome(CommandId.of("c-1"))).contains(done);
            log.as(AUTHOR).comment(V1, "y");
            assertThat(other.sync()).isEqualTo(log.ops().position());
            assertThat(other.as(AUDITOR).registry().comments(V1)).hasSize(2);
            other.as(VALIDATOR).registry().approve(V1, PRODUCTION, "fine");
            log.as(RELEASER).promote(V1, PRODUCTION);
            assertThat(log.as(AUDITOR).approvals(V1)).hasSize(1);
        }
    }
}
