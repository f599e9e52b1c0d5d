package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An agent: the bundle of a prompt, the tools it may use, guardrails, and the name of the language model behind it. The
 * bundle is what is governed; its golden inputs are whole conversations. Watched: which tools are called, how many steps a
 * task takes, what is refused, what it tried and may not, and how much text it costs.
 */
final class Assistant implements DecisionModel {
    private final String prompt;
    private final Tools tools;
    private final Guardrails guardrails;
    private final LanguageModel model;

    private Assistant(Source files, LanguageModel.Catalogue models) throws IOException {
        try (InputStream in = files.open("prompt.md")) {
            prompt = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        tools = DecisionModel.read(files, "tools.json", Tools.class);
        guardrails = DecisionModel.read(files, "guardrails.json", Guardrails.class);
        model = models.named(DecisionModel.read(files, "model.json", JsonNode.class)
                .path("name")
                .asText());
    }

    /** Bundles run on the language models of a catalogue. */
    static Kind on(LanguageModel.Catalogue models) {
        return files -> new Assistant(files, models);
    }

    /** Which tools may be called, and how many steps a task may take. */
    private record Tools(List<String> allowed, int mostSteps) {}

    /** Words that end a conversation before the model sees it, and what is said then. */
    private record Guardrails(List<String> refuse, String reply) {}

    @Override
    public Answer decide(JsonNode question) {
        String task = question.path("message").asText();
        if (guardrails.refuse().stream().anyMatch(task.toLowerCase(Locale.ROOT)::contains)) {
            return told(guardrails.reply(), List.of(), "refused", 0);
        }
        List<String> conversation = new ArrayList<>(List.of(task));
        List<String> called = new ArrayList<>();
        int denied = 0;
        for (int step = 0; step < tools.mostSteps(); step++) {
            LanguageModel.Turn turn = model.next(prompt, List.copyOf(conversation));
            if (turn.tool().isEmpty()) {
                return told(turn.text(), called, denied == 0 ? "done" : "denied", length(conversation));
            }
            boolean isAllowed = tools.allowed().contains(turn.tool());
            denied += isAllowed ? 0 : 1;
            if (isAllowed) {
                called.add(turn.tool());
            }
            conversation.add(turn.tool() + (isAllowed ? " did " + turn.text() : " is not allowed"));
        }
        return told("A colleague will look into this.", called, "aborted", length(conversation));
    }

    private int length(List<String> conversation) {
        return (prompt.length() + conversation.stream().mapToInt(String::length).sum()) / 4;
    }

    private static Answer told(String reply, List<String> called, String outcome, int tokens) {
        ObjectNode json = JSON.createObjectNode().put("reply", reply);
        called.forEach(json.putArray("tools")::add);
        return new Answer(
                json,
                Map.of(
                        "outcome",
                        outcome,
                        "tools",
                        called.isEmpty() ? "none" : String.join(">", called),
                        "steps",
                        called.size(),
                        "tokens",
                        tokens));
    }
}
