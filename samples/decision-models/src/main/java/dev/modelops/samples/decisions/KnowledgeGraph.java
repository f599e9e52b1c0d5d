package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is known of a plant, as triples, and by which relations a question goes on from answer to answer. Watched: how many
 * answers there are, how often none, and what is asked by.
 */
final class KnowledgeGraph implements DecisionModel {
    static final Kind KIND = KnowledgeGraph::new;

    private final Map<String, Map<String, Set<String>>> triples = new HashMap<>();
    private final Set<String> transitive;

    private KnowledgeGraph(Source files) throws IOException {
        transitive =
                Set.copyOf(DecisionModel.read(files, "rules.json", Rules.class).transitive());
        try (InputStream in = files.open("triples.tsv")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            text.lines().map(line -> line.split("\t", -1)).forEach(triple -> {
                if (triple.length != 3) {
                    throw new IllegalArgumentException("a triple has 3 parts, but found " + List.of(triple));
                }
                var unused = triples.computeIfAbsent(triple[1], relation -> new HashMap<>())
                        .computeIfAbsent(triple[0], subject -> new TreeSet<>())
                        .add(triple[2]);
            });
        }
    }

    /** Relations that lead on. */
    private record Rules(List<String> transitive) {}

    @Override
    public Answer decide(JsonNode question) {
        String relation = question.path("relation").asText();
        Set<String> found = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(question.path("subject").asText()));
        while (!open.isEmpty()) {
            for (String object : triples.getOrDefault(relation, Map.of()).getOrDefault(open.remove(), Set.of())) {
                if (found.add(object) && transitive.contains(relation)) {
                    open.add(object);
                }
            }
        }
        ObjectNode json = JSON.createObjectNode();
        found.forEach(json.putArray("answers")::add);
        String outcome = found.isEmpty() ? "empty" : "answered";
        return new Answer(json, Map.of("outcome", outcome, "relation", relation, "answers", found.size()));
    }
}
