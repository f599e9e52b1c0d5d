package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.VerifiedArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** Any model at all: asked with JSON, it answers with JSON, and tells what is worth watching about how it got there. */
@FunctionalInterface
interface DecisionModel {
    JsonMapper JSON = new JsonMapper();

    /** Answers; safe for use by many threads. */
    Answer decide(JsonNode question) throws IOException;

    /**
     * An answer.
     *
     * @param json what the caller gets
     * @param signals what is watched: numbers and texts by name
     */
    record Answer(JsonNode json, Map<String, Object> signals) {
        public Answer {
            signals = Map.copyOf(signals);
        }
    }

    /** Makes one kind of model of its verified files, and has it answer the golden inputs among them. */
    @FunctionalInterface
    interface Kind extends ModelLoader<DecisionModel> {
        /** Makes a model of its files. */
        DecisionModel of(Source files) throws IOException;

        @Override
        default DecisionModel load(VerifiedArtifact artifact) throws IOException {
            return of(artifact::open);
        }

        @Override
        default String answer(DecisionModel model, String input) throws IOException {
            return model.decide(JSON.readTree(input)).json().toString();
        }
    }

    /** Opens the files of a model by name. */
    @FunctionalInterface
    interface Source {
        /** Opens a file; the caller closes it. */
        InputStream open(String name) throws IOException;
    }

    /** Reads a file of a model that is JSON. */
    static <V> V read(Source files, String name, Class<V> type) throws IOException {
        try (InputStream in = files.open(name)) {
            return JSON.readValue(in, type);
        }
    }
}
