package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.AuditReport.Kind;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.governor.LongLog;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One fault does not hide another, is not told again and again, and not even a writer may say what is not so. */
class VerificationTest {
    private static final ModelRef FIRST = ModelRef.parse("risk@1");
    private static final ModelRef SECOND = ModelRef.parse("risk@2");

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;

    @BeforeEach
    void makeLog() {
        folder = dir.resolve("store");
        key = Site.create(folder);
        try (ModelOps ops = Site.open(folder, key)) {
            Site.register(ops, dir, "risk", 1);
            Site.registry(ops, Site.ADA).comment(FIRST, "a first word");
            ops.audit().checkpoint();
        }
    }

    @Test
    void anAlteredCommentDoesNotHideALaterAlteredModelFile() throws Exception {
        Path file;
        try (ModelOps ops = Site.open(folder, key)) {
            List<Path> before = blobs();
            Site.register(ops, dir, "risk", 2);
            file = blobs().stream()
                    .filter(blob -> !before.contains(blob) && !isBundle(blob))
                    .findFirst()
                    .orElseThrow();
            ops.audit().checkpoint();
        }
        Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
        try (Attacker attacker = Attacker.on(folder)) {
            attacker.body(2, replaced(attacker.body(2), "application/json", "application/jsom"));
        }

        assertThat(findings())
                .extracting(finding -> finding.kind() + " " + finding.index().orElseThrow())
                .containsExactly("SEAL 2", "STATE 2", "BLOB 3");
        assertThat(findings().get(1).message()).contains("from entry 2 on, decisions could not be checked again");
    }

    @Test
    void anAlteredEntryUnderABrokenSealIsNotToldAgainForEveryLaterRoot() throws Exception {
        try (ModelOps ops = Site.open(folder, key)) {
            for (int i = 0; i < 6; i++) {
                Site.registry(ops, Site.ADA).comment(FIRST, "word " + i);
                ops.audit().checkpoint();
            }
        }
        try (Attacker attacker = Attacker.on(folder)) {
            attacker.body(2, replaced(attacker.body(2), "application/json", "application/jsom"));
            attacker.run("UPDATE modelops_seal SET note = 'broken' WHERE start = 2");
        }

        assertThat(findings())
                .extracting(finding -> finding.kind() + " " + finding.index().orElseThrow())
                .containsExactly("SEAL 2", "ROOT 2", "STATE 2");
        assertThat(findings().get(1).message()).contains("roots from here on cannot match");
    }

    @Test
    void anEntryUnderABrokenSealIsNotFollowed() throws Exception {
        try (ModelOps ops = Site.open(folder, key)) {
            Site.registry(ops, Site.ADA).comment(FIRST, "a last word");
        }
        try (Attacker attacker = Attacker.on(folder)) {
            attacker.body(3, replaced(attacker.body(3), Site.ADA.toString(), Site.STRANGER.toString()));
            attacker.run("UPDATE modelops_seal SET note = 'broken' WHERE start = 3");
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > 3");
            attacker.head();
        }

        assertThat(findings())
                .extracting(finding -> finding.kind() + " " + finding.index().orElseThrow())
                .containsExactly("SEAL 3", "STATE 3");
    }

    private static List<Finding> findings(Storage storage, LongLog log) {
        try (StoreInspection inspection = StoreInspection.open(storage, log.key())) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }

    @Test
    void aMissingSnapshotIsNoFindingButAnAlteredOneIs() {
        Storage storage = Storages.inMemory();
        LongLog log = LongLog.in(storage, 1);
        Digest snapshot = log.store(log.snapshot()).digest();
        log.checkpoint();
        assertThat(findings(storage, log)).isEmpty();

        AlterableBlobs blobs = new AlterableBlobs(storage.blobs());
        blobs.alter(snapshot);
        assertThat(findings(new Storage(storage.log(), blobs), log))
                .filteredOn(finding -> finding.kind() == Kind.BLOB)
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("a snapshot of the state was altered"));

