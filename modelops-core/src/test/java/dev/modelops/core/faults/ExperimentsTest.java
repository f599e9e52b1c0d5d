package dev.modelops.core.faults;

import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThat;
import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThatRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.experiment.ExperimentSpec;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Deployment.Shadow;
import dev.modelops.serving.Deployment.Spec;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Plan;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Served;
import dev.modelops.serving.Served.By;
import dev.modelops.serving.Trial;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Challengers tried beside champions: who gets which answer, and that nobody is hurt, whatever a challenger does. */
class ExperimentsTest {
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");
    private static final Shadow QUICK =
            new Shadow(1, 10_000, Duration.ofSeconds(30), 1, 1_000_000, Duration.ofSeconds(1));

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(START);
    private final Storage storage = Storages.inMemory();
    private final Queue<Scorer> loaded = new ConcurrentLinkedQueue<>();
    private final Queue<Served<Double>> shadows = new ConcurrentLinkedQueue<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile BiFunction<Integer, double[], Double> behaviour = (version, row) -> row[0] + version;
    private boolean isLost;
    private LogKey key;
    private ModelOps ops;
    private ModelRef champion;
    private ModelRef challenger;

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
        ops = open();
        champion = Site.promoted(ops, dir, 1);
        challenger = Site.register(ops, dir, "risk", 2).ref();
    }

    @AfterEach
    void end() throws Exception {
        released.countDown();
        ops.close();
        Site.requireNoThreads();
        assertThat(loaded)
                .filteredOn(model -> !(isLost && model.ref.equals(challenger)))
                .allSatisfy(
                        model -> assertThat(model.closed).as("%s", model.ref).hasValue(1));
    }

    private ModelOps open() {
        return Site.opening(storage, key).clock(clock).start();
    }

    /** A model that scores as its version behaves. */
    private final class Scorer implements AutoCloseable {
        final ModelRef ref;
        final AtomicInteger closed = new AtomicInteger();
        final AtomicInteger inUse = new AtomicInteger();

        Scorer(ModelRef ref) {
            this.ref = ref;
        }

        Double score(double[] row) {
            if (closed.get() > 0) {
                throw new AssertionError(ref + " was used after it was closed");
            }
            inUse.incrementAndGet();
            try {
                return behaviour.apply(ref.version().value(), row);
            } finally {
                inUse.decrementAndGet();
            }
        }

        @Override
        public void close() {
            if (inUse.get() > 0) {
                throw new AssertionError(ref + " was closed while it was used");
            }
            closed.incrementAndGet();
        }
    }

    private final ModelLoader<Scorer> loader = new ModelLoader<>() {
        @Override
        public Scorer load(VerifiedArtifact artifact) {
            Scorer model = new Scorer(artifact.ref());
            loaded.add(model);
            return model;
        }

        @Override
        public String answer(Scorer model, String input) {
            return Double.toString(model.score(new double[] {Double.parseDouble(input)}));
        }
    };

    private final Trial<Scorer, double[], Double> trial = Trial.<Scorer, double[], Double>of(Scorer::score)
            .copying(double[]::clone)
            .shadow(shadows::add);

    private Spec<Scorer> spec() {
        return Spec.of("risk", Site.PRODUCTION, loader).shadow(QUICK);
    }

    private Deployment<Scorer> deploy() {
        return ops.as(Site.SCORING).serving().deploy(spec());
    }

    private Plan plan() {
        return Plan.of("second", challenger, Site.PRODUCTION, "score", Loss.SQUARED_ERROR)
                .judgedEvery(Duration.ZERO);
    }

    private Experiment start(Plan plan) {
        return ops.as(Site.RITA).experiments().start(plan);
    }

    private static boolean isReady(Deployment<?> deployment) {
        return deployment
                .status()
                .challenger()
                .filter(Deployment.Challenger::isReady)
                .isPresent();
    }

    private static Deployment.Challenger challenger(Deployment<?> deployment) {
        return deployment.status().challenger().orElseThrow();
    }

    private Served<Double> ask(Deployment<Scorer> deployment, String unit, double input) {
        return deployment.apply(unit, new double[] {input}, trial);
    }

    private Map<By, Integer> count(Deployment<Scorer> deployment, int units) {
        Map<By, Integer> counts = new TreeMap<>();
        for (int i = 0; i < units; i++) {
            counts.merge(ask(deployment, "unit-" + i, 1).by(), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void aShadowAnswersBesideTheChampionAndNobodySeesIt() throws Exception {
        Deployment<Scorer> deployment = deploy();
        Served<Double> before = ask(deployment, "a", 3);
        assertThat(before.experiment()).isZero();
        assertThat(deployment.status().challenger()).isEmpty();

        Experiment experiment = start(plan());

        assertThat(experiment.stage()).isEqualTo(1);
        assertThat(experiment.champion()).isEqualTo(champion);
        assertThat(experiment.mode()).isEqualTo(Experiment.Mode.SHADOW);
        assertThat(experiment.position()).isEqualTo(ops.position());
        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .contains(experiment);
        assertThat(isReady(deployment)).isTrue();
        Served<Double> served = ask(deployment, "a", 3);
        assertThat(served.value()).isEqualTo(4);
        assertThat(served.by()).isEqualTo(By.CHAMPION);
        assertThat(served.version()).isEqualTo(champion);
        assertThat(served.experiment()).isEqualTo(experiment.position().size());
        assertThat(served.pairOf()).isEmpty();
        Site.await("the shadow answers", () -> shadows.size() == 1);
        Served<Double> shadow = shadows.element();
        assertThat(shadow.value()).isEqualTo(5);
        assertThat(shadow.by()).isEqualTo(By.SHADOW);
        assertThat(shadow.version()).isEqualTo(challenger);
        assertThat(shadow.experiment()).isEqualTo(experiment.position().size());
        assertThat(shadow.pairOf()).contains(served.predictionId());
        assertThat(shadow.predictionId()).isNotEqualTo(served.predictionId());
        assertThat(deployment.apply(model -> model.score(new double[] {3})).experiment())
                .as("a call that names no unit is outside")
                .isZero();
        Site.await("the answer is counted", () -> challenger(deployment).answered() == 1);
    }

    /** What a challenger may do. */
    enum Worst {
        SLEEPS {
            @Override
            double answer(double[] row, CountDownLatch released) throws Exception {
                Thread.sleep(Duration.ofHours(1).toMillis());
                return 0;
            }
        },
        THROWS {
            @Override
            double answer(double[] row, CountDownLatch released) {
                throw new IllegalStateException("a challenger's failure");
            }
        },
        THROWS_AN_ERROR {
            @Override
            double answer(double[] row, CountDownLatch released) {
                throw new LinkageError("a challenger's failure");
            }
        },
        OVERFLOWS_THE_STACK {
            @Override
            double answer(double[] row, CountDownLatch released) throws Exception {
                return released.getCount() < 0 ? 0 : 1 + answer(row, released);
            }
        },
        ALLOCATES {
            @Override
            double answer(double[] row, CountDownLatch released) {
                return List.of(new long[Integer.MAX_VALUE], new long[Integer.MAX_VALUE])
                        .size();
            }
        },
        CHANGES_ITS_INPUT {
            @Override
            double answer(double[] row, CountDownLatch released) {
                row[0] = Double.NaN;
                return 0;
            }
        },
        NEVER_RETURNS {
            @Override
            double answer(double[] row, CountDownLatch released) {
                while (released.getCount() > 0) {
                    Thread.onSpinWait();
                }
                return 0;
            }
        };

        abstract double answer(double[] row, CountDownLatch released) throws Exception;
    }

    private void misbehave(Worst worst) {
        behaviour = (version, row) -> {
            if (version == 2) {
                try {
                    return worst.answer(row, released);
                } catch (RuntimeException | Error e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            if (row[0] == 13) {
                throw new ArithmeticException("the champion's own");
            }
            return row[0] + version;
        };
    }

    @ParameterizedTest
    @EnumSource(Worst.class)
    void whateverAShadowDoesTheCallerHasTheChampionsAnswerOrItsException(Worst worst) throws Exception {
        Shadow small = new Shadow(1, 4, Duration.ofMillis(50), 1, 3, Duration.ofMillis(100));
        Deployment<Scorer> deployment = ops.as(Site.SCORING).serving().deploy(spec().shadow(small));
        Experiment experiment = start(plan());
        misbehave(worst);
        // Nobody can close what a call does not return from.
        isLost = worst == Worst.NEVER_RETURNS;

        for (int i = 0; i < 200; i++) {
            double[] row = {i};
            if (i == 13) {
                assertThatThrownBy(() -> deployment.apply("unit", row, trial))
                        .isExactlyInstanceOf(ArithmeticException.class)
                        .hasMessage("the champion's own");
            } else {
                Served<Double> served = deployment.apply("unit", row, trial);
                assertThat(served.value()).isEqualTo(i + 1.0);
                assertThat(served.by()).isEqualTo(By.CHAMPION);
                assertThat(served.experiment()).isEqualTo(experiment.position().size());
            }
            assertThat(row).containsExactly(i);
        }
        Site.await("the challenger was asked, or given up on", () -> {
            Deployment.Challenger numbers = challenger(deployment);
            return numbers.answered() + numbers.failed() + numbers.late() > 0 || numbers.dropped() > 100;
        });
        assertThat(deployment.apply(model -> model.score(new double[] {3})).value())
                .isEqualTo(4);

        Thread closing = new Thread(deployment::close);
        closing.start();
        closing.join(Duration.ofMinutes(1).toMillis());
        assertThat(closing.isAlive()).as("close() ends").isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Worst.class,
            names = {"THROWS", "THROWS_AN_ERROR", "OVERFLOWS_THE_STACK", "ALLOCATES"})
    void whereAChallengerFailsACallerTheChampionAnswersOutsideOfTheExperiment(Worst worst) {
        Deployment<Scorer> deployment = deploy();
        var unused = start(plan().split(0.5));
        misbehave(worst);

        for (int i = 0; i < 50; i++) {
            Served<Double> served = ask(deployment, "unit-" + i, 2);
            assertThat(served.value()).isEqualTo(3);
            assertThat(served.version()).isEqualTo(champion);
            assertThat(served.experiment() > 0).isEqualTo(served.by() == By.CONTROL);
        }
        assertThat(challenger(deployment).failed()).isPositive();
    }

    @Test
    void aChallengerThatChangesItsInputAndFailsLeavesTheChampionItsOwn() {
        Deployment<Scorer> deployment = deploy();
        var unused = start(plan().split(0.99));
        behaviour = (version, row) -> {
            if (version == 2) {
                row[0] = 99;
                throw new IllegalStateException();
            }
            return row[0];
        };

        assertThat(ask(deployment, "u", 5).value()).isEqualTo(5);
    }

    @Test
    void aChallengerThatKeepsFailingIsNotAskedForAWhile() {
        Deployment<Scorer> deployment = ops.as(Site.SCORING)
                .serving()
                .deploy(spec().shadow(new Shadow(1, 10, Duration.ofSeconds(30), 1, 3, Duration.ofHours(1))));
        var unused = start(plan().split(0.5));
        misbehave(Worst.THROWS);

        unused = null;
        assertThat(count(deployment, 100)).containsOnlyKeys(By.CHAMPION, By.CONTROL);
        assertThat(challenger(deployment).failed()).isEqualTo(3);
    }

    @Test
    void everybodyIsAlwaysTreatedAlikeInWhicheverProcess() throws Exception {
        Deployment<Scorer> here = deploy();
        Experiment first = start(plan().canary(0.1));
        try (ModelOps far = open()) {
            Deployment<Scorer> there = far.as(Site.SCORING).serving().deploy(spec());
            Site.await("the other process takes part", () -> isReady(there));
            Map<String, By> assigned = new TreeMap<>();
            for (int i = 0; i < 2000; i++) {
                Served<Double> served = ask(here, "unit-" + i, 1);
                assigned.put("unit-" + i, served.by());
                assertThat(served.value()).isEqualTo(served.by() == By.CHALLENGER ? 3 : 2);
                assertThat(served.version()).isEqualTo(served.by() == By.CHALLENGER ? challenger : champion);
                assertThat(served.experiment())
                        .isEqualTo(
                                served.by() == By.CHAMPION
                                        ? 0
                                        : first.position().size());
                assertThat(ask(there, "unit-" + i, 1).by()).isEqualTo(served.by());
            }
            assertThat(share(assigned, By.CHALLENGER)).isCloseTo(0.1, within(0.03));
            assertThat(share(assigned, By.CONTROL)).isCloseTo(0.1, within(0.03));

            Experiment second = start(plan().canary(0.3));
            assertThat(second.stage()).isEqualTo(2);
            assertThat(second.id()).isEqualTo(first.id());
            Map<String, By> ramped = new TreeMap<>();
            assigned.forEach((unit, by) -> {
                Served<Double> served = ask(here, unit, 1);
                ramped.put(unit, served.by());
                if (by != By.CHAMPION) {
                    assertThat(served.by())
                            .as("who was in stays where they were")
                            .isEqualTo(by);
                    assertThat(served.experiment()).isEqualTo(second.position().size());
                }
            });
            assertThat(share(ramped, By.CHALLENGER)).isCloseTo(0.3, within(0.04));
            Site.await(
                    "the other process is at the second stage",
                    () -> ask(there, firstOf(ramped, By.CHALLENGER), 1).experiment()
                            == second.position().size());
        }
        assertThat(shadows).isEmpty();
    }

    private static double share(Map<String, By> assigned, By by) {
        return assigned.values().stream().filter(by::equals).count() / (double) assigned.size();
    }

    private static String firstOf(Map<String, By> assigned, By by) {
        return assigned.entrySet().stream()
                .filter(entry -> entry.getValue() == by)
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    @Test
    void anExperimentThatIsPausedAsksTheChallengerNothing() {
        Deployment<Scorer> deployment = deploy();
        var unused = start(plan().split(0.5));
        assertThat(count(deployment, 50)).containsOnlyKeys(By.CHALLENGER, By.CONTROL);

        unused = start(plan().championOnly());

        assertThat(count(deployment, 50)).containsOnlyKeys(By.CHAMPION);
        assertThat(isReady(deployment)).isFalse();
        assertThat(loaded.stream().filter(model -> model.ref.equals(challenger)))
                .singleElement()
                .satisfies(model -> assertThat(model.closed).hasValue(1));
    }

    @Test
    void theEndReachesEveryProcessAndClosesTheChallenger() throws Exception {
        Deployment<Scorer> here = deploy();
        var unused = start(plan().split(0.5));
        try (ModelOps far = open()) {
            Deployment<Scorer> there = far.as(Site.SCORING).serving().deploy(spec());
            Site.await("the other process takes part", () -> isReady(there));

            var recorded = ops.as(Site.RITA).experiments().end("risk", Site.PRODUCTION, "enough was seen");

            assertThat(recorded.type()).isEqualTo("dev.modelops.experiment.ended.v1");
            assertThat(here.status().challenger()).isEmpty();
            assertThat(count(here, 50)).containsOnlyKeys(By.CHAMPION);
            Site.await(
                    "the other process is out",
                    () -> there.status().challenger().isEmpty());
            assertThat(count(there, 50)).containsOnlyKeys(By.CHAMPION);
            Site.await(
                    "both challengers are closed",
                    () -> loaded.stream()
                            .filter(model -> model.ref.equals(challenger))
                            .allMatch(model -> model.closed.get() == 1));
            assertThat(loaded.stream().filter(model -> model.ref.equals(challenger)))
                    .hasSize(2);
        }
        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        assertThatThrownBy(() -> ops.as(Site.RITA).experiments().end("risk", Site.PRODUCTION, "again"))
                .isInstanceOf(NotFoundException.class);
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE)).isSound();
    }

    @Test
    void anotherChampionEndsTheExperiment() throws Exception {
        Deployment<Scorer> deployment = deploy();
        var unused = start(plan().split(0.5));
        ModelRef third = Site.promoted(ops, dir, 3);

        assertThat(ops.as(Site.RITA).experiments().running("risk", Site.PRODUCTION))
                .isEmpty();
        for (int i = 0; i < 50; i++) {
            Served<Double> served = ask(deployment, "unit-" + i, 1);
            assertThat(served.version()).isEqualTo(third);
            assertThat(served.experiment()).isZero();
        }
        Site.await(
                "the challenger is given up",
                () -> deployment.status().challenger().isEmpty());
    }

    @Test
    void aChallengerThatLosesItsAdmissionIsAskedNoMoreAndAgainOnceItHasIt() throws Exception {
        Deployment<Scorer> deployment = deploy();
        var unused = start(plan().split(0.5));
        assertThat(count(deployment, 50)).containsKey(By.CHALLENGER);

        var quarantined = Site.registry(ops, Site.VERA).perform(Action.quarantine(challenger, Site.PRODUCTION));

        assertThat(quarantined).isNotNull();
        assertThat(count(deployment, 50)).doesNotContainKey(By.CHALLENGER);
        Site.await("it is said why", () -> challenger(deployment).failure().isPresent());
        assertThat(challenger(deployment).failure().orElseThrow()).contains("refused");
        assertThat(isReady(deployment)).isFalse();
    }

    @Test
    void theHostsOwnPolicyMayTakeAChallengerOutAndLetItInAgain() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean();
        try (ModelOps narrowed = Site.opening(storage, key)
                .clock(clock)
                .narrowedBy(request -> {
                    if (refuses.get()
                            && request.action()
                                    .version()
                                    .filter(challenger::equals)
                                    .isPresent()) {
                        throw new IllegalStateException("not today");
                    }
                    return new Decision.Allow(
                            List.of("host"), Policies.builtIn().digest(), request.asOf(), START);
                })
                .start()) {
            Deployment<Scorer> deployment = narrowed.as(Site.SCORING).serving().deploy(spec());
            var unused = narrowed.as(Site.RITA).experiments().start(plan().split(0.5));
            assertThat(count(deployment, 50)).containsKey(By.CHALLENGER);

            refuses.set(true);
            Site.await("the challenger is out", () -> !isReady(deployment));
            assertThat(count(deployment, 50)).doesNotContainKey(By.CHALLENGER);

            refuses.set(false);
            Site.await("the challenger is in again", () -> isReady(deployment));
            assertThat(count(deployment, 50)).containsKey(By.CHALLENGER);
        }
    }

    @Test
    void callersNeverNoticeThatExperimentsComeAndGo() throws Exception {
        Deployment<Scorer> deployment = deploy();
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger challenged = new AtomicInteger();
        Queue<Throwable> trouble = new ConcurrentLinkedQueue<>();
        List<Thread> callers = java.util.stream.IntStream.range(0, 2)
                .mapToObj(number -> new Thread(() -> {
                    for (int i = 0; !isOver.get(); i++) {
                        try {
                            Served<Double> served = ask(deployment, "unit-" + i, 1);
                            assertThat(served.value())
                                    .isEqualTo(served.version().version().value() + 1.0);
                            if (served.by() == By.CHALLENGER) {
                                challenged.incrementAndGet();
                            }
                        } catch (Throwable e) {
                            trouble.add(e);
                        }
                    }
                }))
                .toList();
        callers.forEach(Thread::start);
        for (int i = 0; i < 6; i++) {
            var unused = start(i % 2 == 0 ? plan().split(0.5) : plan());
            int before = challenged.get() + shadows.size();
            Site.await("the challenger is asked", () -> challenged.get() + shadows.size() > before);
            var ended = ops.as(Site.RITA).experiments().end("risk", Site.PRODUCTION, "round " + i);
            assertThat(ended).isNotNull();
        }
        isOver.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(trouble).isEmpty();
    }

    @Test
    void theKillSwitchStopsTheChallengerToo() {
        Deployment<Scorer> deployment = deploy();
        var unused = start(plan().split(0.99));

        deployment.suspend("a drill");

        for (int i = 0; i < 20; i++) {
            String unit = "unit-" + i;
            assertThatThrownBy(() -> ask(deployment, unit, 1)).hasMessageContaining("a drill");
        }
        deployment.resume();
        assertThat(count(deployment, 50)).containsKey(By.CHALLENGER);
    }

    @Test
    void whoeverStandsInForTheChampionIsNotCompared() throws Exception {
        ModelRef second = Site.promoted(ops, dir, 5);
        Deployment<Scorer> deployment = deploy();
        Experiment experiment = start(plan());
        assertThat(experiment.champion()).isEqualTo(second);
        assertThat(ask(deployment, "u", 1).experiment())
                .isEqualTo(experiment.position().size());
        Site.await("the shadow answers", () -> shadows.size() == 1);

        var quarantined = Site.registry(ops, Site.VERA).perform(Action.quarantine(second, Site.PRODUCTION));

        assertThat(quarantined).isNotNull();
        Site.await("the one before stands in", () -> deployment.version().equals(java.util.Optional.of(champion)));
        Served<Double> served = ask(deployment, "u", 1);
        assertThat(served.by()).isEqualTo(By.FORMER_CHAMPION);
        assertThat(served.experiment()).isZero();
        assertThat(shadows).hasSize(1);
    }

    @Test
    void theHostsFallbackIsNotCompared() {
        for (boolean isSplit : new boolean[] {false, true}) {
            Deployment<Scorer> deployment =
                    ops.as(Site.SCORING).serving().deploy(spec().fallback(new Scorer(champion)));
            var unused = start(isSplit ? plan().split(0.5) : plan());
            assertThat(isReady(deployment)).isTrue();
            deployment.suspend("a drill");

            for (int i = 0; i < 20; i++) {
                Served<Double> served = ask(deployment, "unit-" + i, 1);
                assertThat(served.by()).isEqualTo(By.FALLBACK);
                assertThat(served.experiment()).isZero();
            }
            assertThat(challenger(deployment).dropped() + challenger(deployment).answered())
                    .isZero();
            deployment.close();
        }
        assertThat(shadows).isEmpty();
    }

    @Test
    void aChallengerAnswersItsGoldenInputsBeforeItIsAskedAnything() throws IOException {
        Deployment<Scorer> deployment = deploy();
        challenger = probed(7, "[{\"input\": 1, \"expected\": 1000}]");

        var unused = start(plan().split(0.99));

        assertThat(isReady(deployment)).isFalse();
        assertThat(challenger(deployment).failure().orElseThrow()).contains("could not be loaded");
        assertThat(count(deployment, 30)).containsOnlyKeys(By.CHAMPION);
        var ended = ops.as(Site.RITA).experiments().end("risk", Site.PRODUCTION, "it cannot be loaded");
        assertThat(ended).isNotNull();
        challenger = probed(8, "[{\"input\": 1, \"expected\": 5}]");
        assertThat(challenger.version().value()).isEqualTo(4);
        unused = start(plan().split(0.99));
        assertThat(challenger(deployment).failure()).isEmpty();
        assertThat(count(deployment, 30)).containsKey(By.CHALLENGER);
    }

    private ModelRef probed(int variant, String probes) throws IOException {
        Path folder = Models.small(dir.resolve("model-" + variant), variant);
        Files.writeString(
                folder.resolve(ModelLoader.PROBES),
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": " + probes + "}");
        return Site.registry(ops, Site.ADA)
                .register(VersionSpec.of("risk", folder))
                .ref();
    }

    @Test
    void aChallengerThatNeverFinishesLoadingKeepsNobodyWaiting() throws Exception {
        AtomicBoolean isLoading = new AtomicBoolean();
        ModelOps patient = Site.opening(storage, key)
                .clock(clock)
                .patience(Duration.ofMillis(200))
                .start();
        try (patient) {
            Deployment<Scorer> deployment = patient.as(Site.SCORING)
                    .serving()
                    .deploy(Spec.of("risk", Site.PRODUCTION, (ModelLoader<Scorer>) artifact -> {
                        if (artifact.ref().equals(challenger)) {
                            isLoading.set(true);
                            released.await();
                        }
                        return loader.load(artifact);
                    }));
            Site.await("the champion serves", () -> deployment.version().equals(java.util.Optional.of(champion)));
            var unused = start(plan());
            Site.await("the challenger is being loaded", isLoading::get);

            assertThat(count(deployment, 10)).containsOnlyKeys(By.CHAMPION);
            ModelRef third = Site.promoted(ops, dir, 3);
            Site.await("the next champion serves", () -> deployment.version().equals(java.util.Optional.of(third)));
            Thread closing = new Thread(deployment::close);
            closing.start();
            closing.join(Duration.ofMinutes(1).toMillis());
            assertThat(closing.isAlive()).as("close() ends").isFalse();
            released.countDown();
        }
    }

    @Test
    void onlyWhoeverPolicyAllowsMayTry() {
        assertThatRefused(() -> ops.as(Site.SCORING).experiments().start(plan()));
        assertThatRefused(() -> ops.as(Site.ADA).experiments().start(plan()));
        assertThatThrownBy(() -> ops.as(Site.STRANGER).experiments().running("risk", Site.PRODUCTION))
                .isInstanceOf(AccessDeniedException.class);
        var unused = start(plan());
        assertThatRefused(() -> ops.as(Site.ADA).experiments().judge("risk", Site.PRODUCTION));
        assertThatRefused(() -> ops.as(Site.ADA).experiments().end("risk", Site.PRODUCTION, "no"));
    }

    @Test
    void whatCannotBeComparedIsNotStarted() {
        long before = ops.position().size();
        Plan ofTheChampion = Plan.of("x", champion, Site.PRODUCTION, "score", Loss.MISMATCH);
        assertThatThrownBy(() -> start(ofTheChampion)).isInstanceOf(VersionConflictException.class);
        Plan elsewhere = Plan.of("x", challenger, Site.STAGING, "score", Loss.MISMATCH);
        assertThatThrownBy(() -> start(elsewhere)).isInstanceOf(NotFoundException.class);
        Plan ofNone = Plan.of("x", ModelRef.parse("risk@9"), Site.PRODUCTION, "score", Loss.MISMATCH);
        assertThatThrownBy(() -> start(ofNone)).isInstanceOf(NotFoundException.class);
        assertThat(ops.position().size()).isEqualTo(before);
        var unused = start(plan());
        Plan another = Plan.of("other", challenger, Site.PRODUCTION, "score", Loss.MISMATCH);
        assertThatThrownBy(() -> start(another))
                .isInstanceOf(VersionConflictException.class)
                .hasMessageContaining("under way");
        assertThatThrownBy(() -> Plan.of("", challenger, Site.PRODUCTION, "score", Loss.MISMATCH))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan().canary(0.6)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan().conclude(0.5, 10, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> plan().guardrail("latency", -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void startedAgainUnderOneIdentityOfTheActItIsOneStage() {
        Plan plan = plan().as(CommandId.of("start-second-1"));
        Experiment first = start(plan);
        long after = ops.position().size();

        assertThat(start(plan)).isEqualTo(first);

        assertThat(ops.position().size()).isEqualTo(after);
        assertThat(start(plan().as(CommandId.of("start-second-2"))).stage()).isEqualTo(2);
        assertThat(start(plan)).isEqualTo(first);
    }

    @Test
    void thePlanIsInTheLogAsItWasGiven() {
        var unused = start(plan().split(0.25)
                .method(Experiment.Method.MIXTURE_RATIO, 0.01)
                .conclude(0.01, 500, 0.02)
                .guardrail("latency", 5)
                .guardrail("failed", 0));
        String text = ops.as(Site.AUDITOR).audit().query(dev.modelops.audit.AuditQuery.all()).items().stream()
                .filter(entry -> entry.type().equals("dev.modelops.experiment.started.v1"))
                .findFirst()
                .orElseThrow()
                .body()
                .toUtf8();
        String spec;
        try {
            spec = new com.fasterxml.jackson.databind.ObjectMapper()
                    .readTree(text)
                    .path("data")
                    .path("spec")
                    .asText();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        ExperimentSpec read = ExperimentSpec.parse(spec);
        assertThat(read.challenger()).isEqualTo(new ExperimentSpec.Arm(7500, 2500, 2500));
        assertThat(read.champion()).isEqualTo(new ExperimentSpec.Arm(0, 7500, 7500));
        assertThat(read.measure()).isEqualTo(new ExperimentSpec.Measure("score", Loss.SQUARED_ERROR));
        assertThat(read.rule().prior()).isEqualTo(0.01);
        assertThat(read.rule().alpha()).isEqualTo(0.01);
        assertThat(read.rule().minimum()).isEqualTo(500);
        assertThat(read.rule().margin()).isEqualTo(0.02);
        assertThat(read.rule().guardrails())
                .containsExactly(new ExperimentSpec.Guardrail("failed", 0), new ExperimentSpec.Guardrail("latency", 5));
    }
}
