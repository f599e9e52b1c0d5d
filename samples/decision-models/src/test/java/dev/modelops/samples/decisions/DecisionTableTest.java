package dev.modelops.samples.decisions;

import static dev.modelops.samples.decisions.Kinds.json;
import static dev.modelops.samples.decisions.Kinds.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.serving.Deployment;
import dev.modelops.testkit.ModelOpsTest;
import dev.modelops.testkit.People;
import java.io.IOException;
import java.nio.file.Path;
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
}
