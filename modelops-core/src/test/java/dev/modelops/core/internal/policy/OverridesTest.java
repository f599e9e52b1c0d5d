package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static dev.modelops.core.policy.Condition.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.ModelRef;
import dev.modelops.Role;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.Action;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Explanation.Overriding;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Breaking the glass: who may pass soft rules, which, and what is told of it. */
class OverridesTest {
    private static final Role ON_CALL = Role.of("on-call");
    private static final Action PROMOTE = Action.promote(RISK_3, PRODUCTION);
    private static final Action OVERRIDING = PROMOTE.overriding("INC-4711: scores drift");

    /** The rule R31: on-call staff with a ticket pass soft gates for at most four hours, which opens a review. */
    private static Rules.Rule breakGlass() {
        return Rules.create()
                .permit("promoters")
                .role(ON_CALL, Role.RELEASE_MANAGER)
                .on(Type.PROMOTE)
                .forbid("freeze")
                .on(Type.PROMOTE)
                .unless(fact("calendar.frozen").isFalse())
                .level(Level.SOFT)
                .expects("no freeze")
                .remedy("wait for its end")
                .obligation("notify(release-board)")
                .forbid("window")
                .on(Type.PROMOTE)
                .unless(fact("calendar.open").isTrue())
                .level(Level.SOFT)
                .forbid("signature")
                .on(Type.PROMOTE)
                .unless(fact("signature.trusted").isTrue())
                .permit("break-glass")
                .role(ON_CALL)
                .on(Type.OVERRIDE)
                .when(fact("override.action").is("promote"))
                .when(fact("incident.open").isTrue())
                .obligation("open-review")
                .forbid("break-glass-limit")
                .on(Type.OVERRIDE)
                .unless(fact("incident.hours").atMost(4))
                .expects("an incident of at most four hours")
                .remedy("close the incident, or decide by the usual way");
    }

    private static Map<String, Object> facts(Object... changes) {
        Map<String, Object> facts = new HashMap<>(Map.of(
                "calendar.frozen", true,
                "calendar.open", true,
                "signature.trusted", true,
                "incident.open", true,
                "incident.hours", 2L));
        for (int i = 0; i < changes.length; i += 2) {
            facts.put((String) changes[i], changes[i + 1]);
        }
        return facts;
    }

    private static Decision decide(
            PolicySet set, Role role, Action action, Map<String, Object> facts, String... gates) {
        return PolicyEngine.compile(set).decide(request(role, action, facts), Set.of(gates));
    }

    private static Decision decide(Role role, Action action, Map<String, Object> facts) {
        return decide(breakGlass().build(), role, action, facts);
    }

    private static Deny refuse(Role role, Action action, Map<String, Object> facts) {
        Decision decision = decide(role, action, facts);
        assertThat(decision).isInstanceOf(Deny.class);
        assertThat(decision.obligations()).isEmpty();
        assertThat(decision.explanation().overriding()).isNull();
        return (Deny) decision;
    }

    @Test
    void withoutTheWordASoftRuleRefuses() {
        Deny deny = refuse(ON_CALL, PROMOTE, facts());
        assertThat(deny.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(deny.rules()).containsExactly("freeze");
        assertThat(deny.unmet())
                .containsExactly(new Requirement(
                        "freeze",
                        Level.SOFT,
                        "calendar.frozen",
                        "no freeze",
                        "calendar.frozen is true",
                        "wait for its end; or have it overridden for a reason (who may: on-call)"));
    }

    @Test
    void whoeverMayPassesSoftRulesAndIsHeldToIt() {
        Allow allow = (Allow) decide(ON_CALL, OVERRIDING, facts("calendar.open", false));
        assertThat(allow.rules()).containsExactly("promoters");
        assertThat(allow.explanation().overriding())
                .isEqualTo(
                        new Overriding("INC-4711: scores drift", List.of("freeze", "window"), List.of("break-glass")));
        assertThat(allow.unmet())
                .extracting(Requirement::rule, Requirement::level)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("freeze", Level.SOFT),
                        org.assertj.core.groups.Tuple.tuple("window", Level.SOFT));
        assertThat(allow.obligations())
                .containsExactly(
                        new Obligation("freeze", "notify", "release-board"),
                        new Obligation("break-glass", "open-review", ""));
        assertThat(allow.explanation().cedarAllows()).isFalse();
        assertThat(allow.explanation().facts())
                .containsEntry("calendar.frozen", true)
                .containsEntry("override.action", "promote")
                .containsEntry("incident.open", true);
    }

