package dev.modelops.core.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.BOB;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Alias;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Requirement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PoliciesTest {
    private static final PolicyEngine ENGINE = PolicyEngine.compile(Policies.builtIn());
    private static final Set<Role> ROLES = Set.of(
            Role.ADMIN,
            Role.AUDITOR,
            Role.DATA_SCIENTIST,
            Role.LEGAL_OFFICER,
            Role.PRIVACY_OFFICER,
            Role.RELEASE_MANAGER,
            Role.SERVICE,
            Role.VALIDATOR);

    private static final Digest SOME_POLICIES = Policies.builtIn().digest();

    /** Facts with which every gate is content. */
    private static final Map<String, Object> GOOD = Map.of(
            "resource.author",
            BOB.toString(),
            "resource.status",
            "active",
            "resource.promotable",
            true,
            "resource.servable",
            true,
            "signature.trusted",
            true,
            "approvals.independent",
            1L,
            "approvals.rejections",
            0L,
            "champion.former",
            true,
            "policies.self",
            false);

    private static Map<String, Object> goodBut(String name, Object value) {
        Map<String, Object> facts = new HashMap<>(GOOD);
        facts.put(name, value);
        return facts;
    }

    private static Map<String, Object> goodWithout(String name) {
        Map<String, Object> facts = new HashMap<>(GOOD);
        facts.remove(name);
        return facts;
    }

    private static Decision decide(Set<Role> roles, Action action, Map<String, Object> facts) {
        return ENGINE.decide(request(ADA, roles, action, facts), Policies.PRODUCTION_GATES);
    }

    static Stream<Arguments> permits() {
        return Stream.of(
                arguments(Action.register(RISK), Set.of(Role.DATA_SCIENTIST)),
                arguments(Action.importVersion(RISK, "example.org/elsewhere+00000000+AA==", RISK_3), Set.of()),
                arguments(Action.attachEvidence(RISK_3), Set.of(Role.DATA_SCIENTIST, Role.VALIDATOR)),
                arguments(Action.comment(RISK_3, "well"), Set.of(Role.DATA_SCIENTIST, Role.VALIDATOR)),
                arguments(Action.approve(RISK_3, PRODUCTION), Set.of(Role.VALIDATOR)),
                arguments(Action.reject(RISK_3, PRODUCTION), Set.of(Role.VALIDATOR)),
                arguments(Action.withdraw(RISK_3, PRODUCTION), Set.of(Role.VALIDATOR)),
                arguments(Action.promote(RISK_3, PRODUCTION), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.rollback(RISK, PRODUCTION), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.setAlias(RISK_3, Alias.of("best")), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.removeAlias(RISK, Alias.of("best")), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.setTag(RISK_3, "k", "v"), Set.of(Role.DATA_SCIENTIST, Role.RELEASE_MANAGER)),
                arguments(Action.removeTag(RISK_3, "k"), Set.of(Role.DATA_SCIENTIST, Role.RELEASE_MANAGER)),
                arguments(Action.setTag(RISK, "tier", "1"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.removeTag(RISK, "tier"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.quarantine(RISK_3, PRODUCTION), Set.of(Role.RELEASE_MANAGER, Role.VALIDATOR)),
                arguments(Action.fallBack(RISK_3, PRODUCTION, VersionNumber.of(2), "it fails"), Set.of(Role.SERVICE)),
                arguments(Action.suspend(RISK, PRODUCTION), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.resume(RISK, PRODUCTION), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.transition(RISK_3, "deprecate"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.transition(RISK_3, "reinstate"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.transition(RISK_3, "retire"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.transition(RISK_3, "revoke"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.transition(RISK_3, "anything-else"), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.grantRole(BOB, Role.VALIDATOR), Set.of(Role.ADMIN)),
                arguments(Action.revokeRole(BOB, Role.VALIDATOR), Set.of(Role.ADMIN)),
                arguments(Action.proposePolicies(SOME_POLICIES), Set.of(Role.ADMIN)),
                arguments(Action.installPolicies(SOME_POLICIES), Set.of(Role.ADMIN)),
                arguments(Action.installTrust(2), Set.of(Role.ADMIN)),
                arguments(Action.read(RISK), ROLES),
                arguments(Action.readPolicies(), ROLES),
                arguments(Action.audit(), Set.of(Role.AUDITOR, Role.ADMIN, Role.PRIVACY_OFFICER)),
                arguments(Action.erase(LogPosition.of(3), "request"), Set.of(Role.PRIVACY_OFFICER)),
                arguments(Action.hold("case-7"), Set.of(Role.LEGAL_OFFICER)),
                arguments(Action.hold("case-7", RISK), Set.of(Role.LEGAL_OFFICER)),
                arguments(Action.liftHold("case-7"), Set.of(Role.LEGAL_OFFICER)),
                arguments(Action.record(RISK, PRODUCTION), Set.of(Role.SERVICE)),
                arguments(Action.expireRecords(RISK, LogPosition.of(3), "retention"), Set.of(Role.PRIVACY_OFFICER)),
                arguments(Action.alert(RISK_3, PRODUCTION), Set.of(Role.SERVICE)),
                arguments(
                        Action.acknowledge(RISK_3, PRODUCTION, "mean:age"),
                        Set.of(Role.DATA_SCIENTIST, Role.VALIDATOR, Role.RELEASE_MANAGER)),
                arguments(Action.startExperiment(RISK_3, PRODUCTION), Set.of(Role.RELEASE_MANAGER)),
                arguments(Action.endExperiment(RISK_3, PRODUCTION, "harm"), Set.of(Role.SERVICE, Role.RELEASE_MANAGER)),
                arguments(Action.judge(RISK_3, PRODUCTION), Set.of(Role.SERVICE, Role.VALIDATOR, Role.RELEASE_MANAGER)),
                arguments(
                        Action.requestRetraining(RISK_3, PRODUCTION, "decay"),
                        Set.of(Role.SERVICE, Role.DATA_SCIENTIST, Role.RELEASE_MANAGER)),
                arguments(Action.serve(RISK_3, PRODUCTION), Set.of(Role.SERVICE)));
    }

    @ParameterizedTest
    @MethodSource("permits")
    void eachActionIsPermittedToItsRolesOnly(Action action, Set<Role> permitted) {
        for (Role role : ROLES) {
            assertThat(decide(Set.of(role), action, GOOD).isAllowed())
                    .as("%s by %s", action, role)
                    .isEqualTo(permitted.contains(role));
        }
        assertThat(decide(Set.of(), action, GOOD).isAllowed()).isFalse();
        assertThat(decide(Set.of(Role.of("stranger")), action, GOOD).isAllowed())
                .isFalse();
    }

    @Test
    void everyKindOfActionIsInTheTable() {
        assertThat(permits().map(row -> ((Action) row.get()[0]).type()).collect(Collectors.toSet()))
                .isEqualTo(EnumSet.complementOf(EnumSet.of(Action.Type.OVERRIDE)));
    }

    static Stream<Arguments> gates() {
        Action promote = Action.promote(RISK_3, PRODUCTION);
        Action rollback = Action.rollback(RISK, PRODUCTION);
        Action serve = Action.serve(RISK_3, PRODUCTION);
        Action install = Action.installPolicies(SOME_POLICIES);
        String self = ADA.toString();
        List<Arguments> rows = new ArrayList<>();
        for (Action judge : List.of(Action.approve(RISK_3, PRODUCTION), Action.reject(RISK_3, PRODUCTION))) {
            rows.add(arguments(Role.VALIDATOR, judge, "gate-own-version", "resource.author", self));
        }
        rows.add(arguments(Role.RELEASE_MANAGER, promote, "gate-promoter", "resource.author", self));
        rows.add(arguments(Role.RELEASE_MANAGER, promote, "gate-approval", "approvals.independent", 0L));
        rows.add(arguments(Role.RELEASE_MANAGER, promote, "gate-rejection", "approvals.rejections", 1L));
        rows.add(arguments(Role.RELEASE_MANAGER, promote, "gate-status", "resource.promotable", false));
        rows.add(arguments(Role.RELEASE_MANAGER, promote, "gate-signature", "signature.trusted", false));
        rows.add(arguments(Role.RELEASE_MANAGER, rollback, "gate-signature", "signature.trusted", false));
        rows.add(arguments(Role.RELEASE_MANAGER, rollback, "gate-servable", "resource.servable", false));
        rows.add(arguments(Role.RELEASE_MANAGER, rollback, "gate-former-champion", "champion.former", false));
        rows.add(arguments(Role.ADMIN, install, "gate-policy-author", "policies.self", true));
        rows.add(arguments(Role.SERVICE, serve, "gate-signature", "signature.trusted", false));
        rows.add(arguments(Role.SERVICE, serve, "gate-servable", "resource.servable", false));
        return rows.stream();
    }

    @ParameterizedTest
    @MethodSource("gates")
    void eachGateBitesOnItsOwnFactAndOnItsAbsence(Role role, Action action, String gate, String fact, Object bad) {
        assertThat(decide(Set.of(role), action, GOOD).isAllowed()).isTrue();
        for (Map<String, Object> facts : List.of(goodBut(fact, bad), goodWithout(fact))) {
            Deny deny = (Deny) decide(Set.of(role), action, facts);
            assertThat(deny.cause()).isEqualTo(Cause.FORBIDDEN);
            assertThat(deny.rules()).contains(gate);
            assertThat(deny.unmet()).anySatisfy(unmet -> {
                assertThat(unmet.rule()).isEqualTo(gate);
                assertThat(unmet.actual()).contains(fact + " is ");
            });
        }
        assertThat(((Deny) decide(Set.of(role), action, goodBut(fact, List.of()))).cause())
                .isIn(Cause.RULE_ERROR, Cause.FORBIDDEN);
    }

    private static Decision promote(Map<String, Object> facts, Environment environment, List<String> required) {
        Map<String, Object> all = new HashMap<>(facts);
        all.put("required.gates", required);
        return ENGINE.decide(
                request(Role.RELEASE_MANAGER, Action.promote(RISK_3, environment), all), Set.copyOf(required));
    }

    static Stream<Arguments> gatesOnRequest() {
        return Stream.of(
                arguments(Policies.GATE_APPROVAL, goodBut("approvals.independent", 0L)),
                arguments(Policies.GATE_REJECTION, goodBut("approvals.rejections", 1L)));
    }

    @ParameterizedTest
    @MethodSource("gatesOnRequest")
    void approvalsAreDemandedWhereverTheGateIsRequiredWhateverTheEnvironmentIsCalled(
            String gate, Map<String, Object> bad) {
        for (Environment environment :
                List.of(Environment.of("prod"), Environment.of("live-eu"), Environment.STAGING)) {
            for (List<String> required : List.of(List.of(gate), List.copyOf(Policies.PRODUCTION_GATES))) {
                assertThat(promote(GOOD, environment, required).isAllowed()).isTrue();
                Deny deny = (Deny) promote(bad, environment, required);
                assertThat(deny.cause()).isEqualTo(Cause.FORBIDDEN);
                assertThat(deny.rules()).containsExactly(gate);
                assertThat(deny.unmet())
                        .singleElement()
                        .satisfies(unmet -> assertThat(unmet.actual()).startsWith("approvals."));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("gatesOnRequest")
    void environmentsThatDoNotRequireTheGateAreFreeOfIt(String gate, Map<String, Object> bad) {
        List<String> others = Policies.PRODUCTION_GATES.stream()
                .filter(other -> !other.equals(gate))
                .toList();
        for (List<String> required : List.of(List.<String>of(), others)) {
            assertThat(promote(bad, Environment.STAGING, required).isAllowed()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("gatesOnRequest")
    void productionHasTheGateThoughItDoesNotRequireIt(String gate, Map<String, Object> bad) {
        assertThat(((Deny) promote(bad, PRODUCTION, List.of())).rules()).containsExactly(gate);
    }

    @ParameterizedTest
    @MethodSource("gatesOnRequest")
    void whereTheRequiredGatesAreNotKnownTheGateApplies(String gate, Map<String, Object> bad) {
        Action promote = Action.promote(RISK_3, Environment.of("prod"));
        Deny deny = (Deny) ENGINE.decide(request(Role.RELEASE_MANAGER, promote, bad), Set.of());
        assertThat(deny.rules()).containsExactly(gate);
        Map<String, Object> odd = new HashMap<>(GOOD);
        odd.put("approvals.independent", 0L);
        odd.put("approvals.rejections", 1L);
        odd.put("required.gates", gate);
        assertThat(((Deny) ENGINE.decide(request(Role.RELEASE_MANAGER, promote, odd), Set.of())).cause())
                .isEqualTo(Cause.RULE_ERROR);
    }

    @Test
    void aVoidedApprovalStopsNeitherServingNorTheWayBack() {
        Map<String, Object> unapproved = goodBut("approvals.independent", 0L);
        assertThat(decide(Set.of(Role.SERVICE), Action.serve(RISK_3, PRODUCTION), unapproved)
                        .isAllowed())
                .isTrue();
        assertThat(decide(Set.of(Role.RELEASE_MANAGER), Action.rollback(RISK, PRODUCTION), unapproved)
                        .isAllowed())
                .isTrue();
    }

    @Test
    void aServiceDoesNothingButServeAndReadWhateverElseItHolds() {
        Set<Role> all = ROLES;
        assertThat(decide(all, Action.serve(RISK_3, PRODUCTION), GOOD).isAllowed())
                .isTrue();
        assertThat(decide(all, Action.read(RISK), GOOD).isAllowed()).isTrue();
        for (Action action : List.of(
                Action.register(RISK),
                Action.audit(),
                Action.transition(RISK_3, "retire"),
                Action.grantRole(BOB, Role.ADMIN))) {
            Deny deny = (Deny) decide(all, action, GOOD);
            assertThat(deny.rules()).as(action.toString()).containsExactly("gate-service");
        }
    }

    @Test
    void nobodyGrantsARoleToThemselvesButMayGiveOneUp() {
        Deny deny = (Deny) decide(Set.of(Role.ADMIN), Action.grantRole(ADA, Role.VALIDATOR), Map.of());
        assertThat(deny.rules()).containsExactly("gate-self-grant");
        assertThat(decide(Set.of(Role.ADMIN), Action.revokeRole(ADA, Role.ADMIN), Map.of())
                        .isAllowed())
                .isTrue();
        Principal lookalike = Principal.of("https://other.example.org", "ada");
        assertThat(decide(Set.of(Role.ADMIN), Action.grantRole(lookalike, Role.VALIDATOR), Map.of())
                        .isAllowed())
                .isTrue();
    }

    @Test
    void aHopelessPromotionHearsEverythingAtOnce() {
        Deny deny = (Deny) decide(
                Set.of(Role.DATA_SCIENTIST),
                Action.promote(RISK_3, PRODUCTION),
                Map.of(
                        "resource.author",
                        ADA.toString(),
                        "resource.promotable",
                        false,
                        "signature.trusted",
                        false,
                        "approvals.independent",
                        0L,
                        "approvals.rejections",
                        2L));
        assertThat(deny.unmet())
                .extracting(Requirement::rule)
                .containsExactly(
                        "gate-approval",
                        "gate-promoter",
                        "gate-rejection",
                        "gate-signature",
                        "gate-status",
                        "default-deny");
        assertThat(deny.unmet())
                .extracting(Requirement::actual)
                .containsExactly(
                        "approvals.independent is 0",
                        "principal is https://id.example.org|ada, resource.author is https://id.example.org|ada",
                        "approvals.rejections is 2",
                        "signature.trusted is false",
                        "resource.promotable is false",
                        "the role data-scientist");
        assertThat(deny.unmet().get(5).expected()).isEqualTo("the role release-manager");
    }

    @Test
    void everyRuleSaysWhatItIsForAndEveryGateWhatItDemands() {
        PolicyJson.read(Policies.builtIn().document()).policies().forEach((id, policy) -> {
            assertThat(policy.annotations()).as(id).containsEntry("id", id).containsKey("description");
            boolean forbids = policy.effect() == CedarPolicy.Effect.FORBID;
            assertThat(id.startsWith("gate-")).as(id).isEqualTo(forbids);
            assertThat(policy.annotations().containsKey("expects")).as(id).isEqualTo(forbids);
            assertThat(policy.annotations().containsKey("remedy")).as(id).isEqualTo(forbids);
        });
    }

    @Test
    void productionRequiresGatesThatThePackHas() {
        assertThat(ENGINE.gateIds()).containsAll(Policies.PRODUCTION_GATES);
        for (String gate : Policies.PRODUCTION_GATES) {
            PolicyEngine without = PolicyEngine.compile(
                    Rules.from(Policies.builtIn()).without(gate).build());
            Deny deny = (Deny) without.decide(
                    request(Role.RELEASE_MANAGER, Action.promote(RISK_3, PRODUCTION), GOOD), Policies.PRODUCTION_GATES);
            assertThat(deny.cause()).isEqualTo(Cause.MISSING_GATE);
            assertThat(deny.rules()).containsExactly(gate);
        }
    }
}
