package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes whose clocks differ, on one store. */
class ClocksTest {
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final ModelRef REF = ModelRef.parse("risk@1");

    @TempDir
    Path dir;

    private final Storage storage = Storages.inMemory();
    private final MutableClock storeClock = MutableClock.at(START);
    private final MutableClock leftClock = MutableClock.at(START);
    private final MutableClock rightClock = MutableClock.at(START);
    private LogKey key;
    private FaultyLogStore store;
    private ModelOps left;
    private ModelOps right;

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
        store = new FaultyLogStore(storage.log());
        left = open(leftClock);
        right = open(rightClock);
        Site.register(left, dir, "risk", 1);
    }

    @AfterEach
    void end() throws Exception {
        assertThat(left.sync()).isEqualTo(right.sync());
        Instant before = Instant.EPOCH;
        for (long i = 0; i < left.position().size(); i++) {
            Instant at = left.as(Site.AUDITOR).audit().get(i).at();
            assertThat(at).isAfterOrEqualTo(before);
            before = at;
        }
        assertThat(right.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
        left.close();
        right.close();
        Site.requireNoThreads();
    }

    private ModelOps open(MutableClock clock) {
        return Site.opening(new Storage(store, storage.blobs()), key)
                .clock(clock)
                .start();
    }

    private static Instant act(ModelOps ops) {
        return Site.registry(ops, Site.ADA).comment(REF, "here").decision().at();
    }

    @Test
    void aHostThatIsFarAheadOfItsDatabaseDoesNotMoveTheLogAhead() {
        Place place = Place.postgres(dir);
        LogKey created = Site.create(place);
        Instant now = Clock.systemUTC().instant();
        MutableClock clock = MutableClock.at(now.plus(Duration.ofDays(30)));
        try (ModelOps ahead =
                Site.opening(place.existing(), created).clock(clock).start()) {
            assertThatThrownBy(() -> Site.register(ahead, dir, "risk", 2))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("set the clocks right");
            clock.set(now);
            assertThat(Site.register(ahead, dir, "risk", 2).registeredAt()).isBefore(now.plus(SKEW));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 10, 24 * 60})
    void aWriterFarAheadOfTheStoreIsRefusedAndHoldsUpNobody(long minutes) {
        store.clock(storeClock);
        leftClock.advance(Duration.ofMinutes(minutes));
        assertThatThrownBy(() -> act(left))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(START.plus(Duration.ofMinutes(minutes)).toString())
                .hasMessageContaining("set the clocks right");
        assertThat(act(right)).isEqualTo(START);
        leftClock.set(START.plus(SKEW));
        assertThat(act(left)).isEqualTo(START.plus(SKEW));
        assertThat(act(right)).as("log time does not go back").isEqualTo(START.plus(SKEW));
    }

    @Test
    void aClockThatJumpsBetweenTwoActsIsNoticed() {
        store.clock(storeClock);
        act(left);
        leftClock.advance(Duration.ofDays(1));
        assertThatThrownBy(() -> act(left)).isInstanceOf(StorageException.class).hasMessageContaining("ahead");
        leftClock.set(START);
        assertThat(act(left)).isEqualTo(START);
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 24 * 60})
    void aWriterFarBehindIsRefusedAloneAndOnlyUntilItsClockIsRight(long minutes) {
        store.clock(storeClock);
        leftClock.set(START.minus(Duration.ofMinutes(minutes)));
        assertThatThrownBy(() -> act(left))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("set the clocks right");
        assertThat(act(right)).isEqualTo(START);
        leftClock.set(START.minus(SKEW));
        assertThat(act(left)).isEqualTo(START);
    }

    @Test
    void aLogThatIsAheadOfEverybodyGoesOnAtItsOwnTime() {
        leftClock.advance(Duration.ofDays(1));
        Instant ahead = act(left);
        assertThat(ahead).isEqualTo(START.plus(Duration.ofDays(1)));
        assertThatThrownBy(() -> act(right))
                .as("nothing says whose clock is right")
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("Opening.clock");
        rightClock.advance(Duration.ofDays(1));
        assertThat(act(right)).isEqualTo(ahead);
        rightClock.set(START);
        store.clock(storeClock);
        assertThat(act(right)).as("the store says it").isEqualTo(ahead);
        assertThatThrownBy(() -> act(left)).isInstanceOf(StorageException.class);
    }

    @Test
    void withoutAClockInTheStoreWritersMayDifferByTheBoundOnly() {
        leftClock.advance(SKEW);
        assertThat(act(left)).isEqualTo(START.plus(SKEW));
        assertThat(act(right)).isEqualTo(START.plus(SKEW));
        leftClock.advance(Duration.ofMillis(1));
        act(left);
        assertThatThrownBy(() -> act(right)).isInstanceOf(StorageException.class);
        rightClock.advance(Duration.ofMillis(1));
        assertThat(act(right)).isEqualTo(leftClock.instant());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whateverTheClocksDoLogTimeStaysNearTheStores(long seed) {
        store.clock(storeClock);
        Random random = new Random(seed);
        List<ModelOps> all = List.of(left, right);
        List<MutableClock> clocks = List.of(leftClock, rightClock);
        List<Instant> times = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            storeClock.advance(Duration.ofSeconds(random.nextInt(30)));
            int who = random.nextInt(2);
            Duration wrong = Duration.ofSeconds(random.nextInt(1200) - 600);
            clocks.get(who).set(storeClock.instant().plus(random.nextInt(3) == 0 ? wrong : Duration.ZERO));
            Instant now = clocks.get(who).instant();
            boolean isRight = now.equals(storeClock.instant());
            try {
                Instant at = act(all.get(who));
                times.add(at);
                assertThat(at).isBeforeOrEqualTo(storeClock.instant().plus(SKEW));
            } catch (StorageException e) {
                refused++;
                assertThat(isRight)
                        .as("a writer whose clock is right is never refused")
                        .isFalse();
            }
        }
        assertThat(times).isSorted();
        assertThat(refused).isPositive();
    }
}
