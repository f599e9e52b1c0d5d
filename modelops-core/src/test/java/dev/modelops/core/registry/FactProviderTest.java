package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static dev.modelops.core.policy.Condition.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.FactProvider;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.testkit.fixtures.Models;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("every-store")
class FactProviderTest {
    private static final ModelRef V1 = ref("risk", 1);
    private static final Environment PRODUCTION = Environment.PRODUCTION;

    @TempDir
    static Path dir;

    /** A monitor whose answer a test chooses. */
    private static final class Drift implements FactProvider {
        final AtomicInteger asked = new AtomicInteger();
        volatile @Nullable Answer answer = request -> Map.of("drift.open", 0L, "drift.checkedAt", request.at());
        volatile @Nullable AccessRequest latest;

        interface Answer {
            Map<String, Object> about(AccessRequest request) throws Exception;
        }

        @Override
        public String name() {
            return "drift";
        }

        @Override
        public Set<String> provides() {
            return Set.of("drift.open", "drift.checkedAt");
        }

        @Override
        public Map<String, Object> compute(AccessRequest request) throws Exception {
            asked.incrementAndGet();
            latest = request;
            return answer.about(request);
        }
    }

    private static PolicySet policies(Action.Type type) {
        return Rules.from(Policies.builtIn())
                .forbid("gate-drift")
                .on(type)
                .unless(fact("drift.open").atMost(0).and(fact("drift.checkedAt").withinLast(Duration.ofHours(24))))
                .build();
    }

    private static GovernedLog open(Drift drift, Action.Type type) {
        return GovernedLog.open(
                genesis -> genesis.policies(policies(type)),
                opening -> opening.facts(drift).factDeadline(Duration.ofMillis(200)));
    }

