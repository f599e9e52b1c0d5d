package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.IntegrityException;
import dev.modelops.Progress;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TileTreeTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(0);

    @TempDir
    Path dir;

    private final TestLog log = new TestLog(600);
    private final NoteVerifier key = log.signer.verifier();

    @Test
    void filesAreThoseOfTheSpecification() throws Exception {
        export(300);
        assertThat(files())
                .containsOnlyKeys(
                        "checkpoint",
                        "tile/0/000",
                        "tile/0/001.p/44",
                        "tile/1/000.p/1",
                        "tile/entries/000",
                        "tile/entries/001.p/44");
        assertThat(Files.readString(dir.resolve("checkpoint"))).isEqualTo(log.checkpoint(300));
        assertThat(files().get("tile/0/000")).isEqualTo(concat(log.leaves.subList(0, 256)));
        assertThat(files().get("tile/0/001.p/44")).isEqualTo(concat(log.leaves.subList(256, 300)));
        assertThat(files().get("tile/1/000.p/1")).isEqualTo(log.tree.root(256));
        byte[] first = log.entries.get(256);
        assertThat(files().get("tile/entries/001.p/44"))
                .startsWith(0, first.length)
                .containsSequence(first);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 255, 256, 257, 511, 512, 513, 600})
    void whatWasWrittenVerifies(int size) {
        export(size);
        TileTree.Report report = TileTree.verify(dir, key, Progress.NONE);
        assertThat(report.checkpoint()).isEqualTo(log.body(size));
        assertThat(report.files()).isEqualTo(files().size() - 1);
    }

    @Test
    void entriesOfEveryLengthComeBack() {
        TestLog lengths = new TestLog(0);
        for (int length : new int[] {0, 1, 255, 256, 65_535}) {
            lengths.add(new byte[length]);
        }
        TileTree.write(dir, 5, lengths::entries, lengths.checkpoint(5), Progress.NONE);
        assertThat(TileTree.verify(dir, key, Progress.NONE).checkpoint()).isEqualTo(lengths.body(5));
        assertThat(files().get("tile/entries/000.p/5")).hasSize(10 + 1 + 255 + 256 + 65_535);
    }

    @Test
    void entryThatABundleCannotHoldIsRefused() {
        TestLog lengths = new TestLog(0);
        lengths.add(new byte[65_536]);
        assertIntegrity(() -> TileTree.write(dir, 1, lengths::entries, lengths.checkpoint(1), Progress.NONE))
                .withMessageContaining("65535");
        assertThat(files()).doesNotContainKey("checkpoint");
    }

    @Test
    void growingExportKeepsTheFilesThatAreThere() throws Exception {
        export(300);
        for (String name : files().keySet()) {
            Files.setLastModifiedTime(dir.resolve(name), LONG_AGO);
        }
        export(600);
        for (String kept : List.of("tile/0/000", "tile/entries/000", "tile/0/001.p/44")) {
            assertThat(Files.getLastModifiedTime(dir.resolve(kept))).isEqualTo(LONG_AGO);
        }
        assertThat(files()).containsKeys("tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2");
        assertThat(TileTree.verify(dir, key, Progress.NONE).checkpoint()).isEqualTo(log.body(600));
    }

    @Test
    void checkpointOfTheSameSizeIsReplacedSoThatWitnessesCanBeAdded() throws Exception {
        export(300);
        String cosigned = log.checkpoint(300) + "— witness.example AAAAAAECAwQFBgcICQ==\n";
        TileTree.write(dir, 300, log::entries, cosigned, Progress.NONE);
        assertThat(Files.readString(dir.resolve("checkpoint"))).isEqualTo(cosigned);
    }

    @Test
    void fileWithOtherBytesIsNamedAndNotReplaced() throws Exception {
        export(300);
        for (String name : List.of("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000")) {
            byte[] right = Files.readAllBytes(dir.resolve(name));
            byte[] wrong = right.clone();
            wrong[wrong.length - 1] ^= 1;
            Files.write(dir.resolve(name), wrong);
            assertIntegrity(() -> export(300))
                    .withMessageContaining(Path.of(name).toString());
            assertThat(Files.readAllBytes(dir.resolve(name))).isEqualTo(wrong);
            Files.write(dir.resolve(name), new byte[0]);
            assertIntegrity(() -> export(300));
            Files.write(dir.resolve(name), right);
        }
        export(300);
    }

    @Test
    void rewrittenLogIsNotExportedOverItsFormerSelf() throws Exception {
        export(300);
        String before = Files.readString(dir.resolve("checkpoint"));
        TestLog rewritten = new TestLog(600, " ");
        assertIntegrity(() -> TileTree.write(dir, 600, rewritten::entries, rewritten.checkpoint(600), Progress.NONE));
        assertThat(Files.readString(dir.resolve("checkpoint"))).isEqualTo(before);

        for (String name : files().keySet()) {
            if (!name.equals("checkpoint")) {
                Files.delete(dir.resolve(name));
            }
        }
        for (int size : new int[] {300, 301, 600}) {
            assertIntegrity(() ->
                            TileTree.write(dir, size, rewritten::entries, rewritten.checkpoint(size), Progress.NONE))
                    .withMessageContaining("the first 300 entries");
        }
        assertThat(Files.readString(dir.resolve("checkpoint"))).isEqualTo(before);
    }

    @Test
    void folderOfAnotherOrLongerLogIsLeftAlone() throws Exception {
        export(300);
        assertIntegrity(() -> export(299)).withMessageContaining("size 300");
        NoteSigner other = TestLog.signer("example.org/other", 1);
        String foreign = other.sign(new CheckpointBody("example.org/other", 300, log.tree.root(300)).text());
        assertIntegrity(() -> TileTree.write(dir, 300, log::entries, foreign, Progress.NONE))
                .withMessageContaining("example.org/other");
        assertThat(Files.readString(dir.resolve("checkpoint"))).isEqualTo(log.checkpoint(300));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no note", "no checkpoint\n\n— a AAAAAAA=\n"})
    void checkpointInTheFolderThatCannotBeReadStopsTheExport(String content) throws Exception {
        Files.writeString(dir.resolve("checkpoint"), content);
        assertIntegrity(() -> export(300)).withMessageContaining("checkpoint");
        assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE)).withMessageContaining("checkpoint");
        Files.write(dir.resolve("checkpoint"), new byte[] {(byte) 0xff, '\n'});
        assertIntegrity(() -> export(300)).withMessageContaining("checkpoint");
        Files.write(dir.resolve("checkpoint"), new byte[(1 << 20) + 1]);
        assertIntegrity(() -> export(300)).withMessageContaining("checkpoint");
    }

    @Test
    void entriesThatDoNotLeadToTheCheckpointLeaveNone() {
        TestLog other = new TestLog(300, " ");
        assertIntegrity(() -> TileTree.write(dir, 300, other::entries, log.checkpoint(300), Progress.NONE))
                .withMessageContaining("root of the checkpoint");
        assertThat(files()).doesNotContainKey("checkpoint");
    }

    @Test
    void sourceThatReturnsNothingOrTooMuchIsRefused() {
        assertIntegrity(() -> TileTree.write(dir, 300, (from, limit) -> List.of(), log.checkpoint(300), Progress.NONE));
        assertIntegrity(
                () -> TileTree.write(dir, 300, (from, limit) -> log.entries, log.checkpoint(300), Progress.NONE));
        TileTree.write(
                dir, 300, (from, limit) -> log.entries(from, Math.min(limit, 7)), log.checkpoint(300), Progress.NONE);
        assertThat(TileTree.verify(dir, key, Progress.NONE).checkpoint().size()).isEqualTo(300);
    }

    @Test
    void argumentsThatDoNotFitAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TileTree.write(dir, 299, log::entries, log.checkpoint(300), Progress.NONE));
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> TileTree.write(dir, 300, log::entries, "no note", Progress.NONE));
        assertThat(files()).isEmpty();
    }

    @Test
    void progressIsToldHowFarTheWorkIs() {
        List<Long> done = new ArrayList<>();
        Progress progress = (at, total) -> {
            assertThat(total).isEqualTo(600);
            done.add(at);
        };
        TileTree.write(dir, 600, (from, limit) -> log.entries(from, 100), log.checkpoint(600), progress);
        assertThat(done).containsExactly(100L, 200L, 300L, 400L, 500L, 600L);
        done.clear();
        TileTree.verify(dir, key, progress);
        assertThat(done).containsExactly(256L, 512L, 600L);
    }

    @Test
    void cancelledExportLeavesNoCheckpointAndCanBeTakenUpAgain() throws Exception {
        for (int steps = 0; steps <= 3; steps++) {
            Progress progress = new CancelAfter(steps);
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> TileTree.write(
                            dir, 600, (from, limit) -> log.entries(from, 200), log.checkpoint(600), progress));
            assertThat(files()).doesNotContainKey("checkpoint");
            if (steps == 0) {
                assertThat(files()).isEmpty();
            }
        }
        export(600);
        try (Stream<Path> top = Files.list(dir)) {
            assertThat(top).containsExactlyInAnyOrder(dir.resolve("checkpoint"), dir.resolve("tile"));
        }
        TileTree.verify(dir, key, Progress.NONE);
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> TileTree.verify(dir, key, new CancelAfter(1)));
    }

    @Test
    void everyChangedByteIsFoundInTheFileThatHasIt() throws Exception {
        export(300);
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            int step = Math.max(1, file.getValue().length / 40);
            for (int at = 0; at < file.getValue().length; at += step) {
                byte[] changed = file.getValue().clone();
                changed[at] ^= 1;
                Files.write(dir.resolve(file.getKey()), changed);
                var thrown = assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE));
                if (!file.getKey().startsWith("tile/entries")) {
                    thrown.withMessageContaining(Path.of(file.getKey()).toString());
                }
            }
            Files.write(dir.resolve(file.getKey()), file.getValue());
        }
        TileTree.verify(dir, key, Progress.NONE);
    }

    @Test
    void everyMissingCutOrExtendedFileIsNamed() throws Exception {
        export(300);
        for (Map.Entry<String, byte[]> file : files().entrySet()) {
            Path path = dir.resolve(file.getKey());
            Files.delete(path);
            assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE)).withMessageContaining("missing");
            for (int length : new int[] {0, 1, file.getValue().length - 1, file.getValue().length + 1}) {
                Files.write(path, Arrays.copyOf(file.getValue(), length));
                assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE))
                        .withMessageContaining(Path.of(file.getKey()).toString());
            }
            Files.write(path, file.getValue());
        }
    }

    @Test
    void entriesAndTilesChangedTogetherContradictTheCheckpoint() throws Exception {
        TestLog forged = new TestLog(300, " ");
        TileTree.write(dir, 300, forged::entries, forged.checkpoint(300), Progress.NONE);
        Files.writeString(dir.resolve("checkpoint"), log.checkpoint(300));
        assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE)).withMessageContaining("changed together");
    }

    @Test
    void folderSignedByAnotherKeyOrForAnotherOriginIsRefused() throws Exception {
        export(300);
        assertIntegrity(() ->
                        TileTree.verify(dir, TestLog.signer(TestLog.ORIGIN, 2).verifier(), Progress.NONE))
                .withMessageContaining("must be signed by");
        CheckpointBody foreign = new CheckpointBody("example.org/foreign", 300, log.tree.root(300));
        Files.writeString(dir.resolve("checkpoint"), log.signer.sign(foreign.text()));
        assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE)).withMessageContaining("example.org/foreign");
        assertIntegrity(() -> TileTree.verify(dir.resolve("nowhere"), key, Progress.NONE))
                .withMessageContaining("missing");
    }

    @Test
    void fullTileStandsInForAPartialOneThatWasRemoved() throws Exception {
        export(600);
        Files.writeString(dir.resolve("checkpoint"), log.checkpoint(300));
        Files.createDirectories(dir.resolve("tile/1/000.p"));
        Files.write(dir.resolve("tile/1/000.p/1"), log.tree.root(256));
        assertThat(TileTree.verify(dir, key, Progress.NONE).checkpoint()).isEqualTo(log.body(300));

        byte[] full = Files.readAllBytes(dir.resolve("tile/0/001"));
        full[0] ^= 1;
        Files.write(dir.resolve("tile/0/001"), full);
        assertIntegrity(() -> TileTree.verify(dir, key, Progress.NONE))
                .withMessageContaining(Path.of("tile/0/001").toString());
    }

    @Test
    void folderMayBeALink() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("link"), Files.createDirectory(dir.resolve("target")));
        TileTree.write(link, 300, log::entries, log.checkpoint(300), Progress.NONE);
        assertThat(TileTree.verify(dir.resolve("target"), key, Progress.NONE).checkpoint())
                .isEqualTo(log.body(300));
    }

    @Test
    void folderThatCannotBeWrittenIsAStorageFailure() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() ->
                        TileTree.write(file.resolve("below"), 300, log::entries, log.checkpoint(300), Progress.NONE));
        Files.createDirectories(dir.resolve("tile/0/000"));
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> export(300));
    }

    private void export(int size) {
        TileTree.write(dir, size, log::entries, log.checkpoint(size), Progress.NONE);
    }

    private Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(dir)) {
            for (Path path : walk.filter(Files::isRegularFile).toList()) {
                files.put(dir.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return files;
    }

    private static byte[] concat(List<byte[]> hashes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        hashes.forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static ThrowableAssertAlternative<IntegrityException> assertIntegrity(ThrowingCallable call) {
        return assertThatExceptionOfType(IntegrityException.class).isThrownBy(call);
    }

    /** Cancels once it was told of some steps. */
    private static final class CancelAfter implements Progress {
        private int left;

        CancelAfter(int steps) {
            this.left = steps;
        }

        @Override
        public void report(long done, long total) {
            left--;
        }

        @Override
        public boolean isCancelled() {
            return left <= 0;
        }
    }
}
