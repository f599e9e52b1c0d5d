package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.experiment.ExperimentSpec.Arm;
import dev.modelops.core.internal.experiment.ExperimentSpec.Guardrail;
import dev.modelops.core.internal.experiment.ExperimentSpec.Measure;
import dev.modelops.core.internal.experiment.ExperimentSpec.Rule;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Mode;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.serving.Served.By;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which predictions and outcomes count for a stage, and what an answer costs. */
class CasesTest {
    private static final long STAGE = 42;

    @ParameterizedTest
    @CsvSource({
        "SQUARED_ERROR, 0.75, 1, 0.0625",
        "SQUARED_ERROR, -2, 1, 9",
        "ABSOLUTE_ERROR, -2, 1, 3",
        "ABSOLUTE_ERROR, 4, 1, 3",
        "LOG_LOSS, 0.25, 1, 1.3862943611198906",
        "LOG_LOSS, 0.25, 0, 0.2876820724517809",
        "LOG_LOSS, 0, 1, 34.538776394910684",
        "LOG_LOSS, 1, 0, 34.538776394910684",
        "MISMATCH, good, bad, 1",
        "MISMATCH, good, good, 0",
        "MISMATCH, 1.0, 1, 1"
    })
    void anAnswerCostsWhatItsLossSays(Loss loss, String answer, String actual, double cost) {
        assertThat(new Measure("score", loss).of(answer, actual)).isCloseTo(cost, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({
        "SQUARED_ERROR, high, 1",
        "SQUARED_ERROR, NaN, 1",
        "SQUARED_ERROR, Infinity, 1",
        "SQUARED_ERROR, 1e120, 1",
        "ABSOLUTE_ERROR, 1, unknown",
        "LOG_LOSS, 1.1, 1",
        "LOG_LOSS, -0.1, 0",
        "LOG_LOSS, 0.5, 2",
        "LOG_LOSS, 0.5, 0.5"
    })
    void whatIsNotOfItsKindCostsNothingThatIsKnown(Loss loss, String answer, String actual) {
        assertThat(new Measure("score", loss).of(answer, actual)).isNaN();
    }

    private static Cases cases(Mode mode) {
        Rule usual = Rule.usual();
        Rule rule = new Rule(
                usual.method(),
                usual.alpha(),
                usual.tunedFor(),
                usual.prior(),
                usual.horizon(),
                usual.minimum(),
                usual.margin(),
                usual.checkAlpha(),
                usual.coverageTolerance(),
                usual.leastCoverage(),
                List.of(new Guardrail("millis", 1)));
        ExperimentSpec spec = new ExperimentSpec(
                "e",
                mode,
                new Arm(0, 5000, 5000),
                new Arm(5000, 5000, 5000),
                new Measure("score", Loss.SQUARED_ERROR),
                rule);
        return new Cases(spec, STAGE, VersionNumber.of(1), VersionNumber.of(2));
    }

    private static PredictionRecord record(
            String id, int version, By by, long experiment, @Nullable String pair, String score) {
        return new PredictionRecord(
                id,
                new ModelRef(dev.modelops.ModelName.of("risk"), VersionNumber.of(version)),
                by,
                Environment.PRODUCTION,
                Instant.EPOCH,
                LogPosition.of(50),
                Optional.empty(),
                Optional.empty(),
                experiment,
                Optional.ofNullable(pair),
                Map.of(),
                Map.of("score", score, "millis", "7"));
    }

    @Test
    void onlyWhatTheStageComparesCounts() {
        Cases cases = cases(Mode.SPLIT);
        cases.predicted(record("a", 1, By.CONTROL, STAGE, null, "0.5"));
        cases.predicted(record("b", 2, By.CHALLENGER, STAGE, null, "0.5"));
        cases.predicted(record("c", 1, By.CONTROL, STAGE - 1, null, "0.5"));
        cases.predicted(record("d", 1, By.CHAMPION, STAGE, null, "0.5"));
        cases.predicted(record("e", 2, By.CONTROL, STAGE, null, "0.5"));
        cases.predicted(record("f", 1, By.CHALLENGER, STAGE, null, "0.5"));
        cases.predicted(record("g", 2, By.SHADOW, STAGE, "a", "0.5"));
        cases.predicted(record("h", 3, By.FORMER_CHAMPION, STAGE, null, "0.5"));
        cases.predicted(record("i", 1, By.FALLBACK, STAGE, null, "0.5"));
        cases.predicted(record("a", 2, By.CHALLENGER, STAGE, null, "0.9"));
        for (String id : List.of("a", "b", "c", "d", "e", "f", "g", "h", "i")) {
            cases.outcome(id, "1");
        }

        ExperimentSums sums = cases.sums();

        assertThat(sums.champion().assigned()).isEqualTo(1);
        assertThat(sums.challenger().assigned()).isEqualTo(1);
        assertThat(sums.champion().loss().count()).isEqualTo(1);
        assertThat(sums.challenger().loss().count()).isEqualTo(1);
        assertThat(sums.pairs().count()).isZero();
        assertThat(sums.challenger().guardrails())
                .hasEntrySatisfying(
                        "millis", millis -> assertThat(millis.mean()).isEqualTo(7));
    }

    @Test
    void aShadowsCaseIsAPairAndItsOutcomeIsTheFirst() {
        Cases cases = cases(Mode.SHADOW);
        cases.predicted(record("s", 2, By.SHADOW, STAGE, "a", "1"));
        cases.predicted(record("a", 1, By.CHAMPION, STAGE, null, "0.5"));
        cases.predicted(record("b", 1, By.CHAMPION, STAGE, null, "0.5"));
        cases.predicted(record("c", 1, By.CONTROL, STAGE, null, "0.5"));
        cases.predicted(record("d", 2, By.CHALLENGER, STAGE, null, "0.5"));
        cases.predicted(record("t", 2, By.SHADOW, STAGE, null, "1"));
        cases.outcome("a", "1");
        cases.outcome("a", "0");
        cases.outcome("b", "1");
        cases.outcome("s", "0");

        ExperimentSums sums = cases.sums();

        assertThat(sums.champion().assigned()).isEqualTo(2);
        assertThat(sums.challenger().assigned()).isEqualTo(1);
        assertThat(sums.pairs().count()).isEqualTo(1);
        assertThat(sums.pairs().mean()).isEqualTo(-0.25);
    }

    @Test
    void anAnswerWithoutTheOutputThatIsComparedIsACaseWithoutALoss() {
        Cases cases = cases(Mode.SPLIT);
        cases.predicted(record("a", 1, By.CONTROL, STAGE, null, "none"));
        cases.outcome("a", "1");

        assertThat(cases.sums().champion().assigned()).isEqualTo(1);
        assertThat(cases.sums().champion().loss().count()).isZero();
    }
}
