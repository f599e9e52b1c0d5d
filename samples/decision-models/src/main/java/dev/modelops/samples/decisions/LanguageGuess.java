package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import opennlp.tools.langdetect.Language;
import opennlp.tools.langdetect.LanguageDetectorFactory;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;
import opennlp.tools.langdetect.LanguageSample;
import opennlp.tools.util.ObjectStreamUtils;
import opennlp.tools.util.TrainingParameters;

/** A model of OpenNLP that tells languages apart. Watched: which languages, how sure it is, and how long the texts are. */
final class LanguageGuess implements DecisionModel {
    static final Kind KIND = LanguageGuess::new;

    private static final String FILE = "langdetect.bin";

    private final LanguageDetectorModel model;

    private LanguageGuess(Source files) throws IOException {
        try (InputStream in = files.open(FILE)) {
            model = new LanguageDetectorModel(in);
        }
    }

    /** Puts the model of 183 languages that OpenNLP publishes into a folder. */
    static void published(Path folder) throws IOException {
        try (InputStream in = LanguageGuess.class.getResourceAsStream("/langdetect-183.bin")) {
            if (in == null) {
                throw new IllegalStateException("langdetect-183.bin is not on the class path");
            }
            Files.copy(in, folder.resolve(FILE));
        }
    }

    /** Trains a model of its own on lines of a language, a tab and a text, and puts it into a folder. */
    static void trained(List<String> lines, Path folder) throws IOException {
        List<LanguageSample> samples = lines.stream()
                .map(line -> line.split("\t", 2))
                .map(line -> new LanguageSample(new Language(line[0]), line[1]))
                .toList();
        TrainingParameters parameters = new TrainingParameters();
        parameters.put(TrainingParameters.ALGORITHM_PARAM, "PERCEPTRON");
        parameters.put(TrainingParameters.ITERATIONS_PARAM, 50);
        parameters.put(TrainingParameters.CUTOFF_PARAM, 0);
        parameters.put("PrintMessages", false);
        LanguageDetectorME.train(
                        ObjectStreamUtils.createObjectStream(samples), parameters, new LanguageDetectorFactory())
                .serialize(folder.resolve(FILE));
    }

    @Override
    public Answer decide(JsonNode question) {
        String text = question.path("text").asText();
        Language guess = new LanguageDetectorME(model).predictLanguage(text);
        return new Answer(
                JSON.createObjectNode().put("language", guess.getLang()),
                Map.of("language", guess.getLang(), "confidence", guess.getConfidence(), "length", text.length()));
    }
}
