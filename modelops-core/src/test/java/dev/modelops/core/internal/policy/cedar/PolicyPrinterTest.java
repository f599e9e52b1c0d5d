package dev.modelops.core.internal.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyPrinterTest {
    @Test
    void policiesArePrintedForReaders() {
        String text = """
                @description("Two approvals, \\"fresh\\"")
                @id("gate")
                @shadow
                forbid (
                    principal is Bank::User in Role::"owner",
                    action in [Action::"promote", Action::"rollback"],
                    resource
                )
                when {
                    context has environment &&
                    context.environment == Environment::"production" &&
                    (context.n < 3 || resource.tier == "high")
                }
                unless {
                    context.approvals >= 2
                };
                """;
        assertThat(PolicyPrinter.print(PolicyParser.policy(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permit (\n    principal == ?principal,\n    action == Action::\"a\",\n    resource is R in ?resource\n);\n",
                "permit (\n    principal in ?principal,\n    action in [],\n    resource in R::\"\\u{202e}\\0\"\n);\n",
                "permit (\n    principal,\n    action in Action::\"a\",\n    resource\n)\n"
                        + "when {\n    1 - (2 - -3) == -(4) && !(-context.a)\n};\n",
                "permit (\n    principal,\n    action,\n    resource\n)\n"
                        + "when {\n    true ||\n    (false || true) ||\n    (if true then 1 else 2)\n};\n",
                "permit (\n    principal,\n    action,\n    resource\n)\nwhen {\n    if true then 1 else 2\n};\n"
            })
    void textsAreTheirOwnPrint(String text) {
        String printed = PolicyPrinter.print(PolicyParser.policy(text));
        assertThat(PolicyParser.policy(printed)).isEqualTo(PolicyParser.policy(text));
        assertThat(PolicyPrinter.print(PolicyParser.policy(printed))).isEqualTo(printed);
        if (!text.contains("-(4)")) {
            assertThat(printed).isEqualTo(text);
        }
    }

    @Test
    void setsArePrintedByIdWithLinksWrittenOut() {
        CedarPolicySet set = PolicyParser.policySet("""
                        permit(principal, action, resource);
                        @id("a-template") forbid(principal == ?principal, action, resource);
                        """)
                .link("linked", TemplateLink.of("a-template", Map.of(Slot.PRINCIPAL, new EntityUid("User", "eve"))));
        assertThat(PolicyPrinter.print(set)).isEqualTo("""
                        @id("a-template")
                        forbid (
                            principal == ?principal,
                            action,
                            resource
                        );

                        // linked to the template "a-template"
                        @id("linked")
                        forbid (
                            principal == User::"eve",
                            action,
                            resource
                        );

                        @id("policy0")
                        permit (
                            principal,
                            action,
                            resource
                        );
                        """);
        assertThat(PolicyParser.policySet(PolicyPrinter.print(set)).statics()).containsOnlyKeys("linked", "policy0");
        assertThat(PolicyPrinter.print(PolicyParser.policySet(""))).isEmpty();
    }

    @Test
    void commentsAboutLinksCannotBeBrokenOutOf() {
        String id = "t\npermit(principal, action, resource);";
        CedarPolicySet set = new CedarPolicySet(
                        new TreeMap<>(),
                        new TreeMap<>(
                                Map.of(id, PolicyParser.policy("forbid(principal == ?principal, action, resource);"))),
                        new TreeMap<>())
                .link("l", TemplateLink.of(id, Map.of(Slot.PRINCIPAL, new EntityUid("User", "eve"))));
        assertThat(PolicyParser.policies(PolicyPrinter.print(set)))
                .extracting(CedarPolicy::effect)
                .containsOnly(CedarPolicy.Effect.FORBID);
    }
}
