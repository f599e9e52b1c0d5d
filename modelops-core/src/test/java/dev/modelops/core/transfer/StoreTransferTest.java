package dev.modelops.core.transfer;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.LOG_SIGNER;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.WRITER;
import static dev.modelops.core.GovernedLog.ref;
import static dev.modelops.core.transfer.Histories.contents;
import static dev.modelops.core.transfer.Histories.hooked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.TransferReport;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.governor.LongLog;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole logs from one store into another, undisturbed and otherwise. */
class StoreTransferTest {
    @TempDir
    Path dir;

    private Storage source;
    private GovernedLog log;
    private LogKey key;

    @BeforeEach
    void live() {
        source = Storages.inMemory();
        log = GovernedLog.in(source, GovernedLog::peopled);
        key = log.logKey();
        Histories.live(log, dir, 12);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private TransferReport copy(Storage from, Storage to) {
        return StoreTransfer.copy(from, to, key, Progress.NONE);
    }

    @Test
    void aLogThatWasRecoveredIsMovedLikeAnyOther() {
        Signer root = Signers.of(TestKeys.seeded(43).keyPair(SignatureAlgorithm.ED25519, "root"));
        Storage kept = Storages.inMemory();
        try (GovernedLog rooted =
                GovernedLog.in(kept, genesis -> GovernedLog.peopled(genesis).roots(1, List.of(root.publicKey())))) {
            Histories.live(rooted, dir, 3);
            LogKey second = Histories.recovered(kept, rooted.logKey(), root, "one");
            LogKey third = Histories.recovered(kept, second, root, "two");
            Path archive = dir.resolve("recovered.zip");
            try (Storage copied = Storages.directory(dir.resolve("recovered"));
                    Storage imported = Storages.inMemory()) {
                for (LogKey ended : List.of(rooted.logKey(), second)) {
                    assertThatExceptionOfType(IntegrityException.class)
                            .isThrownBy(() -> StoreTransfer.copy(kept, copied, ended, Progress.NONE))
                            .withMessageContaining("pin the key under which it goes on");
                    assertThatExceptionOfType(IntegrityException.class)
                            .isThrownBy(() -> StoreTransfer.export(kept, archive, ended, Progress.NONE))
                            .withMessageContaining("pin the key under which it goes on");
                }
                assertThat(copied.log().head().size()).isZero();
                assertThat(archive).doesNotExist();

                StoreTransfer.copy(kept, copied, third, Progress.NONE);
                TransferReport again = StoreTransfer.copy(kept, copied, third, Progress.NONE);
                assertThat(again.entries()).isZero();
                StoreTransfer.export(copied, archive, third, Progress.NONE);
                try (Storage archived = StoreTransfer.archive(archive)) {
                    StoreTransfer.copy(archived, imported, third, Progress.NONE);
                }
                Histories.Contents original = contents(kept, third);
                assertThat(contents(copied, third)).isEqualTo(original);
                assertThat(contents(imported, third)).isEqualTo(original);
            }
            try (StoreInspection inspection =
                    StoreInspection.open(Storages.existingDirectory(dir.resolve("recovered")), third)) {
                assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            }
        }
    }

    @Test
    void everyMoveKeepsEveryByteAndEveryReceipt() {
        for (int i = 0; i < 260; i++) {
            log.as(AUTHOR).comment(ref("risk", 1), "remark " + i);
        }
        log.ops().audit().checkpoint();
        Histories.Contents original = contents(source, key);
        Path archive = dir.resolve("store.zip");
        try (Storage first = Storages.directory(dir.resolve("a"));
                Storage second = Storages.inMemory();
                Storage third = Storages.directory(dir.resolve("b"));
                Storage fourth = Storages.directory(dir.resolve("c"))) {
            TransferReport report = copy(source, first);
            copy(first, second);
            copy(second, third);
            TransferReport exported = StoreTransfer.export(third, archive, key, Progress.NONE);
            assertThat(exported).as("texts are counted, and not as blobs").isEqualTo(report);
            assertThat(report.texts()).isGreaterThan(260);
            try (Storage archived = StoreTransfer.archive(archive)) {
                assertThat(contents(archived, key)).isEqualTo(original);
                copy(archived, fourth);
            }

            for (Storage copied : List.of(first, second, third, fourth)) {
                assertThat(contents(copied, key)).isEqualTo(original);
            }
            assertThat(report.position().size()).isEqualTo(original.head().size());
            assertThat(report.root()).isEqualTo(original.head().root());
            assertThat(report.entries()).isEqualTo(original.records().size());
            assertThat(report.checkpoints()).isEqualTo(original.checkpoints().size());
            assertThat(report.blobs()).isEqualTo(original.blobs().size());
            assertThat(report.bytes())
                    .isEqualTo(
                            original.blobs().stream().mapToLong(Bytes::length).sum());
            assertThat(report.skippedEntries()).isZero();
            assertThat(report.skippedBlobs()).isZero();
        }
        NoteVerifier verifier = NoteVerifier.parse(key.text());
        for (int i = 0; i < original.receipts().size(); i++) {
            byte[] entry = original.records().get(17 * i).body().toByteArray();
            TlogProof.parse(original.receipts().get(i)).verify(entry, verifier);
        }
    }

    @Test
    void anEmbeddedLogMovesToAnEmptyDatabaseAndBack() {
        Histories.Contents original = contents(source, key);
        try (PostgresServer.Database database = PostgresServer.database();
                Storage embedded = Storages.directory(dir.resolve("a"));
                Storage shared = Storages.jdbc(database.dataSource(), Blobs.directory(dir.resolve("shared")));
                Storage other = Storages.jdbc(database.dataSource(), "other", Blobs.directory(dir.resolve("shared")));
                Storage back = Storages.directory(dir.resolve("b"))) {
            copy(source, embedded);
            TransferReport report = copy(embedded, shared);
            assertThat(report.entries()).isEqualTo(original.records().size());
            assertThat(contents(shared, key)).isEqualTo(original);
            assertThat(other.log().head().size()).isZero();

            assertThat(copy(shared, other).skippedBlobs()).isEqualTo(report.blobs());
            copy(other, back);
            assertThat(contents(back, key)).isEqualTo(original);
        }
    }

    @Test
    void theCopyGoesOnWithTheKeysOfTheOriginal() {
        long size = log.ops().position().size();
        log.close();
        Storage target = Storages.inMemory();
        copy(source, target);

        try (ModelOps moved = ModelOps.open(target, key)
                .writer(WRITER)
                .logSigner(LOG_SIGNER)
                .publisher(PUBLISHER)
                .clock(log.clock())
                .start()) {
            moved.as(AUTHOR).registry().comment(ref("risk", 2), "moved in");
            assertThat(moved.position().size()).isEqualTo(size + 1);
            assertThat(moved.as(ADMIN).audit().receipt(size)).isNotEmpty();
        }
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> copy(source, target))
                .withMessageContaining("is ahead");
    }

