package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Freshness;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.StaleStateException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicySet;
import dev.modelops.serving.ModelHandle;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two processes on one store, one of which loses sight of it. */
class StalenessTest {
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");

    @TempDir
    Path dir;

    private final Storage storage = Storages.inMemory();
    private final FaultyLogStore seen = new FaultyLogStore(storage.log());
    private final MutableClock clock = MutableClock.at(START);
    private LogKey key;
    private ModelOps far;
    private ModelRef champion;

    /** What becomes of a store. */
    private enum Loss {
        FAILS(FaultyLogStore::leave),
        HANGS(FaultyLogStore::hang);

        private final Consumer<FaultyLogStore> lose;

        Loss(Consumer<FaultyLogStore> lose) {
            this.lose = lose;
        }
    }

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
        far = Site.opening(storage, key).clock(MutableClock.at(START)).start();
        champion = Site.promoted(far, dir, 1);
    }

    @AfterEach
    void end() throws Exception {
        seen.comeBack();
        far.close();
        Site.requireNoThreads();
    }

    private ModelOps near(Duration bound, Freshness.Stance stance) {
        return Site.opening(new Storage(seen, storage.blobs()), key)
                .clock(clock)
                .staleness(bound, stance)
                .start();
    }

    private static ModelHandle<String> open(ModelOps ops) {
        return ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
    }

    private static boolean isStale(ModelHandle<String> handle) {
        try {
            return handle.apply(model -> model).value().isEmpty();
        } catch (StaleStateException e) {
            return true;
        }
    }

    /** Waits until it serves: with so short a bound, a slow machine makes the state old while the store answers. */
    private static void awaitServing(ModelHandle<String> handle, ModelRef version) throws Exception {
        Site.await("the handle serves " + version, () -> handle.version().equals(Optional.of(version)));
    }

    @ParameterizedTest
    @EnumSource
    void aStoreThatIsAwayForLongerThanTheBoundStopsServing(Loss loss) throws Exception {
        try (ModelOps near = near(SHORT, Freshness.Stance.REFUSE)) {
            ModelHandle<String> handle = open(near);
            awaitServing(handle, champion);
            loss.lose.accept(seen);
            Site.registry(far, Site.RITA).revoke(champion, "leaked");

            Site.await("the handle refuses", () -> isStale(handle));
            assertThatThrownBy(() -> handle.apply(model -> model))
                    .isInstanceOfSatisfying(StaleStateException.class, e -> {
                        assertThat(e.asOf()).isEqualTo(START);
                        assertThat(e.age()).isGreaterThan(SHORT);
                    })
                    .hasMessageContaining("bring the store back");
            assertThat(handle.version()).isEmpty();
            assertThatThrownBy(() -> open(near).apply(model -> model)).isInstanceOf(StaleStateException.class);
            assertThat(near.freshness().isStale()).isTrue();
            assertThat(Site.registry(near, Site.RITA)
                            .find(champion)
                            .orElseThrow()
                            .status())
                    .as("reads go on and say their position")
                    .hasToString("active");

            seen.comeBack();
            Site.await("the revocation is seen", () -> {
                try {
                    handle.apply(model -> model);
                    return false;
                } catch (StaleStateException e) {
                    return false;
                } catch (AccessDeniedException e) {
                    return true;
                }
            });
            Site.await("the state is fresh", () -> !near.freshness().isStale());
            Site.await("nothing is wrong", () -> near.freshness().trouble().isEmpty());
        }
    }

    /** A rule on the time has the handle decided again and again, by the host's policy too. */
    @Test
    void aPolicyOfTheHostsThatHangsDoesNotKeepTheBoundFromHolding() throws Exception {
        PolicySet timed = PolicyReview.ofCedar(
                        PolicyReview.of(Policies.builtIn()).toCedar() + """
                        @id("gate-hour")
                        forbid (principal, action == Action::"serve", resource)
                        when { context.now > datetime("2099-01-01T00:00:00Z") };
                        """)
                .policySet();
        Site.install(far, timed);
        AtomicBoolean hangs = new AtomicBoolean();
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Opening opening = Site.opening(new Storage(seen, storage.blobs()), key)
                .clock(clock)
                .staleness(SHORT, Freshness.Stance.REFUSE)
                .narrowedBy(request -> {
                    if (hangs.get()) {
                        hanging.countDown();
                        Uninterruptibles.awaitUninterruptibly(over);
                    }
                    return new Decision.Allow(List.of("host"), timed.digest(), request.asOf(), request.at());
                });
        try (ModelOps near = opening.start()) {
            ModelHandle<String> handle = open(near);
            awaitServing(handle, champion);
            hangs.set(true);
            assertThat(hanging.await(60, TimeUnit.SECONDS)).isTrue();
            seen.leave();
            Site.await("the handle refuses", () -> isStale(handle));
            over.countDown();
        }
    }

    @ParameterizedTest
    @EnumSource
    void handlesServeAgainByThemselvesOnceTheStoreAnswers(Loss loss) throws Exception {
        AtomicInteger loads = new AtomicInteger();
        try (ModelOps near = near(SHORT, Freshness.Stance.REFUSE)) {
            ModelHandle<String> handle = near.as(Site.SCORING)
                    .serving()
                    .open("risk", Site.PRODUCTION, artifact -> "model " + loads.incrementAndGet());
            for (int round = 0; round < 2; round++) {
                loss.lose.accept(seen);
                Site.await("the handle refuses", () -> isStale(handle));
                seen.comeBack();
                awaitServing(handle, champion);
            }
            assertThat(loads).as("serving again takes no loading").hasValue(1);
        }
    }

    @Test
    void theOtherStanceGoesOnServingAndSaysHowOldTheStateIs() throws Exception {
        try (ModelOps near = near(SHORT, Freshness.Stance.SERVE_AND_ALARM)) {
            ModelHandle<String> handle = open(near);
            seen.leave();
            Site.registry(far, Site.RITA).revoke(champion, "leaked");
            // On a slow machine the state may be old before anybody finds that the store is away.
            Site.await(
                    "the state is stale",
                    () -> near.freshness().isStale()
                            && !near.freshness().trouble().isEmpty());
            Freshness freshness = near.freshness();
            assertThat(freshness.position()).isEqualTo(near.position());
            assertThat(freshness.asOf()).isEqualTo(START);
            assertThat(freshness.age()).isGreaterThan(SHORT);
            assertThat(freshness.trouble()).contains("refused");
            for (int i = 0; i < 50; i++) {
                assertThat(handle.apply(model -> model).version()).isEqualTo(champion);
                Thread.sleep(5);
            }
        }
    }

    @Test
    void theClockCountsWhileTheStoreIsAway() throws Exception {
        try (ModelOps near = near(Duration.ofMinutes(15), Freshness.Stance.REFUSE)) {
            ModelHandle<String> handle = open(near);
            seen.leave();
            clock.advance(Duration.ofMinutes(15).plusSeconds(1));
            Site.await("the handle refuses", () -> isStale(handle));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void aClockThatJumpsChangesNothingWhileTheStoreAnswers(long direction) throws Exception {
        try (ModelOps near = near(Duration.ofMinutes(15), Freshness.Stance.REFUSE)) {
            ModelHandle<String> handle = open(near);
            for (int i = 1; i < 60; i++) {
                clock.set(START.plus(Duration.ofHours(i * direction)));
                assertThat(handle.apply(model -> model).version()).isEqualTo(champion);
                Thread.sleep(5);
            }
        }
    }

    @Test
    void actsFailAndNothingIsInDoubtWhileTheStoreIsAway() {
        try (ModelOps near = near(SHORT, Freshness.Stance.SERVE_AND_ALARM)) {
            seen.leave();
            assertThatThrownBy(() -> Site.registry(near, Site.ADA).comment(champion, "hello"))
                    .isInstanceOf(StorageException.class);
            seen.comeBack();
            assertThat(Site.registry(near, Site.ADA).comment(champion, "hello").position())
                    .isEqualTo(near.position());
        }
    }

    @Test
    void aRevocationIsSeenOnTheSameFileWithinAPoll() throws Exception {
        Path folder = dir.resolve("store");
        LogKey pinned = Site.create(folder);
        try (ModelOps one = Site.open(folder, pinned);
                ModelOps two = Site.open(folder, pinned)) {
            ModelRef ref = Site.promoted(one, dir, 2);
            two.sync();
            ModelHandle<String> handle = open(two);
            assertThat(handle.version()).contains(ref);
            Site.registry(one, Site.RITA).revoke(ref, "leaked");
            Site.await("the other refuses", () -> handle.version().isEmpty());
            assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(AccessDeniedException.class);
            assertThat(two.freshness().age()).isLessThan(Duration.ofMinutes(15));
        }
    }
}
