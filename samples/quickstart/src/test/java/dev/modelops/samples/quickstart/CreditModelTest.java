package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.modelops.NotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CreditModelTest {
    private static final CreditData.Split DATA = CreditData.load().split(Candidate.SEED);
    private static final Candidate FORM = Candidate.applicationForm(DATA);
    private static final Candidate HISTORY = Candidate.withCreditHistory(DATA);

    @TempDir
    Path folder;

    @Test
    void theCandidatesHaveTheFiguresThatTheStoryTells() {
        assertThat(FORM.holdOut().auc()).isCloseTo(0.764, within(0.002));
        assertThat(HISTORY.holdOut().auc()).isCloseTo(0.823, within(0.002));
        assertThat(HISTORY.holdOut().brier()).isCloseTo(0.126, within(0.002));
        assertThat(HISTORY.holdOut().accuracy()).isCloseTo(0.822, within(0.005));
    }

    @Test
    void theSameTrainingGivesTheSameScores() {
        assertThat(scores(Candidate.withCreditHistory(DATA).model())).isEqualTo(scores(HISTORY.model()));
    }

    @Test
    void anotherSeedOrNumberOfEpochsGivesOtherScores() {
        CreditModel otherSeed = CreditModel.train(DATA.training(), HISTORY.features(), HISTORY.epochs(), 2);
        CreditModel fewerEpochs = CreditModel.train(DATA.training(), HISTORY.features(), 1, Candidate.SEED);

        assertThat(scores(otherSeed)).isNotEqualTo(scores(HISTORY.model()));
        assertThat(scores(fewerEpochs)).isNotEqualTo(scores(HISTORY.model()));
    }

    @Test
    void earlierCreditOnRecordRaisesTheScore() {
        Map<String, Double> numbers = DATA.holdOut().get(0).applicant().numbers();
        Scorer scorer = HISTORY.model();

        assertThat(scorer.score(new Applicant(numbers, Map.of("Records", "yes"))))
                .isGreaterThan(scorer.score(new Applicant(numbers, Map.of("Records", "no"))));
    }

    @Test
    void theJobIsNotLookedAt() {
        Applicant applicant = DATA.holdOut().get(0).applicant();
        Map<String, String> categories = new HashMap<>(applicant.categories());
        categories.put("Job", "freelance");

        assertThat(HISTORY.model().score(new Applicant(applicant.numbers(), categories)))
                .isEqualTo(HISTORY.model().score(applicant));
    }

    @Test
    void anApplicantOfWhomNothingIsKnownIsScored() {
        assertThat(HISTORY.model().score(new Applicant(Map.of(), Map.of()))).isBetween(0.0, 1.0);
        assertThat(HISTORY.model().score(new Applicant(Map.of(), Map.of("Home", "houseboat"))))
                .isBetween(0.0, 1.0);
    }

    @Test
    void theLoaderReadsWhatWasSaved() throws IOException {
        HISTORY.save(folder.resolve("model"));

        Scorer loaded = new ScorerLoader().load(new FolderArtifact(folder.resolve("model")));

        assertThat(scores(loaded)).isEqualTo(scores(HISTORY.model()));
    }

    @Test
    void aSavedModelIsThreeFilesWithoutSerialisedObjects() throws IOException {
        HISTORY.save(folder.resolve("model"));

        try (var files = Files.list(folder.resolve("model"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("model.pb", "preprocessing.json", "README.txt");
        }
        assertThat(Files.readString(folder.resolve("model/model.pb"), StandardCharsets.ISO_8859_1))
                .doesNotContain("\u00ac\u00ed\u0000\u0005");
    }

    @Test
    void theCardTellsTheColumnsAndTheFigures() throws IOException {
        FORM.save(folder.resolve("model"));

        assertThat(folder.resolve("model/README.txt"))
                .content()
                .contains("application form only")
                .contains("1,963 loans")
                .contains("Columns: Age, Time, Amount, Price, Income, Expenses, Marital.")
                .contains(FORM.holdOut().toString())
                .doesNotContain("Records");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.pb", "preprocessing.json"})
    void aModelWithoutOneOfItsFilesIsNotLoaded(String file) throws IOException {
        HISTORY.save(folder.resolve("model"));
        Files.delete(folder.resolve("model").resolve(file));

        assertThatThrownBy(() -> new ScorerLoader().load(new FolderArtifact(folder.resolve("model"))))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining(file);
    }

    @Test
    void preprocessingOfAnotherShapeIsNotLoaded() throws IOException {
        HISTORY.save(folder.resolve("model"));
        for (String other : List.of("{}", "[]", "{\"numbers\":[],\"categories\":[],\"more\":1}", "{\"numbers\":")) {
            Files.writeString(folder.resolve("model/preprocessing.json"), other, StandardCharsets.UTF_8);

            assertThatThrownBy(() -> new ScorerLoader().load(new FolderArtifact(folder.resolve("model"))))
                    .as(other)
                    .isInstanceOf(JsonProcessingException.class);
        }
    }

    @Test
    void weightsThatWereCutShortAreNotLoaded() throws IOException {
        HISTORY.save(folder.resolve("model"));
        Path weights = folder.resolve("model/model.pb");
        byte[] content = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(content, content.length / 2));

        assertThatThrownBy(() -> new ScorerLoader().load(new FolderArtifact(folder.resolve("model"))))
                .isInstanceOf(IOException.class);
    }

    private static double[] scores(Scorer scorer) {
        return DATA.holdOut().stream()
                .mapToDouble(loan -> scorer.score(loan.applicant()))
                .toArray();
    }
}