    @Test
    void copyingAgainAddsOnlyWhatIsNew() {
        Storage target = Storages.inMemory();
        TransferReport first = copy(source, target);
        TransferReport again = copy(source, target);

        assertThat(again.entries()).isZero();
        assertThat(again.blobs()).isZero();
        assertThat(again.bytes()).isZero();
        assertThat(again.checkpoints()).isZero();
        assertThat(again.skippedEntries()).isEqualTo(first.entries());
        assertThat(again.skippedBlobs()).isEqualTo(first.blobs());

        log.as(AUTHOR).comment(ref("risk", 1), "one more");
        log.ops().audit().checkpoint();
        TransferReport later = copy(source, target);
        assertThat(later.entries()).isEqualTo(1);
        assertThat(later.checkpoints()).isEqualTo(1);
        assertThat(contents(target, key)).isEqualTo(contents(source, key));
    }

    @Test
    void whatIsAppendedDuringTheCopyIsCopiedToo() {
        AtomicInteger more = new AtomicInteger(5);
        Storage target = Storages.inMemory();
        TransferReport report = StoreTransfer.copy(source, target, key, (done, total) -> {
            assertThat(done).isLessThanOrEqualTo(total);
            if (done > 10 && more.getAndDecrement() > 0) {
                log.as(AUTHOR).comment(ref("risk", 1), "meanwhile " + more);
            }
        });

        assertThat(report.position()).isEqualTo(log.ops().position());
        assertThat(contents(target, key).records())
                .isEqualTo(contents(source, key).records());
    }

