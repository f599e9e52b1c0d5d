package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Digest;
import dev.modelops.Genesis;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.LogRecovery;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.Witnesses;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.core.storage.Storages;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Yesterday's backup is refused, and the holders of the root keys, and nobody else, can go on from it. */
class RecoveryTest {
    private static final Signer ROOT_1 = Site.KEYS.ed25519("root 1");
    private static final Signer ROOT_2 = Site.KEYS.ed25519("root 2");
    private static final Signer ROOT_3 = Site.KEYS.ed25519("root 3");
    private static final Signer NEW_LOG = Site.KEYS.ed25519("new log");
    private static final Signer NEW_WRITER = Site.KEYS.ed25519("new writer");
    private static final Signer WITNESS = Site.KEYS.ed25519("witness");

    @TempDir
    Path dir;

    private Path live;
    private Path backup;
    private LogKey key;
    private CheckpointMemory memory;
    private String lost;
    private long restored;
    private String oldReceipt;
    private byte[] oldEntry;
    private String lostReceipt;
    private byte[] lostEntry;

    /** A log that is remembered and witnessed, a backup of it, and acts after the backup. */
    @BeforeEach
    void lose() throws Exception {
        live = dir.resolve("live");
        backup = dir.resolve("backup");
        key = Site.create(live, genesis());
        memory = CheckpointMemories.folder(dir.resolve("memory"));
        try (ModelOps ops = open(live, key)) {
            var unused = Site.promoted(ops, dir, 1);
            oldReceipt = ops.audit().receipt(1);
            oldEntry = ops.as(Site.AUDITOR).audit().get(1).body().toByteArray();
            restored = ops.position().size();
        }
        copy(live, backup);
        try (ModelOps ops = open(live, key)) {
            var unused = Site.promoted(ops, dir, 2);
            lost = ops.audit().checkpoint().note();
            lostReceipt = ops.audit().receipt(restored);
            lostEntry = ops.as(Site.AUDITOR).audit().get(restored).body().toByteArray();
        }
    }

    private static Genesis genesis() {
        return Site.genesis().roots(2, List.of(ROOT_1.publicKey(), ROOT_2.publicKey(), ROOT_3.publicKey()));
    }

    private Witness witness(LogKey... logs) {
        return Witnesses.folder(
                "witness.example.org", WITNESS, dir.resolve("witness"), List.of(logs), Clock.systemUTC());
    }

    private ModelOps open(Path folder, LogKey pinned) {
        return Site.opening(Storages.existingDirectory(folder), pinned)
                .memory(memory)
                .witness(witness(pinned))
                .start();
    }

