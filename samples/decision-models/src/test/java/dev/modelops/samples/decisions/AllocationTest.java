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
class AllocationTest {
    private static final String QUESTION =
            "{'repairs': [{'id': 'a', 'cost': 90, 'hours': 60, 'customer': 'household'}, {'id': 'b', 'cost': 95, 'hours': 4, 'customer': 'hospital'}]}";

    @TempDir
    Path folder;

    @Test
    void theNextVersionDecidesAnew(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "repairs", "optimisation", Allocation.KIND)) {
            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("repairs@1 {\"repairs\":[\"a\"]}");

            desk.swap(Kinds.version("repairs", 2));

            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("repairs@2 {\"repairs\":[\"b\"]}");
        }
    }

    @Test
    void aVersionThatFailsItsGoldenInputsNeverServes(ModelOps ops, People people) throws IOException {
        try (Desk desk = Kinds.desk(ops, people, "repairs", "optimisation", Allocation.KIND)) {
            Path broken = Kinds.changed(Kinds.version("repairs", 2), folder, "allocation.json", "20", "2");

            Deployment.Status status = desk.swap(broken);

            assertThat(status.serving()).contains(ModelRef.parse("repairs@1"));
            assertThat(status.failure().orElseThrow().step()).isEqualTo(Deployment.Step.PROBE);
        }
    }

    @Test
    void tellsWhatIsWatchedOfIt(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "repairs", "optimisation", Allocation.KIND)) {
            assertThat(desk.ask(json(QUESTION)).value().signals())
                    .isEqualTo(Map.of("outcome", "optimal", "objective", 60, "slack", 10));
        }
    }

    @Test
    void itAlarmsWhenThereIsNoSolution(ModelOps ops, People people, MutableClock clock) throws IOException {
        List<String> usual = List.of(
                "{'repairs': [{'id': 'a', 'cost': 60, 'hours': 9, 'customer': 'factory'}]}",
                "{'repairs': [{'id': 'a', 'cost': 40, 'hours': 9, 'customer': 'household'}]}");
        List<String> other = List.of(
                "{'repairs': [{'id': 'a', 'cost': 160, 'hours': 9, 'customer': 'factory', 'mandatory': true}]}");

        assertThat(Kinds.firing(
                        Kinds.team(ops, people), clock, Allocation.KIND, Kinds.copied("repairs", folder), usual, other))
                .contains("jensen-shannon:outcome");
    }
}
