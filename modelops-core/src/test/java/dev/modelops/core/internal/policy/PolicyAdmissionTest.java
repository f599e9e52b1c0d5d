package dev.modelops.core.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.LifeCycle;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyAdmissionTest {
    private static PolicySet builtInAnd(String rule) {
        return PolicyReview.ofCedar(PolicyReview.of(Policies.builtIn()).toCedar() + rule)
                .policySet();
    }

    private static PolicyEngine admit(PolicySet set) {
        return PolicyAdmission.admit(set, Map.of(), LifeCycle.standard());
    }

    @Test
    void theBuiltInSetIsAdmitted() {
        assertThat(admit(Policies.builtIn()).gateIds()).contains(Policies.GATE_APPROVAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "context has metrics.auc && context.metrics.auc.greaterThan(decimal(\"0.8\"))",
                "context has regression && context.regression has \"log loss\"",
                "context has drift.open && context.drift.open == 0",
                "resource.tags() == 1",
            })
    void metricsNeedOnlyBeMentionedAndUsualFactsNeedNoDeclaration(String condition) {
        String rule = "@id(\"gate-x\") forbid(principal, action == Action::\"promote\", resource) unless { " + condition
                + " };";
        if (condition.startsWith("resource.tags")) {
            assertThatExceptionOfType(InvalidPolicyException.class).isThrownBy(() -> builtInAnd(rule));
        } else {
            assertThat(admit(builtInAnd(rule)).gateIds()).contains("gate-x");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "approvals.independant >= 2 | independant",
                "approvals.independent >= \"2\" | Long",
                "metrics.auc.greaterThan(decimal(\"0.8\")) | metrics",
                "ticket.open | @facts(\"ticket.open: Bool\")",
            })
    void whatTheSchemaDoesNotAllowIsRefusedWithTheReason(String condition, String found) {
        PolicySet set = builtInAnd("@id(\"gate-x\") forbid(principal, action == Action::\"promote\", resource) unless {"
                + " context." + condition + " };");
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(() -> admit(set))
                .withMessageContaining("gate-x")
                .withMessageContaining(found);
        assertThatExceptionOfType(InvalidPolicyException.class)
                .as("no log begins with such a set")
                .isThrownBy(() -> GovernedLog.open(genesis -> genesis.policies(set), opening -> opening));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ticket.open: Bool |",
                "ticket.age: duration, ticket.open: Bool |",
                "ticket.open: Long | Bool",
                "ticket.open: Boole | type",
                "ticket.open | one type",
                "ticket.open: Bool, ticket.open: Bool | one type",
                "approvals.independent.more: Bool | approvals",
            })
    void aRuleDeclaresTheFactsOfItsHost(String facts, String problem) {
        PolicySet set = builtInAnd("@id(\"gate-x\") @facts(\"" + facts + "\")"
                + " forbid(principal, action == Action::\"promote\", resource)"
                + " unless { context has ticket.open && context.ticket.open };");
        if (problem == null) {
            assertThat(admit(set).gateIds()).contains("gate-x");
        } else {
            assertThatExceptionOfType(InvalidPolicyException.class)
                    .isThrownBy(() -> admit(set))
                    .withMessageContaining(problem);
        }
    }

    @Test
    void twoRulesGiveAFactOneType() {
        String rule = "@id(\"gate-%s\") @facts(\"ticket.open: %s\") forbid(principal, action == Action::\"promote\","
                + " resource) unless { context has ticket.open };";
        assertThat(admit(builtInAnd(String.format(rule, "x", "Bool") + String.format(rule, "y", "Bool")))
                        .gateIds())
                .contains("gate-x", "gate-y");
        assertThatExceptionOfType(InvalidPolicyException.class)
                .isThrownBy(
                        () -> admit(builtInAnd(String.format(rule, "x", "Bool") + String.format(rule, "y", "Long"))))
                .withMessageContaining("choose one");
    }
}
