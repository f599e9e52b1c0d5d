package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.AuditReport.Kind;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.Hurried;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever holds the store cannot change what it says without being found out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TamperTest {
    private static final Signer STRANGE_KEY = Site.KEYS.ed25519("attacker");

    @TempDir
    static Path dir;

    private Path original;
    private LogKey key;
    private long size;
    private Checkpoint last;
    private int copies;

    /** A log of several batches, with a checkpoint after each, that ends with a version promoted to production and a new policy set. */
    @BeforeAll
    void makeLog() {
        original = dir.resolve("original");
        key = Site.create(original);
        try (ModelOps ops = Site.open(original, key)) {
            ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
            Site.registry(ops, Site.VERA).attach(ref, "validation-report", Bytes.ofUtf8("it is fine"));
            ops.audit().checkpoint();
            Site.registry(ops, Site.VERA).approve(ref, Site.PRODUCTION, "VR-1");
            Site.registry(ops, Site.ADA).comment(ref, "thank you");
            Site.registry(ops, Site.ADA).setTag(ref, "team", "blue");
            Site.registry(ops, Site.RITA).setAlias(ref, Alias.of("latest"));
            Site.registry(ops, Site.RITA).promote(ref, Site.PRODUCTION);
            var unused = Site.install(ops, Site.policies("gate-extra"));
            size = ops.position().size();
            last = ops.audit().checkpoint();
        }
    }

    @Test
    void anUntouchedCopyIsSound() throws Exception {
        Path copy = copy();
        assertThat(findings(copy)).isEmpty();
        try (ModelOps ops = open(copy)) {
            assertThat(ops.position().size()).isEqualTo(size);
        }
    }

    @Test
    void everyFlippedBitInAnEntryIsFoundAndTheEntryNamed() throws Exception {
        Path copy = copy();
        Random random = new Random(1);
        try (StoreInspection inspection = inspect(copy);
                Attacker attacker = Attacker.on(copy)) {
            for (long index = 0; index < size; index++) {
                byte[] body = attacker.body(index);
                List<Integer> bits = new ArrayList<>(List.of(0, body.length * 8 - 1));
                random.ints(5, 0, body.length * 8).forEach(bits::add);
                for (int bit : bits) {
                    attacker.body(index, flipped(body, bit));
                    AuditReport report = inspection.audit().verify(Progress.NONE);
                    assertThat(report.isSound())
                            .as("bit %s of entry %s", bit, index)
                            .isFalse();
                    if (index == 0) {
                        assertThat(report.findings().get(0).index()).hasValue(0);
                    } else {
                        long altered = index;
                        assertThat(report.findings())
                                .as("bit %s of entry %s", bit, index)
                                .allSatisfy(
                                        finding -> assertThat(finding.index()).hasValue(altered));
                    }
                }
                if (index < 3) {
                    Path opened = copy();
                    try (Attacker there = Attacker.on(opened)) {
                        there.body(index, flipped(body, bits.get(2)));
                    }
                    assertThatThrownBy(() -> open(opened)).isInstanceOf(IntegrityException.class);
                }
                attacker.body(index, body);
            }
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isTrue();
        }
    }

    @Test
    void everyFlippedBitInASealOrCheckpointIsFoundAndItsPlaceNamed() throws Exception {
        Path copy = copy();
        Random random = new Random(2);
        try (StoreInspection inspection = inspect(copy);
                Attacker attacker = Attacker.on(copy)) {
            for (String table : List.of("modelops_seal", "modelops_checkpoint")) {
                for (String where : attacker.texts("SELECT size FROM " + table)) {
                    byte[] note = attacker.bytes("SELECT CAST(note AS BLOB) FROM " + table + " WHERE size = " + where);
                    long covered = Long.parseLong(where);
                    List<Integer> bits = new ArrayList<>(List.of(0, note.length * 8 - 1));
                    random.ints(6, 0, note.length * 8).forEach(bits::add);
                    // The last characters of base64 carry bits that a lenient decoder passes over.
                    for (int back = 2; back <= 4; back++) {
                        bits.add((note.length - back) * 8 + random.nextInt(8));
                    }
                    for (int bit : bits) {
                        String update = "UPDATE " + table + " SET note = CAST(? AS TEXT) WHERE size = " + where;
                        attacker.run(update, flipped(note, bit));
                        AuditReport report = inspection.audit().verify(Progress.NONE);
                        assertThat(report.findings())
                                .as("bit %s of %s %s", bit, table, where)
                                .anySatisfy(
                                        finding -> assertThat(finding.index().orElseThrow())
                                                .isBetween(startOf(attacker, table, covered), covered - 1));
                        attacker.run(update, note);
                    }
                }
            }
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isTrue();
        }
    }

    @Test
    void everyFlippedBitInTheHeadIsFound() throws Exception {
        Path copy = copy();
        try (StoreInspection inspection = inspect(copy);
                Attacker attacker = Attacker.on(copy)) {
            byte[] root = attacker.bytes("SELECT root FROM modelops_head");
            for (int bit = 0; bit < 256; bit += 13) {
                attacker.run("UPDATE modelops_head SET root = ?", flipped(root, bit));
                assertThat(inspection.audit().verify(Progress.NONE).findings())
                        .anySatisfy(finding -> assertThat(finding.index()).hasValue(size - 1));
            }
            attacker.run("UPDATE modelops_head SET root = ?", root);
            for (int bit = 0; bit < 63; bit += 3) {
                attacker.run("UPDATE modelops_head SET size = ?", size ^ (1L << bit));
                assertThat(inspection.audit().verify(Progress.NONE).isSound())
                        .as("bit %s", bit)
                        .isFalse();
            }
            attacker.run("UPDATE modelops_head SET size = ?", size);
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isTrue();
            attacker.run("UPDATE modelops_head SET size = ?", size ^ Long.MIN_VALUE);
            assertThatThrownBy(() -> inspection.audit().verify(Progress.NONE)).isInstanceOf(IntegrityException.class);
        }
        for (String change : List.of("root = zeroblob(32)", "size = size - 1", "size = size + 1", "size = 1 << 40")) {
            Path opened = copy();
            change(opened, "UPDATE modelops_head SET " + change);
            assertThatThrownBy(() -> open(opened)).as(change).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void everyFlippedBitInAKeyColumnIsFound() throws Exception {
        Random random = new Random(3);
        Path copy = copy();
        try (StoreInspection inspection = inspect(copy);
                Attacker attacker = Attacker.on(copy)) {
            for (String column : List.of(
                    "modelops_record.idx", "modelops_seal.start", "modelops_seal.size", "modelops_checkpoint.size")) {
                String table = column.substring(0, column.indexOf('.'));
                String name = column.substring(column.indexOf('.') + 1);
                for (String text : attacker.texts("SELECT " + name + " FROM " + table)) {
                    long value = Long.parseLong(text);
                    long changed = value ^ (1L << (8 + random.nextInt(40)));
                    attacker.run("UPDATE " + table + " SET " + name + " = ? WHERE " + name + " = ?", changed, value);
                    assertThat(inspection.audit().verify(Progress.NONE).isSound())
                            .as("%s %s to %s", column, value, changed)
                            .isFalse();
                    attacker.run("UPDATE " + table + " SET " + name + " = ? WHERE " + name + " = ?", value, changed);
                }
            }
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isTrue();
        }
        for (String table : List.of("modelops_head", "modelops_record", "modelops_seal", "modelops_checkpoint")) {
            Path opened = copy();
            String place = table.equals("modelops_record") ? "idx" : "size";
            change(opened, "UPDATE " + table + " SET log_id = 3 WHERE " + place + " > 4");
            assertThatThrownBy(() -> open(opened)).as(table).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void everyFlippedBitInABlobIsFoundAndTheEntryThatNamesItToo() throws Exception {
        Path copy = copy();
        copyBlobs(copy);
        try (StoreInspection inspection = StoreInspection.open(copy, key);
                Stream<Path> blobs = Files.walk(copy.resolve("blobs/sha256"))) {
            for (Path blob : blobs.filter(Files::isRegularFile).toList()) {
                byte[] content = Files.readAllBytes(blob);
                for (int bit : new int[] {0, content.length * 4, content.length * 8 - 1}) {
                    Files.write(blob, flipped(content, bit));
                    assertThat(inspection.audit().verify(Progress.NONE).findings())
                            .as("bit %s of %s", bit, blob)
                            .isNotEmpty()
                            .allSatisfy(finding -> {
                                assertThat(finding.kind()).isIn(Kind.BLOB, Kind.SIGNATURE);
                                assertThat(finding.index().orElseThrow()).isIn(0L, 1L, 2L, size - 2, size - 1);
                            });
                }
                Files.delete(blob);
                assertThat(inspection.audit().verify(Progress.NONE).isSound()).isFalse();
                Files.createSymbolicLink(blob, original);
                assertThat(inspection.audit().verify(Progress.NONE).isSound()).isFalse();
                Files.delete(blob);
                Files.write(blob, content);
            }
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isTrue();
        }
    }

    /** Ways to change a whole log; where it says so, heads, seals and checkpoints are made to match. */
    enum Forgery {
        DELETED_ENTRY(Kind.SEQUENCE, 3) {
            @Override
            void run(Attacker a) throws SQLException {
                a.run("DELETE FROM modelops_record WHERE idx = 3");
            }
        },
        DELETED_SEAL(Kind.SEAL, 3) {
            @Override
            void run(Attacker a) throws SQLException {
                a.run("DELETE FROM modelops_seal WHERE start = 3");
            }
        },
        DELETED_CHECKPOINTS(Kind.ROOT, 0) {
            @Override
            void run(Attacker a) throws SQLException {
                a.run("DELETE FROM modelops_checkpoint");
            }
        },
        DELETED_LAST_ENTRY(Kind.SEQUENCE, -1) {
            @Override
            void run(Attacker a) throws SQLException {
                a.run("DELETE FROM modelops_record WHERE idx = ?", a.size() - 1);
            }
        },
        CUT_SHORT_WITH_ITS_HEAD(Kind.ROLLED_BACK, -1) {
            @Override
            void run(Attacker a) throws SQLException {
                long end = a.size() - 1;
                a.run("DELETE FROM modelops_record WHERE idx = ?", end);
                a.run("DELETE FROM modelops_seal WHERE size > ?", end);
                a.head();
            }
        },
        SWAPPED_ENTRIES(Kind.SEAL, 4) {
            @Override
            void run(Attacker a) throws SQLException {
                byte[] one = a.body(4);
                a.body(4, a.body(5));
                a.body(5, one);
                a.head();
            }
        },
        DUPLICATED_ENTRY(Kind.SEAL, 5) {
            @Override
            void run(Attacker a) throws SQLException {
                a.body(5, a.body(4));
                a.head();
            }
        },
        SLIPPED_IN_BEHIND_THE_HEAD(Kind.SEQUENCE, -2) {
            @Override
            void run(Attacker a) throws SQLException {
                a.insert(a.size(), slip(a));
            }
        },
        SEAL_BEHIND_THE_HEAD(Kind.SEAL, -2) {
            @Override
            void run(Attacker a) throws SQLException {
                a.run(
                        "INSERT INTO modelops_seal (log_id, start, size, note) VALUES (1, ?, ?, 'x')",
                        a.size(),
                        a.size() + 1);
            }
        },
        SLIPPED_IN_WITH_ITS_HEAD(Kind.SEAL, -2) {
            @Override
            void run(Attacker a) throws SQLException {
                a.insert(a.size(), slip(a));
                a.head();
            }
        },
        SLIPPED_IN_UNDER_A_STRANGE_SEAL(Kind.SEAL, -2) {
            @Override
            void run(Attacker a) throws SQLException {
                long from = a.size();
                a.insert(from, slip(a));
                a.head();
                a.seal(from, STRANGE_KEY);
            }
        },
        SLIPPED_IN_UNDER_A_STRANGE_CHECKPOINT(Kind.SEAL, -2) {
            @Override
            void run(Attacker a) throws SQLException {
                SLIPPED_IN_UNDER_A_STRANGE_SEAL.run(a);
                a.checkpoint(STRANGE_KEY);
            }
        },
        REWRITTEN_UNDER_STRANGE_KEYS(Kind.SEAL, 4) {
            @Override
            void run(Attacker a) throws SQLException {
                a.body(
                        4,
                        Attacker.forged(
                                a.body(4), 4, "dev.modelops.version.commented.v1", "thank you", "I approve", true));
                a.head();
                a.run("DELETE FROM modelops_seal WHERE size > 4");
                a.seal(4, STRANGE_KEY);
                a.run("DELETE FROM modelops_checkpoint WHERE size > 4");
                a.checkpoint(STRANGE_KEY);
            }
        };

        private final Kind kind;
        private final long index;

        /** An index of -1 is that of the last entry, -2 that of the one after it. */
        Forgery(Kind kind, long index) {
            this.kind = kind;
            this.index = index;
        }

        abstract void run(Attacker attacker) throws SQLException;

        private static byte[] slip(Attacker a) throws SQLException {
            return Attacker.forged(
                    a.body(4), a.size(), "dev.modelops.version.commented.v1", "thank you", "forged", true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aForgeryIsFoundAndNamedAndTheLogNotOpened(Forgery forgery) throws Exception {
        Path copy = copy();
        try (Attacker attacker = Attacker.on(copy)) {
            forgery.run(attacker);
        }
        long index = forgery.index >= 0 ? forgery.index : forgery.index == -1 ? size - 1 : size;
        assertThat(findings(copy)).anySatisfy(finding -> {
            assertThat(finding.kind()).isEqualTo(forgery.kind);
            assertThat(finding.index()).hasValue(index);
        });
        if (forgery == Forgery.DELETED_SEAL) {
            // The entries are still under a checkpoint of the pinned key.
            open(copy).close();
        } else {
            assertThatThrownBy(() -> open(copy)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void aCopyThatWasCutOffIsSaidToBeOne() throws Exception {
        Path whole = copy();
        try (Attacker attacker = Attacker.on(whole)) {
            attacker.run("DELETE FROM modelops_record WHERE idx >= ?", size - 3);
        }
        assertThat(findings(whole))
                .filteredOn(finding -> finding.message().contains("copy that was cut off"))
                .singleElement()
                .satisfies(finding -> assertThat(finding.index()).hasValue(size - 3));
        Path holed = copy();
        try (Attacker attacker = Attacker.on(holed)) {
            attacker.run("DELETE FROM modelops_record WHERE idx = ?", size - 3);
        }
        assertThat(findings(holed)).noneMatch(finding -> finding.message().contains("cut off"));
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SLIPPED_IN_BEHIND_THE_HEAD",
                "SEAL_BEHIND_THE_HEAD",
                "SLIPPED_IN_WITH_ITS_HEAD",
                "SLIPPED_IN_UNDER_A_STRANGE_SEAL",
                "CUT_SHORT_WITH_ITS_HEAD"
            })
    void aRunningProcessNoticesAForgeryAndRefuses(Forgery forgery) throws Exception {
        Path copy = copy();
        try (ModelOps ops = Hurried.start(Site.opening(storage(copy), key), Duration.ofMillis(200), 10_000);
                Attacker attacker = Attacker.on(copy)) {
            ModelHandle<String> handle =
                    ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, model -> "loaded");
            assertThat(handle.apply(model -> model).value()).isEqualTo("loaded");
            attacker.run("BEGIN IMMEDIATE");
            forgery.run(attacker);
            attacker.run("COMMIT");
            long entries = attacker.number("SELECT count(*) FROM modelops_record");
            Site.await("the handle refuses", () -> refuses(handle));
            assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(IntegrityException.class);
            ModelRef ref = ModelRef.parse("risk@1");
            assertThatThrownBy(() -> Site.registry(ops, Site.ADA).comment(ref, "more"))
                    .isInstanceOf(IntegrityException.class);
            assertThatThrownBy(ops::sync).isInstanceOf(IntegrityException.class);
            ModelHandle<String> later = ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, model -> "later");
            assertThatThrownBy(() -> later.apply(model -> model)).isInstanceOf(IntegrityException.class);
            assertThat(Site.registry(ops, Site.ADA).find(ref)).isPresent();
            assertThat(attacker.number("SELECT count(*) FROM modelops_record")).isEqualTo(entries);
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).isSound())
                    .isFalse();
        }
    }

    @Test
    void anAppendMeetsASlippedInRowAndTheLogStaysClosed() throws Exception {
        Path copy = copy();
        ModelRef ref = ModelRef.parse("risk@1");
        try (ModelOps ops = Site.opening(storage(copy), key)
                        .pollInterval(Duration.ofHours(1))
                        .start();
                Attacker attacker = Attacker.on(copy)) {
            Forgery.SLIPPED_IN_BEHIND_THE_HEAD.run(attacker);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> Site.registry(ops, Site.ADA).comment(ref, "more"))
                        .isInstanceOf(IntegrityException.class);
            }
            assertThat(attacker.size()).isEqualTo(size);
        }
    }

    @Test
    void anOlderCopyIsRefusedOnceALaterCheckpointIsRemembered() throws Exception {
        Path older = copy();
        Path live = copy();
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory-" + copies));
        try (ModelOps ops = Site.opening(storage(live), key).memory(memory).start()) {
            Site.registry(ops, Site.ADA).comment(ModelRef.parse("risk@1"), "seen");
            ops.audit().checkpoint();
        }
        assertThatThrownBy(
                        () -> Site.opening(storage(older), key).memory(memory).start())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("backup");
        try (ModelOps ops = Site.opening(storage(live), key).memory(memory).start()) {
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).isSound())
                    .isTrue();
        }
    }

    @Test
    void aRunningProcessOnAnOlderCopyNoticesALaterCheckpoint() throws Exception {
        Path older = copy();
        change(older, "DELETE FROM modelops_checkpoint WHERE size = " + size);
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory-" + copies));
        try (Attacker attacker = Attacker.on(older)) {
            Forgery.CUT_SHORT_WITH_ITS_HEAD.run(attacker);
        }
        try (ModelOps ops = Site.opening(storage(older), key).memory(memory).start()) {
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).isSound())
                    .isTrue();
            memory.remember(last);
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .anySatisfy(finding -> assertThat(finding.kind()).isEqualTo(Kind.ROLLED_BACK));
            Site.await("acts are refused", () -> faulty(ops));
            assertThatThrownBy(() -> Site.registry(ops, Site.ADA).comment(ModelRef.parse("risk@1"), "more"))
                    .isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void aLogRewrittenWithTheWritersKeyDiffersFromWhatIsRemembered() throws Exception {
        Path copy = copy();
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory-" + copies));
        memory.remember(last);
        try (Attacker attacker = Attacker.on(copy)) {
            attacker.body(
                    4,
                    Attacker.forged(
                            attacker.body(4), 4, "dev.modelops.version.commented.v1", "thank you", "never said", true));
            for (long index = 5; index < size; index++) {
                attacker.body(
                        index,
                        Attacker.forged(attacker.body(index), index, typeOf(attacker.body(index)), "\u0000", "", true));
            }
            attacker.head();
            attacker.run("DELETE FROM modelops_seal WHERE size > 4");
            attacker.seal(4, Site.KEYS.ed25519("writer"));
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > 4");
            attacker.checkpoint(Site.KEYS.ed25519("log"));
        }
        assertThat(findings(copy))
                .as("who holds every key can rewrite everything")
                .isEmpty();
        assertThatThrownBy(() -> Site.opening(storage(copy), key).memory(memory).start())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("remembered");
    }

    @Test
    void verifyingWhileOthersActFindsNothing() throws Exception {
        Path live = copy();
        copyBlobs(live);
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory-" + copies));
        try (ModelOps ops = Site.opening(Storages.existingDirectory(live), key)
                .memory(memory)
                .start()) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 30; i++) {
                    Site.registry(ops, Site.ADA).comment(ModelRef.parse("risk@1"), "number " + i);
                    ops.audit().checkpoint();
                }
            });
            writer.start();
            do {
                assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                        .isEmpty();
            } while (writer.isAlive());
        }
    }

    private static String typeOf(byte[] body) {
        return Entry.decode(0, body).typeName();
    }

    private static boolean refuses(ModelHandle<String> handle) {
        try {
            handle.apply(model -> model);
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    private static boolean faulty(ModelOps ops) {
        try {
            ops.sync();
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    private static long startOf(Attacker attacker, String table, long covered) {
        try {
            return table.equals("modelops_seal")
                    ? attacker.number("SELECT start FROM modelops_seal WHERE size = " + covered)
                    : covered - 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<AuditReport.Finding> findings(Path copy) {
        try (StoreInspection inspection = inspect(copy)) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }

    private StoreInspection inspect(Path copy) {
        return StoreInspection.open(storage(copy), key);
    }

    private ModelOps open(Path copy) {
        Storage storage = storage(copy);
        try {
            return Site.opening(storage, key).start();
        } catch (RuntimeException e) {
            storage.close();
            throw e;
        }
    }

    private Storage storage(Path copy) {
        Path blobs = copy.resolve("blobs");
        return new Storage(
                Storages.sqlite(copy.resolve("log.db")),
                Blobs.directory(Files.exists(blobs) ? blobs : original.resolve("blobs")));
    }

    private static void change(Path copy, String sql) throws SQLException {
        try (Attacker attacker = Attacker.on(copy)) {
            attacker.run(sql);
        }
    }

    /** Copies the log; the blobs stay where they are. */
    private Path copy() throws IOException {
        Path copy = Files.createDirectories(dir.resolve("copy-" + copies++));
        try (Stream<Path> beside = Files.list(original)) {
            assertThat(beside.map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .isEqualTo(Set.of("log.db", "blobs"));
        }
        Files.copy(original.resolve("log.db"), copy.resolve("log.db"));
        return copy;
    }

    private void copyBlobs(Path copy) throws IOException {
        Path from = original.resolve("blobs");
        try (Stream<Path> tree = Files.walk(from)) {
            for (Path path : tree.toList()) {
                Files.copy(
                        path,
                        copy.resolve("blobs").resolve(from.relativize(path).toString()));
            }
        }
    }

    private static byte[] flipped(byte[] content, int bit) {
        byte[] changed = content.clone();
        changed[bit / 8] ^= (byte) (1 << (bit % 8));
        return changed;
    }
}
