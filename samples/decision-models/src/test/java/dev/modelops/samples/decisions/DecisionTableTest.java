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
class DecisionTableTest {
    private static final String QUESTION = "{'age': 45, 'claims': 0, 'region': 'city'}";

    @TempDir
    Path folder;

    @Test
    void theNextVersionDecidesAnew(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "tariff", "decision-table", DecisionTable.KIND)) {
            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("tariff@1 {\"tariff\":\"B\"}");

            desk.swap(Kinds.version("tariff", 2));

            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("tariff@2 {\"tariff\":\"C\"}");
        }
    }

    @Test
    void aVersionThatFailsItsGoldenInputsNeverServes(ModelOps ops, People people) throws IOException {
        try (Desk desk = Kinds.desk(ops, people, "tariff", "decision-table", DecisionTable.KIND)) {
            Path broken = Kinds.changed(Kinds.version("tariff", 2), folder, "tariff.dmn", "< 23", "< 18");

            Deployment.Status status = desk.swap(broken);

            assertThat(status.serving()).contains(ModelRef.parse("tariff@1"));
            assertThat(status.failure().orElseThrow().step()).isEqualTo(Deployment.Step.PROBE);
        }
    }

    @Test
    void tellsWhatIsWatchedOfIt(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "tariff", "decision-table", DecisionTable.KIND)) {
            assertThat(desk.ask(json(QUESTION)).value().signals()).isEqualTo(Map.of("tariff", "B", "rule", "city"));
        }
    }

    @Test
    void itAlarmsWhenNoRuleFits(ModelOps ops, People people, MutableClock clock) throws IOException {
        List<String> usual = List.of(
                "{'age': 45, 'claims': 0, 'region': 'city'}",
                "{'age': 20, 'claims': 0, 'region': 'city'}",
                "{'age': 60, 'claims': 1, 'region': 'country'}");
        List<String> other =
                List.of("{'age': 45, 'claims': 0, 'region': 'sea'}", "{'age': 20, 'claims': 0, 'region': 'city'}");

        assertThat(Kinds.firing(
                        Kinds.team(ops, people),
                        clock,
                        DecisionTable.KIND,
                        Kinds.copied("tariff", folder),
                        usual,
                        other))
                .contains("jensen-shannon:rule", "jensen-shannon:tariff");
    }
}