        storage.blobs().delete(snapshot);
        assertThat(findings(storage, log)).isEmpty();
    }

    @Test
    void aMissingBlobIsAFindingWhereAnotherEntryNeedsItForMoreThanASnapshot() {
        Storage storage = Storages.inMemory();
        LongLog log = LongLog.in(storage, 1);
        Digest snapshot = log.store(log.snapshot()).digest();
        ObjectNode proposal = log.act(GovernedLog.AUTHOR);
        proposal.put("basedOn", 1).put("revision", 2);
        log.append(EntryType.POLICIES_PROPOSED, snapshot.toString(), proposal);
        log.checkpoint();
        storage.blobs().delete(snapshot);
        assertThat(findings(storage, log))
                .filteredOn(finding -> finding.kind() == Kind.BLOB)
                .extracting(finding -> finding.index().orElseThrow())
                .containsExactly(2L);
    }

    /** What a writer may claim of an act, and where it is found out. */
    enum Lie {
        STATUS(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"to\":\"deprecated\"", "\"to\":\"retired\"");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.registry(ops, Site.RITA).deprecate(FIRST, "old");
            }
        },
        CONTENT_APPROVED(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(artifact(ops, FIRST), artifact(ops, SECOND));
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.register(ops, scratch, "risk", 2);
                Site.registry(ops, Site.VERA).approve(FIRST, Site.PRODUCTION, "VR-1");
            }
        },
        EVIDENCE_APPROVED(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(
                        Digest.sha256Of(REPORT).toString(),
                        Digest.sha256Of(Bytes.ofUtf8("other")).toString());
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.registry(ops, Site.VERA).attach(FIRST, "validation-report", REPORT);
                Site.registry(ops, Site.VERA).approve(FIRST, Site.PRODUCTION, "VR-1");
            }
        },
        EVIDENCE_SIGNER(Kind.SIGNATURE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"size\":10", "\"size\":10,\"signers\":[\"" + signer("publisher") + "\"]");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.registry(ops, Site.VERA).attach(FIRST, "validation-report", REPORT);
            }
        },
        EVIDENCE_SIGNED_BY_ANOTHER(Kind.SIGNATURE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(signer("publisher"), signer("another"));
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                attachTests(ops);
            }
        },
        EVIDENCE_OUTCOME(Kind.SIGNATURE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("FAILED", "PASSED");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                attachTests(ops);
            }
        },
        EVIDENCE_STATEMENT(Kind.SIGNATURE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"statement\":\"sha256:", "\"statement\":\"sha256:0000")
                        .replaceFirst("(\"statement\":\"sha256:[0-9a-f]{64})[0-9a-f]{4}\"", "$1\"");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                attachTests(ops);
            }
        },
        EVIDENCE_AGAIN(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                String before = Site.registry(ops, Site.VERA)
                        .evidence(FIRST)
                        .get(0)
                        .digest()
                        .toString();
                String again = Site.registry(ops, Site.VERA)
                        .evidence(FIRST)
                        .get(1)
                        .digest()
                        .toString();
                return body.replace(again, before);
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.registry(ops, Site.VERA).attach(FIRST, "validation-report", REPORT);
                Site.registry(ops, Site.VERA).attach(FIRST, "validation-report", Bytes.ofUtf8("9 of 10 ok"));
            }
        },
        CERTIFIER(Kind.SIGNATURE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"publisher\":", "\"certifiers\":[\"" + signer("another") + "\"],\"publisher\":");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.register(ops, scratch, "risk", 2);
            }
        },
        CHAMPION_BEFORE(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"previous\":1", "\"previous\":2");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.register(ops, scratch, "risk", 2);
                Site.registry(ops, Site.RITA).promote(FIRST, Site.STAGING);
                Site.registry(ops, Site.RITA).promote(SECOND, Site.STAGING);
            }
        },
        CHAMPION_ROLLED_BACK(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"previous\":2", "\"previous\":1");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                CHAMPION_BEFORE.act(ops, scratch);
                Site.registry(ops, Site.RITA).rollback(Site.RISK, Site.STAGING, "worse");
            }
        },
        FORMER_CHAMPION(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("risk@1", "risk@3");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.register(ops, scratch, "risk", 2);
                Site.register(ops, scratch, "risk", 3);
                Site.registry(ops, Site.RITA).promote(FIRST, Site.STAGING);
                Site.registry(ops, Site.RITA).promote(SECOND, Site.STAGING);
                Site.registry(ops, Site.RITA).rollback(Site.RISK, Site.STAGING, "worse");
            }
        },
        POLICY_IN_FORCE(Kind.POLICY) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("tag.set.v1", "version.commented.v1").replace("\"key\":", "\"text\":");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                var unused = Site.install(
                        ops,
                        Rules.from(Policies.builtIn())
                                .forbid("gate-silence")
                                .on(Action.Type.COMMENT)
                                .build());
                Site.registry(ops, Site.ADA).setTag(FIRST, "team", "blue");
            }
        },
        POLICY_REVISION(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"revision\":2", "\"revision\":3");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                var unused = Site.install(ops, Site.policies("gate-extra"));
            }
        },
        POLICY_BEFORE(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(
                        "\"previous\":\"" + Policies.builtIn().digest(),
                        "\"previous\":\"" + Site.policies("gate-extra").digest());
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                POLICY_REVISION.act(ops, scratch);
            }
        },
        POLICY_PROPOSER(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"proposer\":\"" + Site.ADMIN, "\"proposer\":\"" + Site.ADA);
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                POLICY_REVISION.act(ops, scratch);
            }
        },
        POLICY_INSTALLED_BY_ITS_PROPOSER(Kind.POLICY) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(Site.SECOND_ADMIN.toString(), Site.ADMIN.toString());
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                POLICY_REVISION.act(ops, scratch);
            }
        },
        POLICY_NOT_PROPOSED(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(
                        "\"subject\":\"" + Site.policies("gate-extra").digest(),
                        "\"subject\":\"" + Site.policies("gate-other").digest());
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                POLICY_REVISION.act(ops, scratch);
            }
        },
        POLICY_BASE(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"basedOn\":1", "\"basedOn\":0");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                var unused = ops.as(Site.ADMIN).policies().propose(Site.policies("gate-extra"), null);
            }
        },
        POLICY_NOT_NEWER(Kind.STATE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace("\"revision\":2", "\"revision\":1");
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                POLICY_BASE.act(ops, scratch);
            }
        },
        POLICY_NOT_STORED(Kind.BLOB) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(
                        Site.policies("gate-extra").digest().toString(),
                        Site.policies("gate-other").digest().toString());
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                POLICY_BASE.act(ops, scratch);
            }
        },
        PUBLISHER(Kind.SIGNATURE) {
            @Override
            String tell(ModelOps ops, String body) {
                return body.replace(
                        Site.registry(ops, Site.ADA)
                                .get(SECOND)
                                .publisher()
                                .orElseThrow()
                                .toString(),
                        Digest.sha256Of(REPORT).toString());
            }

            @Override
            void act(ModelOps ops, Path scratch) {
                Site.register(ops, scratch, "risk", 2);
            }
        };

        private static final Bytes REPORT = Bytes.ofUtf8("it is fine");

        private final Kind kind;

        Lie(Kind kind) {
            this.kind = kind;
        }

        /** Does something honestly. */
        abstract void act(ModelOps ops, Path scratch);

        /** Says something else of what was done last. */
        abstract String tell(ModelOps ops, String body);

        private static String signer(String name) {
            return Crypto.keyDigest(Site.KEYS.ecdsa(name).publicKey()).toString();
        }

        private static void attachTests(ModelOps ops) {
            Predicate.TestResult failed =
                    new Predicate.TestResult(Outcome.FAILED, List.of(), List.of(), List.of(), List.of("auc"));
            Digest artifact = Site.registry(ops, Site.VERA).get(FIRST).artifact();
            Site.registry(ops, Site.VERA)
                    .attach(
                            FIRST,
                            failed.type(),
                            Attestation.sign("risk@1", artifact, failed, Site.KEYS.ecdsa("publisher")));
        }

        private static String artifact(ModelOps ops, ModelRef ref) {
            return Site.registry(ops, Site.ADA).get(ref).artifact().toString();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAnEnrolledWriterClaimsOfAnActIsComparedWithTheState(Lie lie) throws Exception {
        long last;
        byte[] told;
        try (ModelOps ops = Site.open(folder, key)) {
            lie.act(ops, dir);
            last = ops.position().size() - 1;
            try (Attacker attacker = Attacker.on(folder)) {
                String body = new String(attacker.body(last), StandardCharsets.UTF_8);
                told = lie.tell(ops, body).getBytes(StandardCharsets.UTF_8);
                assertThat(told).isNotEqualTo(attacker.body(last));
            }
        }
        assertThat(findings()).isEmpty();
        try (Attacker attacker = Attacker.on(folder)) {
            attacker.body(last, told);
            resealed(attacker, last);
        }

        assertThat(findings()).anySatisfy(finding -> {
            assertThat(finding.kind()).isEqualTo(lie.kind);
            assertThat(finding.index()).hasValue(last);
        });
        assertThat(findings()).allSatisfy(finding -> assertThat(finding.index()).hasValue(last));
    }

    @Test
    void theBytesOfAnEntryAreThoseThatWereChecked() {
        AtomicInteger altered = new AtomicInteger();
        try (Storage there = Storages.existingDirectory(folder)) {
            Storage store = new Storage(new SecondReadAltered(there.log(), altered), there.blobs());
            try (StoreInspection inspection = StoreInspection.open(store, key)) {
                Bytes body = inspection
                        .audit()
                        .query(AuditQuery.all())
                        .items()
                        .get(2)
                        .body();
                altered.set(2);
                assertThat(inspection.audit().get(2).body()).isEqualTo(body);
                assertThatThrownBy(() -> inspection.audit().get(2)).isInstanceOf(IntegrityException.class);
            }
        }
    }

    /** Alters what a single record reads as, from the given read of a single record on. */
    private record SecondReadAltered(LogStore store, AtomicInteger left) implements LogStore {
        @Override
        public List<LogRecord> read(long from, int limit) {
            List<LogRecord> read = store.read(from, limit);
            if (limit != 1 || read.isEmpty() || left.get() == 0 || left.decrementAndGet() > 0) {
                return read;
            }
            left.set(1);
            byte[] body = replaced(read.get(0).body().toByteArray(), "application/json", "application/jsom");
            return List.of(new LogRecord(from, Bytes.of(body)));
        }

        @Override
        public <R> R append(Work<R> work) {
            return store.append(work);
        }

        @Override
        public LogHead head() {
            return store.head();
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            return store.seals(from, limit);
        }

        @Override
        public void publish(LogCheckpoint checkpoint) {
            store.publish(checkpoint);
        }

        @Override
        public Optional<LogCheckpoint> latestCheckpoint() {
            return store.latestCheckpoint();
        }

        @Override
        public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
            return store.checkpoints(fromSize, limit);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    @Test
    void anEntryOfALaterReleaseWithoutAnActorIsReadAsFarAsItCanBe() throws Exception {
        try (ModelOps ops = Site.open(folder, key)) {
            Site.registry(ops, Site.ADA).comment(FIRST, "a last word");
        }
        try (Attacker attacker = Attacker.on(folder)) {
            Entry like = Entry.decode(3, attacker.body(3));
            like.data().remove(List.of("actor", "decision", "command"));
            like.data().putObject("decision").put("outcome", "maybe");
            String type = "dev.modelops.later.v1";
            attacker.body(
                    3,
                    new Entry(
                                    3,
                                    like.id(),
                                    like.source(),
                                    EntryType.UNKNOWN,
                                    type,
                                    like.subject(),
                                    like.time(),
                                    false,
                                    like.data())
                            .encode());
            resealed(attacker, 3);
        }

        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            AuditEntry entry = inspection.audit().get(3);
            assertThat(entry.actor()).isEqualTo(Principal.of("unknown", "unknown"));
            assertThat(entry.decision()).isEmpty();
            assertThat(inspection.audit().query(AuditQuery.all()).items()).hasSize(4);
            assertThat(inspection
                            .audit()
                            .query(AuditQuery.all().actor(Site.ADA))
                            .items())
                    .hasSize(2);
        }
    }

    @Test
    void theRegistryOfAnInspectionIsThatOfTheEndOfTheLog() {
        try (StoreInspection inspection = StoreInspection.open(folder, key);
                ModelOps ops = Site.open(folder, key)) {
            assertThat(inspection.registry().comments(FIRST)).hasSize(1);
            Site.registry(ops, Site.ADA).comment(FIRST, "meanwhile");
            LogPosition reached = ops.position();
            assertThat(inspection.registry(reached).comments(FIRST)).hasSize(2);
            Site.registry(ops, Site.ADA).comment(FIRST, "and again");
            assertThat(inspection.registry().comments(FIRST)).hasSize(3);
            assertThat(inspection.audit().get(4).subject()).contains("risk@1");
        }
    }

    @Test
    void anInspectionWithAMemoryFindsAStoreThatWasRolledBack() throws Exception {
        Path older = Files.createDirectories(dir.resolve("older"));
        Files.copy(folder.resolve("log.db"), older.resolve("log.db"));
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory"));
        try (ModelOps ops = Site.open(folder, key)) {
            Site.registry(ops, Site.ADA).comment(FIRST, "a last word");
            memory.remember(ops.audit().checkpoint());
        }

        try (StoreInspection inspection = StoreInspection.open(folder, key, memory)) {
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isTrue();
            assertThat(inspection.registry().comments(FIRST)).hasSize(2);
        }
        Files.copy(older.resolve("log.db"), folder.resolve("log.db"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(findings()).isEmpty();
        try (StoreInspection inspection = StoreInspection.open(Storages.existingDirectory(folder), key, memory)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.kind()).isEqualTo(Kind.ROLLED_BACK));
            assertThatThrownBy(inspection::registry)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("backup");
        }
    }

    @Test
    void ofTwoThatRememberAtOnceTheNewerCheckpointStays() throws Exception {
        List<Checkpoint> checkpoints = new ArrayList<>();
        try (ModelOps ops = Site.open(folder, key)) {
            for (int i = 0; i < 2; i++) {
                Site.registry(ops, Site.ADA).comment(FIRST, "word " + i);
                checkpoints.add(ops.audit().checkpoint());
            }
        }
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 40; round++) {
                Path memory = dir.resolve("memory-" + round);
                CyclicBarrier start = new CyclicBarrier(2);
                List<Callable<Void>> both = new ArrayList<>();
                for (Checkpoint checkpoint : checkpoints) {
                    both.add(() -> {
                        CheckpointMemory own = CheckpointMemories.folder(memory);
                        start.await();
                        own.remember(checkpoint);
                        return null;
                    });
                }
                for (Future<Void> done : threads.invokeAll(both)) {
                    done.get();
                }
                assertThat(CheckpointMemories.folder(memory).recall(Site.ORIGIN))
                        .contains(checkpoints.get(1).note());
                assertThat(memory).isDirectoryNotContaining("glob:**.tmp");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Finding> findings() {
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }

    /** What a rogue writer can do: seal the end of the log anew, in one batch. */
    private static void resealed(Attacker attacker, long from) throws SQLException {
        attacker.head();
        attacker.run("DELETE FROM modelops_seal WHERE start >= ?", from);
        attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", from);
        attacker.seal(from, Site.KEYS.ed25519("writer"));
    }

    private List<Path> blobs() throws IOException {
        try (Stream<Path> tree = Files.walk(folder.resolve("blobs/sha256"))) {
            return tree.filter(Files::isRegularFile).toList();
        }
    }

    private static boolean isBundle(Path blob) {
        try {
            return new String(Files.readAllBytes(blob), StandardCharsets.ISO_8859_1).contains("dev.sigstore.bundle");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] replaced(byte[] body, String from, String to) {
        return new String(body, StandardCharsets.UTF_8).replace(from, to).getBytes(StandardCharsets.UTF_8);
    }
}
