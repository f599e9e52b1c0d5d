package dev.modelops.core.faults;

import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThat;
import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThatRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.CommandId;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.internal.experiment.ExperimentSums;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Deployment.Shadow;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is concluded of challengers from predictions and outcomes, by whom, and what follows from it. */
class ExperimentVerdictsTest {
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Shadow ROOMY =
            new Shadow(1, 100_000, Duration.ofMinutes(5), 1, 1_000_000, Duration.ofSeconds(1));

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(START);
    private final Queue<Served<Double>> shadows = new ConcurrentLinkedQueue<>();
    private final List<Served<Double>> served = new ArrayList<>();
    private final List<Integer> cases = new ArrayList<>();
    private Path folder;
    private LogKey key;
    private ModelOps ops;
    private ModelRef champion;
    private ModelRef challenger;
    private Deployment<ModelRef> deployment;
    private PredictionLog.Recorder recorder;

    @BeforeEach
    void begin() {
        folder = dir.resolve("store");
        key = Site.create(folder, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER));
        ops = open();
        champion = Site.promoted(ops, dir, 1);
        challenger = Site.register(ops, dir, "risk", 2).ref();
        deployment = ops.as(Site.SCORING)
                .serving()
                .deploy(Spec.of("risk", Site.PRODUCTION, artifact -> artifact.ref())
                        .shadow(ROOMY));
        recorder = recorder(ops);
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

    private static PredictionLog.Recorder recorder(ModelOps ops) {
        return ops.as(Site.SCORING)
                .predictions()
                .record("risk", Site.PRODUCTION, PredictionLog.Rules.all().segments(100_000, Duration.ofHours(1)));
    }

    private Plan plan() {
        return Plan.of("second", challenger, Site.PRODUCTION, "score", Loss.SQUARED_ERROR)
                .judgedEvery(Duration.ZERO);
    }

    private Experiment start(Plan plan) {
        return ops.as(Site.RITA).experiments().start(plan);
    }

    private Verdict judge() {
        return judge(Site.SCORING);
    }

    private Verdict judge(Principal who) {
        return ops.as(who).experiments().judge("risk", Site.PRODUCTION);
    }

    /** The first version guesses, the second knows more; both err more in every seventh case. */
    private static double score(ModelRef ref, int number) {
        double error = ref.version().value() == 1 ? 0.4 : 0.1;
        error += number % 7 == 0 ? 0.05 : 0;
        return number % 2 == 0 ? error : 1 - error;
    }

    private static String actual(int number) {
        return number % 2 == 0 ? "0" : "1";
    }

    /** Has so many cases decided, and recorded if they are to be. */
    private void play(int count, Predicate<Served<Double>> isRecorded) throws InterruptedException {
        Trial<ModelRef, Integer, Double> trial = Trial.<ModelRef, Integer, Double>of(ExperimentVerdictsTest::score)
                .shadow(shadows::add);
        int before = shadows.size();
        int asked = 0;
        for (int i = 0; i < count; i++) {
            int number = cases.size();
            Served<Double> one = deployment.apply("unit-" + number, number, trial);
            asked += one.experiment() > 0 && one.by() == By.CHAMPION ? 1 : 0;
            served.add(one);
            cases.add(number);
            record(one, isRecorded);
        }
        int expected = before + asked;
        Site.await("all shadows answer", () -> shadows.size() == expected);
        shadows.stream().skip(before).forEach(one -> record(one, isRecorded));
    }

    private void record(Served<Double> one, Predicate<Served<Double>> isRecorded) {
        if (isRecorded.test(one)) {
            assertThat(recorder.record(Prediction.of(one)
                            .output(Map.of("score", one.value(), "millis", 5 + one.sequence() % 3 + extra(one)))))
                    .isTrue();
        }
    }

    private double slowness;

    private double extra(Served<Double> one) {
        return one.version().equals(challenger) ? slowness : 0;
    }

    private void play(int count) throws InterruptedException {
        play(count, one -> true);
    }

    private void tell(PredictionLog.Recorder to, Predicate<Served<Double>> isKnown) {
        for (int i = 0; i < served.size(); i++) {
            if (isKnown.test(served.get(i))) {
                assertThat(to.outcome(served.get(i).predictionId(), actual(cases.get(i))))
                        .isTrue();
            }
        }
        assertThat(to.flush()).isPresent();
    }

