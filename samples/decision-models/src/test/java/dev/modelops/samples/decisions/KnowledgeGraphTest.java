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
class KnowledgeGraphTest {
    private static final String QUESTION = "{'subject': 'filter-9', 'relation': 'partOf'}";

    @TempDir
    Path folder;

    @Test
    void theNextVersionDecidesAnew(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "plant", "knowledge-graph", KnowledgeGraph.KIND)) {
            assertThat(told(desk.ask(json(QUESTION)))).isEqualTo("plant@1 {\"answers\":[]}");

            desk.swap(Kinds.version("plant", 2));

            assertThat(told(desk.ask(json(QUESTION))))
                    .isEqualTo("plant@2 {\"answers\":[\"line-2\",\"plant\",\"pump-7\"]}");
        }
    }

    @Test
    void aVersionThatFailsItsGoldenInputsNeverServes(ModelOps ops, People people) throws IOException {
        try (Desk desk = Kinds.desk(ops, people, "plant", "knowledge-graph", KnowledgeGraph.KIND)) {
            Path broken = Kinds.changed(Kinds.version("plant", 2), folder, "rules.json", ", \"feeds\"", "");

            Deployment.Status status = desk.swap(broken);

            assertThat(status.serving()).contains(ModelRef.parse("plant@1"));
            assertThat(status.failure().orElseThrow().step()).isEqualTo(Deployment.Step.PROBE);
        }
    }

    @Test
    void tellsWhatIsWatchedOfIt(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "plant", "knowledge-graph", KnowledgeGraph.KIND)) {
            assertThat(desk.ask(json(QUESTION)).value().signals())
                    .isEqualTo(Map.of("outcome", "empty", "relation", "partOf", "answers", 0));
        }
    }

    @Test
    void itAlarmsWhenItHasNoAnswers(ModelOps ops, People people, MutableClock clock) throws IOException {
        List<String> usual =
                List.of("{'subject': 'seal-3', 'relation': 'partOf'}", "{'subject': 'pump-7', 'relation': 'madeBy'}");
        List<String> other = List.of(
                "{'subject': 'filter-9', 'relation': 'partOf'}", "{'subject': 'filter-9', 'relation': 'madeBy'}");

        assertThat(Kinds.firing(
                        Kinds.team(ops, people),
                        clock,
                        KnowledgeGraph.KIND,
                        Kinds.copied("plant", folder),
                        usual,
                        other))
                .contains("jensen-shannon:outcome");
    }
}
