package dev.modelops.samples.decisions;

import static dev.modelops.samples.decisions.Kinds.json;
import static dev.modelops.samples.decisions.Kinds.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.serving.Deployment;
import dev.modelops.testkit.ModelOpsTest;
import dev.modelops.testkit.People;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@ModelOpsTest
class RuleSetTest {
    private static final String QUESTION = "{'amount': 700, 'injured': false, 'claimsThisYear': 0}";

    @TempDir
    Path folder;

    @Test
    void theNextVersionDecidesAnew(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "claims", "rule-set", RuleSet.KIND)) {
            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("claims@1 {\"to\":\"clerk\",\"rule\":\"none\"}");

            desk.swap(Kinds.version("claims", 2));

            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("claims@2 {\"to\":\"pay\",\"rule\":\"small\"}");
        }
    }

    @Test
    void aVersionThatFailsItsGoldenInputsNeverServes(ModelOps ops, People people) throws IOException {
        try (Desk desk = Kinds.desk(ops, people, "claims", "rule-set", RuleSet.KIND)) {
            Path broken = Kinds.changed(Kinds.version("claims", 2), folder, "rules.json", "investigator", "clerk");

            Deployment.Status status = desk.swap(broken);

            assertThat(status.serving()).contains(ModelRef.parse("claims@1"));
            assertThat(status.failure().orElseThrow().step()).isEqualTo(Deployment.Step.PROBE);
        }
    }

    @Test
    void tellsWhatIsWatchedOfIt(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "claims", "rule-set", RuleSet.KIND)) {
            assertThat(desk.ask(json(QUESTION)).value().signals())
                    .isEqualTo(Map.of("to", "clerk", "rule", "none", "fitting", 0));
        }
    }

    @Test
    void itAlarmsWhenOneRuleDecidesAll(ModelOps ops, People people, MutableClock clock) throws IOException {
        List<String> usual = List.of("{'amount': 100}", "{'amount': 9000}", "{'amount': 700}");
        List<String> other = List.of("{'amount': 100, 'injured': true}", "{'amount': 9000, 'injured': true}");

        assertThat(Kinds.firing(
                        Kinds.team(ops, people), clock, RuleSet.KIND, Kinds.copied("claims", folder), usual, other))
                .contains("jensen-shannon:rule");
    }
}