    @Test
    void aSoftRuleThatErrsIsPassedLikeOneThatHolds() {
        Allow allow = (Allow) decide(ON_CALL, OVERRIDING, facts("calendar.frozen", "text"));
        assertThat(allow.explanation().overriding())
                .extracting(Overriding::rules)
                .isEqualTo(List.of("freeze"));
        assertThat(allow.explanation().erred()).hasSize(1);
    }

    @Test
    void whatNothingRefusesIsNoOverride() {
        Allow allow = (Allow) decide(Role.RELEASE_MANAGER, OVERRIDING, facts("calendar.frozen", false));
        assertThat(allow.explanation().overriding()).isNull();
        assertThat(allow.obligations()).isEmpty();
        assertThat(allow.explanation().cedarAllows()).isTrue();
    }

    @Test
    void whoeverMayNotIsToldBothWhatRefusesAndWhatTheOverrideLacks() {
        Deny deny = refuse(Role.RELEASE_MANAGER, OVERRIDING, facts());
        assertThat(deny.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(deny.rules()).containsExactly("freeze");
        assertThat(deny.unmet())
                .extracting(Requirement::rule, Requirement::level, Requirement::expected)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("freeze", Level.SOFT, "no freeze"),
                        org.assertj.core.groups.Tuple.tuple(
                                "default-deny", Level.HARD, "for the override: the role on-call"));
    }

    @Test
    void aRuleAgainstTheOverrideRefusesIt() {
        Deny deny = refuse(ON_CALL, OVERRIDING, facts("incident.hours", 5L));
        assertThat(deny.rules()).containsExactly("break-glass-limit", "freeze");
        assertThat(deny.unmet())
                .extracting(Requirement::expected)
                .containsExactly("no freeze", "for the override: an incident of at most four hours");
        assertThat(refuse(ON_CALL, OVERRIDING, facts("incident.hours", "many")).rules())
                .containsExactly("break-glass-limit", "freeze");
        assertThat(refuse(ON_CALL, OVERRIDING, facts("incident.open", false)).unmet())
                .extracting(Requirement::rule)
                .containsExactly("freeze", "break-glass");
    }

    @ParameterizedTest
    @CsvSource({"false,FORBIDDEN", "text,RULE_ERROR"})
    void aHardRuleIsNeverPassed(String signature, Cause alone) {
        Object trusted = signature.equals("text") ? "text" : (Object) false;
        Deny deny = refuse(ON_CALL, OVERRIDING, facts("signature.trusted", trusted));
        assertThat(deny.rules()).containsExactly("freeze", "signature");
        assertThat(refuse(ON_CALL, OVERRIDING, facts("signature.trusted", trusted, "calendar.frozen", false)))
                .satisfies(only -> assertThat(only.rules()).containsExactly("signature"))
                .satisfies(only -> assertThat(only.cause()).isEqualTo(alone));
    }

    @Test
    void aMissingGateAndAMissingPermitAreNeverPassed() {
        Decision decision = decide(breakGlass().build(), ON_CALL, OVERRIDING, facts(), "gone");
        assertThat(((Deny) decision).cause()).isEqualTo(Cause.MISSING_GATE);
        assertThat(decision.rules()).containsExactly("freeze", "gone");
        PolicySet noPermit =
                Rules.from(breakGlass().build()).without("promoters").build();
        Decision unpermitted = decide(noPermit, ON_CALL, OVERRIDING, facts());
        assertThat(unpermitted.isAllowed()).isFalse();
        assertThat(unpermitted.unmet()).extracting(Requirement::rule).contains("default-deny");
    }

    @Test
    void aSoftGateThatIsRequiredMayBePassed() {
        assertThat(decide(breakGlass().build(), ON_CALL, OVERRIDING, facts(), "freeze")
                        .isAllowed())
                .isTrue();
    }

