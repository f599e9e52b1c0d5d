package dev.modelops.samples.decisions;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.testkit.ModelOpsTest;
import dev.modelops.testkit.People;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@ModelOpsTest
class LanguageGuessTest {
    private static final Path MODELS = Path.of("models", "language");

    @TempDir
    Path folder;

    private Path published;
    private Path trained;

    @BeforeEach
    void build() throws IOException {
        published = Files.createDirectory(folder.resolve("published"));
        LanguageGuess.published(published);
        trained = Files.createDirectory(folder.resolve("trained"));
        LanguageGuess.trained(Files.readAllLines(MODELS.resolve("corpus.tsv")), trained);
        for (Path version : List.of(published, trained)) {
            Files.copy(MODELS.resolve("modelops-probes.json"), version.resolve("modelops-probes.json"));
        }
    }

    /** Both pass the golden inputs; which one customers are better served by, only their messages tell. */
    @Test
    void theLargeModelReplacesOneTrainedOnAFewSentences(ModelOps ops, People people) throws IOException {
        Desk.Team team = Kinds.team(ops, people);
        try (Desk desk = new Desk(team, "language", "language-detector", LanguageGuess.KIND, trained)) {
            int small = right(desk, "language@1");
            assertThat(desk.swap(published).serving()).contains(ModelRef.parse("language@2"));

            assertThat(right(desk, "language@2")).isGreaterThan(small);
        }
    }

    @Test
    void itAlarmsWhenEverybodyWritesInOneLanguage(ModelOps ops, People people, MutableClock clock) throws IOException {
        List<String> usual = questions(line -> true);
        List<String> french = questions(line -> line.startsWith("fra"));

        assertThat(Kinds.firing(Kinds.team(ops, people), clock, LanguageGuess.KIND, trained, usual, french))
                .contains("jensen-shannon:language");
    }

    private static List<String> questions(Predicate<String> which) throws IOException {
        return Files.readAllLines(MODELS.resolve("messages.tsv")).stream()
                .filter(which)
                .map(line -> JsonNodeFactory.instance
                        .objectNode()
                        .put("text", line.split("\t", 2)[1].replace('\'', ' '))
                        .toString())
                .toList();
    }

    /** How many of the customers' messages it tells the language of. */
    private static int right(Desk desk, String by) throws IOException {
        int right = 0;
        for (String line : Files.readAllLines(MODELS.resolve("messages.tsv"))) {
            String[] parts = line.split("\t", 2);
            var served = desk.ask(JsonNodeFactory.instance.objectNode().put("text", parts[1]));
            assertThat(served.version()).hasToString(by);
            if (served.value().json().path("language").asText().equals(parts[0])) {
                right++;
            }
        }
        return right;
    }
}
