package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Identity;
import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.Progress;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.storage.InMemoryBlobStore;
import dev.modelops.core.internal.storage.InMemoryLogStore;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever may write keeps snapshots, now and then, beside its work and never in its way. */
class SnapshotWritingTest {
    private final LogStore records = new InMemoryLogStore();
    private final BlobStore blobs = new InMemoryBlobStore();
    private final Storage storage = new Storage(records, blobs);

    /** What one process runs. */
    private static final class Process implements AutoCloseable {
        final Ledger ledger;
        final Committer committer;
        final Snapshots snapshots;
        private int done;
        private final String name;

        Process(LongLog log, Storage storage, BlobStore blobs, String name, long every) {
            this.name = name;
            this.ledger = Ledger.openFromSnapshot(storage, log.key(), null);
            this.committer = new Committer(
                    ledger,
                    storage.log(),
                    new Texts(storage.texts(), () -> ledger.tip().state()),
                    Seal.signer(LongLog.ORIGIN, GovernedLog.WRITER),
                    MutableClock.at(ledger.tip().state().time()),
                    new SplittableRandom(name.hashCode()),
                    1000,
                    Duration.ofSeconds(60));
            this.snapshots = new Snapshots(ledger, blobs, committer, name.hashCode(), every, Snapshots.OVERDUE);
        }

        void act(int count) {
            for (int i = 0; i < count; i++) {
                CommandId id = CommandId.of(name + done++);
                boolean unused = committer.submit(new Command<Boolean>() {
                    @Override
                    public CommandId id() {
                        return id;
                    }

                    @Override
                    public Verdict<Boolean> decide(Moment moment) {
                        var data = Entry.payload(Identity.asserted(GovernedLog.AUTHOR), Set.of(), id, null, null);
                        data.put("key", "k" + done % 7);
                        data.put("value", id.value());
                        return new Append<>(EntryType.MODEL_TAG_SET, "model-0", data, entry -> true);
                    }

                    @Override
                    public Boolean recognise(Entry entry, Moment moment) {
                        return false;
                    }
                });
            }
        }

        @Override
        public void close() {
            snapshots.close();
            committer.close();
        }
    }

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        SnapshotOpeningTest.await(
                "no thread of the library is left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("modelops-")));
    }

    private List<Entry> named() {
        List<Entry> named = new ArrayList<>();
        List<LogRecord> page;
        long at = 0;
        do {
            page = records.read(at, 1000);
            at += page.size();
            for (LogRecord stored : page) {
                Entry entry = Entry.decode(stored.index(), stored.body().toByteArray());
                if (entry.type() == EntryType.STATE_SNAPSHOTTED) {
                    named.add(entry);
                }
            }
        } while (!page.isEmpty());
        return named;
    }

    private RegistryState folded(long size) {
        RegistryState state = RegistryState.empty();
        while (state.size() < size) {
            for (LogRecord stored : records.read(state.size(), (int) Math.min(1000, size - state.size()))) {
                state = Fold.apply(
                        state, Entry.decode(stored.index(), stored.body().toByteArray()));
            }
        }
        return state;
    }

    private void requireTrue(Entry entry) throws IOException {
        SnapshotEntry named = SnapshotEntry.read(entry);
        assertThat(named.size()).isLessThanOrEqualTo(entry.index());
        try (InputStream in = blobs.open(named.digest())) {
            assertThat(Snapshot.decode(in, LongLog.ORIGIN).state()).isEqualTo(folded(named.size()));
        }
        assertThat(entry.critical()).isFalse();
    }

