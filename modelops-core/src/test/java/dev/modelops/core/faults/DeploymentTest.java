package dev.modelops.core.faults;

import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThat;
import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThatRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Deployment.Health;
import dev.modelops.serving.Deployment.Spec;
import dev.modelops.serving.Deployment.State;
import dev.modelops.serving.Deployment.Step;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.Served;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deployments: probed, kept warm, taken back when they misbehave, and stopped. */
class DeploymentTest {
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(START);
    private final Storage storage = Storages.inMemory();
    private final FaultyLogStore seen = new FaultyLogStore(storage.log());
    private final Queue<Scorer> loaded = new ConcurrentLinkedQueue<>();
    private final ExecutorService callers = Executors.newCachedThreadPool();
    private LogKey key;
    private ModelOps ops;

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
        ops = near();
    }

    @AfterEach
    void end() throws Exception {
        callers.shutdownNow();
        seen.comeBack();
        ops.close();
        Site.requireNoThreads();
        assertThat(loaded)
                .allSatisfy(
                        model -> assertThat(model.closed).as("%s", model.ref).hasValue(1));
    }

    /** The log by way of a store that can go away, with a cache folder. */
    private ModelOps near() {
        return Site.opening(new Storage(seen, storage.blobs()), key)
                .clock(clock)
                .cache(dir.resolve("cache"))
                .start();
    }

    private ModelOps far() {
        return Site.opening(storage, key).clock(clock).start();
    }

    /** A model that scores its own number, until it is told to misbehave. */
    private static final class Scorer implements AutoCloseable {
        final ModelRef ref;
        final AtomicInteger closed = new AtomicInteger();
        volatile boolean fails;
        volatile double skew;
        volatile boolean dawdles;

        Scorer(ModelRef ref) {
            this.ref = ref;
        }

        double score() {
            if (closed.get() > 0) {
                throw new AssertionError(ref + " was used after it was closed");
            }
            if (fails) {
                throw new ArithmeticException("it fails");
            }
            if (dawdles) {
                LockSupport.parkNanos(2_000_000);
            }
            return ref.version().value() + skew;
        }

        @Override
        public void close() {
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
            return Double.toString(model.score() + Double.parseDouble(input));
        }
    };

    private Spec<Scorer> spec() {
        return Spec.of("risk", Site.PRODUCTION, loader);
    }

    private static Health health() {
        return Health.standard().fromCall(5);
    }

    private Deployment<Scorer> deploy(Spec<Scorer> spec) {
        return ops.as(Site.SCORING).serving().deploy(spec);
    }

    private Scorer model(int number) {
        return loaded.stream()
                .filter(model -> model.ref.version().value() == number)
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    private ModelRef promoted(int variant) {
        return Site.promoted(ops, dir, variant);
    }

    private ModelRef promoted(int variant, String probes) throws IOException {
        Path folder = Models.small(dir.resolve("model-" + variant), variant);
        Files.writeString(folder.resolve(ModelLoader.PROBES), probes);
        ModelRef ref = Site.registry(ops, Site.ADA)
                .register(VersionSpec.of("risk", folder))
                .ref();
        Site.registry(ops, Site.VERA).approve(ref, Site.PRODUCTION, "VR-" + variant);
        Site.registry(ops, Site.RITA).promote(ref, Site.PRODUCTION);
        return ref;
    }

    private static String probe(String expected) {
        return "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": 0.5, \"expected\": " + expected + "}]}";
    }

    private static void fail(Deployment<Scorer> deployment, int times) {
        for (int i = 0; i < times; i++) {
            assertThatThrownBy(() -> deployment.apply(Scorer::score)).isInstanceOf(ArithmeticException.class);
        }
    }

    private List<AuditEntry> entries(String type) {
        return ops.as(Site.AUDITOR).audit().query(AuditQuery.all()).items().stream()
                .filter(entry -> entry.type().equals("dev.modelops." + type + ".v1"))
                .toList();
    }

    private void requireSound() {
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE)).isSound();
    }

    @Test
    void aVersionAnswersItsGoldenInputsBeforeItServes() throws Exception {
        List<String> steps = new ArrayList<>();
        Deployment<Scorer> deployment = deploy(Spec.of("risk", Site.PRODUCTION, new ModelLoader<Scorer>() {
            @Override
            public Scorer load(VerifiedArtifact artifact) throws Exception {
                steps.add("load");
                return loader.load(artifact);
            }

            @Override
            public String answer(Scorer model, String input) throws Exception {
                steps.add("answer " + input);
                return loader.answer(model, input);
            }

            @Override
            public void warmUp(Scorer model, VerifiedArtifact artifact) throws IOException {
                assertThat(Files.exists(artifact.folder().resolve("weights.txt")))
                        .isTrue();
                steps.add("warm up");
            }
        }));
        assertThat(deployment).isIn(State.EMPTY);

        ModelRef ref = promoted(1, """
                {"form": "modelops.dev/probes@v1", "tolerance": 0.01, "rounds": 2, "withinMillis": 60000,
                 "probes": [{"input": 0.5, "expected": 1.495}, {"name": "none", "input": 0, "expected": 1}]}
                """);

        assertThat(steps).containsExactly("load", "answer 0.5", "answer 0", "answer 0.5", "answer 0", "warm up");
        assertThat(deployment).serves(ref);
        assertThat(deployment.apply(Scorer::score))
                .extracting(Served::value, Served::version, Served::by)
                .containsExactly(1.0, ref, Served.By.CHAMPION);
    }

    @Test
    void aVersionThatFailsItsGoldenInputsNeverServesAndTheOneBeforeStays() throws Exception {
        ModelRef good = promoted(1, probe("1.5"));
        Deployment<Scorer> deployment = deploy(spec());
        ModelRef bad = promoted(2, probe("1.5"));

        assertThat(deployment).isIn(State.STANDING_IN).serves(good).failedAt(Step.PROBE, bad);
        assertThat(deployment.status().failure().orElseThrow().reason()).contains("probe '1' expects 1.5, found 2.5");
        assertThat(deployment.apply(Scorer::score).by()).isEqualTo(Served.By.FORMER_CHAMPION);
        assertThat(entries("handle.fellback")).isEmpty();

        ModelRef better = promoted(3, probe("3.5"));
        assertThat(deployment).isIn(State.SERVING).serves(better);
        assertThat(deployment.status().failure()).isEmpty();
        assertThat(deployment.apply(Scorer::score).by()).isEqualTo(Served.By.CHAMPION);
    }

    @Test
    void underRulesOfHealthAVersionThatFailsItsGoldenInputsIsQuarantined() throws Exception {
        ModelRef good = promoted(1, probe("1.5"));
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        ModelRef bad = promoted(2, probe("1.5"));

        assertThat(deployment).serves(good);
        Site.await("it is recorded", () -> deployment.status().fallback().isEmpty());
        AuditEntry entry = entries("handle.fellback").get(0);
        assertThat(entry.subject()).contains(bad.toString());
        assertThat(entry.actor()).isEqualTo(Site.SCORING);
        ModelHandle<Scorer> other = ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, loader);
        assertThat(other.version()).contains(good);
    }

    @Test
    void aLoaderThatCannotAskIsGivenNoVersionWithGoldenInputs() throws Exception {
        promoted(1, probe("1.5"));
        ModelHandle<String> handle = ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
        assertThatThrownBy(() -> handle.apply(model -> model)).hasMessageContaining("implement ModelLoader.answer");
    }

    @Test
    void goldenInputsCanBeDemanded() {
        ModelRef ref = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().demandingProbes());
        assertThat(deployment).isIn(State.LOADING).failedAt(Step.PROBE, ref);
        assertThatThrownBy(() -> deployment.apply(Scorer::score)).hasMessageContaining(ModelLoader.PROBES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"form\": \"modelops.dev/probes@v1\"}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": []}",
                "{\"form\": \"modelops.dev/probes@v2\", \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": 0.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": 0.5, \"expected\": 1.5, \"x\": 1}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"x\": 1, \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"tolerance\": -1, \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"tolerance\": 1e999, \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"tolerance\": \"1\", \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"rounds\": 0, \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"rounds\": 1001, \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"withinMillis\": 0, \"probes\": [{\"input\": 0.5, \"expected\": 1.5}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": 0.5, \"expected\": [1.5]}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": 0.5, \"expected\": \"1.5\"}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": 0.5, \"expected\": 1e400000000}]}",
                "{\"form\": \"modelops.dev/probes@v1\", \"probes\": [{\"input\": \"no number\", \"expected\": 1.5}]}"
            })
    void goldenInputsThatCannotBeReadOrMetKeepAVersionFromServing(String probes) throws Exception {
        ModelRef ref = promoted(1, probes);
        Deployment<Scorer> deployment = deploy(spec());
        assertThat(deployment).isIn(State.LOADING).failedAt(Step.PROBE, ref);
    }

    @Test
    void goingBackSwapsToTheVersionKeptAndLoadsNothing() {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec());
        ModelRef two = promoted(2);
        assertThat(deployment).serves(two).keeps(one);

        Site.registry(ops, Site.RITA).rollback(Site.RISK, Site.PRODUCTION, "back");
        assertThat(deployment).serves(one).keeps(two);
        Site.registry(ops, Site.RITA).promote(two, Site.PRODUCTION);
        assertThat(deployment).serves(two).keeps(one);
        assertThat(loaded).hasSize(2);
    }

    @Test
    void oneVersionIsKeptAndTheOneBeforeThatIsClosed() {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec());
        ModelRef two = promoted(2);
        assertThat(model(1).closed).hasValue(0);
        ModelRef three = promoted(3);
        assertThat(deployment).serves(three).keeps(two);
        assertThat(model(1).closed).hasValue(1);
        assertThat(model(2).closed).hasValue(0);
        deployment.close();
        assertThat(deployment).isIn(State.CLOSED);
        assertThat(model(2).closed).hasValue(1);
        assertThat(model(3).closed).hasValue(1);
    }

    @Test
    void nothingIsKeptWhereThatIsNotWanted() {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec().withoutPrevious().health(health()));
        promoted(2);
        assertThat(model(1).closed).hasValue(1);
        assertThat(deployment.status().standby()).isEmpty();
        assertThat(deployment.fallBack("by hand")).isFalse();
    }

    @Test
    void aModelThatACallDoesNotReturnFromIsReportedAndNotClosedUnderIt() throws Exception {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec().withoutPrevious());
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Future<Served<Double>> call = callers.submit(() -> deployment.apply(model -> {
            inside.countDown();
            try {
                leave.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return model.score();
        }));
        inside.await();
        promoted(2);
        assertThat(deployment.status().leaks()).isZero();
        clock.advance(Duration.ofMinutes(2));
        Site.await("the leak is reported", () -> deployment.status().leaks() == 1);
        assertThat(model(1).closed).hasValue(0);
        leave.countDown();
        assertThat(call.get().value()).isEqualTo(1.0);
        Site.await("the model is closed", () -> model(1).closed.get() == 1);
        Site.await("no leak is left", () -> deployment.status().leaks() == 0);
    }

    @Test
    void aVersionThatThrowsIsTakenBackAtOnceAndQuarantined() throws Exception {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        ModelRef two = promoted(2);
        assertThat(deployment.status().isWatched()).isTrue();
        model(2).fails = true;
        fail(deployment, 5);

        Served<Double> served = deployment.apply(Scorer::score);
        assertThat(served.version()).isEqualTo(one);
        assertThat(served.by()).isEqualTo(Served.By.FORMER_CHAMPION);
        assertThat(deployment).failedAt(Step.SERVE, two);
        assertThat(deployment.status().failure().orElseThrow().reason()).isEqualTo("5 of 5 calls failed");

        Site.await("it is recorded", () -> deployment.status().state() == State.STANDING_IN);
        assertThat(entries("handle.fellback")).hasSize(1);
        assertThat(entries("handle.fellback").get(0).actor()).isEqualTo(Site.SCORING);
        assertThat(loaded).hasSize(2);
        assertThatRefused(() -> {
                    promoted(3);
                    Site.registry(ops, Site.RITA).promote(two, Site.PRODUCTION);
                })
                .isDeniedByExactly("quarantine");
        assertThat(deployment.version()).contains(ModelRef.parse("risk@3"));
        requireSound();
    }

    @Test
    void aNewApprovalEndsTheQuarantineButNotOneOfTheAuthor() throws Exception {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec());
        ModelRef two = promoted(2);
        Site.registry(ops, Site.ADMIN).grantRole(Site.ADA, Role.VALIDATOR);
        Site.registry(ops, Site.RITA)
                .perform(Action.quarantine(two, Site.PRODUCTION).because("it drifts"));
        assertThat(deployment).isIn(State.STANDING_IN).serves(one);
        assertThatThrownBy(() -> Site.registry(ops, Site.RITA).perform(Action.quarantine(two, Site.PRODUCTION)))
                .isInstanceOf(VersionConflictException.class);
        assertThatRefused(() -> Site.registry(ops, Site.ADA).approve(two, Site.PRODUCTION, "mine"))
                .isDenied();
        Site.registry(ops, Site.VERA).approve(two, Site.STAGING, "elsewhere");
        assertThat(deployment).serves(one);

        Site.registry(ops, Site.VERA).approve(two, Site.PRODUCTION, "looked again");
        Site.await("it serves again", () -> deployment.version().equals(Optional.of(two)));
        assertThat(deployment).isIn(State.SERVING);
        Site.registry(ops, Site.ADA).attach(two, "test", Bytes.ofUtf8("{}"));
        Site.registry(ops, Site.ADMIN).revokeRole(Site.VERA, Role.VALIDATOR);
        assertThat(deployment.apply(Scorer::score).version()).isEqualTo(two);

        Site.registry(ops, Site.ADMIN).grantRole(Site.VERA, Role.VALIDATOR);
        Site.registry(ops, Site.VERA).perform(Action.withdraw(two, Site.PRODUCTION));
        assertThat(deployment.apply(Scorer::score).version()).isEqualTo(one);
        requireSound();
    }

    @Test
    void resultsThatNoModelMayGiveHaveAVersionTakenBack() {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(
                        health().invalid(0.2, result -> result instanceof Double score && !score.isNaN())));
        promoted(2);
        for (int i = 0; i < 4; i++) {
            assertThat(deployment.apply(Scorer::score).value()).isEqualTo(2.0);
        }
        model(2).skew = Double.NaN;
        assertThat(deployment.apply(Scorer::score).value()).isNaN();
        assertThat(deployment.apply(Scorer::score).value()).isNaN();
        assertThat(deployment.apply(Scorer::score).version()).isEqualTo(one);
    }

    @Test
    void aVersionThatIsMuchSlowerIsTakenBack() {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment =
                deploy(spec().health(health().slowdown(20).over(1_000_000, Duration.ofDays(1))));
        for (int i = 0; i < 5000; i++) {
            deployment.apply(Scorer::score);
        }
        promoted(2);
        model(2).dawdles = true;
        for (int i = 0; i < 50_000 && !deployment.version().equals(Optional.of(one)); i++) {
            deployment.apply(Scorer::score);
        }
        assertThat(deployment.version()).contains(one);
        assertThat(deployment.status().failure().orElseThrow().reason()).contains("times as long as before");
    }

    @Test
    void exceptionsThatAreTheCallersDoNotCount() {
        promoted(1);
        Deployment<Scorer> deployment =
                deploy(spec().health(health().failures(0.05, e -> !(e instanceof IllegalArgumentException))));
        ModelRef two = promoted(2);
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> deployment.apply(model -> {
                        throw new IllegalArgumentException("no such applicant");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(deployment).serves(two);
    }

    @Test
    void afterItsTrialAVersionIsNotTakenBackAnyMore() throws Exception {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health().over(100, Duration.ofHours(1))));
        ModelRef two = promoted(2);
        for (int i = 0; i < 100; i++) {
            deployment.apply(Scorer::score);
        }
        Site.await("the trial is over", () -> !deployment.status().isWatched());
        model(2).fails = true;
        fail(deployment, 200);
        assertThat(deployment).serves(two);

        model(2).fails = false;
        promoted(3);
        assertThat(deployment.status().isWatched()).isTrue();
        clock.advance(Duration.ofHours(1));
        Site.await("the trial is over", () -> !deployment.status().isWatched());
    }

    @Test
    void theFirstVersionHasNothingToGoBackToAndSaysSo() {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        model(1).fails = true;
        fail(deployment, 30);
        assertThat(deployment).serves(one).isHeld();
    }

    @Test
    void nothingGoesBackToAVersionThatMayNotServe() {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        ModelRef two = promoted(2);
        Site.registry(ops, Site.RITA).revoke(one, "leaked");
        model(2).fails = true;
        fail(deployment, 30);
        assertThat(deployment).serves(two).isHeld();
        assertThat(deployment.fallBack("by hand")).isFalse();
        assertThat(entries("handle.fellback")).isEmpty();
    }

    @Test
    void afterTooManyFallbacksItStaysAndAlarms() throws Exception {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health().fallbacks(2, Duration.ofHours(1))));
        for (int number = 2; number <= 3; number++) {
            promoted(number);
            model(number).fails = true;
            fail(deployment, 5);
            assertThat(deployment.version()).contains(ModelRef.parse("risk@1"));
            int sofar = number - 1;
            Site.await("it is recorded", () -> entries("handle.fellback").size() == sofar);
        }
        ModelRef four = promoted(4);
        model(4).fails = true;
        fail(deployment, 30);
        assertThat(deployment).serves(four).isHeld();

        clock.advance(Duration.ofHours(2));
        Site.await("the state is young again", () -> deployment.version().isPresent());
        promoted(5);
        assertThat(deployment.status().isHeld()).isFalse();
        model(5).fails = true;
        fail(deployment, 5);
        assertThat(deployment.version()).contains(four);
    }

    @Test
    void aFallbackThatPolicyRefusesIsReversed() throws Exception {
        Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .forbid("no-fallbacks")
                        .on(Action.Type.FALL_BACK)
                        .build());
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        ModelRef two = promoted(2);
        assertThat(deployment.fallBack("by hand")).isTrue();
        Site.await("it is reversed", () -> deployment.status().state() == State.SERVING);
        assertThat(deployment).serves(two);
        assertThat(entries("handle.fellback")).isEmpty();
        assertThat(loaded).hasSize(2);
        model(2).fails = true;
        fail(deployment, 30);
        assertThat(deployment).serves(two);
        Site.await("the refusal is recorded", () -> !entries("access.refused").isEmpty());
        requireSound();
    }

    @Test
    void aFallbackNeedsNoStoreAndIsRecordedOnceItIsBack() throws Exception {
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        ModelRef two = promoted(2);
        seen.leave();
        model(2).fails = true;
        fail(deployment, 5);
        assertThat(deployment.apply(Scorer::score).version()).isEqualTo(one);
        assertThat(deployment).isIn(State.FALLEN_BACK);
        assertThat(deployment.status().fallback()).contains(two);

        seen.comeBack();
        Site.await("it is recorded", () -> deployment.status().fallback().isEmpty());
        assertThat(entries("handle.fellback")).hasSize(1);
        assertThat(deployment).isIn(State.STANDING_IN).serves(one);
        awaitWaiting(0);
        requireSound();
    }

    @Test
    void whatRecordsFallbacksRunsBeforeThereIsOne() {
        Deployment<Scorer> deployment = deploy(spec());

        assertThat(deployment.status().fallback()).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .contains("modelops-fallbacks");
    }

    @Test
    void aFallbackWhileTheStoreWasAwayIsReversedIfPolicyRefusesItAfterwards() throws Exception {
        Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .forbid("no-fallbacks")
                        .on(Action.Type.FALL_BACK)
                        .build());
        ModelRef one = promoted(1);
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        ModelRef two = promoted(2);
        seen.leave();
        assertThat(deployment.fallBack("by hand\nat night")).isTrue();
        assertThat(deployment).isIn(State.FALLEN_BACK).serves(one);
        seen.comeBack();
        Site.await("it is reversed", () -> deployment.status().state() == State.SERVING);
        assertThat(deployment).serves(two);
        awaitWaiting(0);
        assertThat(deployment.fallBack("again")).isFalse();
        Site.await("the refusal is recorded", () -> !entries("access.refused").isEmpty());
        requireSound();
    }

    @Test
    void aFallbackIsRecordedThoughItsDeploymentIsClosedMeanwhile() throws Exception {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec());
        promoted(2);
        seen.leave();
        assertThat(deployment.fallBack("by hand")).isTrue();
        deployment.close();
        seen.comeBack();
        Site.await("it is recorded", () -> entries("handle.fellback").size() == 1);
    }

    @Test
    void aHostsOwnPolicyKeepsADeploymentFromGoingBackToo() {
        AtomicBoolean refuses = new AtomicBoolean();
        ops.close();
        ops = Site.opening(storage, key)
                .clock(clock)
                .narrowedBy(request -> {
                    boolean isServing = request.action().type() == Action.Type.SERVE;
                    if (refuses.get()
                            && isServing
                            && request.action().toString().contains("risk@1")) {
                        throw new IllegalStateException("not by this host");
                    }
                    return new Decision.Allow(
                            List.of("host"), Policies.builtIn().digest(), request.asOf(), START);
                })
                .start();
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec());
        ModelRef two = promoted(2);
        refuses.set(true);
        assertThat(deployment.fallBack("by hand")).isFalse();
        assertThat(deployment).serves(two).isHeld();
    }

    /** Awaits what the recording thread keeps or forgets; a handle learns of a recorded fallback from the log, maybe sooner. */
    private void awaitWaiting(int fallbacks) throws InterruptedException {
        Site.await(fallbacks + " fallbacks are kept", () -> {
            try {
                return waiting().size() == fallbacks;
            } catch (IOException | UncheckedIOException e) {
                return false;
            }
        });
    }

    private List<Path> waiting() throws IOException {
        try (var files = Files.walk(dir.resolve("cache"))) {
            return files.filter(file -> file.toString().endsWith(".fallback")).toList();
        }
    }

    @Test
    void aFallbackThatWaitsToBeRecordedOutlivesARestart() throws Exception {
        ModelRef one = promoted(1);
        promoted(2);
        ops.close();
        Path contact;
        try (var logs = Files.list(dir.resolve("cache"))) {
            contact = logs.findFirst().orElseThrow().resolve("contact");
        }
        Files.delete(contact);
        ops = near();
        // What is kept next is of ten seconds later, and so not of the moment between the two acts below.
        Site.await("the beginning is kept", () -> Files.exists(contact));
        Deployment<Scorer> deployment = deploy(spec().health(health()));
        Site.registry(ops, Site.RITA).rollback(Site.RISK, Site.PRODUCTION, "back");
        ModelRef two = ModelRef.parse("risk@2");
        Site.registry(ops, Site.RITA).promote(two, Site.PRODUCTION);
        seen.leave();
        assertThat(deployment.fallBack("by hand")).isTrue();
        awaitWaiting(1);
        ops.close();

        ops = near();
        Deployment<Scorer> again = deploy(spec().health(health()));
        assertThat(again).isIn(State.FALLEN_BACK).serves(one);
        seen.comeBack();
        Site.await("it is recorded", () -> again.status().fallback().isEmpty());
        assertThat(entries("handle.fellback")).hasSize(1);
        assertThat(again).serves(one);
        awaitWaiting(0);
    }

    @Test
    void whatIsKeptOfFallbacksIsNotBelievedBeyondWhatTheLogSays() throws Exception {
        ModelRef one = promoted(1);
        promoted(2);
        ModelRef never = Site.register(ops, dir, "risk", 3).ref();
        Path folder;
        try (var logs = Files.list(dir.resolve("cache"))) {
            folder = Files.createDirectories(logs.findFirst().orElseThrow().resolve("fallbacks"));
        }
        write(folder, "garbage", "x");
        write(folder, "never", record("a", "risk@2", never.toString(), Site.SCORING.toString()));
        write(folder, "gone", record("b", "risk@2", "risk@9", Site.SCORING.toString()));
        write(folder, "other", record("c", "risk@2", one.toString(), Site.STRANGER.toString()));
        write(folder, "same", record("d", "risk@2", "risk@2", Site.SCORING.toString()));
        Deployment<Scorer> deployment = deploy(spec());
        assertThat(deployment)
                .isIn(State.SERVING)
                .serves(ModelRef.parse("risk@2"))
                .hasNoFailure();
        assertThat(loaded).hasSize(1);
        assertThat(entries("handle.fellback")).isEmpty();
    }

    private static String record(String id, String from, String to, String by) {
        return String.join(
                "\n", "modelops.dev/fallback@v1", id, from, to, "production", by, START.toString(), "a cause", "");
    }

    private static void write(Path folder, String name, String text) throws IOException {
        Files.writeString(folder.resolve(name + ".fallback"), text);
    }

    @Test
    void aQuarantineReachesOtherProcessesWhichServeWhatServedBefore() throws Exception {
        ModelRef one = promoted(1);
        Deployment<Scorer> here = deploy(spec().health(health()));
        try (ModelOps there = far()) {
            Deployment<Scorer> warm = there.as(Site.SCORING).serving().deploy(spec());
            ModelHandle<Scorer> cold = there.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, loader);
            ModelRef two = promoted(2);
            Site.await(
                    "all serve the second",
                    () -> Optional.of(two).equals(warm.version())
                            && Optional.of(two).equals(cold.version()));
            model(2).fails = true;
            loaded.forEach(model -> model.fails = model.ref.version().value() == 2);
            fail(here, 5);
            Site.await(
                    "all serve the first",
                    () -> Optional.of(one).equals(warm.version())
                            && Optional.of(one).equals(cold.version()));
            assertThat(warm).isIn(State.STANDING_IN);
            assertThat(cold.apply(Scorer::score).by()).isEqualTo(Served.By.FORMER_CHAMPION);
        }
    }

    @Test
    void aSuspensionReachesEveryProcessAndTheWayBackStaysOpen() throws Exception {
        ModelRef one = promoted(1);
        Deployment<Scorer> here = deploy(spec());
        promoted(2);
        try (ModelOps there = far()) {
            ModelHandle<Scorer> far = there.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, loader);
            assertThatRefused(() -> Site.registry(ops, Site.ADA).perform(Action.suspend(Site.RISK, Site.PRODUCTION)))
                    .isDenied();
            Site.registry(ops, Site.RITA)
                    .perform(Action.suspend(Site.RISK, Site.PRODUCTION).because("an incident"));
            assertThat(here).isIn(State.REFUSING);
            assertThatThrownBy(() -> here.apply(Scorer::score))
                    .isInstanceOf(AccessDeniedException.class)
                    .hasMessageContaining("suspended");
            Site.await("the other process stops", () -> far.version().isEmpty());
            assertThatThrownBy(() -> Site.registry(ops, Site.RITA).perform(Action.suspend(Site.RISK, Site.PRODUCTION)))
                    .isInstanceOf(VersionConflictException.class);

            Site.registry(ops, Site.RITA).rollback(Site.RISK, Site.PRODUCTION, "back");
            assertThat(here.version()).isEmpty();
            Site.registry(ops, Site.RITA).perform(Action.resume(Site.RISK, Site.PRODUCTION));
            assertThat(here).serves(one);
            Site.await("the other process goes on", () -> far.version().equals(here.version()));
            assertThatThrownBy(() -> Site.registry(ops, Site.RITA).perform(Action.resume(Site.RISK, Site.PRODUCTION)))
                    .isInstanceOf(VersionConflictException.class);
        }
        requireSound();
    }

    @Test
    void oneDeploymentCanBeSuspendedAndItsFallbackSaysThatItIsOne() {
        Scorer instead = new Scorer(ModelRef.parse("none@1"));
        Deployment<Scorer> deployment = deploy(spec().fallback(instead));
        assertThatThrownBy(() -> deployment.apply(Scorer::score)).isInstanceOf(NotFoundException.class);
        ModelRef one = promoted(1);
        assertThat(deployment.apply(Scorer::score).by()).isEqualTo(Served.By.CHAMPION);

        deployment.suspend("an incident");
        Served<Double> served = deployment.apply(Scorer::score);
        assertThat(served.by()).isEqualTo(Served.By.FALLBACK);
        assertThat(served.version()).isEqualTo(one);
        assertThat(deployment).isIn(State.SUSPENDED);
        assertThat(deployment.version()).isEmpty();
        promoted(2);
        assertThat(deployment.apply(Scorer::score).by()).isEqualTo(Served.By.FALLBACK);
        deployment.resume();
        assertThat(deployment.apply(Scorer::score).value()).isEqualTo(2.0);

        Site.registry(ops, Site.RITA).revoke(ModelRef.parse("risk@2"), "leaked");
        assertThat(deployment.apply(Scorer::score).by()).isEqualTo(Served.By.FALLBACK);
        assertThat(deployment).isIn(State.REFUSING);
        deployment.close();
        assertThatThrownBy(() -> deployment.apply(Scorer::score)).isInstanceOf(ClosedException.class);
        assertThat(instead.closed).hasValue(0);
    }

    @Test
    void withoutAFallbackASuspendedDeploymentRefuses() {
        promoted(1);
        Deployment<Scorer> deployment = deploy(spec());
        deployment.suspend("an incident");
        assertThatThrownBy(() -> deployment.apply(Scorer::score)).hasMessageContaining("an incident");
        deployment.resume();
        assertThat(deployment.apply(Scorer::score).value()).isEqualTo(1.0);
    }

    @Test
    void aPromotionWhoseProcessDiedBeforeTheSwapIsServedByTheNext() {
        promoted(1);
        Deployment<Scorer> deployment = deploy(Spec.of("risk", Site.PRODUCTION, artifact -> {
            if (artifact.ref().version().value() == 2) {
                throw new IOException("the process dies here");
            }
            return loader.load(artifact);
        }));
        ModelRef two = promoted(2);
        assertThat(deployment.version()).contains(ModelRef.parse("risk@1"));
        ops.close();
        ops = near();
        assertThat(deploy(spec())).isIn(State.SERVING).serves(two);
    }

    @Test
    void aMillionCallsOverAThousandSwapsSeeNoFailureAndNoMixture() throws Exception {
        List<ModelRef> refs = List.of(promoted(1), promoted(2), promoted(3));
        Deployment<Scorer> deployment =
                deploy(spec().health(health().slowdown(1e9).over(Long.MAX_VALUE, Duration.ofDays(1))));
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong calls = new AtomicLong();
        List<Future<Long>> running = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            running.add(callers.submit(() -> {
                long made = 0;
                while (!over.get() || calls.get() < 1_000_000) {
                    Served<Double> served = deployment.apply(Scorer::score);
                    if (served.value() != served.version().version().value()) {
                        throw new AssertionError("mixed: " + served);
                    }
                    if (++made % 1000 == 0) {
                        calls.addAndGet(1000);
                    }
                }
                return made;
            }));
        }
        for (int swap = 0; swap < 1000; swap++) {
            Site.registry(ops, Site.RITA).promote(refs.get(swap % 3), Site.PRODUCTION);
            assertThat(deployment.version()).contains(refs.get(swap % 3));
        }
        over.set(true);
        long sum = 0;
        for (Future<Long> caller : running) {
            sum += caller.get();
        }
        assertThat(sum).isGreaterThanOrEqualTo(1_000_000);
        assertThat(deployment.status().leaks()).isZero();
        assertThat(entries("handle.fellback")).isEmpty();
        // One is called, one is kept, one is loaded anew each time.
        assertThat(loaded).hasSize(1001);
    }
}