    @Test
    void noOverrideIsOverridden() {
        PolicySet set = breakGlass()
                .forbid("soft-limit")
                .on(Type.OVERRIDE)
                .unless(fact("calm").isTrue())
                .level(Level.SOFT)
                .permit("override-of-override")
                .role(ON_CALL)
                .on(Type.OVERRIDE)
                .build();
        Decision decision = decide(set, ON_CALL, OVERRIDING, facts());
        assertThat(decision.isAllowed()).isFalse();
        assertThat(decision.unmet())
                .filteredOn(unmet -> unmet.rule().equals("soft-limit"))
                .singleElement()
                .satisfies(unmet -> assertThat(unmet.level()).isEqualTo(Level.HARD))
                .satisfies(unmet -> assertThat(unmet.remedy()).doesNotContain("overridden"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Action.override(PROMOTE).overriding("again"));
        assertThat(Action.override(OVERRIDING).overriding()).isEmpty();
    }

    @Test
    void anAdvisoryRuleOnTheOverrideIsOnlyTold() {
        PolicySet set = breakGlass()
                .forbid("hint")
                .on(Type.OVERRIDE)
                .level(Level.ADVISORY)
                .obligation("tell")
                .build();
        Decision allowed = decide(set, ON_CALL, OVERRIDING, facts());
        assertThat(allowed.isAllowed()).isTrue();
        assertThat(allowed.unmet()).extracting(Requirement::rule).containsExactly("freeze", "hint");
        assertThat(allowed.obligations()).extracting(Obligation::id).contains("tell");
        Decision refused = decide(set, Role.RELEASE_MANAGER, OVERRIDING, facts());
        assertThat(refused.unmet()).extracting(Requirement::rule).containsExactly("freeze", "default-deny", "hint");
    }

    @Test
    void withoutARuleForItNobodyOverrides() {
        PolicySet set = Rules.from(breakGlass().build()).without("break-glass").build();
        Decision decision = decide(set, ON_CALL, OVERRIDING, facts());
        assertThat(decision.isAllowed()).isFalse();
        assertThat(decision.unmet().get(0).remedy()).isEqualTo("wait for its end");
    }

    @Test
    void policySeesWhichRulesOfWhichActionForWhichReason() {
        PolicySet set = Rules.create()
                .permit("steps")
                .on(Type.TRANSITION)
                .forbid("a")
                .on(Type.TRANSITION)
                .level(Level.SOFT)
                .forbid("b")
                .on(Type.TRANSITION)
                .level(Level.SOFT)
                .permit("may")
                .on(Type.OVERRIDE)
                .model(RISK_3.name())
                .when(fact("override.action").is("retire"))
                .when(fact("override.reason").is("because"))
                .when(fact("override.rules").containsAll("a", "b"))
                .build();
        Action retire = Action.transition(RISK_3, "retire");
        assertThat(decide(set, ON_CALL, retire.overriding("because"), Map.of()).isAllowed())
                .isTrue();
        assertThat(decide(set, ON_CALL, retire.overriding("other"), Map.of()).isAllowed())
                .isFalse();
        assertThat(decide(set, ON_CALL, Action.transition(RISK_3, "revoke").overriding("because"), Map.of())
                        .isAllowed())
                .isFalse();
        assertThat(decide(
                                set,
                                ON_CALL,
                                Action.transition(ModelRef.of("other", 1), "retire")
                                        .overriding("because"),
                                Map.of())
                        .isAllowed())
                .isFalse();
        assertThat(decide(Rules.from(set).without("b").build(), ON_CALL, retire.overriding("because"), Map.of())
                        .isAllowed())
                .isFalse();
    }

    @Test
    void aReasonMustBeGiven() {
        for (String reason : List.of("", " ", "x".repeat(1001))) {
            assertThatIllegalArgumentException().isThrownBy(() -> PROMOTE.overriding(reason));
        }
        assertThat(PROMOTE.overriding("x").overriding()).contains("x");
        assertThat(PROMOTE.overriding("x")).isNotEqualTo(PROMOTE).isNotEqualTo(PROMOTE.overriding("y"));
        assertThat(PROMOTE.overriding("x").because("y").overriding()).contains("x");
    }
}
