package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.BOB;
import static dev.modelops.core.internal.policy.Requests.NOON;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static dev.modelops.core.policy.Condition.fact;
import static dev.modelops.core.policy.Condition.metric;
import static dev.modelops.core.policy.Condition.requesterIsAuthor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Assurance;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Explanation.Determining;
import dev.modelops.policy.Facts;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PolicyEngineTest {
    private static final Action PROMOTE = Action.promote(RISK_3, PRODUCTION);

    private static Rules.Rule promoters() {
        return Rules.create().permit("promoters").role(Role.RELEASE_MANAGER).on(Type.PROMOTE);
    }

    private static Decision decide(PolicySet set, AccessRequest request, String... gates) {
        return PolicyEngine.compile(set).decide(request, Set.of(gates));
    }

    private static Deny refuse(PolicySet set, AccessRequest request, String... gates) {
        Decision decision = decide(set, request, gates);
        assertThat(decision).isInstanceOf(Deny.class);
        return (Deny) decision;
    }

    private static Requirement unmet(String rule, String fact, String expected, String actual, String remedy) {
        return new Requirement(rule, Level.HARD, fact, expected, actual, remedy);
    }

    /** A set whose one condition is written in JSON, to say what the builder never says. */
    private static PolicySet withRaw(String effect, String expr) {
        String all = "{\"op\":\"All\"}";
        return new PolicySet("{\"staticPolicies\":{\"raw\":{\"effect\":\"" + effect + "\",\"principal\":" + all
                + ",\"action\":" + all + ",\"resource\":" + all
                + ",\"conditions\":[{\"kind\":\"when\",\"body\":" + expr + "}]},"
                + "\"open\":{\"effect\":\"permit\",\"principal\":" + all + ",\"action\":" + all + ",\"resource\":" + all
                + ",\"conditions\":[]}}}");
    }

    private static final String MISSING_IS_BIG =
            "{\">\":{\"left\":{\".\":{\"left\":{\"Var\":\"context\"},\"attr\":\"missing\"}},\"right\":{\"Value\":3}}}";

    @Test
    void anEmptySetDeniesEverything() {
        PolicySet none = Rules.create().build();
        Deny deny = refuse(none, request(Role.ADMIN, Action.audit(), Map.of()));
        assertThat(deny.cause()).isEqualTo(Cause.NOT_PERMITTED);
        assertThat(deny.rules()).isEmpty();
        assertThat(deny.unmet())
                .containsExactly(new Requirement(
                        "default-deny",
                        "a rule that permits this",
                        "no rule for action 'audit' on log by https://id.example.org|ada",
                        "have the policy set changed if this should be permitted"));
    }

    @Test
    void anAllowNamesItsRulesSortedAndWhatItRestsOn() {
        PolicySet set = Rules.create()
                .permit("z")
                .on(Type.PROMOTE)
                .permit("a")
                .role(Role.RELEASE_MANAGER)
                .permit("m")
                .on(Type.READ)
                .permit("k")
                .on(Type.READ, Type.PROMOTE)
                .build();
        Decision decision = decide(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of()));
        Explanation explanation = new Explanation(
                ADA,
                PROMOTE,
                List.of(
                        new Determining("a", "permit", ""),
                        new Determining("k", "permit", ""),
                        new Determining("z", "permit", "")),
                List.of(),
                List.of(),
                new TreeMap<>(),
                null,
                true);
        assertThat(decision)
                .isEqualTo(new Allow(
                        List.of("a", "k", "z"), List.of(), explanation, set.digest(), LogPosition.of(7), NOON));
    }

    @Test
    void whatAnAllowRestsOnIsReadOnlyWhenAskedAndOnce() {
        PolicySet set = Rules.create()
                .permit("good")
                .on(Type.PROMOTE)
                .when(Condition.metric("auc").atLeast("0.8"))
                .build();
        AtomicInteger asked = new AtomicInteger();
        Facts known = Facts.of(Map.of("metrics.auc", new BigDecimal("0.9")));
        Facts counting = new Facts() {
            @Override
            public Optional<Object> get(String name) {
                asked.incrementAndGet();
                return known.get(name);
            }

            @Override
            public Set<String> names() {
                return known.names();
            }
        };
        AccessRequest request = new AccessRequest(
                new Identity(ADA, Assurance.ASSERTED, Set.of()), Set.of(), PROMOTE, counting, LogPosition.of(7), NOON);
        Decision decision = PolicyEngine.compile(set).decide(request, Set.of());
        int toDecide = asked.get();
        Explanation about = decision.explanation().about(ADA, PROMOTE);
        assertThat(asked).hasValue(toDecide);

        Map<String, Object> facts = Map.of("metrics.auc", new BigDecimal("0.9"));
        assertThat(about.facts()).isEqualTo(facts);
        int read = asked.get();
        assertThat(decision.explanation().facts()).isEqualTo(facts).containsKey("metrics.auc");
        assertThat(decision.explanation()).isEqualTo(about);
        assertThat(about.facts().firstKey()).isEqualTo(about.facts().lastKey());
        assertThat(about.facts().get("metrics.auc")).isEqualTo(new BigDecimal("0.9"));
        assertThat(asked).hasValue(read);
        assertThatThrownBy(() -> about.facts().clear()).isInstanceOf(UnsupportedOperationException.class);
        assertThat(decision.toJson()).contains("\"facts\":{\"metrics.auc\":0.9}");
    }

    @Test
    void aMissingRoleIsNamedTogetherWithTheRolesHeld() {
        PolicySet set = promoters()
                .permit("deputies")
                .on(Type.PROMOTE)
                .role(Role.of("deputy"), Role.of("backup"))
                .permit("readers")
                .role(Role.AUDITOR)
                .on(Type.READ)
                .permit("others")
                .role(Role.SERVICE)
                .on(Type.PROMOTE)
                .model(ModelName.of("other"))
                .permit("careful")
                .role(Role.ADMIN)
                .on(Type.PROMOTE)
                .when(fact("never").isTrue())
                .build();
        AccessRequest request = request(ADA, Set.of(Role.VALIDATOR, Role.DATA_SCIENTIST), PROMOTE, Map.of());
        assertThat(refuse(set, request).unmet())
                .containsExactly(unmet(
                        "default-deny",
                        "roles",
                        "one of the roles backup, deputy, release-manager",
                        "the roles data-scientist, validator",
                        "ask somebody who holds the role, or have an administrator grant it"));
        assertThat(refuse(set, request(ADA, Set.of(), PROMOTE, Map.of())).unmet())
                .extracting(Requirement::actual)
                .containsExactly("no role");
    }

    @Test
    void aPermitThatOnlyLacksItsConditionSaysWhich() {
        PolicySet set = Rules.create()
                .permit("tested")
                .role(Role.RELEASE_MANAGER)
                .on(Type.PROMOTE)
                .when(fact("tests.passed").isTrue())
                .unless(fact("tests.age").atLeast(30))
                .expects("passed tests not older than 29 days")
                .remedy("run the tests")
                .build();
        Deny deny =
                refuse(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("tests.passed", false, "tests.age", 31L)));
        assertThat(deny.cause()).isEqualTo(Cause.NOT_PERMITTED);
        assertThat(deny.unmet())
                .containsExactly(
                        unmet(
                                "tested",
                                "tests.passed",
                                "passed tests not older than 29 days",
                                "tests.passed is false",
                                "run the tests"),
                        unmet(
                                "tested",
                                "tests.age",
                                "passed tests not older than 29 days",
                                "tests.age is 31",
                                "run the tests"));
        assertThat(decide(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("tests.passed", true, "tests.age", 29L)))
                        .isAllowed())
                .isTrue();
        assertThat(decide(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("tests.passed", true)))
                        .isAllowed())
                .isFalse();
    }

    @Test
    void everyFailingConditionOfEveryForbiddingRuleIsListed() {
        PolicySet set = promoters()
                .forbid("b-two")
                .on(Type.PROMOTE)
                .unless(fact("approvals.independent")
                        .atLeast(2)
                        .and(fact("approvals.rejections").atMost(0))
                        .and(fact("signature.trusted").isTrue()))
                .expects("a clean record")
                .remedy("clean it")
                .forbid("a-metric")
                .on(Type.PROMOTE)
                .unless(metric("auc").atLeast("0.80"))
                .expects("an AUC of at least 0.80")
                .remedy("train on")
                .forbid("c-plain")
                .on(Type.PROMOTE)
                .when(fact("resource.status").is("retired"))
                .forbid("d-holds")
                .on(Type.PROMOTE)
                .unless(fact("signature.trusted").isPresent())
                .build();
        Deny deny = refuse(
                set,
                request(
                        Role.RELEASE_MANAGER,
                        PROMOTE,
                        Map.of(
                                "approvals.independent",
                                1L,
                                "approvals.rejections",
                                3L,
                                "signature.trusted",
                                true,
                                "metrics.auc",
                                new BigDecimal("0.79999"),
                                "resource.status",
                                "retired")));
        assertThat(deny.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(deny.rules()).containsExactly("a-metric", "b-two", "c-plain");
        assertThat(deny.unmet())
                .containsExactly(
                        unmet(
                                "a-metric",
                                "metrics.auc",
                                "an AUC of at least 0.80",
                                "metrics.auc is 0.7999",
                                "train on"),
                        unmet(
                                "b-two",
                                "approvals.independent",
                                "a clean record",
                                "approvals.independent is 1 (needs context.approvals.independent >= 2)",
                                "clean it"),
                        unmet(
                                "b-two",
                                "approvals.rejections",
                                "a clean record",
                                "approvals.rejections is 3 (needs context.approvals.rejections <= 0)",
                                "clean it"),
                        unmet(
                                "c-plain",
                                "resource.status",
                                "resource.status != \"retired\"",
                                "resource.status is 'retired'",
                                "ask those who keep the policy set what rule 'c-plain' is for"));
    }

    @Test
    void absentFactsAreCalledAbsent() {
        PolicySet set = promoters()
                .forbid("gate")
                .on(Type.PROMOTE)
                .unless(fact("approvals.independent").atLeast(1))
                .expects("an approval")
                .remedy("ask")
                .build();
        assertThat(refuse(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of())).unmet())
                .containsExactly(unmet(
                        "gate", "approvals.independent", "an approval", "approvals.independent is absent", "ask"));
    }

    @Test
    void aRefusalForSeveralReasonsListsThemAll() {
        PolicySet set = promoters()
                .forbid("gate")
                .on(Type.PROMOTE)
                .unless(fact("ok").isTrue())
                .expects("ok")
                .remedy("fix")
                .build();
        Deny deny = refuse(set, request(Role.AUDITOR, PROMOTE, Map.of()), "gate", "gone");
        assertThat(deny.cause()).isEqualTo(Cause.MISSING_GATE);
        assertThat(deny.rules()).containsExactly("gate", "gone");
        assertThat(deny.unmet()).extracting(Requirement::rule).containsExactly("gone", "gate", "default-deny");
    }

    @Test
    void aRequiredGateThatIsGoneDenies() {
        AccessRequest request = request(Role.RELEASE_MANAGER, PROMOTE, Map.of());
        PolicySet set = promoters().build();
        assertThat(decide(set, request).isAllowed()).isTrue();
        Deny deny = refuse(set, request, "gate-b", "gate-a");
        assertThat(deny.cause()).isEqualTo(Cause.MISSING_GATE);
        assertThat(deny.rules()).containsExactly("gate-a", "gate-b");
        assertThat(deny.unmet())
                .hasSize(2)
                .allSatisfy(unmet -> assertThat(unmet.actual()).isEqualTo("no such rule"));
    }

    @Test
    void aPermitUnderTheNameOfAGateIsNoGate() {
        PolicySet set = promoters().permit("gate-a").on(Type.PROMOTE).build();
        Deny deny = refuse(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of()), "gate-a");
        assertThat(deny.cause()).isEqualTo(Cause.MISSING_GATE);
        assertThat(deny.unmet()).extracting(Requirement::actual).containsExactly("a rule of this id that permits");
    }

    @Test
    void aGateThatIsThereAndMetAllows() {
        PolicySet set = promoters().forbid("gate-a").unless(fact("ok").isTrue()).build();
        assertThat(decide(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("ok", true)), "gate-a")
                        .isAllowed())
                .isTrue();
    }

    @Test
    void aForbidThatErrsDeniesWhereStockCedarWouldAllow() {
        PolicyEngine engine = PolicyEngine.compile(withRaw("forbid", MISSING_IS_BIG));
        AccessRequest request = request(Role.ADMIN, Action.audit(), Map.of());
        assertThat(engine.cedarAllows(request)).isTrue();
        Deny deny = (Deny) engine.decide(request, Set.of());
        assertThat(deny.cause()).isEqualTo(Cause.RULE_ERROR);
        assertThat(deny.rules()).containsExactly("raw");
        assertThat(deny.unmet())
                .containsExactly(unmet(
                        "raw",
                        "missing",
                        "context.missing > 3",
                        "missing is absent",
                        "ask those who keep the policy set what rule 'raw' is for"));
        assertThat(engine.decide(request(Role.ADMIN, Action.audit(), Map.of("missing", 3L)), Set.of())
                        .isAllowed())
                .isTrue();
        Deny wrongType = (Deny) engine.decide(request(Role.ADMIN, Action.audit(), Map.of("missing", "x")), Set.of());
        assertThat(wrongType.cause()).isEqualTo(Cause.RULE_ERROR);
        assertThat(wrongType.unmet())
                .extracting(Requirement::actual)
                .containsExactly("missing is 'x' (expected a Long, found a String)");
    }

    @Test
    void aForbidThatErrsBesideOneThatHoldsCountsAsForbidden() {
        PolicySet set =
                Rules.from(withRaw("forbid", MISSING_IS_BIG)).forbid("all").build();
        Deny deny = refuse(set, request(Role.ADMIN, Action.audit(), Map.of()));
        assertThat(deny.cause()).isEqualTo(Cause.FORBIDDEN);
        assertThat(deny.rules()).containsExactly("all", "raw");
        assertThat(deny.unmet())
                .extracting(Requirement::actual)
                .containsExactly("action 'audit' on log by https://id.example.org|ada", "missing is absent");
    }

    @Test
    void aPermitThatErrsIsPassedOver() {
        PolicyEngine engine = PolicyEngine.compile(withRaw("permit", MISSING_IS_BIG));
        Decision decision = engine.decide(request(Role.ADMIN, Action.audit(), Map.of()), Set.of());
        assertThat(decision.isAllowed()).isTrue();
        assertThat(decision.rules()).containsExactly("open");
    }

    @Test
    void anUnlessThatErrsDenies() {
        PolicySet set = promoters()
                .forbid("gate")
                .on(Type.PROMOTE)
                .unless(fact("approvals.independent").atLeast(1))
                .expects("one")
                .build();
        Deny deny = refuse(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("approvals.independent", "many")));
        assertThat(deny.cause()).isEqualTo(Cause.RULE_ERROR);
        assertThat(deny.unmet())
                .extracting(Requirement::actual)
                .containsExactly("approvals.independent is 'many' (expected a Long, found a String)");
    }

    @Test
    void transitionsAnswerToTheirNameAndToTransition() {
        PolicySet set = Rules.create()
                .permit("all")
                .role(Role.ADMIN)
                .on(Type.TRANSITION)
                .permit("retirers")
                .role(Role.AUDITOR)
                .onTransition("retire")
                .permit("either")
                .role(Role.SERVICE)
                .on(Type.TRANSITION, Type.READ)
                .build();
        PolicyEngine engine = PolicyEngine.compile(set);
        for (String name : new String[] {"retire", "revoke", "transition"}) {
            Action step = Action.transition(RISK_3, name);
            assertThat(engine.decide(request(Role.ADMIN, step, Map.of()), Set.of())
                            .isAllowed())
                    .as(name)
                    .isTrue();
            assertThat(engine.decide(request(Role.SERVICE, step, Map.of()), Set.of())
                            .isAllowed())
                    .as(name)
                    .isTrue();
            assertThat(engine.decide(request(Role.AUDITOR, step, Map.of()), Set.of())
                            .isAllowed())
                    .as(name)
                    .isEqualTo(name.equals("retire"));
        }
    }

    @Test
    void aTransitionNamedLikeAnotherActionIsNeverPermitted() {
        PolicyEngine engine = PolicyEngine.compile(
                Rules.create().permit("anything").permit("serve").on(Type.SERVE).build());
        Deny deny = (Deny) engine.decide(request(Role.ADMIN, Action.transition(RISK_3, "serve"), Map.of()), Set.of());
        assertThat(deny.cause()).isEqualTo(Cause.NOT_PERMITTED);
        assertThat(deny.unmet())
                .singleElement()
                .satisfies(unmet -> assertThat(unmet.remedy()).contains("another name"));
    }

    @Test
    void rulesForOneModelLeaveOthersAlone() {
        PolicySet set = Rules.create()
                .permit("risk")
                .on(Type.READ, Type.PROMOTE)
                .model(RISK)
                .build();
        assertThat(decide(set, request(Role.ADMIN, PROMOTE, Map.of())).isAllowed())
                .isTrue();
        assertThat(decide(set, request(Role.ADMIN, Action.read(RISK), Map.of())).isAllowed())
                .isTrue();
        assertThat(decide(set, request(Role.ADMIN, Action.read(ModelName.of("credit")), Map.of()))
                        .isAllowed())
                .isFalse();
    }

    @Test
    void authorsAreComparedWithWhoeverAsks() {
        PolicySet set = promoters()
                .forbid("own")
                .on(Type.PROMOTE)
                .when(requesterIsAuthor())
                .build();
        assertThat(decide(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("resource.author", BOB.toString())))
                        .isAllowed())
                .isTrue();
        Deny own = refuse(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("resource.author", ADA.toString())));
        assertThat(own.unmet())
                .extracting(Requirement::actual)
                .containsExactly(
                        "principal is https://id.example.org|ada, resource.author is https://id.example.org|ada");
        assertThat(decide(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of())).isAllowed())
                .isFalse();
    }

    @Test
    void compilingTellsTheRulesAndTheDigest() {
        PolicySet set = promoters().forbid("gate").build();
        PolicyEngine engine = PolicyEngine.compile(set);
        assertThat(engine.digest()).isEqualTo(set.digest());
        assertThat(engine.gateIds()).containsExactly("gate");
    }

    @Test
    void badDocumentsAreRefusedWhenCompiled() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(new PolicySet(
                        Rules.create().permit("p").build().document().replace("\"id\":\"p\"", "\"id\":\"q\""))))
                .withMessageContaining("one name");
        assertThatIllegalArgumentException().isThrownBy(() -> PolicyEngine.compile(new PolicySet("")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyEngine.compile(
                        Rules.create().permit("default-deny").build()))
                .withMessageContaining("choose another");
    }

    @Test
    void longTextsInFactsDoNotMakeLongRefusals() {
        PolicySet set = promoters().forbid("gate").unless(fact("note").is("x")).build();
        Deny deny = refuse(set, request(Role.RELEASE_MANAGER, PROMOTE, Map.of("note", "y".repeat(100_000))));
        assertThat(deny.unmet()).allSatisfy(unmet -> assertThat(unmet.actual()).hasSizeLessThanOrEqualTo(1000));
    }

    @Test
    void whetherTheTimeMattersIsToldOfEachActionForItself() {
        PolicyEngine engine = PolicyEngine.compile(new PolicySet(PolicyJson.write(PolicyParser.policySet("""
                        @id("retire-late")
                        permit (principal, action == Action::"retire", resource)
                        when { context.now > datetime("2026-01-01") };
                        @id("submit")
                        permit (principal, action == Action::"submit", resource);
                        @id("serve-after-rest")
                        permit (principal, action == Action::"serve", resource)
                        when { context has champion && context.champion has lastServed };
                        @id("promote")
                        permit (principal, action == Action::"promote", resource);
                        @id("override-by-day")
                        permit (principal, action == Action::"override", resource)
                        when { context.now.toTime() < duration("18h") };
                        """))));
        assertThat(engine.readsTime(PROMOTE)).isFalse();
        assertThat(engine.readsTime(PROMOTE.overriding("INC-7"))).isTrue();
        assertThat(engine.readsTime(PROMOTE)).isFalse();
        assertThat(engine.readsTime(Action.serve(RISK_3, PRODUCTION))).isTrue();
        assertThat(engine.readsTime(Action.transition(RISK_3, "submit"))).isFalse();
        assertThat(engine.readsTime(Action.transition(RISK_3, "retire"))).isTrue();
        assertThat(engine.readsTime(Action.transition(RISK_3, "archive"))).isFalse();
    }
}