    @Test
    void snapshotsAreWrittenEveryNowAndThenAndAreTrue() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(300).checkpoint();
        try (Process process = new Process(log, storage, blobs, "a", 100)) {
            SnapshotOpeningTest.await("the first", () -> named().size() == 1);
            process.act(90);
            process.act(200);
            SnapshotOpeningTest.await("more", () -> named().size() >= 2);
        }
        List<Entry> named = named();
        long last = 0;
        for (Entry entry : named) {
            requireTrue(entry);
            long size = SnapshotEntry.read(entry).size();
            assertThat(size - last).isGreaterThanOrEqualTo(100);
            last = size;
        }
    }

    @Test
    void processesThatShareALogDoNotAllWriteTheSame() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(50).checkpoint();
        try (Process one = new Process(log, storage, blobs, "a", 60);
                Process other = new Process(log, storage, blobs, "b", 60)) {
            for (int round = 0; round < 30; round++) {
                one.act(7);
                other.act(5);
            }
            SnapshotOpeningTest.await("some", () -> named().size() >= 2);
        }
        long last = 0;
        for (Entry entry : named()) {
            requireTrue(entry);
            assertThat(SnapshotEntry.read(entry).size()).isGreaterThan(last);
            last = SnapshotEntry.read(entry).size();
        }
    }

    @Test
    void aSnapshotThatIsNotProvenIsNotBuiltUpon() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(200);
        RegistryState state = log.state();
        log.store(log.snapshot(new RegistryState(
                state.size(),
                state.time().minusSeconds(1),
                state.foundingOrNull(),
                state.models(),
                state.registrations(),
                state.imports(),
                state.grants(),
                state.policySets(),
                state.texts(),
                state.deliveries(),
                state.commands())));
        log.growTo(500).checkpoint();
        try (Process process = new Process(log, storage, blobs, "a", 10)) {
            SnapshotOpeningTest.await("the lie is found", () -> process.ledger.fault() != null);
        }
        assertThat(named()).hasSize(1);
    }

    @Test
    void aBlobStoreThatFailsHarmsNoAct() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(300).checkpoint();
        CountDownLatch asked = new CountDownLatch(1);
        BlobStore failing = new AlterableBlobs(blobs) {
            @Override
            public void put(Digest digest, InputStream content) {
                asked.countDown();
                throw new StorageException("the store of blobs is away");
            }
        };
        try (Process process = new Process(log, storage, failing, "a", 100)) {
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            process.act(20);
            assertThat(process.ledger.fault()).isNull();
        }
        assertThat(named()).isEmpty();
    }

    @Test
    void aSnapshotThatWasSweptBeforeItsEntryIsPutAgain() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(300).checkpoint();
        AtomicInteger puts = new AtomicInteger();
        BlobStore swept = new AlterableBlobs(blobs) {
            @Override
            public void put(Digest digest, InputStream content) {
                super.put(digest, content);
                if (puts.getAndIncrement() == 0) {
                    assertThat(delete(digest)).isTrue();
                }
            }
        };
        try (Process process = new Process(log, storage, swept, "a", 100)) {
            SnapshotOpeningTest.await("it is put again", () -> puts.get() == 2);
            assertThat(process.ledger.fault()).isNull();
        }
        assertThat(named()).hasSize(1);
        requireTrue(named().get(0));
    }

    @Test
    void closingEndsAnUploadUnderWay() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(300).checkpoint();
        CountDownLatch begun = new CountDownLatch(1);
        BlobStore endless = new AlterableBlobs(blobs) {
            @Override
            public void put(Digest digest, InputStream content) {
                try {
                    var first = content.read();
                    while (first >= 0) {
                        begun.countDown();
                        Thread.sleep(5);
                        first = content.read(new byte[0]) == 0 ? 0 : -1;
                    }
                } catch (IOException | InterruptedException e) {
                    throw new StorageException("the content ended: " + e.getMessage(), e);
                }
            }
        };
        Process process = new Process(log, storage, endless, "a", 100);
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        process.close();
        assertThat(named()).isEmpty();
    }

    @Test
    void aLogOpenedForActsKeepsSnapshotsByItselfAndOneOpenedToReadDoesNot() throws Exception {
        LongLog log = LongLog.in(storage, 1).growTo(11_500).checkpoint();
        try (ModelOps ops = ModelOps.open(storage, log.key()).start()) {
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().equals("modelops-snapshots"));
            assertThat(ops.position().size()).isEqualTo(11_500);
        }
        assertThat(named()).isEmpty();
        Opening acting = ModelOps.open(storage, log.key())
                .writer(GovernedLog.WRITER)
                .logSigner(GovernedLog.LOG_SIGNER)
                .clock(MutableClock.at(log.state().time()));
        try (ModelOps ops = acting.start()) {
            SnapshotOpeningTest.await("a snapshot", () -> ops.position().size() > 11_500);
            assertThat(named()).hasSize(1);
        }
        try (StoreInspection inspection = StoreInspection.open(storage, log.key())) {
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .noneMatch(finding -> finding.index().orElse(Long.MAX_VALUE) >= 11_500);
        }
        assertThat(named()).hasSize(1);
        requireTrue(named().get(0));
        Ledger quick = Ledger.openFromSnapshot(storage, log.key(), null);
        assertThat(quick.unproven()).isNotNull();
        assertThat(quick.tip().state())
                .isEqualTo(Ledger.open(storage, log.key(), null).tip().state());
        try (ModelOps ops = acting.start()) {
            assertThat(ops.position().size()).isEqualTo(records.head().size());
        }
        assertThat(named()).hasSize(1);
    }
}
