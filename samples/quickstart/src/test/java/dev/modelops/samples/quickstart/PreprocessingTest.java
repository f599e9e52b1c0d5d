package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.samples.quickstart.Preprocessing.Features;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreprocessingTest {
    private static final Features AGE_AND_HOME = new Features(List.of("Age"), List.of("Home"));
    private static final Preprocessing LEARNT = Preprocessing.fit(
            List.of(
                    loan(Map.of("Age", 20.0), Map.of("Home", "rent")),
                    loan(Map.of("Age", 30.0), Map.of("Home", "owner")),
                    loan(Map.of("Age", 70.0), Map.of("Home", "rent")),
                    loan(Map.of(), Map.of())),
            AGE_AND_HOME);

    @Test
    void namesEveryValueOfARow() {
        assertThat(LEARNT.names()).containsExactly("Age", "Age=missing", "Home=owner", "Home=rent", "Home=missing");
        assertThat(LEARNT.row(new Applicant(Map.of(), Map.of()))).hasSize(5);
    }

    @Test
    void learnsMedianMeanAndDeviationWithTheMedianInPlaceOfWhatIsMissing() {
        Preprocessing.Number age = LEARNT.numbers().get(0);

        assertThat(age.median()).isEqualTo(30.0);
        assertThat(age.mean()).isEqualTo(37.5);
        assertThat(age.deviation()).isCloseTo(Math.sqrt(1475 / 4.0), within(1e-12));
    }

    @Test
    void theMedianOfAnEvenNumberLiesHalfWay() {
        Preprocessing learnt = Preprocessing.fit(
                List.of(loan(Map.of("Age", 40.0), Map.of()), loan(Map.of("Age", 20.0), Map.of())),
                new Features(List.of("Age"), List.of()));

        assertThat(learnt.numbers().get(0).median()).isEqualTo(30.0);
    }

    @Test
    void standardisesNumbersAndMarksTheChosenValue() {
        double deviation = LEARNT.numbers().get(0).deviation();

        assertThat(LEARNT.row(new Applicant(Map.of("Age", 50.0), Map.of("Home", "owner"))))
                .containsExactly(12.5 / deviation, 0, 1, 0, 0);
    }

    @Test
    void aMissingAnswerIsTheMedianAndFlagged() {
        double deviation = LEARNT.numbers().get(0).deviation();

        assertThat(LEARNT.row(new Applicant(Map.of(), Map.of()))).containsExactly(-7.5 / deviation, 1, 0, 0, 1);
    }

    @Test
    void aValueNeverSeenLeavesEveryColumnAtZero() {
        double[] row = LEARNT.row(new Applicant(Map.of("Age", 37.5), Map.of("Home", "houseboat")));

        assertThat(row).containsExactly(0, 0, 0, 0, 0);
    }

    @Test
    void answersToOtherQuestionsAreNotLookedAt() {
        Applicant asked = new Applicant(Map.of("Age", 50.0), Map.of("Home", "rent"));
        Applicant more = new Applicant(Map.of("Age", 50.0, "Shoes", 44.0), Map.of("Home", "rent", "Job", "fixed"));

        assertThat(LEARNT.row(more)).isEqualTo(LEARNT.row(asked));
    }

    @Test
    void aColumnThatNeverVariesIsNotDividedByZero() {
        Preprocessing learnt = Preprocessing.fit(
                List.of(loan(Map.of("Age", 40.0), Map.of()), loan(Map.of("Age", 40.0), Map.of())),
                new Features(List.of("Age"), List.of()));

        assertThat(learnt.row(new Applicant(Map.of("Age", 41.0), Map.of()))).containsExactly(1, 0);
    }

    @Test
    void aColumnThatIsAlwaysMissingCannotBeLearnt() {
        List<Loan> empty = List.of(loan(Map.of(), Map.of()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preprocessing.fit(empty, new Features(List.of("Age"), List.of())))
                .withMessageContaining("Age");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preprocessing.fit(empty, new Features(List.of(), List.of("Home"))))
                .withMessageContaining("Home");
    }

    @Test
    void numbersThatAreNotFiniteAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Applicant(Map.of("Age", Double.NaN), Map.of()))
                .withMessageContaining("Age must be a finite number");
    }

    private static Loan loan(Map<String, Double> numbers, Map<String, String> categories) {
        return new Loan(new Applicant(numbers, categories), false);
    }
}
