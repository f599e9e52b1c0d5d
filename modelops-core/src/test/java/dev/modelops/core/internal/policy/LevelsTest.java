package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.NOON;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static dev.modelops.core.policy.Condition.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Assurance;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.Role;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Explanation.Erred;
import dev.modelops.policy.FactException;
import dev.modelops.policy.Facts;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How firmly a rule forbids, whatever becomes of it. */
class LevelsTest {
    private static final Action PROMOTE = Action.promote(RISK_3, PRODUCTION);

    private static Rules.Rule gate(Level level) {
        return Rules.create()
                .permit("promoters")
                .role(Role.RELEASE_MANAGER)
                .on(Type.PROMOTE)
                .forbid("gate")
                .on(Type.PROMOTE)
                .unless(fact("ok").isTrue())
                .level(level);
    }

    private static Decision decide(PolicySet set, Role role, Map<String, Object> facts, String... gates) {
        return PolicyEngine.compile(set).decide(request(role, PROMOTE, facts), Set.of(gates));
    }

    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        for (Level level : Level.values()) {
            boolean lenient = level == Level.ADVISORY;
            cases.add(Arguments.of(level, true, null, true, null));
            cases.add(Arguments.of(level, false, null, lenient, lenient ? null : Cause.FORBIDDEN));
            cases.add(Arguments.of(level, "text", "type", lenient, lenient ? null : Cause.RULE_ERROR));
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aRuleCountsAtItsLevelAlsoWhereItCannotBeEvaluated(
            Level level, Object ok, String erred, boolean allowed, Cause cause) {
        Decision decision = decide(gate(level).build(), Role.RELEASE_MANAGER, Map.of("ok", ok));
        assertThat(decision.isAllowed()).isEqualTo(allowed);
        boolean met = ok.equals(true);
        assertThat(decision.unmet()).hasSize(met ? 0 : 1);
        assertThat(decision.unmet())
                .allSatisfy(unmet -> assertThat(List.of(unmet.rule(), unmet.level(), unmet.fact()))
                        .isEqualTo(List.of("gate", level, "ok")));
        assertThat(decision.explanation().erred())
                .isEqualTo(erred == null ? List.of() : List.of(new Erred("gate", erred, "context.ok")));
        assertThat(decision.explanation().cedarAllows()).isEqualTo(met || erred != null);
        if (decision instanceof Deny deny) {
            assertThat(deny.cause()).isEqualTo(cause);
            assertThat(deny.rules()).containsExactly("gate");
        } else {
            assertThat(decision.rules()).containsExactly("promoters");
        }
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void noLevelMakesUpForAMissingPermit(Level level) {
        for (Object ok : List.of(true, false, "text")) {
            Decision decision = decide(gate(level).build(), Role.AUDITOR, Map.of("ok", ok));
            assertThat(decision.isAllowed()).isFalse();
            assertThat(decision.unmet()).extracting(Requirement::rule).contains("default-deny");
            boolean refusing = level != Level.ADVISORY && !ok.equals(true);
            assertThat(((Deny) decision).cause() == Cause.NOT_PERMITTED).isEqualTo(!refusing);
            assertThat(decision.explanation().cedarAllows()).isFalse();
        }
    }

    @Test
    void withoutALevelARuleIsHard() {
        PolicySet set = Rules.create()
                .permit("all")
                .forbid("gate")
                .unless(fact("ok").isTrue())
                .build();
        assertThat(decide(set, Role.ADMIN, Map.of()).unmet())
                .extracting(Requirement::level)
                .containsExactly(Level.HARD);
    }

    @Test
    void anAdvisoryRuleIsListedAfterThoseThatRefuse() {
        PolicySet set = gate(Level.SOFT).forbid("a-hint").level(Level.ADVISORY).build();
        Deny deny = (Deny) decide(set, Role.RELEASE_MANAGER, Map.of());
        assertThat(deny.rules()).containsExactly("gate");
        assertThat(deny.unmet()).extracting(Requirement::rule).containsExactly("gate", "a-hint");
    }

    @Test
    void aRequiredGateThatIsOnlyAdvisoryIsMissing() {
        Map<String, Object> met = Map.of("ok", true);
        for (Level level : List.of(Level.SOFT, Level.HARD)) {
            assertThat(decide(gate(level).build(), Role.RELEASE_MANAGER, met, "gate")
                            .isAllowed())
                    .isTrue();
        }
        Decision decision = decide(gate(Level.ADVISORY).build(), Role.RELEASE_MANAGER, met, "gate");
        assertThat(((Deny) decision).cause()).isEqualTo(Cause.MISSING_GATE);
        assertThat(decision.rules()).containsExactly("gate");
        assertThat(decision.unmet())
                .singleElement()
                .satisfies(unmet -> assertThat(unmet.actual()).isEqualTo("a rule of this id that is only advisory"));
        assertThat(decision.explanation().cedarAllows()).isTrue();
        assertThat(PolicyEngine.compile(gate(Level.ADVISORY).build()).gateIds()).isEmpty();
    }

    @Test
    void aFactThatCouldNotBeEstablishedIsACauseOfItsOwn() {
        Facts broken = new Facts() {
            @Override
            public Optional<Object> get(String name) {
                throw new FactException("the scanner did not answer");
            }

            @Override
            public Set<String> names() {
                return Set.of("ok");
            }
        };
        AccessRequest request = new AccessRequest(
                new Identity(ADA, Assurance.ASSERTED, Set.of()),
                Set.of(Role.RELEASE_MANAGER),
                PROMOTE,
                broken,
                LogPosition.of(7),
                NOON);
        Decision decision = PolicyEngine.compile(gate(Level.HARD).build()).decide(request, Set.of());
        assertThat(((Deny) decision).cause()).isEqualTo(Cause.FACT_ERROR);
        assertThat(decision.explanation().erred()).extracting(Erred::kind).containsExactly("fact");
        assertThat(PolicyEngine.compile(gate(Level.ADVISORY).build())
                        .decide(request, Set.of())
                        .isAllowed())
                .isTrue();
    }

    @Test
    void aPermitThatErrsIsToldThoughItDoesNotCount() {
        PolicySet set = Rules.create()
                .permit("broken")
                .when(fact("ok").isTrue())
                .permit("open")
                .build();
        Decision decision = decide(set, Role.ADMIN, Map.of("ok", 3L));
        assertThat(decision.rules()).containsExactly("open");
        assertThat(decision.explanation().erred()).containsExactly(new Erred("broken", "type", "context.ok"));
        assertThat(decision.explanation().cedarAllows()).isTrue();
    }

    @Test
    void obligationsFallDueWithWhateverLetsTheActPass() {
        PolicySet set = Rules.create()
                .permit("promoters")
                .role(Role.RELEASE_MANAGER)
                .obligation("notify(risk-board)")
                .permit("others")
                .role(Role.ADMIN)
                .obligation("never")
                .forbid("hint")
                .unless(fact("ok").isTrue())
                .level(Level.ADVISORY)
                .obligation("open-ticket(high, today)", "log")
                .build();
        Obligation notify = new Obligation("promoters", "notify", "risk-board");
        assertThat(decide(set, Role.RELEASE_MANAGER, Map.of("ok", true)).obligations())
                .containsExactly(notify);
        assertThat(decide(set, Role.RELEASE_MANAGER, Map.of()).obligations())
                .containsExactly(
                        notify,
                        new Obligation("hint", "open-ticket", "high, today"),
                        new Obligation("hint", "log", ""));
        assertThat(decide(set, Role.AUDITOR, Map.of()).obligations()).isEmpty();
    }

    @Test
    void severalPermitsOweTheObligationsOfAll() {
        PolicySet set = Rules.create()
                .permit("a")
                .obligation("one")
                .permit("b")
                .permit("c")
                .obligation("two")
                .build();
        assertThat(decide(set, Role.ADMIN, Map.of()).obligations())
                .extracting(Obligation::id)
                .containsExactly("one", "two");
    }

    private static PolicySet annotated(String effect, String annotation, String value) {
        return new PolicySet("{\"staticPolicies\":{\"r\":{\"effect\":\"" + effect + "\",\"annotations\":{\""
                + annotation + "\":\"" + value + "\"},\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"},"
                + "\"resource\":{\"op\":\"All\"},\"conditions\":[]}}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Soft", "SOFT", "warn", "hard ", "advisory,soft"})
    void aLevelThatIsNoneIsRefusedWhenTheSetIsCompiled(String level) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(annotated("forbid", "level", level)))
                .withMessageContaining("policy 'r'")
                .withMessageContaining("\"advisory\", \"soft\" or \"hard\"");
    }

    @Test
    void aPermitHasNoLevel() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(annotated("permit", "level", "hard")))
                .withMessageContaining("this one permits");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit("a").level(Level.SOFT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "open review", "notify(", "notify)", "notify(a)b", "a;;b", "a;", "1st", "f((x))"})
    void anObligationThatSaysNothingIsRefused(String obligation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(annotated("permit", "obligation", obligation)))
                .withMessageContaining("@obligation must be like");
    }

    @Test
    void obligationsOfAHardForbidWouldNeverFallDue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(annotated("forbid", "obligation", "notify")))
                .withMessageContaining("would never fall due");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(annotated("permit", "obligation", "a;".repeat(20) + "a")))
                .withMessageContaining("at most 16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(annotated("forbid", "mask", "a b")))
                .withMessageContaining("@mask");
    }

    @Test
    void anAllowThatNothingSpeaksAgainstSharesItsEmptyParts() {
        Allow allow = (Allow) decide(gate(Level.HARD).build(), Role.RELEASE_MANAGER, Map.of("ok", true));
        assertThat(allow.unmet()).isSameAs(List.of());
        assertThat(allow.explanation().erred()).isSameAs(List.of());
        assertThat(allow.explanation().facts()).isEmpty();
    }
}
