package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.InDoubtException;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.PostgresPair;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.Witnesses;
import dev.modelops.policy.Action;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a fail-over loses what was acknowledged, or leaves two primaries, it is noticed and said. */
class FailoverTest {
    @TempDir
    Path dir;

    private Opening opening(Place place, LogKey key) {
        return Site.opening(place.existing(), key);
    }

    private static long tag(ModelOps ops, ModelRef ref, String value) {
        return Site.registry(ops, Site.ADA)
                .perform(Action.setTag(ref, "tag", value).as(Site.id(value)))
                .position()
                .size();
    }

    @Test
    void actsThatAnAsynchronousStandbyLacksAreMissedByEverybodyWhoSawThem() throws Exception {
        try (PostgresPair pair = PostgresPair.asynchronous()) {
            Place place = pair.place(dir);
            LogKey key = Site.create(place);
            InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
            Witness witness = Witnesses.folder(
                    "witness.example.org",
                    Site.KEYS.ed25519("witness"),
                    dir.resolve("witness"),
                    List.of(key),
                    Clock.systemUTC());
            try (ModelOps alive =
                    opening(place, key).memory(memory).witness(witness).start()) {
                ModelRef ref = Site.register(alive, dir, "risk", 1).ref();
                pair.awaitCaughtUp();
                pair.standby().stop();
                long acknowledged = tag(alive, ref, "acknowledged");
                assertThat(alive.audit().checkpoint().position().size()).isEqualTo(acknowledged);

                pair.primary().killHard();
                pair.standby().startAgain();
                pair.promote();

                assertThatThrownBy(alive::sync)
                        .isInstanceOf(IntegrityException.class)
                        .hasMessageContaining("but this process has seen " + acknowledged)
                        .hasMessageContaining("fails over to a replica that lags behind");
                assertThatThrownBy(() -> tag(alive, ref, "later")).isInstanceOf(ModelOpsException.class);
            }
            assertThatThrownBy(() -> opening(place, key).memory(memory).start())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("the log is older than what was seen before: it has 2 entries");
            assertThatThrownBy(() -> opening(place, key).witness(witness).start())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("the log is older than what was seen before: it has 2 entries");
            try (StoreInspection inspection = StoreInspection.open(place.existing(), key)) {
                assertThat(inspection.audit().verify(Progress.NONE).findings())
                        .as("a prefix of a log is a log: only who remembers more can tell")
                        .isEmpty();
            }
        }
    }

    @Test
    void anActWhoseCommitWaitsForTheStandbyWhenThePrimaryIsKilledHasOneOutcome() throws Exception {
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try (PostgresPair pair = PostgresPair.synchronous()) {
            Place place = pair.place(dir);
            LogKey key = Site.create(place);
            try (ModelOps ops = opening(place, key).start();
                    ModelOps other = opening(place, key).start()) {
                ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
                PostgresPair.HeldBack held = pair.holdBack();
                Future<Long> act = caller.submit(() -> tag(ops, ref, "waiting"));
                pair.awaitWaiting(1);
                assertThat(act).isNotDone();
                assertThat(other.sync().size())
                        .as("what no standby has is seen by nobody")
                        .isEqualTo(2);

                pair.primary().killHard();
                held.letGo();
                pair.promote();

                Optional<Long> acknowledged = acknowledged(act);
                Optional<Long> recorded = other.outcome(Site.id("waiting"))
                        .map(found -> found.position().size());
                assertThat(acknowledged.or(() -> recorded)).isEqualTo(recorded);
                assertThat(tag(other, ref, "waiting")).isEqualTo(3);
                assertThat(tag(ops, ref, "later")).isEqualTo(4);
                assertThat(other.sync().size()).isEqualTo(4);
            }
            try (StoreInspection inspection = StoreInspection.open(place.existing(), key)) {
                assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            }
        } finally {
            caller.shutdownNow();
        }
    }

    /** What a caller was told: a position; that it is in doubt, or did not happen. */
    private static Optional<Long> acknowledged(Future<Long> act) throws Exception {
        try {
            return Optional.of(act.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOfAny(StorageException.class, InDoubtException.class);
            return Optional.empty();
        }
    }

    @Test
    void theOldPrimaryAcknowledgesNothingOnceItsStandbyTookItsPlace() throws Exception {
        try (PostgresPair pair = PostgresPair.synchronous()) {
            Place place = pair.place(dir);
            LogKey key = Site.create(place);
            InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
            try (ModelOps wanderer = opening(place, key).start()) {
                ModelRef ref = Site.register(wanderer, dir, "risk", 1).ref();
                Place old = pair.placeOnPrimaryAlone(dir, "socketTimeout=2");
                pair.failOver();
                Place present = pair.placeOnPrimaryAlone(dir, "");
                try (ModelOps settled = opening(present, key).memory(memory).start()) {
                    long here = tag(settled, ref, "here");
                    assertThat(settled.audit().checkpoint().position().size()).isEqualTo(here);
                    assertThat(wanderer.sync().size()).isEqualTo(here);

                    pair.standby().startAgain();
                    Site.await("who saw the new primary stops at the old one", () -> isStopped(wanderer, here));
                    try (ModelOps stray = opening(old, key).start()) {
                        assertThat(stray.position().size()).isEqualTo(here - 1);
                        assertThatThrownBy(() -> tag(stray, ref, "there")).isInstanceOf(InDoubtException.class);
                    }

                    assertThat(settled.sync().size()).isEqualTo(here);
                    assertThat(settled.outcome(Site.id("there"))).isEmpty();
                }
                // What waited for the standby when the server stopped is there when it starts again: a second history.
                pair.standby().stop();
                pair.standby().startAgain();
                assertThatThrownBy(() -> opening(old, key).memory(memory).start())
                        .isInstanceOf(IntegrityException.class)
                        .hasMessageContaining("two heads of equal size");
                try (StoreInspection inspection = StoreInspection.open(present.existing(), key)) {
                    assertThat(inspection.audit().verify(Progress.NONE).findings())
                            .isEmpty();
                }
            }
        }
    }

    private static boolean isStopped(ModelOps ops, long size) {
        try {
            assertThat(ops.sync().size()).isEqualTo(size);
            return false;
        } catch (StorageException e) {
            return false;
        } catch (IntegrityException e) {
            assertThat(e).hasMessageContaining("but this process has seen " + size);
            return true;
        }
    }
}
