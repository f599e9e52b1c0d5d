package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.samples.decisions.DecisionModel.Answer;
import dev.modelops.samples.decisions.DecisionModel.Kind;
import dev.modelops.serving.Served;
import dev.modelops.testkit.People;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What the tests of all kinds share. */
final class Kinds {
    private Kinds() {}

    static Desk desk(ModelOps ops, People people, String model, String kind, Kind loader) {
        return new Desk(team(ops, people), model, kind, loader, version(model, 1));
    }

    static Desk.Team team(ModelOps ops, People people) {
        return Desk.Team.of(
                ops, people.dataScientist(), people.validator(), people.releaseManager(), people.service());
    }

    static Path version(String model, int number) {
        return Path.of("models", model, Integer.toString(number));
    }

    static JsonNode json(String text) {
        try {
            return DecisionModel.JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns what was answered and by whom, such as {@code tariff@1 {"tariff":"A"}}. */
    static String told(Served<Answer> served) {
        ModelRef version = served.version();
        return version + " " + served.value().json();
    }

    /** Copies a version, with one text in one of its files replaced. */
    static Path changed(Path version, Path folder, String file, String from, String to) throws IOException {
        try (Stream<Path> files = Files.list(version)) {
            for (Path each : files.toList()) {
                Files.copy(each, folder.resolve(each.getFileName().toString()));
            }
        }
        String text = Files.readString(folder.resolve(file));
        if (!text.contains(from)) {
            throw new IllegalArgumentException("'" + from + "' is not in " + file);
        }
        Files.writeString(folder.resolve(file), text.replace(from, to));
        return folder;
    }
}
