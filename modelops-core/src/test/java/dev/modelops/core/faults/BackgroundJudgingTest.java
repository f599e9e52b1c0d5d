package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Environment;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Page;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.Action;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Deployment.Spec;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Plan;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.serving.Trial;
import dev.modelops.serving.Verdict.State;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever takes part in an experiment judges it, though nobody asks. */
class BackgroundJudgingTest {
    private static final Duration EVERY = Duration.ofMinutes(5);

    @TempDir
    static Path dir;

    private final MutableClock clock = MutableClock.at(Instant.parse("2090-01-01T09:00:00Z"));
    private FaultyLogStore log;
    private Storage storage;
    private LogKey key;
    private ModelOps ops;
    private ModelRef challenger;
    private Deployment<ModelRef> deployment;
    private PredictionLog.Recorder recorder;
    private double slowness;

    @BeforeEach
    void begin() {
        Storage kept = TestStorage.fresh();
        log = new FaultyLogStore(kept.log());
        storage = new Storage(log, kept.blobs());
        key = ModelOps.create(storage, Site.genesis());
        ops = open();
        var champion = Site.promoted(ops, dir, 1);
        challenger = Site.register(ops, dir, "risk", 2).ref();
        var staged = Site.registry(ops, Site.RITA).promote(champion, Site.STAGING);
        assertThat(staged).isNotNull();
        deployment = deploy(ops, Site.PRODUCTION);
        recorder = recorder(ops, Site.PRODUCTION);
    }

    @AfterEach
    void end() throws Exception {
        ops.close();
        Site.requireNoThreads();
    }

    private ModelOps open() {
        return Site.opening(storage, key).clock(clock).start();
    }

    private static Deployment<ModelRef> deploy(ModelOps ops, Environment environment) {
        return ops.as(Site.SCORING).serving().deploy(Spec.of("risk", environment, artifact -> artifact.ref()));
    }

    private static PredictionLog.Recorder recorder(ModelOps ops, Environment environment) {
        return ops.as(Site.SCORING)
                .predictions()
                .record("risk", environment, PredictionLog.Rules.all().segments(100_000, Duration.ofHours(1)));
    }

    private Plan plan(Environment environment) {
        return Plan.of("second", challenger, environment, "score", Loss.SQUARED_ERROR)
                .split(0.5)
                .guardrail("millis", 1);
    }

    private Experiment start(Plan plan) {
        return ops.as(Site.RITA).experiments().start(plan);
    }

    private Optional<Experiment> running(Environment environment) {
        return ops.as(Site.RITA).experiments().running("risk", environment);
    }

    /** Both err alike; the challenger may take longer. */
    private void play(Deployment<ModelRef> asked, PredictionLog.Recorder to) {
        for (int i = 0; i < 500; i++) {
            Served<Double> one = asked.apply("unit-" + i, i, Trial.of((ref, number) -> 0.4 + number % 3 * 0.1));
            double millis = 5 + i % 3 + (one.version().equals(challenger) ? slowness : 0);
            assertThat(to.record(Prediction.of(one).output(Map.of("score", one.value(), "millis", millis))))
                    .isTrue();
            assertThat(to.outcome(one.predictionId(), i % 2)).isTrue();
        }
        assertThat(to.flush()).isPresent();
    }

    private List<AuditEntry> entries(String type) {
        List<AuditEntry> found = new ArrayList<>();
        String next = null;
        do {
            AuditQuery query = AuditQuery.all().type("dev.modelops." + type + ".v1");
            Page<AuditEntry> page = ops.as(Site.AUDITOR).audit().query(next == null ? query : query.after(next));
            found.addAll(page.items());
            next = page.next().orElse(null);
        } while (next != null);
        return found;
    }

    private List<AuditEntry> verdicts(Environment environment) {
        return entries("experiment.judged").stream()
                .filter(entry -> entry.body().toUtf8().contains("\"environment\":\"" + environment + "\""))
                .toList();
    }

    private void awaitVerdict(Environment environment) throws InterruptedException {
        Site.await(
                "it is judged",
                () -> running(environment).flatMap(Experiment::verdict).isPresent());
    }

    /** Returns when the thread has looked at both environments, of which it sees staging last, and found harm there. */
    private void awaitLook() throws InterruptedException {
        double before = slowness;
        slowness = 3;
        try (Deployment<ModelRef> staged = deploy(ops, Site.STAGING);
                PredictionLog.Recorder there = recorder(ops, Site.STAGING)) {
            var unused = start(plan(Site.STAGING).judgedEvery(Duration.ofMillis(1)));
            play(staged, there);
            clock.advance(Duration.ofMillis(1));
            Site.await("staging is judged", () -> running(Site.STAGING).isEmpty());
        }
        slowness = before;
    }

