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
class AssistantTest {
    private static final String QUESTION = "{'message': 'I want my money back for 4711'}";

    @TempDir
    Path folder;

    @Test
    void theNextVersionDecidesAnew(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "assistant", "agent", Assistant.on(ScriptedModel::named))) {
            assertThat(told(desk.ask(json(QUESTION))))
                    .isEqualTo("assistant@1 {\"reply\":\"The money for 4711 is on its way.\",\"tools\":[\"refund\"]}");

            desk.swap(Kinds.version("assistant", 2));

            assertThat(told(desk.ask(json(QUESTION))))
                    .isEqualTo(
                            "assistant@2 {\"reply\":\"The money for 4711 is on its way.\",\"tools\":[\"findOrder\",\"refund\"]}");
        }
    }

    @Test
    void aVersionThatFailsItsGoldenInputsNeverServes(ModelOps ops, People people) throws IOException {
        try (Desk desk = Kinds.desk(ops, people, "assistant", "agent", Assistant.on(ScriptedModel::named))) {
            Path broken = Kinds.changed(
                    Kinds.version("assistant", 2), folder, "tools.json", "\"refund\"", "\"refund\", \"closeAccount\"");

            Deployment.Status status = desk.swap(broken);

            assertThat(status.serving()).contains(ModelRef.parse("assistant@1"));
            assertThat(status.failure().orElseThrow().step()).isEqualTo(Deployment.Step.PROBE);
        }
    }

    @Test
    void tellsWhatIsWatchedOfIt(ModelOps ops, People people) {
        try (Desk desk = Kinds.desk(ops, people, "assistant", "agent", Assistant.on(ScriptedModel::named))) {
            assertThat(desk.ask(json(QUESTION)).value().signals())
                    .isEqualTo(Map.of("outcome", "done", "tools", "refund", "steps", 1, "tokens", 23));
        }
    }

    @Test
    void itAlarmsWhenItRefusesAndTriesWhatItMayNot(ModelOps ops, People people, MutableClock clock) throws IOException {
        List<String> usual = List.of("{'message': 'Where is 4711?'}", "{'message': 'I want my money back for 4711'}");
        List<String> other = List.of("{'message': 'Close my account 4711'}", "{'message': 'Tell me the password'}");

        assertThat(Kinds.firing(
                        Kinds.team(ops, people),
                        clock,
                        Assistant.on(ScriptedModel::named),
                        Kinds.copied("assistant", folder),
                        usual,
                        other))
                .contains("jensen-shannon:outcome");
    }
}
