package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.LogRecovery;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.storage.Storages;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A log that was recovered opens from a snapshot as any other does, whether it was made before or after. */
class RecoveredSnapshotTest {
    private static final TestKeys KEYS = TestKeys.seeded(77);
    private static final Signer ROOT = KEYS.ed25519("root");
    private static final Signer WRITER = KEYS.ed25519("the new writer");

    private final Storage storage = Storages.inMemory();
    private final LongLog log = LongLog.in(storage, genesis -> genesis.roots(1, List.of(ROOT.publicKey())))
            .growTo(300);

    private LogKey recovered(Storage where, LogKey from, Signer to) {
        LogRecovery recovery = LogRecovery.of(where, from, to, WRITER)
                .nothingLost()
                .reason("the keys were stolen")
                .clock(MutableClock.at(GovernedLog.START.plusSeconds(40_000_000)));
        return recovery.signature(LogRecovery.sign(recovery.statement(), ROOT)).recover();
    }

    /** Opens the log as a process that may write, has it act and write snapshots, and signs a checkpoint. */
    private void work(LogKey key, Signer signer, int acts) throws Exception {
        Ledger ledger = Ledger.openFromSnapshot(storage, key, null);
        try (Committer committer = new Committer(
                        ledger,
                        storage.log(),
                        new Texts(storage.texts(), () -> ledger.tip().state()),
                        Seal.signer(key.origin(), WRITER),
                        MutableClock.at(ledger.tip().state().time()),
                        new SplittableRandom(acts),
                        1000,
                        Duration.ofSeconds(60));
                Snapshots snapshots = new Snapshots(ledger, storage.blobs(), committer, 1, 50, Snapshots.OVERDUE)) {
            for (int i = 0; i < acts; i++) {
                var unused = committer.submit(tagging(CommandId.of(key.origin().length() + "-" + acts + "-" + i)));
            }
            SnapshotOpeningTest.await(
                    "the snapshot it was opened from is proven, and a newer one written",
                    () -> ledger.unproven() == null
                            && newest(ledger)
                                    > ledger.tip()
                                            .state()
                                            .founding()
                                            .past()
                                            .get(0)
                                            .size());
            assertThat(snapshots.isOverdue()).isFalse();
            assertThat(ledger.fault()).isNull();
        }
        LogHead head = storage.log().head();
        String text = new CheckpointBody(
                        key.origin(), head.size(), head.root().value().toByteArray())
                .text();
        storage.log().publish(new LogCheckpoint(head.size(), new NoteSigner(key.origin(), signer).sign(text)));
    }

    private long newest(Ledger ledger) {
        SnapshotEntry found =
                new SnapshotSearch(storage.log(), ledger.tip().state().size()).next();
        return found == null ? -1 : found.size();
    }

    private static Command<Boolean> tagging(CommandId id) {
        return new Command<>() {
            @Override
            public CommandId id() {
                return id;
            }

            @Override
            public Verdict<Boolean> decide(Moment moment) {
                var data = Entry.payload(Identity.asserted(GovernedLog.AUTHOR), Set.of(), id, null, null);
                data.put("key", "k");
                data.put("value", id.value());
                return new Append<>(EntryType.MODEL_TAG_SET, "model-0", data, entry -> true);
            }

            @Override
            public Boolean recognise(Entry entry, Moment moment) {
                return false;
            }
        };
    }

    private long openedFrom(LogKey key) {
        Ledger ledger = Ledger.openFromSnapshot(storage, key, null);
        Ledger replayed = Ledger.open(storage, key, null);
        assertThat(ledger.tip().state()).isEqualTo(replayed.tip().state());
        assertThat(ledger.tip().frontier().root())
                .isEqualTo(replayed.tip().frontier().root());
        return Objects.requireNonNull(ledger.unproven()).size();
    }

    @Test
    void aSnapshotOfAnEarlierEpochLeadsIntoTheLaterOne() {
        log.store(log.snapshot());
        log.growTo(400).checkpoint();
        LogKey next = recovered(storage, log.key(), KEYS.ed25519("log 2"));
        assertThat(openedFrom(next)).isEqualTo(300);
    }

    @Test
    void snapshotsGoOnBeingWrittenAndReadAfterEachRecovery() throws Exception {
        log.store(log.snapshot());
        log.growTo(400).checkpoint();
        LogKey second = recovered(storage, log.key(), KEYS.ed25519("log 2"));
        work(second, KEYS.ed25519("log 2"), 120);
        assertThat(openedFrom(second)).isGreaterThan(401);
        LogKey third = recovered(storage, second, KEYS.ed25519("log 3"));
        work(third, KEYS.ed25519("log 3"), 150);
        long size = storage.log().head().size();
        assertThat(openedFrom(third)).isGreaterThan(401 + 120);
        try (StoreInspection inspection = StoreInspection.open(storage, third)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .noneMatch(finding -> finding.message().contains("snapshot"));
        }
        assertThat(storage.log().head().size()).isEqualTo(size);
    }

    @Test
    void aSnapshotWithARecoveryThatTheRootKeysDidNotSignIsNotRead() {
        log.checkpoint();
        LogKey next = recovered(storage, log.key(), KEYS.ed25519("log 2"));
        Ledger ledger = Ledger.open(storage, next, null);
        Snapshot snapshot = ledger.snapshot(ledger.tip().state());
        Snapshot read = Snapshot.decode(snapshot.encode().open(), next.origin());
        assertThat(read.state()).isEqualTo(snapshot.state());
        assertThat(read.encode().digest()).isEqualTo(snapshot.encode().digest());
        String entry = snapshot.ceremonies().get(0).toUtf8();
        for (String altered : List.of(
                entry.replace("stolen", "broken"),
                entry.replaceFirst("\u2014 [^ ]+ .{40}", "\u2014 x AAAA"),
                entry.replace("log.recovered", "version.commented"))) {
            assertThat(altered).isNotEqualTo(entry);
            Snapshot forged =
                    new Snapshot(snapshot.state(), snapshot.first(), List.of(Bytes.ofUtf8(altered)), snapshot.tree());
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Snapshot.decode(forged.encode().open(), next.origin()));
        }
    }
}
