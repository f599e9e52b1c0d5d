package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static dev.modelops.core.policy.Condition.fact;
import static dev.modelops.core.policy.Condition.metric;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.CommandId;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DecisionRenderingTest {
    private static final Action PROMOTE = Action.promote(RISK_3, PRODUCTION);

    private static final PolicySet SET = Rules.from(Policies.builtIn())
            .forbid("gate-auc")
            .description("A champion discriminates well.")
            .on(Type.PROMOTE)
            .unless(metric("auc").atLeast("0.80").and(metric("gini").atLeast("0.60")))
            .expects("an AUC of at least 0.80 and a Gini of at least 0.60")
            .remedy("train a better version")
            .mask("metrics.gini")
            .forbid("freeze")
            .description("Nothing changes during a freeze.")
            .on(Type.PROMOTE)
            .unless(fact("calendar.frozen").isFalse().or(fact("incident.open").isTrue()))
            .level(Level.SOFT)
            .remedy("wait for the end of the freeze")
            .obligation("notify(release-board)")
            .forbid("revalidation")
            .description("Models are validated anew each year.")
            .on(Type.PROMOTE)
            .unless(fact("validation.overdue").isFalse())
            .level(Level.ADVISORY)
            .expects("a validation within the last year")
            .remedy("have the model validated anew")
            .permit("break-glass")
            .description("On-call staff pass soft gates.")
            .role(Role.of("on-call"))
            .on(Type.OVERRIDE)
            .obligation("open-review")
            .build();

    private static final Map<String, Object> FACTS = Map.of(
            "approvals.independent",
            0L,
            "approvals.rejections",
            1L,
            "resource.author",
            "https://id.example.org|bob",
            "resource.promotable",
            true,
            "signature.trusted",
            true,
            "metrics.auc",
            new BigDecimal("0.7512"),
            "metrics.gini",
            new BigDecimal("0.5024"),
            "calendar.frozen",
            true,
            "validation.overdue",
            true,
            "required.gates",
            List.of());

    private static Decision decide(Set<Role> roles, Action action) {
        return PolicyEngine.compile(SET).decide(request(ADA, roles, action, FACTS), Set.of());
    }

    private static final Deny REFUSED = (Deny) decide(Set.of(Role.RELEASE_MANAGER), PROMOTE);

    private static Decision decide(Set<Role> roles, Action action, Map<String, Object> changes) {
        Map<String, Object> facts = new HashMap<>(FACTS);
        facts.putAll(changes);
        return PolicyEngine.compile(SET).decide(request(ADA, roles, action, facts), Set.of());
    }

    private static final Decision OVERRIDDEN = decide(
            Set.of(Role.RELEASE_MANAGER, Role.of("on-call")),
            PROMOTE.overriding("INC-4711"),
            Map.of(
                    "approvals.independent",
                    1L,
                    "approvals.rejections",
                    0L,
                    "metrics.auc",
                    new BigDecimal("0.82"),
                    "metrics.gini",
                    new BigDecimal("0.64")));

    @Test
    void whoeverIsRefusedLearnsOnOneScreenWhatIsMissingAndWhomToAsk() {
        String text = """
                'promote credit-risk@3 in production' by https://id.example.org|ada was refused: 4 conditions are
                not met.
                [freeze] (soft)
                  needs   either !context.calendar.frozen or context.incident.open
                  remedy  wait for the end of the freeze; or have it overridden for a reason (who may: on-call)
                [gate-approval]
                  needs   at least one approval for this environment by a validator who is not the author, given on
                          exactly this artifact and evidence
                  remedy  ask a validator to approve the version; evidence attached later voids earlier approvals
                          (who may approve: validator)
                [gate-auc]
                  needs   an AUC of at least 0.80 and a Gini of at least 0.60
                  remedy  train a better version
                [gate-rejection]
                  needs   no rejection that stands for this environment
                  remedy  settle the objection with the validator, who can then withdraw it (who may withdraw:
                          validator)
                Not met either, but advisory only: revalidation
                Decided at position 7 of the log by policy set %s""".formatted(SET.digest().toString().substring(0, 19));
        assertThat(REFUSED.forUser()).isEqualTo(text);
        assertThat(new AccessDeniedException(
                        "'promote credit-risk@3 in production' by https://id.example.org|ada", REFUSED))
                .hasMessage(text);
    }

    @Test
    void anAuditorLearnsEverything() {
        assertThat(REFUSED.forAuditor()).isEqualTo("""
                DENY, FORBIDDEN: 'promote credit-risk@3 in production' by https://id.example.org|ada
                decided at 2026-01-01T12:00:00Z on position 7 of the log
                policy set %s
                determined by
                  forbid freeze: Nothing changes during a freeze.
                  forbid gate-approval: Production needs an independent approval, and so does whatever environment
                  requires this gate.
                  forbid gate-auc: A champion discriminates well.
                  forbid gate-rejection: A rejection that stands bars production, and whatever environment requires
                  this gate.
                not met
                  [freeze] soft
                    needs   either !context.calendar.frozen or context.incident.open
                    found   calendar.frozen is true, incident.open is absent
                    remedy  wait for the end of the freeze; or have it overridden for a reason (who may: on-call)
                  [gate-approval] hard
                    needs   at least one approval for this environment by a validator who is not the author, given
                            on exactly this artifact and evidence
                    found   approvals.independent is 0
                    remedy  ask a validator to approve the version; evidence attached later voids earlier approvals
                            (who may approve: validator)
                  [gate-auc] hard
                    needs   an AUC of at least 0.80 and a Gini of at least 0.60
                    found   metrics.auc is 0.7512 (needs context.metrics.auc.greaterThanOrEqual(decimal("0.8")))
                    remedy  train a better version
                  [gate-auc] hard
                    needs   an AUC of at least 0.80 and a Gini of at least 0.60
                    found   metrics.gini is (masked) (needs context.metrics.gini.greaterThanOrEqual(decimal("0.6")))
                    remedy  train a better version
                  [gate-rejection] hard
                    needs   no rejection that stands for this environment
                    found   approvals.rejections is 1
                    remedy  settle the objection with the validator, who can then withdraw it (who may withdraw:
                            validator)
                  [revalidation] advisory
                    needs   a validation within the last year
                    found   validation.overdue is true
                    remedy  have the model validated anew
                facts used
                  approvals.independent = 0
                  approvals.rejections = 1
                  calendar.frozen = true
                  environment = production
                  metrics.auc = 0.7512
                  metrics.gini = (masked)
                  required.gates = []
                  validation.overdue = true""".formatted(SET.digest()));
    }

    @Test
    void anOverrideTellsWhatWasPassedWhyByWhomAndWhatFallsDue() {
        assertThat(OVERRIDDEN.forUser())
                .isEqualTo("""
                'promote credit-risk@3 in production, overriding soft rules' by https://id.example.org|ada is
                allowed; 1 condition is overridden:
                [freeze] (soft)
                  needs   either !context.calendar.frozen or context.incident.open
                Not met either, but advisory only: revalidation
                To be seen to: notify(release-board), open-review
                Decided at position 7 of the log by policy set %s""".formatted(SET.digest().toString().substring(0, 19)));
        assertThat(OVERRIDDEN.forAuditor()).isEqualTo("""
                ALLOW: 'promote credit-risk@3 in production, overriding soft rules' by https://id.example.org|ada
                decided at 2026-01-01T12:00:00Z on position 7 of the log
                policy set %s
                Cedar itself would deny: it knows no levels, required gates or overrides, and passes over rules that
                fail
                determined by
                  permit release-manager-releases: Release managers move champions, aliases, tags and the life
                  cycle, stop what serves, and have challengers tried.
                not met
                  [freeze] soft
                    needs   either !context.calendar.frozen or context.incident.open
                    found   calendar.frozen is true, incident.open is absent
                    remedy  wait for the end of the freeze; or have it overridden for a reason (who may: on-call)
                  [revalidation] advisory
                    needs   a validation within the last year
                    found   validation.overdue is true
                    remedy  have the model validated anew
                overridden
                  rules         freeze
                  reason        INC-4711
                  permitted by  break-glass
                obligations
                  notify(release-board) of rule freeze
                  open-review of rule break-glass
                facts used
                  calendar.frozen = true
                  validation.overdue = true""".formatted(SET.digest()));
    }

    @Test
    void theEvidenceOfAConditionIsWhatItReadAndWhoseApprovalsCountedWithinMasks() {
        Decision refused = decide(
                Set.of(Role.RELEASE_MANAGER),
                PROMOTE.as(CommandId.of("release-7")),
                Map.of("approvals.by", List.of(Principal.of("https://id.example.org", "vera"))));

        assertThat(refused.toJson())
                .startsWith("{\"v\":1,\"id\":\"release-7\",\"outcome\":\"deny\"")
                .contains(
                        "\"evidence\":{\"approvals.independent\":0,\"approvals.by\":[\"https://id.example.org|vera\"]}}",
                        "\"evidence\":{\"metrics.auc\":0.7512}}",
                        "\"evidence\":{\"metrics.gini\":\"(masked)\"}}");
        assertThat(refused.forUser()).doesNotContain("vera", "0.7512");
    }

    @Test
    void whomToAskIsSaidInWords() {
        PolicySet set = Rules.from(Policies.builtIn())
                .forbid("papers")
                .on(Action.Type.PROMOTE)
                .unless(fact("documents").containsAll("report"))
                .expects("a report")
                .fix(Action.Type.ATTACH_EVIDENCE)
                .build();
        Decision refused =
                PolicyEngine.compile(set).decide(request(ADA, Set.of(Role.RELEASE_MANAGER), PROMOTE, FACTS), Set.of());

        assertThat(refused.forUser()).containsPattern("\\(who may attach evidence:\\s+data-scientist, validator\\)");
    }

    @Test
    void theJsonOfADecisionStaysAsItIs() {
        String first =
                "{\"v\":1,\"outcome\":\"allow\",\"principal\":\"https://id.example.org|ada\",\"action\":\"promote\","
                        + "\"resource\":\"credit-risk@3\",\"environment\":\"production\",\"at\":\"2026-01-01T12:00:00Z\",\"asOf\":7,"
                        + "\"policy\":\"" + SET.digest() + "\",";
        assertThat(OVERRIDDEN.toJson())
                .isEqualTo(first
                        + "\"determining\":[{\"rule\":\"release-manager-releases\",\"effect\":\"permit\","
                        + "\"reason\":\"Release managers move champions, aliases, tags and the life cycle, stop what serves, and have challengers tried.\"}],"
                        + "\"unmet\":[{\"rule\":\"freeze\",\"level\":\"soft\",\"fact\":\"calendar.frozen, incident.open\","
                        + "\"expected\":\"either !context.calendar.frozen or context.incident.open\","
                        + "\"actual\":\"calendar.frozen is true, incident.open is absent\","
                        + "\"remedy\":\"wait for the end of the freeze; or have it overridden for a reason (who may: on-call)\","
                        + "\"evidence\":{\"calendar.frozen\":true}},"
                        + "{\"rule\":\"revalidation\",\"level\":\"advisory\",\"fact\":\"validation.overdue\","
                        + "\"expected\":\"a validation within the last year\",\"actual\":\"validation.overdue is true\","
                        + "\"remedy\":\"have the model validated anew\",\"evidence\":{\"validation.overdue\":true}}],"
                        + "\"erred\":[],"
                        + "\"obligations\":[{\"rule\":\"freeze\",\"id\":\"notify\",\"parameters\":\"release-board\"},"
                        + "{\"rule\":\"break-glass\",\"id\":\"open-review\",\"parameters\":\"\"}],"
                        + "\"override\":{\"reason\":\"INC-4711\",\"rules\":[\"freeze\"],\"permittedBy\":[\"break-glass\"]},"
                        + "\"facts\":{\"calendar.frozen\":true,\"validation.overdue\":true},"
                        + "\"cedarOutcome\":\"deny\"}");
        PolicySet set = Rules.create()
                .forbid("gate")
                .unless(fact("note")
                        .is("x")
                        .and(fact("names").containsAll("a"))
                        .and(fact("n").atLeast(2)))
                .expects("\"x\"\n")
                .remedy("r")
                .build();
        Decision erring = PolicyEngine.compile(set)
                .decide(
                        request(
                                Role.ADMIN,
                                Action.audit(),
                                Map.of("note", "a\"\\\u0001\ud800", "names", List.of("b", "a"), "n", "many")),
                        Set.of());
        assertThat(erring.toJson())
                .isEqualTo(
                        "{\"v\":1,\"outcome\":\"deny\",\"cause\":\"FORBIDDEN\",\"principal\":\"https://id.example.org|ada\","
                                + "\"action\":\"audit\",\"resource\":\"log\",\"at\":\"2026-01-01T12:00:00Z\",\"asOf\":7,"
                                + "\"policy\":\"" + set.digest() + "\","
                                + "\"determining\":[{\"rule\":\"gate\",\"effect\":\"forbid\"}],"
                                + "\"unmet\":[{\"rule\":\"gate\",\"level\":\"hard\",\"fact\":\"note\","
                                + "\"expected\":\"\\\"x\\\"\\n\","
                                + "\"actual\":\"note is 'a\\\"\\\\\\u0001\\ud800' (needs context.note == \\\"x\\\")\","
                                + "\"remedy\":\"r\",\"evidence\":{\"note\":\"a\\\"\\\\\\u0001\\ud800\"}},"
                                + "{\"rule\":\"gate\",\"level\":\"hard\",\"fact\":\"n\","
                                + "\"expected\":\"\\\"x\\\"\\n\","
                                + "\"actual\":\"n is 'many' (expected a Long, found a String) (needs context.n >= 2)\","
                                + "\"remedy\":\"r\",\"evidence\":{\"n\":\"many\"}},"
                                + "{\"rule\":\"default-deny\",\"level\":\"hard\",\"fact\":\"\","
                                + "\"expected\":\"a rule that permits this\","
                                + "\"actual\":\"no rule for action 'audit' on log by https://id.example.org|ada\","
                                + "\"remedy\":\"have the policy set changed if this should be permitted\"}],"
                                + "\"erred\":[],\"obligations\":[],"
                                + "\"facts\":{\"n\":\"many\",\"names\":[\"a\",\"b\"],\"note\":\"a\\\"\\\\\\u0001\\ud800\"},"
                                + "\"cedarOutcome\":\"deny\"}");
    }

    @Test
    void anErringRuleIsNamedWithItsKindAndPlace() {
        Decision deny = decide(Set.of(Role.RELEASE_MANAGER), PROMOTE, Map.of("approvals.independent", "many"));
        assertThat(deny.toJson())
                .contains("\"erred\":[{\"rule\":\"gate-approval\",\"kind\":\"type\","
                        + "\"where\":\"context.approvals.independent >= 1\"}]");
        assertThat(deny.forAuditor())
                .contains("\ncould not be evaluated\n  gate-approval: type in context.approvals.independent >= 1\n");
    }

    @Test
    void whoeverIsRefusedLearnsNoValuesButTheirOwnRoles() {
        assertThat(REFUSED.forUser()).doesNotContain("0.7512", "0.5024", "bob", "is true", "is 1");
        Decision stranger = decide(Set.of(Role.AUDITOR), Action.approve(RISK_3, PRODUCTION));
        assertThat(stranger.forUser()).contains("\n  needs   the role validator\n  found   the role auditor\n");
    }

    @Test
    void aMaskedValueIsNowhere() {
        Decision erring = decide(
                Set.of(Role.RELEASE_MANAGER), PROMOTE, Map.of("metrics.gini", "secret gini", "metrics.auc", "0.99"));
        for (Decision decision : List.of(REFUSED, erring)) {
            for (String text :
                    List.of(decision.forUser(), decision.forAuditor(), decision.toJson(), decision.toString())) {
                assertThat(text).doesNotContain("0.5024", "secret gini");
            }
        }
        assertThat(REFUSED.toJson()).contains("\"metrics.gini\":\"(masked)\"");
    }

    @Test
    void aMaskCoversAllRulesAllPathsAndBothRoundings() {
        PolicySet set = Rules.create()
                .forbid("one")
                .unless(metric("loss").atMost("0.10"))
                .forbid("two")
                .unless(fact("person.name").is("x"))
                .forbid("other")
                .when(fact("never").isTrue())
                .mask("metrics", "person")
                .build();
        Decision decision = PolicyEngine.compile(set)
                .decide(
                        request(
                                Role.ADMIN,
                                Action.audit(),
                                Map.of("metrics.loss", new BigDecimal("0.7773"), "person.name", "Eve", "never", false)),
                        Set.of());
        assertThat(decision.toString()).contains("(masked)").doesNotContain("0.7773", "0.7774", "Eve");
    }

    @Test
    void howeverMuchIsMissingItFitsOneScreenAndEachRuleIsNamed() {
        for (int rules : new int[] {1, 5, 8, 11, 15, 21, 22, 23, 40}) {
            Rules set = Rules.create();
            for (int i = 0; i < rules; i++) {
                set.forbid("gate-" + (char) ('a' + i % 26) + i)
                        .unless(fact("ok").isTrue())
                        .expects("something that takes very long to say: " + "very ".repeat(40) + "long")
                        .remedy("ask " + "somebody ".repeat(30));
            }
            Decision decision =
                    PolicyEngine.compile(set.build()).decide(request(Role.ADMIN, Action.audit(), Map.of()), Set.of());
            String text = decision.forUser();
            assertThat(text.lines().count()).as("%d rules", rules).isLessThanOrEqualTo(24);
            assertThat(text.lines()).as("%d rules", rules).allMatch(line -> line.length() <= 100);
            for (String rule : decision.rules().subList(0, Math.min(rules, 20))) {
                assertThat(text).contains("[" + rule + "]");
            }
            if (rules == 40) {
                assertThat(text).contains("and 20 more: [");
            }
        }
    }

    @Test
    void noNameCanAddALineOrTurnTheText() {
        PolicySet set = Rules.create()
                .permit("p")
                .forbid("gate")
                .unless(fact("note").is("x"))
                .expects("a\nDecided otherwise")
                .remedy("\u202efix\u2028it")
                .build();
        Decision decision = PolicyEngine.compile(set)
                .decide(request(Role.ADMIN, Action.audit(), Map.of("note", "1\r\nALLOW")), Set.of());
        assertThat(decision.forUser().lines()).hasSize(5);
        assertThat(decision.forAuditor())
                .doesNotContain("\r", "\u202e", "\u2028")
                .contains("found   note is '1  ALLOW'");
    }

    @Test
    void aFailedConjunctionTellsEachPartAndADisjunctionEachWayOut() {
        PolicySet set = Rules.create()
                .permit("p")
                .forbid("all-of")
                .unless(fact("a").isTrue().and(fact("b").isTrue()).and(fact("c").isTrue()))
                .forbid("any-of")
                .unless(fact("a").isTrue().or(fact("b").isTrue().and(fact("d").isTrue())))
                .expects("one or the other")
                .forbid("neither")
                .when(fact("e").isTrue().or(fact("f").is("x")))
                .build();
        Decision decision = PolicyEngine.compile(set)
                .decide(
                        request(
                                Role.ADMIN,
                                Action.audit(),
                                Map.of("a", false, "b", false, "c", true, "d", true, "e", true, "f", "x")),
                        Set.of());
        assertThat(decision.unmet())
                .extracting(unmet -> unmet.rule() + ": " + unmet.expected() + ": " + unmet.actual())
                .containsExactly(
                        "all-of: context.a: a is false",
                        "all-of: context.b: b is false",
                        "any-of: one or the other:"
                                + " a is false, b is false, d is true (needs either context.a or context.b && context.d)",
                        "neither: !context.e: e is true",
                        "neither: context.f != \"x\": f is 'x'");
    }

    @Test
    void withoutANearerPermitTheScopesThatDoNotFitAreTold() {
        PolicySet set = Rules.create()
                .permit("for-another-model")
                .on(Type.READ)
                .model(ModelName.of("other"))
                .build();
        Decision decision =
                PolicyEngine.compile(set).decide(request(Role.ADMIN, Action.read(RISK_3.name()), Map.of()), Set.of());
        assertThat(decision.unmet())
                .containsExactly(new Requirement(
                        "for-another-model",
                        Level.HARD,
                        "resource",
                        "resource in Model::\"other\"",
                        "resource is credit-risk",
                        "have a rule added that permits this, if it should be permitted"));
    }

    @Test
    void aDecisionThatTellsNothingMoreIsRenderedAllTheSame() {
        Decision bare = new Decision.Deny(
                Decision.Cause.NARROWED,
                List.of("host"),
                List.of(new Requirement("host", "a weekday", "a Sunday", "wait until Monday")),
                SET.digest(),
                REFUSED.asOf(),
                REFUSED.at());
        assertThat(bare.forUser())
                .startsWith("the request was refused: 1 condition is not met.\n[host]\n  needs   a weekday\n");
        assertThat(bare.forAuditor()).startsWith("DENY, NARROWED\n").contains("\ndetermined by\n  host\n");
        assertThat(bare.toJson()).startsWith("{\"v\":1,\"outcome\":\"deny\",\"cause\":\"NARROWED\",\"at\":");
    }
}
