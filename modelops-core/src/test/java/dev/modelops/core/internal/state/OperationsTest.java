package dev.modelops.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.Alert;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What entries say of how a model runs is taken over if it follows from what was said before, and refused otherwise. */
class OperationsTest {
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final ModelRef CHAMPION = ModelRef.parse("risk@1");
    private static final ModelRef CHALLENGER = ModelRef.parse("risk@2");
    private static final Instant AT = Instant.parse("2026-03-01T09:00:00Z");

    private Operations operations = Operations.none();
    private long size = 10;

    private void apply(EntryType type, ModelRef about, ObjectNode data) {
        operations = operations.after(
                type, about, PRODUCTION, VersionNumber.of(1), data, LogPosition.after(size), AT.plusSeconds(size));
        size++;
    }

    private static ObjectNode alert(Alert.State from, Alert.State to, long episode, long window) {
        return Json.object()
                .put("check", "psi:age")
                .put("from", from.name())
                .put("to", to.name())
                .put("episode", episode)
                .put("window", window);
    }

    private static ObjectNode started(String id, int stage) {
        return Json.object()
                .put("experiment", id)
                .put("stage", stage)
                .put("champion", 1)
                .put("spec", "{}");
    }

    private static String spec(String output, double alpha, double margin) {
        ObjectNode spec = Json.object();
        spec.putObject("measure").put("output", output);
        spec.putObject("rule").put("alpha", alpha).put("margin", margin);
        return spec.toString();
    }

    private static ObjectNode judged(String id, int stage, long upTo) {
        return judged(id, stage, upTo, "CONTINUE");
    }

    private static ObjectNode judged(String id, int stage, long upTo, String state) {
        return Json.object()
                .put("experiment", id)
                .put("stage", stage)
                .put("state", state)
                .put("upTo", upTo)
                .put("verdict", "{}");
    }

    private static ObjectNode retraining() {
        return Json.object()
                .put("cause", "psi:age")
                .put("from", "2026-01-01T00:00:00Z")
                .put("until", "2026-02-01T00:00:00Z");
    }

    @Test
    void anAlertIsFollowedThroughItsStates() {
        apply(EntryType.ALERT_CHANGED, CHAMPION, alert(Alert.State.OK, Alert.State.SUSPECT, 0, 3));
        apply(EntryType.ALERT_CHANGED, CHAMPION, alert(Alert.State.SUSPECT, Alert.State.FIRING, 1, 4));
        apply(EntryType.ALERT_CHANGED, CHAMPION, alert(Alert.State.FIRING, Alert.State.RESOLVED, 1, 9));
        apply(EntryType.ALERT_CHANGED, CHAMPION, alert(Alert.State.RESOLVED, Alert.State.FIRING, 2, 12));
        assertThat(operations.alerts(PRODUCTION, CHAMPION.version()))
                .containsExactly(Map.entry(
                        "psi:age",
                        new Operations.AlertState(
                                Alert.State.FIRING, 2, 12, LogPosition.after(13), AT.plusSeconds(13))));
        assertThat(operations.alerts(PRODUCTION, CHALLENGER.version())).isEmpty();
    }

    static Stream<Arguments> changesThatDoNotFollow() {
        return Stream.of(
                Arguments.of(alert(Alert.State.OK, Alert.State.FIRING, 2, 4), "which is FIRING"),
                Arguments.of(alert(Alert.State.FIRING, Alert.State.OK, 1, 5), "from FIRING to OK"),
                Arguments.of(alert(Alert.State.FIRING, Alert.State.FIRING, 1, 5), "from FIRING to FIRING"),
                Arguments.of(alert(Alert.State.FIRING, Alert.State.RESOLVED, 2, 5), "episode 1"),
                Arguments.of(alert(Alert.State.FIRING, Alert.State.RESOLVED, 1, 3), "no window before 4"),
                Arguments.of(
                        alert(Alert.State.FIRING, Alert.State.RESOLVED, 1, 5).put("upTo", 99), "not before it"),
                Arguments.of(
                        alert(Alert.State.FIRING, Alert.State.RESOLVED, 1, 5).put("to", "OVER"), "state of an alert"),
                Arguments.of(
                        alert(Alert.State.FIRING, Alert.State.RESOLVED, 1, 5).put("check", "x".repeat(501)), "check"),
                Arguments.of(
                        alert(Alert.State.FIRING, Alert.State.RESOLVED, 1, 5).put("check", " "), "check"));
    }