    private void requireSoundLog() {
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void harmEndsAnExperimentThoughNobodyAsks() throws Exception {
        slowness = 3;
        var unused = start(plan(Site.PRODUCTION));
        play(deployment, recorder);
        clock.advance(EVERY.minusMillis(1));
        assertThat(running(Site.PRODUCTION)).isPresent();

        clock.advance(Duration.ofMillis(1));

        Site.await("it is ended", () -> running(Site.PRODUCTION).isEmpty());
        assertThat(entries("experiment.judged")).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo(Site.SCORING);
            assertThat(entry.at()).isEqualTo(clock.instant());
        });
        assertThat(entries("experiment.ended"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.actor()).isEqualTo(Site.SCORING));
        requireSoundLog();
    }

    @Test
    void whatIsJudgedOnlyWhenAskedIsNotJudgedBefore() throws Exception {
        slowness = 3;
        var asked = start(plan(Site.PRODUCTION).judgedEvery(Duration.ZERO));
        play(deployment, recorder);
        clock.advance(Duration.ofDays(2));

        awaitLook();

        assertThat(running(Site.PRODUCTION)).contains(asked);
        assertThat(ops.as(Site.SCORING)
                        .experiments()
                        .judge("risk", Site.PRODUCTION)
                        .state())
                .isEqualTo(State.HARM);
    }

    @Test
    void whatSaysNoMoreThanBeforeIsRecordedOnceADay() throws Exception {
        var running = start(plan(Site.PRODUCTION));
        clock.advance(EVERY);
        awaitLook();
        play(deployment, recorder);
        clock.advance(EVERY);
        awaitLook();
        assertThat(running(Site.PRODUCTION)).contains(running);
        assertThat(verdicts(Site.PRODUCTION)).isEmpty();
        play(deployment, recorder);

        clock.advance(Duration.ofDays(1));

        awaitVerdict(Site.PRODUCTION);
        play(deployment, recorder);
        clock.advance(EVERY);
        awaitLook();
        assertThat(verdicts(Site.PRODUCTION)).hasSize(1);
        requireSoundLog();
    }

    @Test
    void aLookOfAGroupSequentialTestIsRecordedThoughItConcludesNothing() throws Exception {
        var unused = start(plan(Site.PRODUCTION)
                .method(Experiment.Method.GROUP_SEQUENTIAL, 5000)
                .conclude(0.05, 100, 0));
        play(deployment, recorder);
        clock.advance(EVERY);

        awaitVerdict(Site.PRODUCTION);

        assertThat(verdicts(Site.PRODUCTION))
                .singleElement()
                .satisfies(entry -> assertThat(entry.body().toUtf8()).contains("\\\"looks\\\":[500]"));
        requireSoundLog();
    }

    @Test
    void aVerdictOfAnotherProcessPutsTheNextOff() throws Exception {
        var running = start(plan(Site.PRODUCTION));
        play(deployment, recorder);
        clock.advance(EVERY.minusMinutes(1));
        try (ModelOps far = open()) {
            var judged = far.as(Site.VERA).experiments().judge("risk", Site.PRODUCTION);
            assertThat(judged.state()).isEqualTo(State.CONTINUE);
        }
        ops.sync();
        slowness = 9;
        play(deployment, recorder);
        clock.advance(EVERY.minusMillis(2));

        awaitLook();

        assertThat(running(Site.PRODUCTION).map(Experiment::position)).contains(running.position());

        clock.advance(Duration.ofMillis(1));

        Site.await("the next is due", () -> running(Site.PRODUCTION).isEmpty());
        requireSoundLog();
    }

    @Test
    void whoMayNotJudgeIsRefusedOnceAndJudgesOnceTheyMay() throws Exception {
        slowness = 3;
        var kept = Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .forbid("gate-judges")
                        .on(Action.Type.JUDGE)
                        .when(Condition.inEnvironment(Site.PRODUCTION))
                        .build());
        assertThat(kept.number()).isEqualTo(2);
        var unused = start(plan(Site.PRODUCTION));
        play(deployment, recorder);

        // Longer than repeated refusals are counted for before the count is recorded.
        for (int i = 0; i < 4; i++) {
            clock.advance(Duration.ofMinutes(20));
            awaitLook();
        }

        assertThat(entries("access.refused")).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo(Site.SCORING);
            assertThat(entry.body().toUtf8()).contains("gate-judges");
        });
        assertThat(entries("access.refusals.counted")).isEmpty();
        assertThat(verdicts(Site.PRODUCTION)).isEmpty();
        var back = Site.install(ops, Policies.builtIn());
        assertThat(back.number()).isEqualTo(3);
        clock.advance(EVERY);
        Site.await("it is judged", () -> running(Site.PRODUCTION).isEmpty());
        requireSoundLog();
    }

    @Test
    void aStoreThatIsAwayPutsAVerdictOffAndNoMore() throws Exception {
        slowness = 3;
        var unused = start(plan(Site.PRODUCTION));
        play(deployment, recorder);
        log.plan(FaultyLogStore.Plan.FULL);
        clock.advance(EVERY);
        Site.await("it was tried", log::isAsPlanned);
        for (int i = 0; i < 3; i++) {
            awaitLook();
        }
        assertThat(running(Site.PRODUCTION)).isPresent();

        clock.advance(EVERY);

        Site.await("it is ended", () -> running(Site.PRODUCTION).isEmpty());
        requireSoundLog();
    }

    @Test
    void whoTakesNoPartAnyMoreJudgesNothing() throws Exception {
        slowness = 3;
        var closed = start(plan(Site.PRODUCTION));
        play(deployment, recorder);
        deployment.close();
        clock.advance(EVERY);

        awaitLook();

        assertThat(running(Site.PRODUCTION)).contains(closed);
    }

    @Test
    void aReaderJudgesNothing() throws Exception {
        var unused = start(plan(Site.PRODUCTION));
        deployment.close();
        try (ModelOps reader = ModelOps.open(storage, key).clock(clock).start();
                Deployment<ModelRef> reading = deploy(reader, Site.PRODUCTION)) {
            assertThat(reading.status().serving()).isPresent();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .filteredOn("modelops-judging"::equals)
                    .as("the writer's alone")
                    .hasSize(1);
        }
    }

    @Test
    void intervalsThatAreNoneAreRefused() {
        for (Duration wrong : List.of(Duration.ofMillis(-1), Duration.ofNanos(1), Duration.ofDays(4000))) {
            assertThatThrownBy(() -> plan(Site.PRODUCTION).judgedEvery(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong.toString());
        }
        assertThat(plan(Site.PRODUCTION).judgedEvery()).isEqualTo(EVERY);
    }
}