    private void tell() {
        tell(recorder, one -> true);
    }

    private static ExperimentSums sums(Verdict verdict) {
        return dev.modelops.core.internal.experiment.Verdict.verify(
                        verdict.json().getBytes(StandardCharsets.UTF_8))
                .sums();
    }

    private List<Finding> findings() {
        return ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings();
    }

    @Test
    void aBetterShadowIsFoundToBeBetterAndEverybodyFindsTheSame() throws Exception {
        Experiment experiment = start(plan());
        play(400);
        assertThat(judge().state()).isEqualTo(State.CONTINUE);
        tell();

        Verdict verdict = judge();

        assertThat(verdict.state()).isEqualTo(State.CHALLENGER_BETTER);
        Verdict.Difference difference = verdict.difference().orElseThrow();
        assertThat(difference.count()).isEqualTo(400);
        double expected = cases.stream()
                .mapToDouble(number -> square(score(challenger, number) - Double.parseDouble(actual(number)))
                        - square(score(champion, number) - Double.parseDouble(actual(number))))
                .average()
                .orElseThrow();
        assertThat(difference.estimate()).isCloseTo(expected, within(1e-12));
        assertThat(difference.upper()).isNegative();
        assertThat(verdict.position()).isEqualTo(ops.position());
        assertThat(verdict.experiment().position()).isEqualTo(experiment.position());
        long size = ops.position().size();
        assertThat(judge()).as("nothing came since").isEqualTo(verdict);
        assertThat(ops.position().size()).isEqualTo(size);
        assertThat(ops.as(Site.RITA)
                        .experiments()
                        .running("risk", Site.PRODUCTION)
                        .orElseThrow()
                        .verdict())
                .contains(State.CHALLENGER_BETTER);
        try (ModelOps far = open()) {
            assertThat(far.as(Site.VERA).experiments().judge("risk", Site.PRODUCTION))
                    .isEqualTo(verdict);
        }
        assertThat(findings()).isEmpty();
    }

    private static double square(double value) {
        return value * value;
    }

