package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.experiment.ExperimentSums;
import dev.modelops.core.internal.experiment.ExperimentSums.ArmSums;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Deployment.Spec;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Plan;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.serving.Served.By;
import dev.modelops.serving.Trial;
import dev.modelops.serving.Verdict;
import dev.modelops.serving.Verdict.State;
import dev.modelops.testkit.fixtures.MutableClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experiments whose share follows what outcomes show. */
class AdaptiveExperimentsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(Instant.parse("2090-01-01T09:00:00Z"));
    private Path folder;
    private LogKey key;
    private ModelOps ops;
    private ModelRef challenger;
    private Deployment<ModelRef> deployment;
    private PredictionLog.Recorder recorder;

    /** How often of ten times the champion is right, and how often the challenger is. */
    private int champions = 6;

    private int challengers = 8;
    private double slowness;
    private boolean hidesFailures;
    private int cases;
    private int wrong;

    @BeforeEach
    void begin() {
        folder = dir.resolve("store");
        key = Site.create(folder, Site.genesis());
        ops = open();
        var unused = Site.promoted(ops, dir, 1);
        challenger = Site.register(ops, dir, "risk", 2).ref();
        deployment =
                ops.as(Site.SCORING).serving().deploy(Spec.of("risk", Site.PRODUCTION, artifact -> artifact.ref()));
        recorder = ops.as(Site.SCORING)
                .predictions()
                .record("risk", Site.PRODUCTION, PredictionLog.Rules.all().segments(100_000, Duration.ofHours(1)));
    }

    @AfterEach
    void end() {
        ops.close();
    }

    private ModelOps open() {
        return Site.opening(Storages.existingDirectory(folder), key)
                .clock(clock)
                .start();
    }

    private Plan plan() {
        return Plan.of("second", challenger, Site.PRODUCTION, "label", Loss.MISMATCH)
                .judgedEvery(Duration.ZERO)
                .conclude(0.05, 20, 0)
                .split(0.1);
    }

    private Experiment start(Plan plan) {
        return ops.as(Site.RITA).experiments().start(plan);
    }

    private Experiment adapt() {
        return ops.as(Site.RITA).experiments().adapt("risk", Site.PRODUCTION);
    }

    private boolean isRight(ModelRef ref, int number) {
        return Math.floorMod(number * 7919L + number / 10, 10) < (ref.equals(challenger) ? challengers : champions);
    }

    private static String actual(int number) {
        return number % 2 == 0 ? "good" : "bad";
    }

    /** Has so many cases decided, with outcomes, and returns the share that the challenger answered for. */
    private double play(int count) {
        Trial<ModelRef, Integer, String> trial =
                Trial.of((ref, number) -> isRight(ref, number) ? actual(number) : actual(number + 1));
        int answered = 0;
        for (int i = 0; i < count; i++) {
            int number = cases++;
            Served<String> one = deployment.apply("unit-" + number, number, trial);
            assertThat(one.by()).isIn(By.CHALLENGER, By.CONTROL);
            boolean isChallenger = one.by() == By.CHALLENGER;
            answered += isChallenger ? 1 : 0;
            wrong += one.value().equals(actual(number)) ? 0 : 1;
            double millis = 5 + number % 3 + (isChallenger ? slowness : 0);
            assertThat(recorder.record(Prediction.of(one).output(Map.of("label", one.value(), "millis", millis))))
                    .isTrue();
            if (!(hidesFailures && isChallenger) || one.value().equals(actual(number))) {
                assertThat(recorder.outcome(one.predictionId(), actual(number))).isTrue();
            }
        }
        assertThat(recorder.flush()).isPresent();
        return (double) answered / count;
    }

    private List<Finding> findings() {
        return ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings();
    }

    @Test
    void theBetterArmEarnsItsShare() {
        assertThat(start(plan().adaptive(0.9)).stage()).isEqualTo(1);
        double first = play(300);
        assertThat(first).isBetween(0.05, 0.15);
        double last = first;
        for (int round = 0; round < 6; round++) {
            var unused = adapt();
            last = play(300);
        }

        assertThat(last).isBetween(0.85, 0.95);
        assertThat((double) wrong / cases).as("fewer are wrong than by halves").isLessThan(0.3);
        Experiment running =
                ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION).orElseThrow();
        assertThat(running.stage()).isGreaterThan(1);
        assertThat(running.mode()).isEqualTo(Experiment.Mode.SPLIT);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aFewCasesEarnNothing() {
        Experiment first = start(plan().adaptive(0.9).conclude(0.05, 100, 0));
        assertThat(adapt().position()).as("nothing is known").isEqualTo(first.position());
        challengers = 10;
        var unusedShare = play(300);
        assertThat(adapt().position()).as("about thirty of the challenger's").isEqualTo(first.position());
        unusedShare = play(1000);
        assertThat(adapt().stage()).isEqualTo(2);
        assertThat(findings()).isEmpty();
    }

    @Test
    void theWorseArmKeepsTheLeast() {
        challengers = 3;
        var unused = start(plan().adaptive(0.9));
        var unusedShare = play(1000);

        assertThat(adapt().stage()).as("the share it has is the one it earns").isEqualTo(1);

        assertThat(play(300)).isBetween(0.05, 0.15);
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatEarlierStagesShowedCounts() {
        var unused = start(plan().adaptive(0.9));
        var unusedShare = play(1500);
        Experiment second = adapt();
        assertThat(second.stage()).isEqualTo(2);
        assertThat(adapt().position()).as("nothing came since").isEqualTo(second.position());
        challengers = 0;
        unusedShare = play(20);

        var unusedThird = adapt();

        assertThat(play(300)).as("twenty cases are not all there is").isGreaterThan(0.5);
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatDoesHarmEarnsNothing() {
        slowness = 10;
        challengers = 10;
        var unused = start(plan().adaptive(0.9).guardrail("millis", 1).conclude(0.05, 100, 0));
        var unusedShare = play(3000);

        assertThatThrownBy(this::adapt).isInstanceOf(NotFoundException.class);

        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void adaptingOftenKeepsNoHarmFromBeingFound() {
        slowness = 10;
        challengers = 10;
        var unused = start(plan().adaptive(0.9).guardrail("millis", 1).conclude(0.05, 100, 0));

        assertThatThrownBy(() -> {
                    for (int i = 0; i < 40; i++) {
                        var unusedShare = play(150);
                        var unusedStage = adapt();
                    }
                })
                .isInstanceOf(NotFoundException.class);

        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void casesThatCannotBeComparedEarnNothing() {
        hidesFailures = true;
        challengers = 5;
        Experiment first = start(plan().adaptive(0.9).conclude(0.05, 100, 0));
        var unusedShare = play(4000);

        assertThat(adapt().position()).isEqualTo(first.position());

        assertThat(ops.as(Site.SCORING)
                        .experiments()
                        .judge("risk", Site.PRODUCTION)
                        .state())
                .isEqualTo(State.INVALID);
    }

    @Test
    void aShareAdaptsOnlyByPlanAndByWhoMayStart() {
        var unused = start(plan());
        var unusedShare = play(100);
        long stage = ops.as(Site.RITA)
                .experiments()
                .running("risk", Site.PRODUCTION)
                .orElseThrow()
                .stage();
        assertThatThrownBy(this::adapt)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("adaptive plan");
        assertThat(ops.as(Site.RITA)
                        .experiments()
                        .running("risk", Site.PRODUCTION)
                        .orElseThrow()
                        .stage())
                .isEqualTo(stage);
        var unusedNext = start(plan().adaptive(0.5));
        unusedShare = play(1000);

        assertThatThrownBy(() -> ops.as(Site.SCORING).experiments().adapt("risk", Site.PRODUCTION))
                .isInstanceOf(AccessDeniedException.class)
                .hasMessageContaining("start");

        assertThat(ops.as(Site.SCORING)
                        .experiments()
                        .judge("risk", Site.PRODUCTION)
                        .state())
                .isNotEqualTo(State.INVALID);
    }

    @Test
    void plansThatCannotAdaptAreRefused() {
        Plan other = Plan.of("second", challenger, Site.PRODUCTION, "label", Loss.SQUARED_ERROR)
                .split(0.1);

        assertThatThrownBy(() -> other.adaptive(0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MISMATCH");
        assertThatThrownBy(() -> plan().canary(0.1).adaptive(0.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan().adaptive(0.1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan().adaptive(1)).isInstanceOf(IllegalArgumentException.class);
        Plan sequential = plan().adaptive(0.5).method(Experiment.Method.GROUP_SEQUENTIAL, 1000);
        assertThatThrownBy(() -> start(sequential))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("take another method");
        assertThat(plan().adaptive(0.5).most()).isEqualTo(0.5);
        assertThat(plan().adaptive(0.5).split(0.2).most()).as("which stands").isEqualTo(0.2);
    }

    @Test
    void aShareThatAWriterMadeUpIsFound() throws Exception {
        long index = forgedShare(data -> {
            String spec = data.get("spec").asText();
            String forged = spec.replaceAll(
                            "\"open\":\\d+,\"slot\":\\d+,\"start\":0", "\"open\":3000,\"slot\":3000,\"start\":0")
                    .replaceAll(
                            "\"open\":\\d+,\"slot\":\\d+,\"start\":[1-9]\\d*",
                            "\"open\":7000,\"slot\":7000,\"start\":3000");
            assertThat(forged).isNotEqualTo(spec);
            data.put("spec", forged);
        });

        requireFound(index, "its share does not follow");
    }

    @Test
    void aRecordThatAWriterMadeUpIsFound() throws Exception {
        long index = forgedShare(data -> {
            String spec = data.get("spec").asText();
            String forged = spec.replaceFirst("\"right\":(\\d+)", "\"right\":$10");
            assertThat(forged).isNotEqualTo(spec);
            data.put("spec", forged);
        });

        requireFound(index, "what was known by the verdict");
    }

    @Test
    void countsThatNobodyCanHaveAreFound() throws Exception {
        long index = forgedShare(data -> {
            String spec = data.get("spec").asText();
            data.put("spec", spec.replaceFirst("\"right\":(\\d+)", "\"right\":" + (1L << 53)));
        });

        requireFound(index, "right");
    }

    @Test
    void aStageThatTakesOverTheCountsOfAnotherComparisonIsFound() throws Exception {
        long index = forgedShare(data ->
                data.put("spec", data.get("spec").asText().replace("\"output\":\"label\"", "\"output\":\"other\"")));

        requireFound(index, "compares something else");
    }

    @Test
    void aVerdictThatNeverWasIsFound() throws Exception {
        long index = forgedShare(data -> {
            String spec = data.get("spec").asText();
            String forged = spec.replaceFirst("\"verdict\":\\d+", "\"verdict\":0");
            assertThat(forged).isNotEqualTo(spec);
            data.put("spec", forged);
        });

        requireFound(index, "no verdict of the stage before");
    }

    @Test
    void aStageThatRestsOnAnEarlierVerdictThatWasMadeUpIsFound() throws Exception {
        challengers = 7;
        champions = 7;
        var unused = start(plan().adaptive(0.9));
        var unusedShare = play(300);
        Verdict early = ops.as(Site.SCORING).experiments().judge("risk", Site.PRODUCTION);
        unusedShare = play(300);
        assertThat(early.state()).isEqualTo(State.CONTINUE);
        long index = early.position().index();
        long next = adapt().position().index();
        recorder.close();
        ops.close();

        try (Attacker attacker = Attacker.on(folder)) {
            ObjectNode judged = (ObjectNode) JSON.readTree(attacker.body(index));
            ObjectNode started = (ObjectNode) JSON.readTree(attacker.body(next));
            var said = dev.modelops.core.internal.experiment.Verdict.verify(
                    judged.path("data").path("verdict").asText().getBytes(StandardCharsets.UTF_8));
            ExperimentSums sums = said.sums();
            ArmSums of = sums.challenger();
            ArmSums better =
                    new ArmSums(of.assigned(), CenteredSums.of(of.loss().count(), 2, 2), of.guardrails());
            var madeUp = dev.modelops.core.internal.experiment.Verdict.of(
                    said.spec(), new ExperimentSums(sums.champion(), better, sums.pairs(), List.of()));
            assertThat(madeUp.state()).isEqualTo(State.CONTINUE);
            ((ObjectNode) judged.get("data")).put("verdict", new String(madeUp.toBytes(), StandardCharsets.UTF_8));
            ((ObjectNode) started.get("data"))
                    .put(
                            "spec",
                            new String(said.spec().adapted(madeUp.sums(), index).toBytes(), StandardCharsets.UTF_8));
            rewrite(attacker, Map.of(index, judged, next, started));
        }

        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).anySatisfy(finding -> {
                assertThat(finding.index()).hasValue(index);
                assertThat(finding.message()).contains("not concluded from the segments");
            });
        }
    }

    private static void rewrite(Attacker attacker, Map<Long, ObjectNode> entries) throws Exception {
        long first = entries.keySet().stream().mapToLong(Long::longValue).min().orElseThrow();
        attacker.run("BEGIN IMMEDIATE");
        for (Map.Entry<Long, ObjectNode> entry : entries.entrySet()) {
            attacker.body(entry.getKey(), entry.getValue().toString().getBytes(StandardCharsets.UTF_8));
        }
        attacker.run("DELETE FROM modelops_seal WHERE size > ?", first);
        attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", first);
        attacker.head();
        attacker.seal(first, Site.KEYS.ed25519("writer"));
        attacker.run("COMMIT");
    }

    @Test
    void aShareEarnedByCasesThatCannotBeComparedIsFound() throws Exception {
        hidesFailures = true;
        challengers = 5;
        var unused = start(plan().adaptive(0.9).conclude(0.05, 100, 0));
        var unusedShare = play(4000);
        Verdict invalid = ops.as(Site.SCORING).experiments().judge("risk", Site.PRODUCTION);
        assertThat(invalid.state()).isEqualTo(State.INVALID);
        long index =
                start(plan().adaptive(0.9).conclude(0.05, 100, 0)).position().index();
        recorder.close();
        ops.close();
        try (Attacker attacker = Attacker.on(folder)) {
            ObjectNode started = (ObjectNode) JSON.readTree(attacker.body(index));
            var said = dev.modelops.core.internal.experiment.Verdict.verify(
                    invalid.json().getBytes(StandardCharsets.UTF_8));
            byte[] spec =
                    said.spec().adapted(said.sums(), invalid.position().index()).toBytes();
            ((ObjectNode) started.get("data")).put("spec", new String(spec, StandardCharsets.UTF_8));
            rewrite(attacker, Map.of(index, started));
        }

        requireFound(index, "a verdict of INVALID");
    }

    /** The challenger is so much better that its share is the largest whatever counts are made up. */
    private long forgedShare(Consumer<ObjectNode> change) throws Exception {
        challengers = 10;
        champions = 1;
        var unused = start(plan().adaptive(0.9));
        var unusedShare = play(1000);
        long index = adapt().position().index();
        recorder.close();
        ops.close();
        try (Attacker attacker = Attacker.on(folder)) {
            ObjectNode entry = (ObjectNode) JSON.readTree(attacker.body(index));
            change.accept((ObjectNode) entry.get("data"));
            rewrite(attacker, Map.of(index, entry));
        }
        return index;
    }

    private void requireFound(long index, String what) {
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).anySatisfy(finding -> {
                assertThat(finding.index()).hasValue(index);
                assertThat(finding.message()).contains(what);
            });
        }
    }
}
