package dev.modelops.core.internal.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.analysis.PolicyComparison.Outcome;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result.Different;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result.Same;
import dev.modelops.core.internal.policy.analysis.PolicyComparison.Result.Unknown;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.schema.Conformance;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyComparisonTest {
    private static final Schema SCHEMA = SchemaText.read("""
            entity Role;
            entity User in [Role];
            entity Version { status: String, author?: User };
            action promote, serve appliesTo { principal: User, resource: Version,
                context: { approvals: Long, auc?: decimal, at: datetime, from: ipaddr, docs: Set<String> } };
            """);

    @ParameterizedTest
    @CsvSource(delimiterString = "<->", textBlock = """
                    context.approvals >= 2 <-> context.approvals > 1
                    context.approvals >= 2 <-> !(context.approvals < 2)
                    context.approvals == 1 || context.approvals > 1 <-> context.approvals >= 1
                    ["a", "b"].contains(resource.status) <-> resource.status == "a" || resource.status == "b"
                    context.docs.containsAll(["a", "b"]) <-> context.docs.contains("b") && context.docs.contains("a")
                    context.docs.containsAny(["a", "b"]) <-> context.docs.contains("b") || context.docs.contains("a")
                    context.docs == ["a"] <-> ["a"].containsAll(context.docs) && !context.docs.isEmpty()
                    context.at < datetime("2026-01-01") <-> !(context.at >= datetime("2026-01-01T00:00:00Z"))
                    principal in [Role::"a", Role::"b"] <-> principal in Role::"b" || principal in Role::"a"
                    resource has author && resource.author == principal <-> if resource has author then principal == resource.author else false
                    context has auc && context.auc.lessThan(decimal("0.5")) <-> context has auc && !(context.auc.greaterThanOrEqual(decimal("0.50")))
                    """)
    void differentWordsAreTheSame(String one, String other) {
        assertThat(compare(permit(one), permit(other), SCHEMA)).isEqualTo(new Same());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "<->", textBlock = """
                    context.approvals >= 2 <-> context.approvals >= 3
                    context.approvals >= 2 <-> context.approvals == 2
                    resource.status == "active" <-> resource.status != "revoked"
                    context.docs.containsAll(["a", "b"]) <-> context.docs.containsAll(["a"])
                    context.docs.isEmpty() <-> !context.docs.contains("a")
                    context.at < datetime("2026-01-01") <-> context.at <= datetime("2026-01-01")
                    principal in Role::"a" <-> principal in Role::"b"
                    context has auc <-> context has auc && context.auc.lessThan(decimal("0.5"))
                    context.from == ip("10.0.0.1") <-> context.from == ip("10.0.0.2")
                    resource has author <-> resource has author && resource.author == principal
                    resource.status like "act*" <-> resource.status like "*"
                    """)
    void aRequestShowsTheDifference(String one, String other) {
        Result result = compare(permit(one), permit(other), SCHEMA);

        assertThat(result).isInstanceOf(Different.class);
        Cell request = ((Different) result).request();
        assertThat(Conformance.ofRequest(
                        SCHEMA, request.principal(), request.action(), request.resource(), request.context()))
                .isEmpty();
    }

    @Test
    void theRequestIsOneThatFlips() {
        Result result = compare(
                permit("context.approvals >= 2"),
                permit("context.approvals >= 2") + "@id(\"gate\") forbid(principal, action == Action::\"serve\","
                        + " resource) when { context.approvals < 3 };",
                SCHEMA);

        assertThat(result).isInstanceOfSatisfying(Different.class, different -> {
            assertThat(different.before()).isEqualTo(Outcome.ALLOWED);
            assertThat(different.after()).isEqualTo(Outcome.DENIED);
            assertThat(different.rulesBefore()).containsExactly("policy0");
            assertThat(different.rulesAfter()).containsExactly("gate");
            assertThat(different.request().action().id()).isEqualTo("serve");
            assertThat(different.request().context().get("approvals")).isEqualTo(new LongValue(2));
        });
    }

    @Test
    void anErringForbidCounts() {
        assertThat(compare(
                        permit("true"),
                        permit("true") + "forbid(principal, action, resource) when { context.missing };",
                        null))
                .isInstanceOf(Different.class);
    }

    @Test
    void whatIsNotLookedIntoMayFailTooAndAFailingForbidDenies() {
        String overflowing = permit("true")
                + "forbid(principal, action, resource) when { context.approvals + 9223372036854775807 > 3 && false };";

        assertThat(compare(permit("true"), overflowing, SCHEMA))
                .isInstanceOfSatisfying(
                        Different.class,
                        different -> assertThat(different.after()).isEqualTo(Outcome.DENIED));
    }

    @Test
    void levelsCount() {
        String gate = "@level(\"LEVEL\") forbid(principal, action, resource) when { context has risk };";
        assertThat(compare(permit("true") + gate.replace("LEVEL", "advisory"), permit("true"), null))
                .isEqualTo(new Same());
        assertThat(compare(permit("true") + gate.replace("LEVEL", "soft"), permit("true"), null))
                .isInstanceOfSatisfying(
                        Different.class,
                        different -> assertThat(different.before()).isEqualTo(Outcome.DENIED_UNLESS_OVERRIDDEN));
        assertThat(compare(
                        permit("true") + gate.replace("LEVEL", "soft"),
                        permit("true") + gate.replace("LEVEL", "hard"),
                        null))
                .isInstanceOf(Different.class);
    }

    @Test
    void whatIsBeyondReachIsUnknownAndNamed() {
        assertThat(compare(permit("context.a + context.b > 3"), permit("context.b + context.a > 3"), null))
                .isInstanceOfSatisfying(
                        Unknown.class,
                        unknown -> assertThat(unknown.reasons())
                                .anySatisfy(reason -> assertThat(reason)
                                        .contains(
                                                "rule 'policy0'",
                                                "'context.a + context.b > 3'",
                                                "more than a comparison")));
    }

    @Test
    void whatTheSameUnknownDecidesIsTheSame() {
        assertThat(compare(
                        permit("context.a + context.b > 3 && principal in Role::\"x\""),
                        permit("if principal in Role::\"x\" then true else context.a + context.b < context.a")
                                .replace("permit", "forbid"),
                        null))
                .isNotInstanceOf(Same.class);
        assertThat(compare(
                        permit("principal in Role::\"x\" && context.a + context.b > 3"),
                        permit("!(!(principal in Role::\"x\") || !(context.a + context.b > 3))"),
                        null))
                .isEqualTo(new Same());
    }

    @Test
    void tooManyCasesAreUnknown() {
        StringBuilder one = new StringBuilder("true");
        StringBuilder other = new StringBuilder("true");
        for (int i = 0; i < 14; i++) {
            one.append(" && (context.a")
                    .append(i)
                    .append(" == context.b")
                    .append(i)
                    .append(" + 1)");
            other.append(" && (context.a")
                    .append(13 - i)
                    .append(" == 1 + context.b")
                    .append(13 - i)
                    .append(')');
        }

        assertThat(compare(permit(one.toString()), permit(other.toString()), null))
                .isInstanceOf(Unknown.class);
    }

    private static String permit(String condition) {
        return "permit(principal, action, resource) when { " + condition + " };";
    }

    private static Result compare(String before, String after, @Nullable Schema schema) {
        return PolicyComparison.of(PolicyParser.policySet(before), PolicyParser.policySet(after), schema);
    }
}