    /** Fails at the n-th call that changes the target, for every n: nothing may look whole before it is, and a rerun completes it. */
    @Test
    void aCopyThatIsCutOffAnywhereIsNoLogYetAndIsGoneOnFrom() {
        Histories.Contents original = contents(source, key);
        int cuts = 0;
        boolean whole = false;
        for (int n = 0; !whole; n++) {
            Storage target = Storages.inMemory();
            AtomicInteger left = new AtomicInteger(n);
            Histories.Hook cut = (method, arguments) -> {
                boolean changes = List.of("put", "append", "publish", "delete").contains(method);
                if (changes && left.getAndDecrement() <= 0) {
                    throw new StorageException("the power went out");
                }
            };
            Storage failing = new Storage(
                    hooked(LogStore.class, target.log(), cut), hooked(BlobStore.class, target.blobs(), cut));
            try {
                copy(source, failing);
                whole = true;
            } catch (StorageException e) {
                assertThat(e).hasMessage("the power went out");
                cuts++;
                requireBlobsOfEveryEntry(target);
                if (target.log().head().size() < original.head().size()) {
                    assertThat(target.log().latestCheckpoint()).isEmpty();
                    assertThatThrownBy(() -> StoreInspection.open(target, key).registry())
                            .isInstanceOf(ModelOpsException.class);
                }
            }
            long held = target.log().head().size();
            TransferReport rest = copy(source, target);
            assertThat(rest.skippedEntries()).isEqualTo(held);
            assertThat(rest.entries()).isEqualTo(original.records().size() - held);
            assertThat(target.log().head()).isEqualTo(original.head());
            assertThat(target.log().checkpoints(0, 100)).isEqualTo(original.checkpoints());
            requireBlobsOfEveryEntry(target);
        }
        assertThat(cuts).isGreaterThan(40);
    }

    private static void requireBlobsOfEveryEntry(Storage target) {
        for (LogRecord record : target.log().read(0, 10_000)) {
            Entry entry = Entry.decode(record.index(), record.body().toByteArray());
            for (BlobReferences.Reference reference : BlobReferences.all(entry, target.blobs())) {
                assertThat(target.blobs().contains(reference.digest())).isTrue();
            }
        }
    }

    @Test
    void aCopyCanBeCancelledAndGoneOnWith() {
        Storage target = Storages.inMemory();
        AtomicBoolean cancelled = new AtomicBoolean();
        Progress progress = new Progress() {
            @Override
            public void report(long done, long total) {
                cancelled.set(done >= 20);
            }

            @Override
            public boolean isCancelled() {
                return cancelled.get();
            }
        };
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> StoreTransfer.copy(source, target, key, progress))
                .withMessageContaining("goes on from there");
        assertThat(target.log().head().size()).isEqualTo(20);