    @Test
    void outcomesThatComeBeforeTwiceLateOrForNobodyCountOnceAndOnlyWhereTheyBelong() throws Exception {
        var unused = start(plan());
        play(250);
        try (ModelOps far = open()) {
            // Before the predictions are in any segment.
            PredictionLog.Recorder there = recorder(far);
            tell(there, one -> cases.get(served.indexOf(one)) < 100);
            assertThat(there.outcome("0123456789abcdef-0123456789abcdef", "1")).isTrue();
            assertThat(there.flush()).isPresent();
            assertThat(recorder.flush()).isPresent();
            clock.advance(Duration.ofDays(60));
            // The same again, and others that contradict the first.
            tell(there, one -> cases.get(served.indexOf(one)) < 50);
            for (int i = 50; i < 100; i++) {
                assertThat(there.outcome(served.get(i).predictionId(), actual(i + 1)))
                        .isTrue();
            }
            shadows.forEach(shadow ->
                    assertThat(there.outcome(shadow.predictionId(), "1")).isTrue());
            tell(there, one -> cases.get(served.indexOf(one)) >= 100);
        }

        Verdict verdict = judge();

        ExperimentSums sums = sums(verdict);
        assertThat(sums.pairs().count()).isEqualTo(250);
        assertThat(sums.champion().assigned()).isEqualTo(250);
        assertThat(sums.challenger().assigned()).isEqualTo(250);
        assertThat(sums.champion().loss().count()).isEqualTo(250);
        double expected = cases.stream()
                .mapToDouble(number -> square(score(champion, number) - Double.parseDouble(actual(number))))
                .average()
                .orElseThrow();
        assertThat(sums.champion().loss().mean()).isCloseTo(expected, within(1e-12));
        assertThat(verdict.state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aPredictionRecordedTwiceIsOneCase() throws Exception {
        var unused = start(plan());
        play(30);
        served.forEach(one -> record(one, any -> true));
        shadows.forEach(one -> record(one, any -> true));
        tell();

        ExperimentSums sums = sums(judge());

        assertThat(sums.champion().assigned()).isEqualTo(30);
        assertThat(sums.challenger().assigned()).isEqualTo(30);
        assertThat(sums.pairs().count()).isEqualTo(30);
    }

    @Test
    void aSampleOfPredictionsIsOneOfPairs() throws Exception {
        recorder.close();
        recorder = ops.as(Site.SCORING)
                .predictions()
                .record(
                        "risk",
                        Site.PRODUCTION,
                        PredictionLog.Rules.all().sample(3).segments(100_000, Duration.ofHours(1)));
        var unused = start(plan());
        play(900);
        tell();

        Verdict verdict = judge();

        assertThat(verdict.state()).isEqualTo(State.CHALLENGER_BETTER);
        ExperimentSums sums = sums(verdict);
        assertThat(sums.champion().assigned()).isBetween(250L, 350L);
        assertThat(sums.pairs().count()).isEqualTo(sums.champion().assigned());
    }

    @Test
    void aShadowThatSeldomAnswersProvesNothing() throws Exception {
        var unused = start(plan());
        play(400, one -> one.by() != By.SHADOW || one.pair() % 2 == 0);
        tell();

        Verdict verdict = judge();

        assertThat(verdict.state()).isEqualTo(State.INVALID);
        assertThat(verdict.reason()).contains("too few cases");
    }

    @Test
    void armsOfOtherSizesThanPlannedProveNothing() throws Exception {
        var unused = start(plan().split(0.5));
        play(1000, one -> one.by() != By.CHALLENGER || one.sequence() % 3 != 0);
        tell();

        Verdict verdict = judge();

        assertThat(verdict.state()).isEqualTo(State.INVALID);
        assertThat(verdict.reason()).contains("sizes");
        assertThat(findings()).isEmpty();
    }

    @Test
    void outcomesKnownOfOneArmMoreOftenProveNothing() throws Exception {
        var unused = start(plan().split(0.5));
        play(1000);
        tell(recorder, one -> one.by() != By.CHALLENGER || one.sequence() % 2 == 0);

        assertThat(judge().reason()).contains("more often in one arm");
    }

    @Test
    void aSplitIsJudgedByTwoSamples() throws Exception {
        var unused = start(plan().split(0.5));
        play(1200);
        tell();

        Verdict verdict = judge();

        assertThat(verdict.state()).isEqualTo(State.CHALLENGER_BETTER);
        ExperimentSums sums = sums(verdict);
        assertThat(sums.champion().assigned() + sums.challenger().assigned()).isEqualTo(1200);
        assertThat(sums.pairs().count()).isZero();
        assertThat(findings()).isEmpty();
    }

    @Test
    void eachStageIsJudgedByItsOwnCases() throws Exception {
        var unused = start(plan().split(0.5));
        play(600);
        tell();
        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);

        Experiment second = start(plan().split(0.6));

        assertThat(second.stage()).isEqualTo(2);
        assertThat(second.verdict()).as("of the first stage").contains(State.CHALLENGER_BETTER);
        Verdict verdict = judge();
        assertThat(verdict.state()).isEqualTo(State.CONTINUE);
        assertThat(verdict.experiment().verdict()).contains(State.CHALLENGER_BETTER);
        assertThat(sums(verdict)).isEqualTo(ExperimentSums.NONE);
        play(300);
        tell();
        assertThat(sums(judge()).champion().assigned()
                        + sums(judge()).challenger().assigned())
                .isEqualTo(300);
        assertThat(findings()).isEmpty();
    }

    @Test
    void harmEndsTheExperimentWithoutWaitingForOutcomes() throws Exception {
        slowness = 3;
        var unused = start(plan().split(0.5).guardrail("millis", 1));
        play(800);
        assertThat(recorder.flush()).isPresent();

        Verdict verdict = judge();

        assertThat(verdict.state()).isEqualTo(State.HARM);
        assertThat(verdict.reason()).contains("millis");
        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        assertThat(deployment.status().challenger()).isEmpty();
        assertThat(deployment
                        .apply("unit-0", 1, Trial.of(ExperimentVerdictsTest::score))
                        .by())
                .isEqualTo(By.CHAMPION);
        assertThatThrownBy(this::judge).isInstanceOf(NotFoundException.class);
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatStaysWithinItsMarginIsNoHarm() throws Exception {
        slowness = 0.5;
        var unused = start(plan().guardrail("millis", 1));
        play(400);
        tell();

        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);
    }

    @Test
    void whoMayJudgeButNotEndLeavesTheEndToTheNextWhoMay() throws Exception {
        slowness = 3;
        var unused = start(plan().guardrail("millis", 1));
        play(400);
        assertThat(recorder.flush()).isPresent();

        assertThat(judge(Site.VERA).state()).isEqualTo(State.HARM);

        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isPresent();
        long size = ops.position().size();
        assertThat(judge(Site.SCORING).state()).isEqualTo(State.HARM);
        assertThat(ops.position().size()).as("the same verdict, and the end").isEqualTo(size + 1);
        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
    }

    @Test
    void aPolicyMayDemandAFreshVerdictBeforeAPromotion() throws Exception {
        var unused = Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .forbid("gate-verdict")
                        .on(Action.Type.PROMOTE)
                        .when(Condition.inEnvironment(Site.PRODUCTION))
                        .unless(Condition.fact("experiment.verdict")
                                .is("CHALLENGER_BETTER")
                                .and(Condition.fact("experiment.judgedAt").withinLast(Duration.ofDays(7))))
                        .expects("a verdict of the last seven days that the challenger is better")
                        .build());
        var approved = Site.registry(ops, Site.VERA).approve(challenger, Site.PRODUCTION, "VR-2");
        assertThat(approved).isNotNull();
        var begun = start(plan());
        assertThat(begun).isNotNull();
        play(300);
        assertThatRefused(this::promote);
        assertThat(judge().state()).isEqualTo(State.CONTINUE);
        assertThatRefused(this::promote);
        tell();
        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);
        clock.advance(Duration.ofDays(8));
        assertThatRefused(this::promote);
        play(10);
        tell();
        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);

        promote();

        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        assertThat(deployment).serves(challenger);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aVerdictCountsOnWhileTheNextStageGoesOnAndIsThatOfItsOwnStage() throws Exception {
        var unused = Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .forbid("gate-verdict")
                        .on(Action.Type.PROMOTE)
                        .when(Condition.inEnvironment(Site.PRODUCTION))
                        .unless(Condition.fact("experiment.verdict")
                                .is("CHALLENGER_BETTER")
                                .and(Condition.fact("experiment.verdictStage").atMost(1))
                                .and(Condition.fact("experiment.stage").atLeast(2))
                                .and(Condition.fact("experiment.judgedAt").withinLast(Duration.ofDays(7))))
                        .expects("a verdict of the first stage, and a second one")
                        .build());
        var approved = Site.registry(ops, Site.VERA).approve(challenger, Site.PRODUCTION, "VR-2");
        assertThat(approved).isNotNull();
        assertThat(start(plan()).stage()).isEqualTo(1);
        play(300);
        tell();
        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThatRefused(this::promote);
        clock.advance(Duration.ofDays(5));
        assertThat(start(plan().canary(0.5)).stage()).isEqualTo(2);
        play(20);
        tell();
        assertThat(judge().state()).isEqualTo(State.CONTINUE);
        assertThat(Site.registry(ops, Site.RITA).check(Action.promote(challenger, Site.PRODUCTION)))
                .isInstanceOf(Decision.Allow.class);
        clock.advance(Duration.ofDays(3));
        assertThatRefused(this::promote);
        play(600);
        tell();
        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThatRefused(this::promote);
        assertThat(findings()).isEmpty();
    }

    @Test
    void anotherMeasureOrAnotherExperimentOwesNothingToAnEarlierVerdict() throws Exception {
        var unused = start(plan());
        play(300);
        tell();
        assertThat(judge().state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThat(start(plan().canary(0.1)).verdict()).contains(State.CHALLENGER_BETTER);

        assertThat(start(plan().conclude(0.1, 200, 0)).verdict()).isEmpty();
        assertThat(start(plan()).verdict()).isEmpty();
        play(10);
        tell();
        assertThat(judge().experiment().verdict()).contains(State.CONTINUE);
        assertThat(ops.as(Site.RITA).experiments().end("risk", Site.PRODUCTION, "another"))
                .isNotNull();
        assertThat(start(plan()).verdict()).isEmpty();
    }

    @Test
    void aStartUnderAnUsedIdentityIsTheSameStartOrRefused() {
        CommandId id = CommandId.of("start-second");
        Plan plan = plan().guardrail("millis", 1).as(id);
        Experiment started = start(plan);
        long size = ops.position().size();
        assertThat(start(plan)).isEqualTo(started);
        for (Plan other : List.of(
                plan().guardrail("millis", 2).as(id),
                plan().as(id),
                plan.canary(0.1),
                plan.conclude(0.1, 200, 0),
                Plan.of("third", challenger, Site.PRODUCTION, "score", Loss.SQUARED_ERROR)
                        .judgedEvery(Duration.ZERO)
                        .as(id),
                Plan.of("second", champion, Site.PRODUCTION, "score", Loss.SQUARED_ERROR)
                        .judgedEvery(Duration.ZERO)
                        .guardrail("millis", 1)
                        .as(id))) {
            assertThatThrownBy(() -> start(other))
                    .isInstanceOf(VersionConflictException.class)
                    .hasMessageContaining("was used for another act");
        }
        var ended = ops.as(Site.RITA).experiments().end("risk", Site.PRODUCTION, "enough");
        assertThat(ended).isNotNull();
        assertThat(start(plan)).as("it is over, and not started again").isEqualTo(started);
        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        assertThat(ops.position().size()).isEqualTo(size + 1);
    }

    @Test
    void whoeverRepeatsTheStartOfAnotherIsRefused() {
        Plan plan = plan().as(CommandId.of("start-second"));
        assertThat(start(plan).stage()).isEqualTo(1);
        var granted = Site.registry(ops, Site.ADMIN).perform(Action.grantRole(Site.VERA, Role.RELEASE_MANAGER));
        assertThat(granted).isNotNull();

        assertThatThrownBy(() -> ops.as(Site.VERA).experiments().start(plan))
                .isInstanceOf(VersionConflictException.class)
                .hasMessageContaining("by " + Site.RITA);
    }

    private void promote() {
        var unused = Site.registry(ops, Site.RITA).promote(challenger, Site.PRODUCTION);
    }

    @Test
    void aGroupSequentialTestLooksOnceForEachVerdict() throws Exception {
        var unused =
                start(plan().method(Experiment.Method.GROUP_SEQUENTIAL, 400).conclude(0.05, 100, 0));
        play(50);
        tell();
        assertThat(sums(judge()).looks()).as("not enough to look at").isEmpty();
        play(50);
        tell();
        assertThat(sums(judge()).looks()).containsExactly(100L);
        assertThat(sums(judge()).looks()).containsExactly(100L);
        play(100);
        tell();
        Verdict verdict = judge();
        assertThat(sums(verdict).looks()).containsExactly(100L, 200L);
        assertThat(verdict.state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThat(findings()).isEmpty();
    }

    @Test
    void aGroupSequentialTestThatIsAskedAllTheTimeLooksTenTimesAndAlwaysAtItsEnd() throws Exception {
        var unused =
                start(plan().method(Experiment.Method.GROUP_SEQUENTIAL, 240).conclude(0.05, 24, 0));
        LogPosition concluded = null;
        for (int round = 1; round <= 60; round++) {
            play(4);
            tell();
            Verdict verdict = judge();
            boolean isConcluded = verdict.state() == State.CHALLENGER_BETTER;
            assertThat(isConcluded || concluded == null)
                    .as("what was concluded stands, round %d", round)
                    .isTrue();
            if (isConcluded && round % 6 != 0) {
                assertThat(verdict.position()).as("between two looks").isEqualTo(concluded);
            }
            concluded = isConcluded ? verdict.position() : null;
        }
        Verdict last = judge();
        assertThat(sums(last).looks()).containsExactly(24L, 48L, 72L, 96L, 120L, 144L, 168L, 192L, 216L, 240L);
        assertThat(last.state()).isEqualTo(State.CHALLENGER_BETTER);
        play(30);
        tell();
        assertThat(judge()).as("after the end").isEqualTo(last);
        assertThat(findings()).isEmpty();
    }

    @Test
    void twoProcessesThatJudgeWhileCasesComeInNeverGetInEachOthersWay() throws Exception {
        var unused = start(plan());
        try (ModelOps far = open()) {
            ExecutorService pool = Executors.newFixedThreadPool(2);
            try {
                AtomicBoolean isOver = new AtomicBoolean();
                List<Future<Integer>> judging = new ArrayList<>();
                for (ModelOps one : List.of(ops, far)) {
                    judging.add(pool.submit(() -> {
                        int verdicts = 0;
                        while (!isOver.get()) {
                            var verdict = one.as(Site.SCORING).experiments().judge("risk", Site.PRODUCTION);
                            verdicts += verdict.position().size() > 0 ? 1 : 0;
                        }
                        return verdicts;
                    }));
                }
                for (int round = 0; round < 60 && judging.stream().noneMatch(Future::isDone); round++) {
                    play(3);
                    tell();
                }
                isOver.set(true);
                for (Future<Integer> one : judging) {
                    assertThat(one.get(30, TimeUnit.SECONDS)).isPositive();
                }
            } finally {
                pool.shutdownNow();
            }
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void betweenTwoLooksHarmIsStillFound() throws Exception {
        var unused = start(plan().method(Experiment.Method.GROUP_SEQUENTIAL, 10_000)
                .conclude(0.05, 100, 0)
                .guardrail("millis", 1));
        play(100);
        tell();
        assertThat(judge().state()).isEqualTo(State.CONTINUE);
        slowness = 50;
        play(400);
        tell();

        Verdict verdict = judge();

        assertThat(sums(verdict).looks()).isEmpty();
        assertThat(verdict.state()).isEqualTo(State.HARM);
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatHasExpiredIsNotJudgedAnyMoreButWhatWasJudgedStands() throws Exception {
        Experiment experiment = start(plan());
        play(300);
        tell();
        Verdict stands = judge();
        assertThat(stands.state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).unchecked())
                .isEmpty();
        var expired = Site.registry(ops, PIA)
                .perform(Action.expireRecords(
                        Site.RISK, LogPosition.of(ops.position().size()), "retention"));
        assertThat(expired).isNotNull();
        play(10);
        tell();

        assertThatThrownBy(this::judge).isInstanceOf(NotFoundException.class).hasMessageContaining("expired");

        assertThat(ops.as(Site.RITA)
                        .experiments()
                        .running("risk", Site.PRODUCTION)
                        .orElseThrow()
                        .position())
                .isEqualTo(experiment.position());
        String segment = ops.as(Site.AUDITOR)
                .audit()
                .query(AuditQuery.all().type("dev.modelops.segment.recorded.v1").limit(1))
                .items()
                .get(0)
                .body()
                .toUtf8()
                .replaceAll(".*\"segment\":\"sha256:(..)([0-9a-f]{62})\".*", "$1/$2");
        Files.delete(folder.resolve("blobs/sha256").resolve(segment));
        AuditReport report = ops.as(Site.AUDITOR).audit().verify(Progress.NONE);
        assertThat(report.findings()).isEmpty();
        assertThat(report.unchecked()).singleElement().satisfies(left -> {
            assertThat(left.index()).hasValue(stands.position().index());
            assertThat(left.message()).contains("not added up again");
        });
    }

    enum Forgery {
        ANOTHER_STATE {
            @Override
            void change(ObjectNode data) {
                data.put("state", "EQUIVALENT");
            }
        },
        ANOTHER_CONCLUSION {
            @Override
            void change(ObjectNode data) {
                data.put("verdict", data.get("verdict").asText().replace("challenger-better", "champion-better"));
                data.put("state", "CHAMPION_BETTER");
            }
        },
        OTHER_SUMS {
            @Override
            void change(ObjectNode data) {
                var verdict = read(data);
                ExperimentSums sums = verdict.sums();
                write(
                        data,
                        verdict.spec(),
                        new ExperimentSums(sums.challenger(), sums.champion(), sums.pairs(), List.of()));
            }
        },
        ANOTHER_PLAN {
            @Override
            void change(ObjectNode data) {
                var verdict = read(data);
                ExperimentSpec spec = verdict.spec();
                write(
                        data,
                        new ExperimentSpec(
                                "third", spec.mode(), spec.champion(), spec.challenger(), spec.measure(), spec.rule()),
                        verdict.sums());
            }
        },
        NO_VERDICT {
            @Override
            void change(ObjectNode data) {
                data.put("verdict", "{}");
            }
        };

        abstract void change(ObjectNode data);

        static dev.modelops.core.internal.experiment.Verdict read(ObjectNode data) {
            return dev.modelops.core.internal.experiment.Verdict.verify(
                    data.get("verdict").asText().getBytes(StandardCharsets.UTF_8));
        }

        static void write(ObjectNode data, ExperimentSpec spec, ExperimentSums sums) {
            var verdict = dev.modelops.core.internal.experiment.Verdict.of(spec, sums);
            data.put("verdict", new String(verdict.toBytes(), StandardCharsets.UTF_8));
            data.put("state", verdict.state().name());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aVerdictThatAWriterMadeUpIsFound(Forgery forgery) throws Exception {
        var unused = start(plan());
        play(220);
        tell();
        long index = judge().position().index();
        recorder.close();
        ops.close();

        forge(index, forgery::change);

        requireFound(index, "");
    }

    @Test
    void aVerdictMadeUpForAStageThatIsOverIsFound() throws Exception {
        var unused = start(plan());
        play(220);
        tell();
        long index = judge().position().index();
        unused = start(plan());
        play(10);
        tell();
        assertThat(judge().state()).isEqualTo(State.CONTINUE);
        recorder.close();
        ops.close();

        forge(index, Forgery.OTHER_SUMS::change);

        requireFound(index, "not concluded from the segments");
    }

    @Test
    void aVerdictMadeUpBeforeOneThatFollowsIsFound() throws Exception {
        var unused = start(plan());
        play(220);
        tell();
        long index = judge().position().index();
        play(10);
        tell();
        assertThat(judge().position().index()).isGreaterThan(index);
        recorder.close();
        ops.close();

        forge(index, Forgery.OTHER_SUMS::change);

        requireFound(index, "not concluded from the segments");
    }

    @Test
    void aVerdictThatKeepsQuietAboutALookIsFound() throws Exception {
        var unused =
                start(plan().method(Experiment.Method.GROUP_SEQUENTIAL, 400).conclude(0.05, 100, 0));
        play(100);
        tell();
        assertThat(sums(judge()).looks()).hasSize(1);
        play(100);
        tell();
        long index = judge().position().index();
        recorder.close();
        ops.close();

        forge(index, data -> {
            var verdict = Forgery.read(data);
            Forgery.write(data, verdict.spec(), verdict.sums().withLooks(List.of(200L)));
        });

        requireFound(index, "looks");
    }

    private void requireFound(long index, String what) {
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).anySatisfy(finding -> {
                assertThat(finding.index()).hasValue(index);
                assertThat(finding.message())
                        .contains("the verdict of entry " + index)
                        .contains(what);
            });
        }
    }

    @Test
    void aPlanThatAWriterMadeUpIsFoundAndNothingTakesPart() throws Exception {
        long index = start(plan().split(0.5)).position().index();
        recorder.close();
        ops.close();

        forge(index, data -> data.put("spec", data.get("spec").asText().replace("\"second\"", "\"third\"")));

        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .anySatisfy(finding -> assertThat(finding.message()).contains("the plan of the experiment"));
        }
        forge(index, data -> data.put("spec", "{}"));
        ops = open();
        deployment =
                ops.as(Site.SCORING).serving().deploy(Spec.of("risk", Site.PRODUCTION, artifact -> artifact.ref()));
        Trial<ModelRef, Integer, Double> trial = Trial.of(ExperimentVerdictsTest::score);
        for (int i = 0; i < 50; i++) {
            assertThat(deployment.apply("unit-" + i, i, trial).by()).isEqualTo(By.CHAMPION);
        }
        assertThatThrownBy(() -> ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isInstanceOf(IntegrityException.class);
        assertThatThrownBy(this::judge).isInstanceOf(IntegrityException.class);
    }

    private void forge(long index, java.util.function.Consumer<ObjectNode> change) throws Exception {
        try (Attacker attacker = Attacker.on(folder)) {
            ObjectNode entry = (ObjectNode) JSON.readTree(attacker.body(index));
            change.accept((ObjectNode) entry.get("data"));
            attacker.run("BEGIN IMMEDIATE");
            attacker.body(index, entry.toString().getBytes(StandardCharsets.UTF_8));
            attacker.run("DELETE FROM modelops_seal WHERE size > ?", index);
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", index);
            attacker.head();
            attacker.seal(index, Site.KEYS.ed25519("writer"));
            attacker.run("COMMIT");
        }
    }
}
