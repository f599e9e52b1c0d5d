package dev.modelops.samples.decisions;

import static dev.modelops.Environment.PRODUCTION;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.monitoring.Alert;
import dev.modelops.samples.decisions.DecisionModel.Answer;
import dev.modelops.samples.decisions.DecisionModel.Kind;
import dev.modelops.serving.Served;
import dev.modelops.testkit.People;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the tests of all kinds share. */
final class Kinds {
    private Kinds() {}

    static Desk desk(ModelOps ops, People people, String model, String kind, Kind loader) {
        return new Desk(team(ops, people), model, kind, loader, version(model, 1));
    }

    static Desk.Team team(ModelOps ops, People people) {
        return Desk.Team.of(ops, people.dataScientist(), people.validator(), people.releaseManager(), people.service());
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

    /**
     * Serves a version that is watched, for three hours of usual questions and two of others, and returns the checks that fire.
     */
    static Set<String> firing(
            Desk.Team team, MutableClock clock, Kind kind, Path version, List<String> usual, List<String> other)
            throws IOException {
        List<JsonNode> reference = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            reference.add(json(usual.get(i % usual.size())));
        }
        Watched.write(kind, version, reference);
        Set<String> firing = new TreeSet<>();
        try (Desk desk = new Desk(team, "watched", "model", kind, version)) {
            for (List<String> questions : List.of(usual, usual, usual, other, other, List.<String>of())) {
                for (int i = 0; i < 120 && !questions.isEmpty(); i++) {
                    desk.ask(json(questions.get(i % questions.size())));
                }
                clock.advance(Duration.ofHours(1));
                var unused = desk.judge();
                // A thread of the library judges too, so what changed may be in the log already.
                team.service().monitoring().alerts("watched", PRODUCTION).stream()
                        .filter(Alert::isActive)
                        .forEach(alert -> firing.add(alert.check()));
                if (questions.equals(usual) && !firing.isEmpty()) {
                    throw new AssertionError("usual questions should alarm nobody, but " + firing + " fire");
                }
            }
        }
        return firing;
    }

    /** Copies the first version of a model. */
    static Path copied(String model, Path folder) throws IOException {
        try (Stream<Path> files = Files.list(version(model, 1))) {
            for (Path each : files.toList()) {
                Files.copy(each, folder.resolve(each.getFileName().toString()));
            }
        }
        return folder;
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
