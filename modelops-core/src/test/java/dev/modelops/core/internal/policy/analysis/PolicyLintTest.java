package dev.modelops.core.internal.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.analysis.Finding.Kind;
import dev.modelops.core.internal.policy.analysis.Finding.Severity;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyLintTest {
    private static final Schema SCHEMA = SchemaText.read("""
            entity Role;
            entity User in [Role] { level: Long };
            entity Model;
            entity Version in [Model] { status: String, author?: User };
            action promote appliesTo { principal: User, resource: Version,
                context: { approvals: Long, drift?: Long, signed: Bool, docs: Set<String> } };
            action read appliesTo { principal: User, resource: [Version, Model] };
            """);

    static Stream<Arguments> suspects() {
        return Stream.of(
                suspect(
                        "permit(principal, action, resource) when { context.n > 3 && context.n < 3 };",
                        Kind.NEVER_TRUE),
                suspect(
                        "permit(principal == User::\"a\", action, resource) when { principal == User::\"b\" };",
                        Kind.NEVER_TRUE),
                suspect("permit(principal is User, action, resource) when { principal is Service };", Kind.NEVER_TRUE),
                suspect(
                        "permit(principal, action == Action::\"a\", resource) when { action == Action::\"b\" };",
                        Kind.NEVER_TRUE),
                suspect(
                        "permit(principal is User in Role::\"x\", action, resource)"
                                + " unless { principal in Role::\"x\" };",
                        Kind.NEVER_TRUE),
                suspect("forbid(principal, action, resource) when { 1 == 2 };", Kind.NEVER_TRUE),
                suspect(
                        "forbid(principal, action, resource) when { 1 + 1 == 3 || \"a\" like \"b*\" };",
                        Kind.NEVER_TRUE),
                suspect("forbid(principal, action, resource) unless { true };", Kind.NEVER_TRUE),
                suspect("forbid(principal, action, resource) when { 1 < \"a\" };", Kind.NEVER_TRUE),
                suspect("permit(principal, action in [], resource);", Kind.UNREACHABLE_SCOPE),
                suspect("permit(principal, action, resource) when { true };", Kind.ALWAYS_TRUE),
                suspect(
                        "permit(principal, action, resource)"
                                + " when { principal in Role::\"a\" || !(principal in Role::\"a\") };",
                        Kind.ALWAYS_TRUE),
                suspect(
                        "permit(principal == User::\"a\", action, resource) when { principal is User };",
                        Kind.ALWAYS_TRUE),
                suspect(
                        "permit(principal, action, resource) when { context has n && context.n == 1 };"
                                + "permit(principal, action, resource) when { context has n && context.n == 1 };",
                        Kind.DUPLICATE),
                suspect(
                        "permit(principal in Role::\"a\", action == Action::\"x\", resource);"
                                + "forbid(principal, action in [Action::\"x\", Action::\"y\"], resource);",
                        Kind.COVERED_BY_FORBID),
                suspect(
                        "permit(principal, action, resource);"
                                + "forbid(principal, action, resource) when { context has n };"
                                + "forbid(principal, action, resource) unless { context has n };",
                        Kind.COVERED_BY_FORBID),
                suspect(
                        "permit(principal in Role::\"a\", action, resource);"
                                + "permit(principal in Role::\"a\", action, resource is Model);",
                        Kind.SHADOWED),
                suspect(
                        "forbid(principal, action, resource) when { context has n && context.n < 10 };"
                                + "forbid(principal, action, resource) when { context has n && context.n < 5 };",
                        Kind.SHADOWED),
                suspect("permit(principal, action, resource) when { principal in \"admins\" };", Kind.TEXT_WITH_IN),
                suspect(
                        "permit(principal, action, resource) when { \"a\" in [Role::\"a\", \"b\"] };",
                        Kind.TEXT_WITH_IN));
    }

    @ParameterizedTest
    @MethodSource("suspects")
    void whatCannotBeMeantIsFound(String text, Kind kind) {
        assertThat(PolicyLint.of(PolicyParser.policySet(text), null))
                .extracting(Finding::kind)
                .containsOnly(kind);
    }

    static Stream<Arguments> suspectsForSchema() {
        return Stream.of(
                suspect("forbid(principal, action, resource is Nothing);", Kind.INVALID),
                suspect(
                        "forbid(principal, action == Action::\"promote\", resource) when { context.drift > 3 };",
                        Kind.MISSING_HAS),
                suspect(
                        "forbid(principal, action == Action::\"promote\", resource) when { context.drfit > 3 };",
                        Kind.UNKNOWN_ATTRIBUTE),
                suspect(
                        "forbid(principal, action == Action::\"promote\", resource)"
                                + " when { context has window && context.window has open && context.window.open };",
                        Kind.UNKNOWN_ATTRIBUTE),
                suspect("permit(principal, action == Action::\"promote\", resource is Model);", Kind.UNREACHABLE_SCOPE),
                suspect(
                        "permit(principal, action == Action::\"promote\", resource)"
                                + " when { context.approvals > 2 && context.approvals == 1 };",
                        Kind.NEVER_TRUE),
                suspect(
                        "permit(principal, action == Action::\"promote\", resource)"
                                + " when { context.approvals > 2 || context.approvals <= 2 };",
                        Kind.ALWAYS_TRUE),
                suspect(
                        "permit(principal, action == Action::\"promote\", resource) when { resource.status in"
                                + " [\"a\"] };",
                        Kind.INVALID));
    }

    @ParameterizedTest
    @MethodSource("suspectsForSchema")
    void aSchemaShowsMore(String text, Kind kind) {
        assertThat(PolicyLint.of(PolicyParser.policySet(text), SCHEMA))
                .extracting(Finding::kind)
                .contains(kind)
                .doesNotContain(Kind.NOT_DECIDED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit(principal, action, resource);",
                "permit(principal in Role::\"a\", action, resource);"
                        + "forbid(principal, action, resource) unless { context has n && context.n >= 2 };",
                "permit(principal, action, resource) when { context.a > 3 };",
                "permit(principal, action, resource) when { context.a == context.b };",
                "permit(principal in Role::\"a\", action == Action::\"x\", resource);"
                        + "permit(principal in Role::\"b\", action == Action::\"x\", resource);",
                "permit(principal, action, resource) when { resource has author && resource.author == principal };",
                "forbid(principal, action, resource) when { context.n like \"a*\" };"
            })
    void whatMayBeMeantIsLeftAlone(String text) {
        assertThat(PolicyLint.of(PolicyParser.policySet(text), null)).isEmpty();
    }

    @Test
    void findingsSayWhatWhyAndWhatToDo() {
        List<Finding> found = PolicyLint.of(
                PolicyParser.policySet("@id(\"all\") permit(principal, action, resource);"
                        + "@id(\"stop\") forbid(principal, action, resource);"),
                null);

        assertThat(found)
                .containsExactly(new Finding(
                        "all",
                        Kind.COVERED_BY_FORBID,
                        Severity.WARNING,
                        "whatever it permits, 'stop' forbids, so it permits nothing; narrow the forbid, or remove the"
                                + " permit"));
    }

    @Test
    void ofTwoThatDoTheSameOnlyOneIsCalledShadowed() {
        assertThat(PolicyLint.of(
                        PolicyParser.policySet("permit(principal, action, resource) when { context has a };"
                                + "permit(principal, action, resource) unless { !(context has a) };"),
                        null))
                .singleElement()
                .satisfies(found -> {
                    assertThat(found.policy()).isEqualTo("policy1");
                    assertThat(found.kind()).isEqualTo(Kind.SHADOWED);
                });
    }

    private static Arguments suspect(String text, Kind kind) {
        return Arguments.of(text, kind);
    }

    @Test
    void aPolicyThatCannotStayAsItIsShadowsNoOther() {
        String wrong = "@id(\"wrong\") forbid(principal, action, resource) when { context.nowhere };";
        String others = "@id(\"drift\") forbid(principal, action == Action::\"promote\", resource)"
                + " when { context.approvals < 1 };"
                + "@id(\"all\") permit(principal, action, resource);";

        assertThat(PolicyLint.of(PolicyParser.policySet(wrong + others), SCHEMA))
                .allSatisfy(found -> assertThat(found.policy()).isEqualTo("wrong"))
                .anySatisfy(found -> assertThat(found.severity()).isEqualTo(Severity.ERROR));
    }
}
