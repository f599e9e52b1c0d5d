package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.storage.Storages;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a log takes in memory is bounded by what it governs and a few bytes for each entry. */
class MemoryTest {
    private static long models(RegistryState state) {
        return Footprint.of(state.models(), state.registrations());
    }

    @Test
    void aVersionTakesAboutTwoKilobytes() {
        LongLog log = LongLog.in(Storages.inMemory(), 1).register("risk", 500);
        long before = models(log.state());
        log.register("risk", 2000);
        long each = (models(log.state()) - before) / 2000;
        assertThat(each).isBetween(1000L, 2200L);
        long read = models(read(log).state()) / 2500;
        assertThat(read).isLessThan(each);
    }

    @Test
    void aModelTakesLittleBesideItsVersions() {
        LongLog log = LongLog.in(Storages.inMemory(), 1).register("risk", 1000);
        long one = models(log.state());
        LongLog many = LongLog.in(Storages.inMemory(), 1);
        for (int i = 0; i < 1000; i++) {
            many.register("model-" + i, 1);
        }
        long each = (models(many.state()) - one) / 1000;
        assertThat(each).isLessThan(300);
    }

    @Test
    void anActTakesAboutThirtyBytesInTheIndex() {
        LongLog log = LongLog.in(Storages.inMemory(), 1);
        for (int size : new int[] {2000, 5000, 12_000}) {
            log.growTo(size);
            long each = Footprint.of(log.state().commands())
                    / log.state().commands().size();
            assertThat(each).isBetween(24L, 36L);
        }
    }

    @Test
    void anEntryTakesLessThanAByteInTheTree() {
        MerkleTree tree = new MerkleTree((from, count) -> List.of());
        byte[] leaf = new byte[32];
        for (int i = 0; i < 200_000; i++) {
            tree.append(leaf);
        }
        assertThat(Footprint.of(tree)).isBetween(200_000L / 4, 200_000L * 3 / 4);
    }

    @Test
    void theSnapshotItselfIsSmallerThanWhatItBecomes() {
        LongLog log = LongLog.in(Storages.inMemory(), 1).growTo(5000);
        RegistryState state = log.state();
        assertThat(log.snapshot().encode().length()).isLessThan(Footprint.of(state.models(), state.commands()));
    }

    @Test
    void statesOfThePastAreKeptWithoutTheIndex() {
        LongLog log = LongLog.in(Storages.inMemory(), 1).growTo(5000);
        RegistryState state = log.state();
        assertThat(state.toRead().commands().size()).isZero();
        assertThat(Footprint.of(state, state.toRead()) - Footprint.of(state)).isLessThan(120);
    }

    private static Snapshot read(LongLog log) {
        return Snapshot.decode(log.snapshot().encode().open(), LongLog.ORIGIN);
    }
}
