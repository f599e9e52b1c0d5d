package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Alias;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.registry.Access;
import dev.modelops.core.internal.registry.StateView;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.RegistryView;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Log time never goes back, and the past is what a replay says it was. */
@Tag("every-store")
class LogTimeProperties {
    private static final Instant START = Instant.parse("2090-01-01T09:00:00Z");
    private static final ModelRef REF = ModelRef.parse("risk@1");

    private final MutableClock clock = MutableClock.at(START);

    @TempDir
    Path dir;

    private ModelOps open(Storage storage, LogKey key) {
        return Site.opening(storage, key).clock(clock).start();
    }

    @Test
    void aClockThatJumpsBackALittleDoesNotTurnLogTimeBack() {
        Storage storage = TestStorage.fresh();
        try (ModelOps ops = open(storage, ModelOps.create(storage, Site.genesis()))) {
            Site.register(ops, dir, "risk", 1);
            clock.set(START.minus(Duration.ofMinutes(5)));
            Instant time = Site.registry(ops, Site.ADA)
                    .comment(REF, "from the past")
                    .decision()
                    .at();
            assertThat(time).isEqualTo(START);
            clock.set(START.plusSeconds(1));
            assertThat(Site.registry(ops, Site.ADA)
                            .comment(REF, "now")
                            .decision()
                            .at())
                    .isEqualTo(START.plusSeconds(1));
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aClockThatJumpsBackFarIsRefusedUntilItIsRight() {
        Storage storage = TestStorage.fresh();
        try (ModelOps ops = open(storage, ModelOps.create(storage, Site.genesis()))) {
            Site.register(ops, dir, "risk", 1);
            long before = ops.position().size();
            clock.set(START.minus(Duration.ofMinutes(5)).minusMillis(1));
            assertThatThrownBy(() -> Site.registry(ops, Site.ADA).comment(REF, "too far"))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("set the clocks right");
            assertThat(ops.position().size()).isEqualTo(before);
            clock.set(START);
            Site.registry(ops, Site.ADA).comment(REF, "right again");
            assertThat(ops.position().size()).isEqualTo(before + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void everyPositionAndTimeAnswersAsAReplayDoes(long seed) {
        Random random = new Random(seed);
        Storage storage = TestStorage.fresh();
        LogKey key = ModelOps.create(storage, Site.genesis());
        try (ModelOps ops = open(storage, key)) {
            live(ops, random, 300);
            requireReplay(ops, 3);
        }
        try (ModelOps ops = open(storage, key)) {
            requireReplay(ops, 41);
        }
    }

    /** Acts at random; what is refused or conflicts leaves its own trace or none. */
    private void live(ModelOps ops, Random random, int acts) {
        Site.register(ops, dir, "risk", 1);
        int versions = 1;
        for (int i = 0; i < acts; i++) {
            if (random.nextInt(3) == 0) {
                clock.set(clock.instant().plusMillis(random.nextInt(4000) - 1000));
            }
            ModelRef ref = ModelRef.parse("risk@" + (1 + random.nextInt(versions)));
            try {
                int kind = versions < 6 ? random.nextInt(12) : 1 + random.nextInt(11);
                switch (kind) {
                    case 0 -> {
                        Site.register(ops, dir, "risk", versions + 1);
                        versions++;
                    }
                    case 1 -> act(ops, Site.VERA, Action.approve(ref, Site.PRODUCTION));
                    case 2 -> act(ops, Site.VERA, Action.reject(ref, Site.PRODUCTION));
                    case 3 -> act(ops, Site.VERA, Action.withdraw(ref, Site.PRODUCTION));
                    case 4 -> act(ops, Site.RITA, Action.promote(ref, Site.PRODUCTION));
                    case 5 -> act(ops, Site.RITA, Action.promote(ref, Site.STAGING));
                    case 6 -> act(ops, Site.RITA, Action.rollback(Site.RISK, Site.STAGING));
                    case 7 -> act(ops, Site.RITA, Action.setAlias(ref, Alias.of("a" + random.nextInt(3))));
                    case 8 -> act(ops, Site.RITA, Action.removeAlias(Site.RISK, Alias.of("a" + random.nextInt(3))));
                    case 9 -> act(ops, Site.ADA, Action.setTag(ref, "k" + random.nextInt(3), "v" + i));
                    case 10 -> act(ops, Site.ADMIN, Action.grantRole(Site.STRANGER, Role.VALIDATOR));
                    default -> act(ops, Site.ADMIN, Action.revokeRole(Site.STRANGER, Role.VALIDATOR));
                }
            } catch (ModelOpsException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    private static void act(ModelOps ops, Principal who, Action action) {
        Site.registry(ops, who).perform(action);
    }

    private static void requireReplay(ModelOps ops, int step) {
        ModelRegistry registry = Site.registry(ops, Site.AUDITOR);
        RegistryState state = RegistryState.empty();
        long size = ops.position().size();
        Instant previous = Instant.EPOCH;
        for (long index = 0; index < size; index++) {
            AuditEntry stored = ops.as(Site.AUDITOR).audit().get(index);
            assertThat(stored.at()).isAfterOrEqualTo(previous);
            if (index > 0 && index % step == 0 && stored.at().isAfter(previous)) {
                // The last moment before this entry sees everything up to it and nothing of it.
                assertThat(registry.asOf(stored.at().minusNanos(1)).position().size())
                        .isEqualTo(index);
            }
            previous = stored.at();
            state = Fold.apply(state, Entry.decode(index, stored.body().toByteArray()));
            if (index % step != 0) {
                continue;
            }
            RegistryView past = registry.asOf(LogPosition.after(index));
            assertThat(past.position().size()).isEqualTo(index + 1);
            assertThat(Site.fingerprint(past)).as("position %s", index + 1).isEqualTo(print(state));
        }
        assertThat(Site.fingerprint(registry.snapshot())).isEqualTo(print(state));
        assertThat(registry.asOf(previous.plusSeconds(9999)).position().size()).isEqualTo(size);
        Instant first = ops.as(Site.AUDITOR).audit().get(0).at();
        assertThatThrownBy(() -> registry.asOf(first.minusNanos(1))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.asOf(LogPosition.of(size + 1))).isInstanceOf(NotFoundException.class);
    }

    private static String print(RegistryState state) {
        return Site.fingerprint(new StateView(
                () -> state,
                size -> {
                    throw new IllegalStateException("no listing is paged here");
                },
                new Texts(Storages.inMemory().texts(), RegistryState::empty),
                new Everything()));
    }

    private static final class Everything implements Access {
        @Override
        public boolean mayRead(ModelName name) {
            return true;
        }

        @Override
        public void requireRead(ModelName name) {
            // Everything is allowed.
        }

        @Override
        public void require(Action action) {
            // Everything is allowed.
        }

        @Override
        public void requireOpen() {
            // Nothing to close.
        }
    }
}
