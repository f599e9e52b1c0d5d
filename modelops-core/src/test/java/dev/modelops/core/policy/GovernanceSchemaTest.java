package dev.modelops.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.core.internal.policy.cedar.validation.Finding;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import dev.modelops.registry.LifeCycle;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GovernanceSchemaTest {
    private static final Schema SCHEMA =
            SchemaText.read(Policies.schema(List.of("auc", "roc.auc", "a \"quoted\" one")));

    private static List<Finding> findings(CedarPolicySet set) {
        return new Validator(SCHEMA).validate(set).errors();
    }

    private static List<Finding> findings(String condition) {
        return findings(PolicyParser.policySet("@id(\"x\") forbid (principal, action == Action::\"promote\", resource)"
                + " unless { " + condition + " };"));
    }

    @Test
    void theBuiltInRulesAreValid() {
        assertThat(findings(PolicyJson.read(Policies.builtIn().document()))).isEmpty();
    }

    @Test
    void theThirtyTwoRulesAreValid() {
        assertThat(findings(PolicyJson.read(AcceptanceRules.all().document()))).isEmpty();
    }

    @Test
    void noRuleCanNeverApply() {
        assertThat(new Validator(SCHEMA)
                        .validate(PolicyJson.read(AcceptanceRules.all().document()))
                        .warnings())
                .isEmpty();
        assertThat(new Validator(SCHEMA)
                        .validate(PolicyJson.read(Policies.builtIn().document()))
                        .warnings())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "context.approvals.independent >= 2",
                "context.now > resource.registeredAt",
                "context.champion.exists",
                "resource.hasTag(\"licence\") && resource.getTag(\"licence\") == \"mit\"",
                "context has metrics && context.metrics has \"roc.auc\" && context.metrics[\"roc.auc\"].lessThan(decimal(\"1.0\"))",
                "context.approvals.roles.contains(Role::\"risk\")",
                "principal in context.environment.services"
            })
    void whatEveryPromotionHasNeedsNoGuard(String condition) {
        assertThat(findings(condition)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "context.approvals.newest < context.now",
                "context.drift.open == 0",
                "resource.model.tier == 1",
                "context.approvals.count >= 2",
                "context.approvals.independent >= \"2\"",
                "resource.author == \"ada\"",
                "context.tag.key == \"tier\""
            })
    void whatMayBeMissingOrIsMisspeltIsFound(String condition) {
        assertThat(findings(condition)).isNotEmpty();
    }

    @Test
    void hostsAddTheirOwnFactsMetricsAndSteps() {
        LifeCycle lifeCycle = LifeCycle.standard();
        Schema schema = SchemaText.read(Policies.schema(
                List.of(),
                Map.of("drift.worst", "decimal", "principal.clearance", "Long", "environment.region", "String"),
                lifeCycle));
        CedarPolicySet set =
                PolicyParser.policySet("@id(\"x\") forbid (principal, action == Action::\"retire\", resource) when {"
                        + " context has drift.worst && context.drift.worst.lessThan(decimal(\"0.5\")) &&"
                        + " principal has clearance && principal.clearance < 3 };");
        assertThat(new Validator(schema).validate(set).errors()).isEmpty();
        assertThat(new Validator(SCHEMA).validate(set).errors().isEmpty()
                        && new Validator(SCHEMA).validate(set).warnings().isEmpty())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "drift.x, number",
        "drift, Long",
        "drift.x, Set<Long",
        "drift.x, Long>",
        "drift.open.x, Long",
        "a b.c, Long"
    })
    void namesAndTypesThatAreNoneAreRefused(String name, String type) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.schema(List.of(), Map.of(name, type), LifeCycle.standard()));
    }
}