        assertThat(copy(source, target).skippedEntries()).isEqualTo(20);
        assertThat(contents(target, key)).isEqualTo(contents(source, key));
    }

    @Test
    void aTargetThatHoldsAnotherLogIsRefused() {
        Storage target = Storages.inMemory();
        try (GovernedLog other = GovernedLog.in(target, genesis -> GovernedLog.environments(genesis))) {
            LogHead before = target.log().head();
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> copy(source, target))
                    .withMessageContaining("another log already, 'example.org/models', with 1 entries");
            assertThat(target.log().head()).isEqualTo(before);
            assertThat(other.logKey()).isEqualTo(key);
        }
    }

    @Test
    void aTargetThatWentItsOwnWayIsRefused() {
        Storage target = Storages.inMemory();
        copy(source, target);
        try (ModelOps fork =
                ModelOps.open(target, key).writer(WRITER).clock(log.clock()).start()) {
            fork.as(AUTHOR).registry().comment(ref("risk", 1), "here");
        }
        log.as(AUTHOR).comment(ref("risk", 1), "there");
        log.as(AUTHOR).comment(ref("risk", 1), "and there");

        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> copy(source, target))
                .withMessageContaining(
                        "has another entry " + (log.ops().position().size() - 2));
    }

    @Test
    void aTargetThatOthersWriteToMeanwhileIsRefused() {
        Storage target = Storages.inMemory();
        AtomicBoolean once = new AtomicBoolean(true);
        LogStore shared = hooked(LogStore.class, target.log(), (method, arguments) -> {
            if (method.equals("append") && target.log().head().size() == 3 && once.getAndSet(false)) {
                copy(source, target);
            }
        });
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> copy(source, new Storage(shared, target.blobs())))
                .withMessageContaining("written to meanwhile");
        assertThat(contents(target, key)).isEqualTo(contents(source, key));
    }

    @Test
    void aDamagedBlobOfTheTargetIsReplacedButNeverTheOnlyOne() {
        Storage target = Storages.inMemory();
        copy(source, target);
        Digest digest = Digest.sha256Of(Bytes.ofUtf8("fit 2"));
        AlterableBlobs damaged = new AlterableBlobs(target.blobs());
        damaged.alter(digest);
        AtomicBoolean deleted = new AtomicBoolean();
        BlobStore replaced = hooked(BlobStore.class, damaged, (method, arguments) -> {
            if (method.equals("delete")) {
                deleted.set(true);
                damaged.alter(digest);
            }
        });
        TransferReport report = copy(source, new Storage(target.log(), replaced));

        assertThat(deleted).isTrue();
        assertThat(report.blobs()).isEqualTo(1);
        assertThat(contents(target, key)).isEqualTo(contents(source, key));

        deleted.set(false);
        damaged.alter(digest);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> copy(new Storage(source.log(), damaged), new Storage(target.log(), replaced)))
                .withMessageContaining("evidence of risk@2 cannot be copied");
        assertThat(deleted).isFalse();
    }

    @Test
    void aTargetIsNotBelievedToHoldWhatOnlyItsCacheHolds() throws IOException {
        Storage target = Storages.inMemory();
        copy(source, target);
        Digest digest = Digest.sha256Of(Bytes.ofUtf8("fit 2"));
        AlterableBlobs damaged = new AlterableBlobs(target.blobs());
        AtomicBoolean deleted = new AtomicBoolean();
        BlobStore shared = hooked(BlobStore.class, damaged, (method, arguments) -> {
            if (method.equals("delete")) {
                deleted.set(true);
                damaged.alter(digest);
            }
        });
        try (BlobStore cached = Blobs.cached(shared, dir.resolve("cache"), 1 << 20);
                StoreInspection inspection = StoreInspection.open(new Storage(target.log(), cached), key)) {
            cached.open(digest).close();
            damaged.alter(digest);
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .extracting(AuditReport.Finding::kind)
                    .containsExactly(AuditReport.Kind.BLOB);

            assertThat(copy(source, new Storage(target.log(), cached)).blobs()).isEqualTo(1);

            assertThat(deleted).isTrue();
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            assertThat(contents(target, key)).isEqualTo(contents(source, key));
        }
    }

    /** What a source must not be. */
    enum Fault {
        ALTERED_RECORD,
        MISSING_RECORD,
        EXCHANGED_RECORDS,
        ALTERED_SEAL,
        MISSING_SEAL,
        SEAL_OF_A_STRANGER,
        OTHER_HEAD,
        CUT_SHORT,
        NO_CHECKPOINT,
        ALTERED_CHECKPOINT,
        CHECKPOINT_OF_ANOTHER_SIZE,
        OTHER_FIRST_ENTRY,
        MISSING_BLOB,
        ALTERED_BLOB,
        MISSING_BUNDLE,
        NO_LOG
    }

    @ParameterizedTest
    @EnumSource
    void aSourceThatCannotBeBelievedIsNotCopied(Fault fault) {
        Storage target = Storages.inMemory();
        Storage bad = spoilt(fault);

        assertThatThrownBy(() -> copy(bad, target))
                .isInstanceOfAny(IntegrityException.class, NotFoundException.class)
                .hasMessageNotContaining("null");
        long held = target.log().head().size();
        assertThat(target.log().read(0, 10_000))
                .isEqualTo(source.log().read(0, 10_000).subList(0, (int) held));
        boolean badCheckpoint = fault == Fault.ALTERED_CHECKPOINT || fault == Fault.CHECKPOINT_OF_ANOTHER_SIZE;
        assertThat(target.log().checkpoints(2, 100)).isEmpty();
        assertThat(target.log().latestCheckpoint().isPresent()).isEqualTo(badCheckpoint);

        Path archive = dir.resolve("bad.zip");
        assertThatThrownBy(() -> StoreTransfer.export(bad, archive, key, Progress.NONE))
                .isInstanceOfAny(IntegrityException.class, NotFoundException.class);
        assertThat(dir).isDirectoryNotContaining("glob:**bad.zip*");

        copy(source, target);
        assertThat(contents(target, key)).isEqualTo(contents(source, key));
    }

    private Storage spoilt(Fault fault) {
        LogStore sound = source.log();
        List<LogRecord> records = new ArrayList<>(sound.read(0, 10_000));
        List<LogSeal> seals = new ArrayList<>(sound.seals(0, 10_000));
        List<LogCheckpoint> checkpoints = new ArrayList<>(sound.checkpoints(0, 10_000));
        LogHead head = sound.head();
        AlterableBlobs blobs = new AlterableBlobs(source.blobs());
        @Nullable Digest missing = null;
        LogSeal seal = seals.get(5);
        LogCheckpoint second = checkpoints.get(1);
        switch (fault) {
            case ALTERED_RECORD -> records.set(20, altered(records.get(20)));
            case MISSING_RECORD -> records.remove(20);
            case EXCHANGED_RECORDS -> {
                Bytes first = records.get(20).body();
                records.set(20, new LogRecord(20, records.get(21).body()));
                records.set(21, new LogRecord(21, first));
            }
            case ALTERED_SEAL ->
                seals.set(
                        5, new LogSeal(seal.from(), seal.size(), seal.note().replace("modelops.dev", "modelops.dex")));
            case MISSING_SEAL -> seals.remove(5);
            case SEAL_OF_A_STRANGER -> {
                Seal opened = Seal.open(
                        seal, "example.org/models", List.of(Seal.verifier("example.org/models", WRITER.publicKey())));
                seals.set(
                        5,
                        opened.sign(Seal.signer(
                                "example.org/models",
                                Signers.of(TestKeys.seeded(9).keyPair(SignatureAlgorithm.ED25519, "stranger")))));
            }
            case OTHER_HEAD -> head = new LogHead(head.size(), Digest.sha256Of(Bytes.ofUtf8("other")));
            case CUT_SHORT -> {
                head = new LogHead(2, Digest.sha256(root(records, 2)));
            }
            case NO_CHECKPOINT -> checkpoints.clear();
            case ALTERED_CHECKPOINT ->
                checkpoints.set(
                        1, new LogCheckpoint(second.size(), second.note().replace("example.org", "example.com")));
            case CHECKPOINT_OF_ANOTHER_SIZE -> checkpoints.set(1, new LogCheckpoint(second.size() + 1, second.note()));
            case OTHER_FIRST_ENTRY -> records.set(0, altered(records.get(0)));
            case MISSING_BLOB -> missing = Digest.sha256Of(Bytes.ofUtf8("fit 2"));
            case ALTERED_BLOB -> blobs.alter(Digest.sha256Of(Bytes.ofUtf8("fit 2")));
            case MISSING_BUNDLE ->
                missing = log.ops().as(AUTHOR).registry().get(ref("risk", 2)).bundle();
            case NO_LOG -> {
                head = Storages.inMemory().log().head();
                checkpoints.clear();
            }
        }
        Digest lost = missing;
        BlobStore lossy = hooked(BlobStore.class, blobs, (method, arguments) -> {
            if (method.equals("open") && arguments[0].equals(lost)) {
                throw new NotFoundException("there is no blob " + lost);
            }
        });
        return new Storage(new Shown(head, records, seals, checkpoints), lossy, source.texts());
    }

    private static LogRecord altered(LogRecord record) {
        String text = record.body().toUtf8();
        return new LogRecord(
                record.index(), Bytes.of(text.replace("\"id\":\"", "\"id\":\"f").getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] root(List<LogRecord> records, int size) {
        return Frontier.empty()
                .appendAll(records.subList(0, size).stream()
                        .map(record -> Merkle.leafHash(record.body().toByteArray()))
                        .toList())
                .root();
    }

    /** A log that shows what it is told to. */
    private record Shown(LogHead head, List<LogRecord> records, List<LogSeal> seals, List<LogCheckpoint> checkpoints)
            implements LogStore {
        @Override
        public List<LogRecord> read(long from, int limit) {
            return page(records.stream().filter(record -> record.index() >= from), limit);
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            return page(seals.stream().filter(seal -> seal.size() > from), limit);
        }

        @Override
        public <R> R append(Work<R> work) {
            throw new AssertionError("a source is only read");
        }

        @Override
        public void publish(LogCheckpoint checkpoint) {
            throw new AssertionError("a source is only read");
        }

        @Override
        public Optional<LogCheckpoint> latestCheckpoint() {
            return checkpoints.isEmpty() ? Optional.empty() : Optional.of(checkpoints.get(checkpoints.size() - 1));
        }

        @Override
        public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
            return page(checkpoints.stream().filter(checkpoint -> checkpoint.size() >= fromSize), limit);
        }

        @Override
        public void close() {}

        private static <T> List<T> page(Stream<T> all, int limit) {
            return all.limit(limit).toList();
        }
    }

    @Test
    void anotherPinnedKeyRefusesTheLog() {
        LogKey other = new LogKey(NoteVerifier.of(
                        "example.org/models",
                        Signers.of(TestKeys.seeded(9).keyPair(SignatureAlgorithm.ED25519, "stranger"))
                                .publicKey())
                .vkey());
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> StoreTransfer.copy(source, Storages.inMemory(), other, Progress.NONE))
                .withMessageContaining("not signed by the pinned key");
    }

    @Test
    void aLogWithEntriesOfALaterReleaseIsNotCopiedInPart() {
        Storage target = Storages.inMemory();
        LogRecord last = source.log().read(log.ops().position().size() - 1, 1).get(0);
        byte[] later = last.body()
                .toUtf8()
                .replace("version.commented.v1", "version.praised.v1")
                .getBytes(StandardCharsets.UTF_8);
        source.log().append(transaction -> {
            long size = transaction.head().size();
            byte[] hash = Merkle.leafHash(later);
            byte[] root = Frontier.empty()
                    .appendAll(transaction.read(0, 10_000).stream()
                            .map(record -> Merkle.leafHash(record.body().toByteArray()))
                            .toList())
                    .append(hash)
                    .root();
            transaction.append(
                    List.of(new LogRecord(size, Bytes.of(later))),
                    new Seal("example.org/models", size, size + 1, root, List.of(hash))
                            .sign(Seal.signer("example.org/models", WRITER)),
                    new LogHead(size + 1, Digest.sha256(root)));
            return size;
        });
        assertThatExceptionOfType(ReadOnlyException.class)
                .isThrownBy(() -> copy(source, target))
                .withMessageContaining("upgrade modelops-core");
        assertThat(target.log().latestCheckpoint()).isEmpty();
    }

    @Test
    void blobsThatBothStoresShareAreOnlyChecked() {
        Storage target = new Storage(Storages.inMemory().log(), source.blobs());
        TransferReport report = copy(source, target);
        assertThat(report.blobs()).isZero();
        assertThat(report.skippedBlobs())
                .isEqualTo(contents(source, key).blobs().size());
        assertThat(contents(target, key)).isEqualTo(contents(source, key));
    }

    private static Digest snapshotIn(LongLog grown) {
        Digest digest = grown.store(grown.snapshot()).digest();
        grown.checkpoint();
        return digest;
    }

    @Test
    void aSnapshotThatIsMissingIsNotMissed() {
        Storage from = Storages.inMemory();
        LongLog grown = LongLog.in(from, 1);
        Digest snapshot = snapshotIn(grown);
        from.blobs().delete(snapshot);
        Path archive = dir.resolve("grown.zip");
        StoreTransfer.export(from, archive, grown.key(), Progress.NONE);
        try (Storage archived = StoreTransfer.archive(archive)) {
            for (Storage source : List.of(from, archived)) {
                Storage target = Storages.inMemory();
                TransferReport report = StoreTransfer.copy(source, target, grown.key(), Progress.NONE);
                assertThat(report.blobs()).isEqualTo(1);
                assertThat(target.log().head()).isEqualTo(from.log().head());
                assertThat(target.blobs().contains(snapshot)).isFalse();
            }
        }
    }

    @Test
    void aSnapshotThatIsThereIsCopied() {
        Storage from = Storages.inMemory();
        LongLog grown = LongLog.in(from, 1);
        Digest snapshot = snapshotIn(grown);
        Storage target = Storages.inMemory();
        StoreTransfer.copy(from, target, grown.key(), Progress.NONE);
        assertThat(target.blobs().contains(snapshot)).isTrue();
    }

    @Test
    void anAlteredSnapshotIsNeitherCopiedNorExported() {
        Storage from = Storages.inMemory();
        LongLog grown = LongLog.in(from, 1);
        AlterableBlobs blobs = new AlterableBlobs(from.blobs());
        blobs.alter(snapshotIn(grown));
        Storage altered = new Storage(from.log(), blobs);
        requireNotMoved(altered, grown, "a snapshot of the state cannot be");
    }

    @Test
    void aMissingBlobIsMissedWhereAnotherEntryNeedsItForMoreThanASnapshot() {
        Storage from = Storages.inMemory();
        LongLog grown = LongLog.in(from, 1);
        Digest snapshot = snapshotIn(grown);
        ObjectNode proposal = grown.act(AUTHOR);
        proposal.put("basedOn", 1).put("revision", 2);
        grown.append(EntryType.POLICIES_PROPOSED, snapshot.toString(), proposal);
        grown.checkpoint();
        from.blobs().delete(snapshot);
        requireNotMoved(from, grown, "policy set " + snapshot + " cannot be");
    }

    private void requireNotMoved(Storage from, LongLog grown, String message) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> StoreTransfer.copy(from, Storages.inMemory(), grown.key(), Progress.NONE))
                .withMessageContaining(message);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> StoreTransfer.export(from, dir.resolve("not.zip"), grown.key(), Progress.NONE))
                .withMessageContaining(message);
    }

    @Test
    void blobsThatNothingNamesStayBehind() {
        Bytes orphan = Bytes.ofUtf8("nobody names me");
        source.blobs().put(Digest.sha256Of(orphan), new ByteArrayInputStream(orphan.toByteArray()));
        Storage target = Storages.inMemory();
        copy(source, target);
        assertThat(target.blobs().contains(Digest.sha256Of(orphan))).isFalse();
    }
}