    @ParameterizedTest
    @MethodSource("changesThatDoNotFollow")
    void aChangeThatDoesNotFollowIsRefused(ObjectNode change, String why) {
        apply(EntryType.ALERT_CHANGED, CHAMPION, alert(Alert.State.OK, Alert.State.FIRING, 1, 4));
        Operations before = operations;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(EntryType.ALERT_CHANGED, CHAMPION, change))
                .withMessageContaining(why);
        assertThat(operations).isEqualTo(before);
    }

    @Test
    void anExperimentGoesThroughItsStagesIsJudgedAndEnds() {
        apply(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", 1));
        apply(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 11));
        assertThat(operations.trial(PRODUCTION))
                .extracting(Operations.Trial::judged)
                .extracting("state")
                .isEqualTo("CONTINUE");
        apply(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", 2));
        assertThat(operations.trial(PRODUCTION))
                .as("a verdict is of one stage")
                .extracting(Operations.Trial::stage, Operations.Trial::judged)
                .containsExactly(2, null);
        apply(EntryType.EXPERIMENT_ENDED, CHALLENGER, Json.object().put("experiment", "trial"));
        assertThat(operations.trial(PRODUCTION)).isNull();
    }

    private void stage(int stage, String spec, String... states) {
        apply(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", stage).put("spec", spec));
        for (String state : states) {
            apply(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", stage, size, state));
        }
    }

    private @Nullable String verdict() {
        Operations.Trial trial = operations.trial(PRODUCTION);
        Operations.Judged verdict = trial == null ? null : trial.verdict();
        return verdict == null ? null : verdict.state() + " of " + verdict.stage() + " at " + verdict.position();
    }

    @Test
    void whatAStageConcludedCountsUntilALaterOneConcludesSomething() {
        String spec = spec("score", 0.05, 0);
        stage(1, spec);
        assertThat(verdict()).isNull();
        stage(2, spec, "CONTINUE", "CHALLENGER_BETTER");
        assertThat(verdict()).isEqualTo("CHALLENGER_BETTER of 2 at 14");
        stage(3, spec);
        assertThat(verdict()).isEqualTo("CHALLENGER_BETTER of 2 at 14");
        stage(4, spec, "CONTINUE");
        assertThat(verdict()).isEqualTo("CHALLENGER_BETTER of 2 at 14");
        assertThat(operations.trial(PRODUCTION))
                .as("what a stage found is its own")
                .extracting(Operations.Trial::judged)
                .extracting("stage", "state")
                .containsExactly(4, "CONTINUE");
        stage(5, spec, "EQUIVALENT");
        assertThat(verdict()).isEqualTo("EQUIVALENT of 5 at 19");
        stage(6, spec, "INVALID");
        stage(7, spec);
        assertThat(verdict()).isEqualTo("INVALID of 6 at 21");
        stage(8, spec, "CONTINUE", "CHAMPION_BETTER");
        assertThat(verdict()).isEqualTo("CHAMPION_BETTER of 8 at 25");
        apply(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 8, size, "CONTINUE"));
        assertThat(verdict()).as("within a stage the newest counts").isEqualTo("CONTINUE of 8 at 26");
    }

    static Stream<Arguments> otherPlans() {
        return Stream.of(
                Arguments.of(spec("other", 0.05, 0)),
                Arguments.of(spec("score", 0.04, 0)),
                Arguments.of(spec("score", 0.05, 0.01)),
                Arguments.of("{}"),
                Arguments.of("no JSON"));
    }

    @ParameterizedTest
    @MethodSource("otherPlans")
    void aVerdictIsNotCarriedToAPlanThatComparesOtherwiseUnlessItWarns(String other) {
        stage(1, spec("score", 0.05, 0), "CHALLENGER_BETTER");
        stage(2, other);
        assertThat(verdict()).isNull();
        stage(3, spec("score", 0.05, 0));
        assertThat(verdict()).as("and does not come back").isNull();
        stage(4, other, "CHALLENGER_BETTER", "HARM");
        stage(5, spec("score", 0.05, 0));
        assertThat(verdict()).startsWith("HARM of 4");
        stage(6, other, "INVALID");
        stage(7, spec("score", 0.05, 0));
        assertThat(verdict()).startsWith("INVALID of 6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "no JSON"})
    void plansThatDoNotSayWhatTheyCompareCarryNothing(String spec) {
        stage(1, spec, "CHALLENGER_BETTER");
        stage(2, spec);
        assertThat(verdict()).isNull();
    }

    @Test
    void theEndOfAnExperimentIsTheEndOfItsVerdicts() {
        String spec = spec("score", 0.05, 0);
        stage(1, spec, "HARM");
        apply(EntryType.EXPERIMENT_ENDED, CHALLENGER, Json.object().put("experiment", "trial"));
        stage(1, spec);
        assertThat(verdict()).isNull();
    }

    @Test
    void whatIsNoNextStepOfAnExperimentIsRefused() {
        refused(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 10), "of which there is none");
        refused(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", 2), "expected stage 1");
        refused(EntryType.EXPERIMENT_STARTED, CHAMPION, started("trial", 1), "compares a challenger with the champion");
        refused(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", 1).put("champion", 3), "champion");
        refused(
                EntryType.EXPERIMENT_STARTED,
                CHALLENGER,
                started("trial", 1).put("spec", "x".repeat(Operations.MOST_TEXT + 1)),
                "spec");
        apply(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", 1));
        refused(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("other", 1), "end it first");
        refused(EntryType.EXPERIMENT_STARTED, ModelRef.parse("risk@3"), started("trial", 2), "end it first");
        refused(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 2, 11), "stage 1");
        refused(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 10), "since 11");
        refused(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 12), "up to position 12");
        refused(
                EntryType.EXPERIMENT_ENDED,
                ModelRef.parse("risk@3"),
                Json.object().put("experiment", "trial"),
                "under way");
    }

    @Test
    void aVerdictDoesNotTakeTheLogBack() {
        apply(EntryType.EXPERIMENT_STARTED, CHALLENGER, started("trial", 1));
        size = 20;
        apply(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 15));
        refused(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 12), "the last was up to 15");
        refused(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 15), "the last was up to 15");
        apply(EntryType.EXPERIMENT_JUDGED, CHALLENGER, judged("trial", 1, 16));
    }

    @Test
    void aRequestOfDataThatEndBeforeTheyBeginIsRefused() {
        apply(EntryType.RETRAINING_REQUESTED, CHAMPION, retraining());
        assertThat(operations.retrainings()).hasSize(1);
        refused(
                EntryType.RETRAINING_REQUESTED,
                CHAMPION,
                retraining().put("until", "2025-12-31T00:00:00Z"),
                "before 2026-01-01");
        refused(EntryType.RETRAINING_REQUESTED, CHAMPION, retraining().put("from", "yesterday"), "times of the data");
        refused(EntryType.RETRAINING_REQUESTED, CHAMPION, retraining().put("cause", ""), "cause");
    }

    private void refused(EntryType type, ModelRef about, ObjectNode data, String why) {
        Operations before = operations;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(type, about, data))
                .withMessageContaining(why);
        assertThat(operations).isEqualTo(before);
    }
}