    private static void prepare(GovernedLog log) {
        log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("v1"))));
        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
    }

    @Test
    void aProviderIsAskedOnlyWhereARuleReadsItsFactsAndItsWordIsRecorded() {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.PROMOTE)) {
            prepare(log);
            assertThat(drift.asked).hasValue(0);
            assertThat(log.as(RELEASER).check(Action.promote(V1, PRODUCTION)).isAllowed())
                    .isTrue();
            assertThat(drift.asked).hasValue(1);
            log.as(RELEASER).promote(V1, PRODUCTION);
            assertThat(drift.asked).hasValue(2);
            AccessRequest latest = drift.latest;
            assertThat(latest).isNotNull();
            assertThat(latest.facts().get("approvals.independent")).contains(1L);
            drift.answer = request -> {
                throw new IllegalStateException("gone");
            };
            assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                    .as("the act is decided again from the record")
                    .isEmpty();
            assertThat(drift.asked).hasValue(2);
        }
    }

    @Test
    void whatAProviderSaysDecides() {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.PROMOTE)) {
            prepare(log);
            drift.answer = request -> Map.of("drift.open", 1L, "drift.checkedAt", request.at());
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(RELEASER).promote(V1, PRODUCTION))
                    .satisfies(e -> {
                        assertThat(e.decision().rules()).containsExactly("gate-drift");
                        assertThat(e.decision().cause()).isEqualTo(Decision.Cause.FORBIDDEN);
                    });
        }
    }

    static List<Drift.Answer> failures() {
        CountDownLatch never = new CountDownLatch(1);
        return List.of(
                request -> {
                    throw new IllegalStateException("no connection");
                },
                request -> {
                    throw new StackOverflowError();
                },
                request -> {
                    never.await();
                    return Map.of();
                },
                request -> null,
                request -> Map.of("drift.open", 0L, "drift.checkedAt", request.at(), "drift.more", 1L),
                request -> Map.of("drift.open", 0, "drift.checkedAt", request.at()),
                request -> Map.of("drift.open", "x".repeat(1001)),
                request -> Map.of("drift.open", 0L, "drift.checkedAt", Collections.nCopies(100, "x".repeat(1000))),
                request -> Collections.singletonMap(null, 0L),
                request -> Map.of("drift.open", List.of(List.of())),
                request -> Map.of("drift.open", 0L, "drift.checkedAt", Instant.MAX));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aProviderThatFailsRefuses(Drift.Answer failure) {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.PROMOTE)) {
            prepare(log);
            drift.answer = failure;
            Decision.Deny deny = (Decision.Deny) log.as(RELEASER).check(Action.promote(V1, PRODUCTION));
            assertThat(deny.rules()).containsExactly("gate-drift");
            assertThat(deny.cause()).isEqualTo(Decision.Cause.FACT_ERROR);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(RELEASER).promote(V1, PRODUCTION));
            assertThat(log.as(AUDITOR).champion(ModelName.of("risk"), PRODUCTION))
                    .isEmpty();
            log.close();
            assertThat(log.storage().log().head().size())
                    .as("the refusal is recorded, whatever was answered")
                    .isEqualTo(4);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.0000,true", "0,true", "0.00009,false", "1E-5,false", "1E+30,false"})
    void aNumberThatWouldHaveToBeRoundedIsNoFact(BigDecimal score, boolean allowed) {
        FactProvider scores = new FactProvider() {
            @Override
            public String name() {
                return "scores";
            }

            @Override
            public Set<String> provides() {
                return Set.of("drift.score");
            }

            @Override
            public Map<String, Object> compute(AccessRequest request) {
                return Map.of("drift.score", score);
            }
        };
        PolicySet policies = Rules.from(Policies.builtIn())
                .forbid("gate-score")
                .on(Action.Type.PROMOTE)
                .declares("drift.score", "decimal")
                .unless(fact("drift.score").atMost("0.0"))
                .build();
        try (GovernedLog log =
                GovernedLog.open(genesis -> genesis.policies(policies), opening -> opening.facts(scores))) {
            prepare(log);
            Decision decision = log.as(RELEASER).check(Action.promote(V1, PRODUCTION));
            assertThat(decision.isAllowed()).isEqualTo(allowed);
            assertThat(decision instanceof Decision.Deny deny ? deny.cause() : null)
                    .isEqualTo(allowed ? null : Decision.Cause.FACT_ERROR);
        }
    }

    @Test
    void anAnswerThatIsTooOldWhenTheActIsDecidedRefuses() {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.PROMOTE)) {
            prepare(log);
            drift.answer = request -> {
                log.clock().advance(drift.maxAge().plusMillis(1));
                return Map.of("drift.open", 0L, "drift.checkedAt", request.at());
            };
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(RELEASER).promote(V1, PRODUCTION))
                    .satisfies(e -> assertThat(e.decision().cause()).isEqualTo(Decision.Cause.FACT_ERROR));
            drift.answer = request -> {
                log.clock().advance(drift.maxAge());
                return Map.of("drift.open", 0L, "drift.checkedAt", request.at());
            };
            log.as(RELEASER).promote(V1, PRODUCTION);
            assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void whatIsLeftOutIsAbsentAndADemandForItIsNotMet() {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.PROMOTE)) {
            prepare(log);
            drift.answer = request -> Map.of("drift.open", 0L);
            Decision.Deny deny = (Decision.Deny) log.as(RELEASER).check(Action.promote(V1, PRODUCTION));
            assertThat(deny.cause()).isEqualTo(Decision.Cause.FORBIDDEN);
        }
    }

    @Test
    void readingAsksToo() {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.READ)) {
            log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("v1"))));
            assertThat(log.as(AUDITOR).find(V1)).isPresent();
            drift.answer = request -> Map.of("drift.open", 1L);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> log.as(AUDITOR).find(V1));
            assertThat(log.as(AUDITOR).models()).isEmpty();
        }
    }

    @Test
    void aHandleServesNoLongerThanItsFactsHold() throws Exception {
        Drift drift = new Drift();
        try (GovernedLog log = open(drift, Action.Type.SERVE)) {
            prepare(log);
            log.as(RELEASER).promote(V1, PRODUCTION);
            try (ModelHandle<String> handle =
                    log.ops().as(SERVICE).serving().open("risk", PRODUCTION, artifact -> "model")) {
                assertThat(handle.apply(String::length).value()).isEqualTo(5);
                drift.answer = request -> {
                    throw new IllegalStateException("no connection");
                };
                log.clock().advance(drift.maxAge().plusMillis(1));
                await(() -> refuses(handle));
                drift.answer = request -> Map.of("drift.open", 0L, "drift.checkedAt", request.at());
                log.clock().advance(drift.maxAge());
                await(() -> !refuses(handle));
            }
        }
    }

    /** A version may be served for an hour after it was registered. */
    private static PolicySet shortLived(Action.Type type) {
        return Rules.from(Policies.builtIn())
                .forbid("gate-age")
                .on(type)
                .unless(fact("resource.registeredAt").withinLast(Duration.ofHours(1)))
                .build();
    }

    @Test
    void aHandleServesNoLongerThanTheRulesOnTimeAllow() throws Exception {
        try (GovernedLog log = GovernedLog.open(
                genesis -> genesis.policies(shortLived(Action.Type.SERVE)), UnaryOperator.identity())) {
            prepare(log);
            log.as(RELEASER).promote(V1, PRODUCTION);
            try (ModelHandle<String> handle =
                    log.ops().as(SERVICE).serving().open("risk", PRODUCTION, artifact -> "model")) {
                log.clock().advance(Duration.ofHours(1));
                assertThat(handle.apply(String::length).value()).isEqualTo(5);
                log.clock().advance(Duration.ofMillis(1));
                await(() -> refuses(handle));
            }
        }
    }

    @Test
    void aHandleBeginsToServeOnceTheRulesOnTimeAllow() throws Exception {
        PolicySet later = Rules.from(Policies.builtIn())
                .forbid("gate-age")
                .on(Action.Type.SERVE)
                .unless(fact("resource.registeredAt").atLeastAgo(Duration.ofHours(1)))
                .build();
        try (GovernedLog log = GovernedLog.open(genesis -> genesis.policies(later), UnaryOperator.identity())) {
            prepare(log);
            log.as(RELEASER).promote(V1, PRODUCTION);
            try (ModelHandle<String> handle =
                    log.ops().as(SERVICE).serving().open("risk", PRODUCTION, artifact -> "model")) {
                assertThat(refuses(handle)).isTrue();
                log.clock().advance(Duration.ofHours(1));
                await(() -> serves(handle));
            }
        }
    }

    @Test
    void whatMayBeReadIsNotRememberedLongerThanTheRulesOnTimeAllow() {
        PolicySet brief = PolicyReview.ofCedar(
                        PolicyReview.of(Policies.builtIn()).toCedar() + """
                        @id("gate-hour")
                        forbid (principal, action == Action::"read", resource)
                        when { context.now > datetime("2026-03-01T10:00:00Z") };
                        """)
                .policySet();
        try (GovernedLog log = GovernedLog.open(genesis -> genesis.policies(brief), UnaryOperator.identity())) {
            prepare(log);
            ModelRegistry registry = log.as(AUDITOR);
            assertThat(registry.find(V1)).isPresent();
            log.clock().advance(Duration.ofHours(2));
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> registry.find(V1));
        }
    }

    private static boolean refuses(ModelHandle<String> handle) {
        try {
            handle.apply(String::length);
            return false;
        } catch (AccessDeniedException e) {
            return true;
        }
    }

    private static boolean serves(ModelHandle<String> handle) {
        try {
            handle.apply(String::length);
            return true;
        } catch (ModelOpsException e) {
            // Refused, or still being loaded.
            return false;
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static FactProvider giving(String name, Duration maxAge, String... facts) {
        return new FactProvider() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Set<String> provides() {
                return Set.of(facts);
            }

            @Override
            public Map<String, Object> compute(AccessRequest request) {
                return Map.of();
            }

            @Override
            public Duration maxAge() {
                return maxAge;
            }
        };
    }

    private static void open(FactProvider... providers) {
        GovernedLog.open(UnaryOperator.identity(), opening -> {
                    var more = opening;
                    for (FactProvider provider : providers) {
                        more = more.facts(provider);
                    }
                    return more;
                })
                .close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "approvals.independent",
                "approvals.mine",
                "metrics.auc",
                "metricsRoundedUp.auc",
                "regression.auc",
                "resource.model.tier",
                "resource.x",
                "champion.x",
                "principal.roles",
                "principal.roles.x",
                "environment.services",
                "override.rules",
                "now.x",
                "drift",
                "drift.",
                ".drift",
                "drift.a b",
                ""
            })
    void factsOfTheLibraryAreNotForOthersToGive(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> open(giving("p", Duration.ofMinutes(1), name)));
    }

    @Test
    void providersHaveNamesFactsAndAgesThatFitTogether() {
        Duration minute = Duration.ofMinutes(1);
        open(giving("p", minute, "principal.clearance", "environment.region"), giving("q", minute, "drift.open"));
        assertThatIllegalArgumentException().isThrownBy(() -> open(giving(" ", minute, "drift.open")));
        assertThatIllegalArgumentException().isThrownBy(() -> open(giving("p", Duration.ZERO, "drift.open")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(giving("p", minute, "drift.open"), giving("p", minute, "drift.at")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(giving("p", minute, "drift.open"), giving("q", minute, "drift.open")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(giving("p", minute, "drift.open"), giving("q", minute, "drift.open.x")));
    }
}
