package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.dmn.engine.DmnDecision;
import org.camunda.bpm.dmn.engine.DmnDecisionTableResult;
import org.camunda.bpm.dmn.engine.DmnEngine;
import org.camunda.bpm.dmn.engine.delegate.DmnDecisionTableEvaluationEvent;
import org.camunda.bpm.dmn.engine.impl.DefaultDmnEngineConfiguration;

/** A DMN table of tariffs, run by Camunda's engine. Watched: which rule fires, and how often none does. */
final class DecisionTable implements DecisionModel {
    static final Kind KIND = DecisionTable::new;

    private final ThreadLocal<List<String>> fired = ThreadLocal.withInitial(ArrayList::new);
    private final DmnEngine engine;
    private final DmnDecision table;

    private DecisionTable(Source files) throws IOException {
        DefaultDmnEngineConfiguration configuration = new DefaultDmnEngineConfiguration();
        configuration.getCustomPostDecisionTableEvaluationListeners().add(this::note);
        engine = configuration.buildEngine();
        try (InputStream in = files.open("tariff.dmn")) {
            table = engine.parseDecision("tariff", in);
        }
    }

    private void note(DmnDecisionTableEvaluationEvent event) {
        event.getMatchingRules().forEach(rule -> fired.get().add(rule.getId()));
    }

    @Override
    public Answer decide(JsonNode question) {
        fired.get().clear();
        DmnDecisionTableResult result = engine.evaluateDecisionTable(
                table,
                Map.of(
                        "age", question.path("age").intValue(),
                        "claims", question.path("claims").intValue(),
                        "region", question.path("region").asText()));
        String tariff = result.isEmpty() ? "none" : result.getSingleResult().<String>getEntry("tariff");
        String rule = fired.get().isEmpty() ? "none" : String.join("+", fired.get());
        return new Answer(JSON.createObjectNode().put("tariff", tariff), Map.of("tariff", tariff, "rule", rule));
    }
}
