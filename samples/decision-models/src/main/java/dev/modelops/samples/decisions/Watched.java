package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.core.monitoring.Baseline;
import dev.modelops.core.monitoring.Measure;
import dev.modelops.core.monitoring.MonitorPlan;
import dev.modelops.samples.decisions.DecisionModel.Answer;
import dev.modelops.samples.decisions.DecisionModel.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes down what a model's signals were when it was made, whichever kind it is, and that they are watched from then on. */
final class Watched {
    private Watched() {}

    /** Asks the model in a folder usual questions, and writes beside it what is to be watched: every signal, text or number. */
    static void write(Kind kind, Path folder, List<JsonNode> usual) throws IOException {
        DecisionModel model = kind.of(name -> Files.newInputStream(folder.resolve(name)));
        Map<String, List<Object>> signals = new TreeMap<>();
        for (JsonNode question : usual) {
            Answer answer = model.decide(question);
            answer.signals()
                    .forEach((name, value) -> signals.computeIfAbsent(name, fresh -> new ArrayList<>())
                            .add(value));
        }
        Baseline baseline = Baseline.of();
        signals.forEach((name, values) -> {
            if (values.get(0) instanceof Number) {
                baseline.numeric(
                        name,
                        values.stream()
                                .mapToDouble(value -> ((Number) value).doubleValue())
                                .toArray());
            } else {
                baseline.categorical(name, values.stream().map(String::valueOf).toList());
            }
        });
        MonitorPlan plan = MonitorPlan.of(baseline)
                .windows(Duration.ofHours(1))
                .minimum(50)
                .alarmingIn(2, 2);
        signals.keySet().forEach(name -> plan.check(Measure.JENSEN_SHANNON, name, 0.2));
        plan.writeTo(folder);
    }
}