    private Opening reopening(Path folder, LogKey pinned) {
        return ModelOps.open(Storages.existingDirectory(folder), pinned)
                .writer(NEW_WRITER)
                .logSigner(NEW_LOG)
                .publisher(Site.KEYS.ecdsa("publisher"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private LogRecovery recovery(Storage storage) {
        return LogRecovery.of(storage, key, NEW_LOG, NEW_WRITER).lost(lost).reason("the disk of the database is gone");
    }

    private static LogRecovery signed(LogRecovery recovery, Signer... roots) {
        String statement = recovery.statement();
        LogRecovery signed = recovery;
        for (Signer root : roots) {
            signed = signed.signature(LogRecovery.sign(statement, root));
        }
        return signed;
    }

    private LogKey recovered(Path folder) {
        try (Storage storage = Storages.existingDirectory(folder)) {
            return signed(recovery(storage), ROOT_1, ROOT_3).recover();
        }
    }

    private static List<AuditReport.Finding> findings(Path folder, LogKey pinned, CheckpointMemory memory) {
        try (StoreInspection inspection = StoreInspection.open(folder, pinned, memory)) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }

    @Test
    void aBackupIsRefusedUntilItIsRecoveredAndThenTheLogGoesOn() throws Exception {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> open(backup, key))
                .withMessageContaining("backup")
                .withMessageContaining("LogRecovery");
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Site.opening(Storages.existingDirectory(backup), key)
                        .witness(witness(key))
                        .start())
                .withMessageContaining("witness.example.org");

        LogKey next = recovered(backup);

        assertThat(next.origin()).isEqualTo(Site.ORIGIN + "/2");
        Witness both = witness(key, next);
        try (ModelOps ops = reopening(backup, next).memory(memory).witness(both).start()) {
            assertThat(ops.position().size()).isEqualTo(restored + 1);
            var unused = Site.promoted(ops, dir, 3);
            String note = ops.audit().checkpoint().note();
            assertThat(note).startsWith(Site.ORIGIN + "/2\n");
            assertThat(SignedNote.parse(note)
                            .cosignedBy(List.of(CosignatureKey.parse(both.keys().get(0)))))
                    .hasSize(1);
            assertThat(memory.recall(next.origin())).isPresent();
            assertThat(memory.recall(key.origin())).isPresent();
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
            TlogProof receipt = TlogProof.parse(ops.audit().receipt(1));
            receipt.verify(oldEntry, NoteVerifier.parse(next.text()));
        }
        try (ModelOps ops = reopening(backup, next).memory(memory).witness(both).start()) {
            assertThat(Site.fingerprint(ops.as(Site.AUDITOR).registry().asOf(ops.position())))
                    .contains("risk");
        }
        assertThat(findings(backup, next, memory)).isEmpty();
        NoteVerifier old = NoteVerifier.parse(key.text());
        TlogProof.parse(oldReceipt).verify(oldEntry, old);
        assertThat(TlogProof.parse(lostReceipt).verify(lostEntry, old).origin())
                .as("what was promised stays evident: of the old epoch, beyond where it ended")
                .isEqualTo(Site.ORIGIN);
        assertThat(TlogProof.parse(lostReceipt).index()).isGreaterThanOrEqualTo(restored);
    }

    @Test
    void whoPinsTheOldKeyIsToldWhatHappenedAndRefused() {
        LogKey next = recovered(backup);

        for (CheckpointMemory remembered : List.of(memory, CheckpointMemories.folder(dir.resolve("empty")))) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Site.opening(Storages.existingDirectory(backup), key)
                            .memory(remembered)
                            .start())
                    .withMessageContaining("was recovered")
                    .withMessageContaining("the disk of the database is gone")
                    .withMessageContaining(next.text());
        }
        assertThat(findings(backup, key, CheckpointMemories.folder(dir.resolve("empty"))))
                .anySatisfy(finding -> assertThat(finding.message()).contains("recovered", next.text()));
    }

    @Test
    void aProcessThatHasTheLogOpenMeetsTheRecoveryAndStops() throws Exception {
        try (ModelOps ops =
                Site.opening(Storages.existingDirectory(backup), key).start()) {
            LogKey next = recovered(backup);

            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Site.register(ops, dir, "risk", 9))
                    .withMessageContaining("was recovered")
                    .withMessageContaining(next.text());
        }
    }

    @Test
    void tooFewOrWrongRootsCannotRecover() {
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery recovery = recovery(storage);
            String statement = recovery.statement();
            String one = LogRecovery.sign(statement, ROOT_1);
            for (List<String> signatures : List.of(
                    List.<String>of(),
                    List.of(one),
                    List.of(one, one),
                    List.of(one, LogRecovery.sign(statement, NEW_LOG)),
                    List.of(one, LogRecovery.sign(statement, Site.KEYS.ed25519("log"))),
                    List.of(one, LogRecovery.sign(statement, Site.KEYS.ed25519("writer"))))) {
                LogRecovery attempt = recovery;
                for (String signature : signatures) {
                    attempt = attempt.signature(signature);
                }
                LogRecovery tried = attempt;
                assertThatIllegalArgumentException()
                        .isThrownBy(tried::recover)
                        .withMessageContaining(signatures.isEmpty() ? "" : "2 of the 3 root keys");
            }
            String altered = recovery.reason("another reason").statement();
            LogRecovery mixed = recovery.signature(one).signature(LogRecovery.sign(altered, ROOT_2));
            assertThatIllegalArgumentException().isThrownBy(mixed::recover).withMessageContaining("does not verify");
            assertThat(storage.log().head().size()).isEqualTo(restored);
        }
    }

    @Test
    void aStatementHoldsForOneStoreAndOneMomentOnly() throws Exception {
        List<String> signatures = new ArrayList<>();
        try (Storage storage = Storages.existingDirectory(backup)) {
            String statement = recovery(storage).statement();
            signatures.add(LogRecovery.sign(statement, ROOT_1));
            signatures.add(LogRecovery.sign(statement, ROOT_2));
        }
        try (ModelOps ops =
                Site.opening(Storages.existingDirectory(backup), key).start()) {
            Site.register(ops, dir, "risk", 7);
        }
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery late = recovery(storage).signature(signatures.get(0)).signature(signatures.get(1));
            assertThatIllegalArgumentException().isThrownBy(late::recover).withMessageContaining("does not verify");
        }
        Path other = dir.resolve("other");
        LogKey otherKey = Site.create(other, genesis());
        try (Storage storage = Storages.existingDirectory(other)) {
            LogRecovery elsewhere = LogRecovery.of(storage, otherKey, NEW_LOG, NEW_WRITER)
                    .nothingLost()
                    .reason("the disk of the database is gone")
                    .signature(signatures.get(0))
                    .signature(signatures.get(1));
            assertThatIllegalArgumentException().isThrownBy(elsewhere::recover);
        }
    }

    @Test
    void whatTheLogContainsIsNotLost() {
        try (Storage storage = Storages.existingDirectory(live)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recovery(storage).statement())
                    .withMessageContaining("no recovery is needed");
        }
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery begun = LogRecovery.of(storage, key, NEW_LOG, NEW_WRITER);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begun.reason("why").statement())
                    .withMessageContaining("nothingLost");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> begun.nothingLost().statement())
                    .withMessageContaining("reason");
            for (String note : List.of(
                    "", "nonsense", lost.replace("\n\n", "x\n\n"), lost.replaceFirst(Site.ORIGIN, "example.org/x"))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> begun.lost(note).reason("why").statement());
            }
        }
    }

    @Test
    void aLogWithoutRootKeysCannotBeRecovered() {
        Path rootless = dir.resolve("rootless");
        LogKey its = Site.create(rootless);
        try (Storage storage = Storages.existingDirectory(rootless)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LogRecovery.of(storage, its, NEW_LOG, NEW_WRITER)
                            .nothingLost()
                            .reason("why")
                            .statement())
                    .withMessageContaining("root keys");
        }
    }

    @Test
    void aRecoveryDoneTwiceIsDoneOnceAndALaterOneIsRefused() {
        LogKey next;
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery recovery = signed(recovery(storage), ROOT_2, ROOT_3);
            next = recovery.recover();
            assertThat(recovery.recover()).isEqualTo(next);
            assertThat(storage.log().head().size()).isEqualTo(restored + 1);
        }
        try (ModelOps ops = reopening(backup, next).start()) {
            Site.register(ops, dir, "risk", 4);
        }
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery again = recovery(storage);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(again::recover)
                    .withMessageContaining("was recovered");
        }
    }

    @Test
    void aRecoveryThatWasCutOffBeforeItsCheckpointIsFinished() {
        try (Storage whole = Storages.existingDirectory(backup)) {
            Storage failing = new Storage(new Unpublishing(whole.log()), whole.blobs());
            LogRecovery recovery = signed(recovery(failing), ROOT_1, ROOT_2);
            assertThatExceptionOfType(StorageException.class).isThrownBy(recovery::recover);
            assertThat(whole.log().head().size()).isEqualTo(restored + 1);

            assertThat(recovery(whole).recover().origin()).isEqualTo(Site.ORIGIN + "/2");
            assertThat(whole.log().latestCheckpoint())
                    .hasValueSatisfying(stored -> assertThat(stored.size()).isEqualTo(restored + 1));
        }
    }

    /** A store that fails when a checkpoint is published. */
    private record Unpublishing(LogStore log) implements LogStore {
        @Override
        public LogHead head() {
            return log.head();
        }

        @Override
        public List<LogRecord> read(long from, int limit) {
            return log.read(from, limit);
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            return log.seals(from, limit);
        }

        @Override
        public <R> R append(Work<R> work) {
            return log.append(work);
        }

        @Override
        public void publish(LogCheckpoint checkpoint) {
            throw new StorageException("no checkpoint today");
        }

        @Override
        public Optional<LogCheckpoint> latestCheckpoint() {
            return log.latestCheckpoint();
        }

        @Override
        public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
            return log.checkpoints(fromSize, limit);
        }

        @Override
        public void close() {
            log.close();
        }
    }

    @Test
    void aLogIsRecoveredAgainUnderAThirdKey() throws Exception {
        LogKey second = recovered(backup);
        Path older = dir.resolve("older");
        copy(backup, older);
        String lostAgain;
        try (ModelOps ops = reopening(backup, second).memory(memory).start()) {
            Site.register(ops, dir, "risk", 5);
            lostAgain = ops.audit().checkpoint().note();
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> reopening(older, second).memory(memory).start())
                .withMessageContaining("backup");
        LogKey third;
        try (Storage storage = Storages.existingDirectory(older)) {
            LogRecovery recovery = LogRecovery.of(storage, second, NEW_LOG, Site.KEYS.ed25519("third writer"))
                    .writer(Site.KEYS.ed25519("fourth writer").publicKey())
                    .lost(lostAgain)
                    .reason("again");
            assertThatIllegalArgumentException().isThrownBy(signed(recovery.lost(lostAgain), ROOT_1)::recover);
            third = signed(recovery, ROOT_1, ROOT_2).recover();
        }
        assertThat(third.origin()).isEqualTo(Site.ORIGIN + "/3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reopening(older, third).start());
        for (String writer : List.of("third writer", "fourth writer")) {
            try (ModelOps ops = reopening(older, third)
                    .writer(Site.KEYS.ed25519(writer))
                    .memory(memory)
                    .start()) {
                Site.register(ops, dir, "risk", 6);
            }
        }
        assertThat(findings(older, third, memory)).isEmpty();
        for (LogKey ended : List.of(key, second)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> reopening(older, ended).start())
                    .withMessageContaining("was recovered");
        }
    }

    @Test
    void keysAreChangedWithoutALoss() {
        LogKey next;
        try (Storage storage = Storages.existingDirectory(live)) {
            next = signed(
                            LogRecovery.of(storage, key, NEW_LOG, NEW_WRITER)
                                    .nothingLost()
                                    .reason("the writer key was stolen"),
                            ROOT_1,
                            ROOT_2)
                    .recover();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reopening(live, next)
                        .writer(Site.KEYS.ed25519("writer"))
                        .start())
                .withMessageContaining("not enrolled");
        assertThat(findings(live, next, memory)).isEmpty();
    }

    @Test
    void aRecoveryThatTellsOfLessThanWasSeenIsFound() {
        LogKey next;
        try (Storage storage = Storages.existingDirectory(backup)) {
            next = signed(
                            LogRecovery.of(storage, key, NEW_LOG, NEW_WRITER)
                                    .nothingLost()
                                    .reason("nothing to see here"),
                            ROOT_1,
                            ROOT_2)
                    .recover();
        }
        assertThat(findings(backup, next, CheckpointMemories.folder(dir.resolve("empty"))))
                .isEmpty();
        assertThat(findings(backup, next, memory))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("more was lost"));
        assertThat(findings(backup, next, CheckpointMemories.fixed(lost))).hasSize(1);
        assertThat(findings(backup, next, CheckpointMemories.of(witness(key)))).hasSize(1);
    }

    @Test
    void whoHoldsStoreLogKeyAndWriterKeyCannotForgeARecovery() throws Exception {
        String entry;
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery recovery = recovery(storage);
            String statement = recovery.statement();
            entry = statement + "\n" + LogRecovery.sign(statement, ROOT_1)
                    + LogRecovery.sign(statement, Site.KEYS.ed25519("log"));
        }
        long before = restored;
        try (Attacker attacker = Attacker.on(backup)) {
            byte[] forged = Attacker.forged(
                    attacker.body(before - 1), before, "dev.modelops.log.recovered.v1", "\u0000", "", true);
            Entry decoded = Entry.decode(before, forged);
            decoded.data().put("note", entry);
            attacker.insert(before, decoded.encode());
            attacker.head();
            attacker.seal(before, Site.KEYS.ed25519("writer"));
            attacker.checkpoint(Site.KEYS.ed25519("log"));
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Site.open(backup, key))
                .withMessageContaining("2 of the 3 root keys");
        assertThat(findings(backup, key, CheckpointMemories.folder(dir.resolve("empty"))))
                .isNotEmpty();
        try (Storage storage = Storages.existingDirectory(backup)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recovery(storage).statement());
        }
    }

    /** Who holds the new keys cannot put the roots' signatures after another history of the same length. */
    @Test
    void whatTheRootsSignedHoldsForNoOtherEntriesBeforeIt() {
        Path other = dir.resolve("rewritten");
        var unused = Site.create(other, genesis());
        try (ModelOps ops = Site.opening(Storages.existingDirectory(other), key).start()) {
            var ref = Site.register(ops, dir, "risk", 1).ref();
            while (ops.position().size() < restored) {
                Site.registry(ops, Site.ADA).comment(ref, "another history, " + ops.position());
            }
        }
        LogKey next = recovered(backup);
        try (Storage rightful = Storages.existingDirectory(backup);
                Storage rewritten = Storages.existingDirectory(other)) {
            assertThat(rewritten.log().head().size()).isEqualTo(restored);
            LogRecord entry = rightful.log().read(restored, 1).get(0);
            FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
            for (LogRecord stored : rewritten.log().read(0, (int) restored)) {
                frontier.append(Merkle.leafHash(stored.body().toByteArray()));
            }
            byte[] hash = Merkle.leafHash(entry.body().toByteArray());
            frontier.append(hash);
            byte[] root = frontier.root();
            Seal seal = new Seal(next.origin(), restored, restored + 1, root, List.of(hash));
            rewritten.log().append(transaction -> {
                transaction.append(
                        List.of(entry),
                        seal.sign(Seal.signer(next.origin(), NEW_WRITER)),
                        new LogHead(restored + 1, Digest.sha256(root)));
                return true;
            });
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recovery(rewritten).recover())
                    .withMessageContaining("did not sign for the entries before it");
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() ->
                            Site.opening(Storages.existingDirectory(other), key).start())
                    .withMessageNotContaining(next.text());
            rewritten
                    .log()
                    .publish(new LogCheckpoint(
                            restored + 1,
                            new NoteSigner(next.origin(), NEW_LOG)
                                    .sign(new CheckpointBody(next.origin(), restored + 1, root).text())));
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> reopening(other, next).start())
                .withMessageContaining("not of these entries");
        try (Storage rewritten = Storages.existingDirectory(other);
                Storage empty = Storages.inMemory()) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> StoreTransfer.copy(rewritten, empty, next, Progress.NONE))
                    .withMessageContaining("not of these entries");
        }
        assertThat(findings(other, next, CheckpointMemories.folder(dir.resolve("empty"))))
                .isNotEmpty();
    }

    private LogRecovery nothingLost(Storage storage, LogKey from) {
        return LogRecovery.of(storage, from, NEW_LOG, NEW_WRITER).nothingLost().reason("the keys were stolen");
    }

    /** A history that a thief of the log's keys wrote, to be recovered in place of the log. */
    private Path rewritten(long size) {
        Path other = dir.resolve("rewritten");
        var unused = Site.create(other, genesis());
        try (ModelOps ops = Site.opening(Storages.existingDirectory(other), key).start()) {
            var ref = Site.register(ops, dir, "risk", 1).ref();
            while (ops.position().size() < size) {
                Site.registry(ops, Site.ADA).comment(ref, "another history, " + ops.position());
            }
            ops.audit().checkpoint();
        }
        return other;
    }

    private long remembered() {
        return CheckpointBody.parse(SignedNote.parse(memory.recall(key.origin()).orElseThrow())
                        .text())
                .size();
    }

    private void refused(Path folder, LogKey pinned, CheckpointMemory remembering, String message) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> reopening(folder, pinned).memory(remembering).start())
                .withMessageContaining(message);
        assertThat(findings(folder, pinned, remembering)).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(AuditReport.Kind.ROLLED_BACK);
            assertThat(finding.message()).contains(message);
        });
    }

    @Test
    void aRecoveryDoesNotMakeARewrittenHistoryGood() {
        for (long more : List.of(0L, 3L)) {
            Path other = rewritten(remembered() + more);
            LogKey next;
            try (Storage storage = Storages.existingDirectory(other)) {
                LogRecovery recovery = nothingLost(storage, key);
                LogRecovery blind = signed(recovery, ROOT_1, ROOT_2);
                for (CheckpointMemory remembering : List.of(memory, CheckpointMemories.of(witness(key)))) {
                    assertThatExceptionOfType(IntegrityException.class)
                            .isThrownBy(() -> recovery.memory(remembering).statement())
                            .withMessageContaining("another history");
                    assertThatExceptionOfType(IntegrityException.class)
                            .isThrownBy(() -> blind.memory(remembering).recover())
                            .withMessageContaining("another history");
                }
                long before = storage.log().head().size();
                Storage failing = new Storage(new Unpublishing(storage.log()), storage.blobs());
                assertThatExceptionOfType(StorageException.class)
                        .isThrownBy(() -> signed(nothingLost(failing, key), ROOT_1, ROOT_2)
                                .recover());
                assertThat(storage.log().head().size()).isEqualTo(before + 1);
                assertThatExceptionOfType(IntegrityException.class)
                        .isThrownBy(() -> blind.memory(memory).recover())
                        .withMessageContaining("another history");
                next = blind.recover();
            }
            assertThat(findings(other, next, CheckpointMemories.folder(dir.resolve("empty"))))
                    .isEmpty();
            refused(other, next, memory, "another history");
            refused(other, next, CheckpointMemories.of(witness(key)), "another history");
            delete(other);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatAHostKeptOfTheLostEpochHindersNoRecovery() throws Exception {
        Path cache = dir.resolve("cache");
        try (ModelOps ops =
                Site.opening(Storages.existingDirectory(live), key).cache(cache).start()) {
            assertThat(ops.position().size()).isGreaterThan(restored);
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Site.opening(Storages.existingDirectory(backup), key)
                        .cache(cache)
                        .start())
                .withMessageContaining("older than what this host has seen");
        LogKey next = recovered(backup);
        for (int i = 0; i < 2; i++) {
            try (ModelOps ops = reopening(backup, next).cache(cache).start()) {
                Site.register(ops, dir, "risk", 30 + i);
            }
        }
    }

    private void refusedByWitness(Path folder, LogKey pinned, String message) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() ->
                        reopening(folder, pinned).witness(witness(key, pinned)).start())
                .withMessageContaining(message);
    }

    @Test
    void aWitnessIsAskedAboutTheEpochsThatEndedToo() {
        Path other = rewritten(remembered());
        LogKey next;
        try (Storage storage = Storages.existingDirectory(other)) {
            next = signed(nothingLost(storage, key), ROOT_1, ROOT_2).recover();
        }
        refusedByWitness(other, next, "another history");
        LogKey shortened;
        try (Storage storage = Storages.existingDirectory(backup)) {
            shortened = signed(nothingLost(storage, key), ROOT_1, ROOT_2).recover();
        }
        refusedByWitness(backup, shortened, "more was lost");
        try (Storage storage = Storages.existingDirectory(live)) {
            next = signed(nothingLost(storage, key), ROOT_1, ROOT_2).recover();
        }
        try (ModelOps ops = reopening(live, next).witness(witness(key, next)).start()) {
            assertThat(ops.audit().checkpoint().origin()).isEqualTo(next.origin());
        }
    }

    /** An old writer seals the recovery together with an entry before it, so that it is not the first of its batch. */
    @Test
    void aRecoveryInTheMiddleOfABatchIsHeldAgainstWhatTheRootsSignedToo() throws Exception {
        Path other = rewritten(restored);
        LogKey next = recovered(backup);
        byte[] recovery;
        try (Storage storage = Storages.existingDirectory(backup)) {
            recovery = storage.log().read(restored, 1).get(0).body().toByteArray();
        }
        try (Attacker attacker = Attacker.on(other)) {
            attacker.run("DELETE FROM modelops_record WHERE idx >= ?", restored);
            attacker.insert(restored, recovery);
            attacker.run("DELETE FROM modelops_seal WHERE size >= ?", restored);
            attacker.run("DELETE FROM modelops_checkpoint WHERE size >= ?", restored);
            attacker.head();
            attacker.seal(attacker.number("SELECT max(size) FROM modelops_seal"), Site.KEYS.ed25519("writer"));
            byte[] root = attacker.bytes("SELECT root FROM modelops_head");
            attacker.run(
                    "INSERT INTO modelops_checkpoint (log_id, size, note) VALUES (1, ?, ?)",
                    restored + 1,
                    new NoteSigner(next.origin(), NEW_LOG)
                            .sign(new CheckpointBody(next.origin(), restored + 1, root).text()));
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> reopening(other, next).start())
                .withMessageContaining("not of these entries");
        assertThat(findings(other, next, CheckpointMemories.folder(dir.resolve("empty"))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.kind()).isEqualTo(AuditReport.Kind.ROOT);
                    assertThat(finding.index()).hasValue(restored);
                    assertThat(finding.message()).contains("not of these entries");
                });
    }

    @Test
    void aRecoveryDoesNotMakeAShortenedLogWhole() {
        LogKey next;
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery recovery = nothingLost(storage, key);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recovery.memory(memory).statement())
                    .withMessageContaining("more was lost");
            next = signed(recovery, ROOT_1, ROOT_2).recover();
        }
        refused(backup, next, memory, "more was lost");
    }

    @Test
    void whatIsLostIsWhatWasSeen() {
        Signer log = Site.KEYS.ed25519("log");
        CheckpointBody seen = CheckpointBody.parse(SignedNote.parse(lost).text());
        String another = new NoteSigner(Site.ORIGIN, log)
                .sign(new CheckpointBody(Site.ORIGIN, seen.size(), new byte[32]).text());
        String less = new NoteSigner(Site.ORIGIN, log)
                .sign(new CheckpointBody(Site.ORIGIN, seen.size() - 1, new byte[32]).text());
        LogKey next;
        try (Storage storage = Storages.existingDirectory(backup)) {
            LogRecovery recovery = recovery(storage).memory(memory);
            assertThat(recovery.statement()).isEqualTo(recovery(storage).statement());
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recovery.lost(less).statement())
                    .withMessageContaining("more was lost");
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recovery.lost(another).statement())
                    .withMessageContaining("two histories");
            next = signed(recovery(storage).lost(another), ROOT_1, ROOT_2).recover();
        }
        refused(backup, next, memory, "two histories");
    }

    /** The newer histories grew from the same backup, and the roots gave up the one that was seen. */
    @Test
    void whatWasSeenAndIsNamedAsLostIsExplained() {
        try (ModelOps ops =
                Site.opening(Storages.existingDirectory(backup), key).start()) {
            var ref = Site.register(ops, dir, "risk", 8).ref();
            while (ops.position().size() < remembered() + 3) {
                Site.registry(ops, Site.ADA).comment(ref, "grown from the backup, " + ops.position());
            }
        }
        LogKey next;
        try (Storage storage = Storages.existingDirectory(backup)) {
            String seen = memory.recall(key.origin()).orElseThrow();
            next = signed(recovery(storage).lost(seen).memory(memory), ROOT_1, ROOT_2)
                    .recover();
        }
        assertThat(findings(backup, next, memory)).isEmpty();
        try (ModelOps ops = reopening(backup, next).memory(memory).start()) {
            assertThat(ops.position().size()).isEqualTo(remembered() + 4);
        }
    }

    @Test
    void everyEpochThatEndedIsHeldAgainstWhatWasSeenOfIt() throws Exception {
        LogKey second = recovered(backup);
        Path older = dir.resolve("older");
        copy(backup, older);
        try (ModelOps ops = reopening(backup, second).memory(memory).start()) {
            Site.register(ops, dir, "risk", 5);
            ops.audit().checkpoint();
        }
        LogKey third;
        try (Storage storage = Storages.existingDirectory(older)) {
            LogRecovery recovery = nothingLost(storage, second);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> recovery.memory(memory).statement())
                    .withMessageContaining("more was lost");
            third = signed(recovery, ROOT_1, ROOT_2).recover();
        }
        refused(older, third, memory, "more was lost");
        try (Storage storage = Storages.existingDirectory(older)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> nothingLost(storage, third).memory(memory).statement())
                    .withMessageContaining(second.origin());
        }
    }

    @Test
    void onlyStatementsAreSigned() {
        try (Storage storage = Storages.existingDirectory(backup)) {
            String statement = recovery(storage).statement();
            for (String text : List.of(
                    "",
                    "hello\n",
                    lost,
                    statement + "\n",
                    statement.strip(),
                    statement.replace("at ", "at 0"),
                    statement.replace("\nto ", "\nto  "),
                    statement.replace("\nwriter ", "\nreader "),
                    statement.replaceFirst("writer .*\n", ""),
                    statement.replace("reason ", "reason \u0007"))) {
                assertThatIllegalArgumentException().isThrownBy(() -> LogRecovery.sign(text, ROOT_1));
            }
            assertThat(LogRecovery.sign(statement, ROOT_1)).startsWith("\u2014 " + Site.ORIGIN + "/root ");
        }
    }
}
