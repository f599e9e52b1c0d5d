package dev.modelops.core.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.NOON;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static dev.modelops.core.policy.Condition.fact;
import static dev.modelops.core.policy.Condition.inEnvironment;
import static dev.modelops.core.policy.Condition.metric;
import static dev.modelops.core.policy.Condition.requesterAssuredAtLeast;
import static dev.modelops.core.policy.Condition.requesterHolds;
import static dev.modelops.core.policy.Condition.requesterIsAuthor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Assurance;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Facts;
import dev.modelops.policy.PolicySet;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
    private static final Action PROMOTE = Action.promote(RISK_3, PRODUCTION);

    private static boolean allows(PolicySet set, Map<String, Object> facts) {
        return allows(set, request(Role.RELEASE_MANAGER, PROMOTE, facts));
    }

    private static boolean allows(PolicySet set, AccessRequest request) {
        return PolicyEngine.compile(set).decide(request, Set.of()).isAllowed();
    }

    static Stream<Arguments> conditions() {
        Map<String, Object> none = Map.of();
        return Stream.of(
                arguments(fact("n").atLeast(2), Map.of("n", 2L), Map.of("n", 1L)),
                arguments(fact("n").atMost(2), Map.of("n", 2L), Map.of("n", 3L)),
                arguments(fact("n").is(2), Map.of("n", 2L), Map.of("n", 3L)),
                arguments(fact("a.b.c").is("x"), Map.of("a.b.c", "x"), Map.of("a.b.c", "y")),
                arguments(
                        fact("resource.status").isOneOf("x", "y"),
                        Map.of("resource.status", "y"),
                        Map.of("resource.status", "z")),
                arguments(fact("t").isTrue(), Map.of("t", true), Map.of("t", false)),
                arguments(fact("t").isFalse(), Map.of("t", false), Map.of("t", true)),
                arguments(fact("t").isPresent(), Map.of("t", 1L), none),
                arguments(
                        fact("docs").containsAll("a", "b"),
                        Map.of("docs", List.of("b", "c", "a")),
                        Map.of("docs", List.of("a"))),
                arguments(
                        metric("auc").atLeast("0.80"),
                        Map.of("metrics.auc", new BigDecimal("0.8")),
                        Map.of("metrics.auc", new BigDecimal("0.79999"))),
                arguments(
                        metric("roc.auc").atLeast("0.80"),
                        Map.of("metrics.roc.auc", new BigDecimal("0.9")),
                        Map.of("metrics.roc.auc", new BigDecimal("0.1"))),
                arguments(
                        metric("loss").atMost("0.05"),
                        Map.of("metrics.loss", new BigDecimal("0.05")),
                        Map.of("metrics.loss", new BigDecimal("0.050001"))),
                arguments(
                        metric("loss").atMost("0.05"),
                        Map.of("metrics.loss", new BigDecimal("-3")),
                        Map.of("metrics.loss", new BigDecimal("1E+30"))),
                arguments(
                        requesterIsAuthor(),
                        Map.of("resource.author", ADA.toString()),
                        Map.of("resource.author", "x|y")),
                arguments(fact("t").isTrue().negate(), Map.of("t", false), Map.of("t", true)),
                arguments(
                        fact("a").isTrue().and(fact("b").isTrue()),
                        Map.of("a", true, "b", true),
                        Map.of("a", true, "b", false)),
                arguments(
                        fact("a").isTrue().or(fact("b").isTrue()),
                        Map.of("a", false, "b", true),
                        Map.of("a", false, "b", false)),
                arguments(
                        fact("a").isTrue().and(fact("b").isTrue()).negate(),
                        Map.of("a", true, "b", false),
                        Map.of("a", true, "b", true)));
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void aPermitAppliesWhenItsConditionHolds(Condition condition, Map<String, Object> met, Map<String, Object> unmet) {
        PolicySet set = Rules.create().permit("p").when(condition).build();
        assertThat(allows(set, met)).isTrue();
        assertThat(allows(set, unmet)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void aForbidAppliesUnlessItsConditionHolds(
            Condition condition, Map<String, Object> met, Map<String, Object> unmet) {
        PolicySet set = Rules.create().permit("p").forbid("f").unless(condition).build();
        assertThat(allows(set, met)).isTrue();
        assertThat(allows(set, unmet)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("conditions")
    void aForbidAppliesWhenItsConditionHolds(Condition condition, Map<String, Object> met, Map<String, Object> unmet) {
        PolicySet set =
                Rules.create().permit("p").forbid("f").when(condition.negate()).build();
        assertThat(allows(set, met)).isTrue();
        assertThat(allows(set, unmet)).isFalse();
    }

    static Stream<Condition> conditionsOnFacts() {
        Condition one = fact("x.y").atLeast(1);
        Condition other = fact("z").isTrue();
        return Stream.of(
                one,
                one.negate(),
                other,
                other.negate(),
                one.and(other),
                one.or(other),
                one.and(other.negate()).negate(),
                metric("auc").atLeast("0.5"),
                metric("auc").atMost("0.5"),
                metric("auc").atMost("0.5").negate(),
                fact("resource.status").isOneOf("active"),
                fact("docs").containsAll("a").negate(),
                requesterIsAuthor(),
                requesterIsAuthor().negate());
    }

    @ParameterizedTest
    @MethodSource("conditionsOnFacts")
    void anAbsentFactAlwaysCountsAgainstTheRequest(Condition condition) {
        assertThat(allows(Rules.create().permit("p").when(condition).build(), Map.of()))
                .isFalse();
        assertThat(allows(Rules.create().permit("p").unless(condition).build(), Map.of()))
                .isFalse();
        assertThat(allows(Rules.create().permit("p").forbid("f").when(condition).build(), Map.of()))
                .isFalse();
        assertThat(allows(
                        Rules.create().permit("p").forbid("f").unless(condition).build(), Map.of()))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("conditionsOnFacts")
    void anAbsentFactIsNoErrorSoStockCedarDeniesToo(Condition condition) {
        PolicySet set = Rules.create().permit("p").forbid("f").unless(condition).build();
        Decision.Deny deny = (Decision.Deny)
                PolicyEngine.compile(set).decide(request(Role.RELEASE_MANAGER, PROMOTE, Map.of()), Set.of());
        assertThat(deny.cause()).isEqualTo(Decision.Cause.FORBIDDEN);
        assertThat(PolicyEngine.compile(set).cedarAllows(request(Role.RELEASE_MANAGER, PROMOTE, Map.of())))
                .isFalse();
    }

    @Test
    void environmentsRestrictRulesToThemselves() {
        PolicySet set = Rules.create()
                .permit("p")
                .forbid("f")
                .in(PRODUCTION, Environment.of("live"))
                .build();
        assertThat(allows(set, request(Role.ADMIN, PROMOTE, Map.of()))).isFalse();
        assertThat(allows(set, request(Role.ADMIN, Action.promote(RISK_3, Environment.of("live")), Map.of())))
                .isFalse();
        assertThat(allows(set, request(Role.ADMIN, Action.promote(RISK_3, Environment.STAGING), Map.of())))
                .isTrue();
        assertThat(allows(set, request(Role.ADMIN, Action.read(RISK), Map.of())))
                .isTrue();
        PolicySet permit =
                Rules.create().permit("p").when(inEnvironment(PRODUCTION)).build();
        assertThat(allows(permit, request(Role.ADMIN, PROMOTE, Map.of()))).isTrue();
        assertThat(allows(permit, request(Role.ADMIN, Action.read(RISK), Map.of())))
                .isFalse();
    }

    @Test
    void rolesMayBeRestrictedRepeatedly() {
        PolicySet set = Rules.create()
                .permit("p")
                .role(Role.VALIDATOR)
                .role(Role.ADMIN, Role.AUDITOR)
                .build();
        assertThat(allows(set, request(ADA, Set.of(Role.VALIDATOR, Role.AUDITOR), PROMOTE, Map.of())))
                .isTrue();
        assertThat(allows(set, request(Role.VALIDATOR, PROMOTE, Map.of()))).isFalse();
        assertThat(allows(set, request(Role.AUDITOR, PROMOTE, Map.of()))).isFalse();
        PolicySet held =
                Rules.create().permit("p").unless(requesterHolds(Role.ADMIN)).build();
        assertThat(allows(held, request(Role.ADMIN, PROMOTE, Map.of()))).isFalse();
        assertThat(allows(held, request(Role.AUDITOR, PROMOTE, Map.of()))).isTrue();
    }

    @Test
    void anAssuranceMayBeDemanded() {
        PolicySet set = Rules.create()
                .permit("p")
                .when(requesterAssuredAtLeast(Assurance.TOKEN_BOUND))
                .build();
        for (Assurance assurance : Assurance.values()) {
            AccessRequest request = new AccessRequest(
                    new Identity(ADA, assurance, Set.of()),
                    Set.of(),
                    PROMOTE,
                    Facts.of(Map.of()),
                    LogPosition.of(1),
                    NOON);
            assertThat(allows(set, request)).isEqualTo(assurance != Assurance.ASSERTED);
        }
    }

    @Test
    void equalRulesGiveEqualDocumentsInAnyOrder() {
        PolicySet one = Rules.create()
                .permit("a")
                .on(Type.READ)
                .forbid("b")
                .unless(fact("x").isTrue())
                .build();
        PolicySet other = Rules.create()
                .forbid("b")
                .unless(fact("x").isTrue())
                .permit("a")
                .on(Type.READ)
                .build();
        assertThat(one).isEqualTo(other);
        assertThat(one.digest()).isEqualTo(other.digest());
    }

    @Test
    void rulesOfASetMayBeTakenOutAndAdded() {
        PolicySet set = Rules.from(Policies.builtIn())
                .without("admin-audits")
                .permit("more")
                .build();
        assertThat(set.document()).contains("\"more\"", "\"gate-status\"").doesNotContain("\"admin-audits\"");
        assertThat(Rules.from(set).build()).isEqualTo(set);
    }

    @Test
    void rulesHaveOneIdEach() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit("a").forbid("a"))
                .withMessageContaining("already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create()
                        .permit("a")
                        .build()
                        .toString()
                        .concat(Rules.from(Rules.create().build()).without("a").toString()))
                .withMessageContaining("no rule 'a'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit(" ").build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                "a.",
                ".a",
                "metrics.auc",
                "metrics",
                "metricsRoundedUp.x",
                "environment",
                "a.b.c.d.e.f.g.h.i"
            })
    void factsHavePlainNames(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> fact(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0.12345", "x", "", "99999999999999999999.0"})
    void metricsAreComparedWithDecimals(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> metric("auc").atLeast(value));
        assertThatIllegalArgumentException().isThrownBy(() -> metric("auc").atMost(value));
    }

    @Test
    void emptyListsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit("a").role());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit("a").in());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit("a").on());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rules.create().permit("a").onTransition());
        assertThatIllegalArgumentException().isThrownBy(() -> fact("a").isOneOf());
        assertThatIllegalArgumentException().isThrownBy(() -> fact("a").containsAll());
        assertThatIllegalArgumentException().isThrownBy(Condition::onAction);
        assertThatIllegalArgumentException().isThrownBy(() -> metric(" "));
    }

    @Test
    void conditionsReadAsCedar() {
        assertThat(fact("a.b").atLeast(1)).hasToString("context has a && context.a has b && context.a.b >= 1");
        assertThat(requesterIsAuthor().negate()).hasToString("resource has author && principal != resource.author");
        assertThat(metric("auc").atLeast("0.80"))
                .hasToString("context has metrics && context.metrics has auc && "
                        + "context.metrics.auc.greaterThanOrEqual(decimal(\"0.8\"))");
    }
}
