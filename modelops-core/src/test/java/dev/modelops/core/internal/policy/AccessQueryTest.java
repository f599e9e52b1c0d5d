package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.BOB;
import static dev.modelops.core.internal.policy.Requests.NOON;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Assurance;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Facts;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessQueryTest {
    private static final EntityUid USER_ADA = new EntityUid("User", "https://id.example.org|ada");

    private static AccessQuery query(Action action, Map<String, Object> facts) {
        EntityUid uid = EntityNames.action(
                action.type() == Action.Type.TRANSITION
                        ? action.name().orElse("")
                        : action.type().id());
        return new AccessQuery(request(ADA, Set.of(Role.AUDITOR, Role.VALIDATOR), action, facts), uid);
    }

    @Test
    void thePrincipalIsAUserInItsRoles() {
        AccessQuery query = query(Action.read(RISK), Map.of());
        assertThat(query.principal()).isEqualTo(USER_ADA);
        assertThat(query.isPrincipalIn(new EntityUid("Role", "auditor"))).isTrue();
        assertThat(query.isPrincipalIn(new EntityUid("Role", "validator"))).isTrue();
        assertThat(query.isPrincipalIn(new EntityUid("Role", "admin"))).isFalse();
        assertThat(query.isPrincipalIn(new EntityUid("Team", "auditor"))).isFalse();
        assertThat(query.isPrincipalIn(USER_ADA)).isTrue();
        assertThat(query.isDescendant(USER_ADA, new EntityUid("Role", "auditor")))
                .isTrue();
        assertThat(query.isDescendant(new EntityUid("User", "x"), new EntityUid("Role", "auditor")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://id.example.org/ada",
                "https://id.example.org|adA",
                "https://id.example.orG|ada",
                "https://id.example.org|aada",
                "https://id.example.org|",
                ""
            })
    void lookalikesAreNotThePrincipal(String id) {
        AccessQuery query = query(Action.read(RISK), Map.of());
        assertThat(query.isPrincipal(new EntityUid("User", id))).isFalse();
        assertThat(query.isPrincipal(new EntityUid("Role", USER_ADA.id()))).isFalse();
        assertThat(query.isPrincipal(new StringValue(USER_ADA.id()))).isFalse();
        assertThat(query.isPrincipal(USER_ADA)).isTrue();
    }

    @Test
    void assuranceIsAnAttributeOfThePrincipalThatNoFactReplaces() {
        AccessRequest request = new AccessRequest(
                new Identity(ADA, Assurance.SIGNED, Set.of()),
                Set.of(),
                Action.grantRole(ADA, Role.ADMIN),
                Facts.of(Map.of("resource.assurance", 0L)),
                LogPosition.of(1),
                NOON);
        AccessQuery query = new AccessQuery(request, EntityNames.action("grantRole"));
        assertThat(query.attribute(USER_ADA, "assurance")).isEqualTo(new LongValue(2));
        assertThat(query.attribute(new EntityUid("User", "x"), "assurance")).isNull();
    }

    @Test
    void theResourceIsTheMostSpecificThingTheActionNames() {
        assertThat(query(Action.promote(RISK_3, PRODUCTION), Map.of()).resource())
                .isEqualTo(new EntityUid("ModelVersion", "credit-risk@3"));
        assertThat(query(Action.rollback(RISK, PRODUCTION), Map.of()).resource())
                .isEqualTo(new EntityUid("Model", "credit-risk"));
        assertThat(query(Action.grantRole(BOB, Role.ADMIN), Map.of()).resource())
                .isEqualTo(new EntityUid("User", "https://id.example.org|bob"));
        assertThat(query(Action.audit(), Map.of()).resource()).isEqualTo(new EntityUid("Log", "log"));
    }

    @Test
    void versionsAreInTheirModel() {
        AccessQuery query = query(Action.promote(RISK_3, PRODUCTION), Map.of());
        EntityUid version = new EntityUid("ModelVersion", "credit-risk@3");
        assertThat(query.isDescendant(version, new EntityUid("Model", "credit-risk")))
                .isTrue();
        assertThat(query.isDescendant(version, new EntityUid("Model", "other"))).isFalse();
        assertThat(query.isDescendant(new EntityUid("ModelVersion", "x@1"), new EntityUid("Model", "credit-risk")))
                .isFalse();
        assertThat(query.isDescendant(new EntityUid("Model", "credit-risk"), new EntityUid("Model", "credit-risk")))
                .isFalse();
    }

    @Test
    void stepsOfTheLifeCycleAreTransitions() {
        AccessQuery query = query(Action.transition(RISK_3, "retire"), Map.of());
        assertThat(query.action()).isEqualTo(new EntityUid("Action", "retire"));
        assertThat(query.isDescendant(query.action(), new EntityUid("Action", "transition")))
                .isTrue();
        AccessQuery read = query(Action.read(RISK), Map.of());
        assertThat(read.isDescendant(read.action(), new EntityUid("Action", "transition")))
                .isFalse();
    }

    @Test
    void factsFormTheContextAndTheAttributesOfTheResource() {
        AccessQuery query = query(
                Action.promote(RISK_3, PRODUCTION),
                Map.of(
                        "approvals.independent",
                        2L,
                        "signature.trusted",
                        true,
                        "labels",
                        List.of("b", "a", "b"),
                        "metrics.roc.auc",
                        new BigDecimal("0.80009"),
                        "metrics.huge",
                        new BigDecimal("1E+999999999"),
                        "resource.author",
                        "https://id.example.org|ada",
                        "resource.status",
                        "active",
                        "resource",
                        "odd"));
        assertThat(CedarText.of(query.context()))
                .isEqualTo(
                        "{approvals: {independent: 2}, environment: Environment::\"production\", labels: [\"a\", \"b\"], "
                                + "metrics: {\"roc.auc\": decimal(\"0.8\")}, metricsRoundedUp: {\"roc.auc\": decimal(\"0.8001\")}, "
                                + "resource: \"odd\", signature: {trusted: true}}");
        assertThat(query.attribute(query.resource(), "author")).isEqualTo(USER_ADA);
        assertThat(query.attribute(query.resource(), "none")).isNull();
    }

    @Test
    void theEnvironmentComesFromTheActionAlone() {
        assertThat(CedarText.of(query(Action.read(RISK), Map.of("environment", "production", "environment.x", 1L))
                        .context()))
                .isEqualTo("{}");
    }

    @Test
    void aShorterNameStandsInTheWayOfLongerOnes() {
        assertThat(CedarText.of(query(Action.audit(), Map.of("a", 1L, "a.b", 2L, "a.b.c", 3L, "x.y.z", 4L))
                        .context()))
                .isEqualTo("{a: 1, x: {y: {z: 4}}}");
    }

    @Test
    void namesWithVeryManyDotsDoNotNestWithoutBound() {
        String name = "a.".repeat(50_000) + "a";
        assertThat(CedarText.of(query(Action.audit(), Map.of(name, 1L)).context()))
                .startsWith("{a: {a: {a: {a: ");
    }
}
