package dev.modelops.core.transfer;

import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.ref;
import static dev.modelops.core.transfer.Histories.contents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.TransferReport;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs in archives, sound and spoilt. */
class ArchiveTest {
    @TempDir
    Path dir;

    private GovernedLog log;
    private LogKey key;
    private Path archive;

    @BeforeEach
    void export() {
        log = GovernedLog.in(Storages.inMemory(), GovernedLog::peopled);
        key = log.logKey();
        Histories.live(log, dir, 3);
        archive = dir.resolve("store.zip");
        StoreTransfer.export(log.storage(), archive, key, Progress.NONE);
    }

    @AfterEach
    void close() {
        log.close();
    }

    private TransferReport importInto(Path file, Storage to) {
        try (Storage from = StoreTransfer.archive(file)) {
            return StoreTransfer.copy(from, to, key, Progress.NONE);
        }
    }

    @Test
    void theSameLogMakesTheSameBytes() throws IOException {
        Path again = dir.resolve("again.zip");
        StoreTransfer.export(log.storage(), again, key, Progress.NONE);
        assertThat(again).hasSameBinaryContentAs(archive);

        Storage imported = Storages.inMemory();
        importInto(archive, imported);
        Path third = dir.resolve("third.zip");
        StoreTransfer.export(imported, third, key, Progress.NONE);
        assertThat(third).hasSameBinaryContentAs(archive);
        assertThat(StoreTransfer.keyIn(archive)).isEqualTo(key);
    }

    @Test
    void itHoldsTheLogInFormsThatOtherToolsRead() throws IOException {
        Map<String, byte[]> files = unpack(archive);
        long size = log.ops().position().size();
        byte[] evidence = files.get(
                "blobs/sha256/" + Digest.sha256Of(Bytes.ofUtf8("fit 2")).toHex());

        assertThat(new String(evidence, StandardCharsets.UTF_8)).isEqualTo("fit 2");
        assertThat(files)
                .containsKeys(
                        "archive.txt",
                        "log/tile/entries/000.p/" + size,
                        "log/seals/00000000000000000000",
                        "log/checkpoints/00000000000000000000");
        assertThat(new String(files.get("archive.txt"), StandardCharsets.UTF_8))
                .isEqualTo("modelops.dev/archive@v1\n" + key.text() + "\n" + size + "\n"
                        + log.storage().log().head().root() + "\n");
    }

    @Test
    void itIsVerifiedAsItStandsAndOnlyRead() {
        try (Storage storage = StoreTransfer.archive(archive)) {
            assertThat(contents(storage, key)).isEqualTo(contents(log.storage(), key));
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> storage.log().append(transaction -> 1))
                    .withMessageContaining("can only be read");
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> storage.log().publish(new LogCheckpoint(1, "note")));
            Digest any = Digest.sha256Of(Bytes.ofUtf8("any"));
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> storage.blobs().put(any, new ByteArrayInputStream(new byte[0])));
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> storage.blobs().delete(any));
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> storage.blobs().open(any));
            assertThat(storage.log().read(log.ops().position().size(), 1)).isEmpty();
            assertThat(storage.log().seals(log.ops().position().size(), 1)).isEmpty();
        }
        Storage closed = StoreTransfer.archive(archive);
        closed.close();
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> closed.log().read(0, 1))
                .withMessageContaining("is closed");
    }

    @Test
    void aFileThatIsThereIsNotReplaced() {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> StoreTransfer.export(log.storage(), archive, key, Progress.NONE))
                .withMessageContaining("exists already");
    }

    @Test
    void aCancelledExportLeavesNothing() throws IOException {
        Path other = dir.resolve("other.zip");
        Progress cancelled = new Progress() {
            private boolean begun;

            @Override
            public void report(long done, long total) {
                begun = done > 3;
            }

            @Override
            public boolean isCancelled() {
                return begun;
            }
        };
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> StoreTransfer.export(log.storage(), other, key, cancelled));
        try (var files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("model", "store.zip");
        }
    }

    @Test
    void anImportThatIsCutOffIsGoneOnFrom() {
        Storage target = Storages.inMemory();
        try (Storage from = StoreTransfer.archive(archive)) {
            long[] seen = {0};
            Progress some = new Progress() {
                @Override
                public void report(long done, long total) {
                    seen[0] = done;
                }

                @Override
                public boolean isCancelled() {
                    return seen[0] > 6;
                }
            };
            assertThatExceptionOfType(CancellationException.class)
                    .isThrownBy(() -> StoreTransfer.copy(from, target, key, some));
        }
        assertThatThrownBy(() -> StoreInspection.open(target, key).registry()).isInstanceOf(IntegrityException.class);
        assertThat(importInto(archive, target).skippedEntries()).isEqualTo(7);
        assertThat(contents(target, key)).isEqualTo(contents(log.storage(), key));
    }

    @Test
    void anArchiveCutShortAnywhereIsRefusedWhole() throws IOException {
        byte[] whole = Files.readAllBytes(archive);
        Path cut = dir.resolve("cut.zip");
        for (int length = 0; length < whole.length; length += 1 + whole.length / 200) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> StoreTransfer.archive(cut))
                    .as("cut to " + length)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("get it again");
        }
    }

    /** Every change is refused with its reason, or changes nothing: some bytes of a zip file mean nothing. */
    @Test
    void anArchiveAlteredAnywhereIsRefusedOrMeansTheSame() throws IOException {
        byte[] whole = Files.readAllBytes(archive);
        Histories.Contents original = contents(log.storage(), key);
        SplittableRandom random = new SplittableRandom(11);
        Path altered = dir.resolve("altered.zip");
        int refused = 0;
        for (int round = 0; round < 200; round++) {
            byte[] bytes = whole.clone();
            // Half of them in the directory at the end, where the names and sizes are.
            int at = round % 2 == 0
                    ? random.nextInt(bytes.length)
                    : bytes.length - 1 - random.nextInt(Math.min(bytes.length, 4000));
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(altered, bytes);
            Storage target = Storages.inMemory();
            try {
                importInto(altered, target);
                assertThat(target.log().head()).isEqualTo(original.head());
                assertThat(target.log().checkpoints(0, 100)).isEqualTo(original.checkpoints());
            } catch (ModelOpsException e) {
                refused++;
                assertThat(e.getMessage()).isNotBlank();
                long held = target.log().head().size();
                assertThat(target.log().read(0, 1000))
                        .isEqualTo(original.records().subList(0, (int) held));
            }
        }
        assertThat(refused).isGreaterThan(80);
    }

    @Test
    void whatDoesNotBelongInAnArchiveIsRefused() throws IOException {
        refuse("does not belong there", files -> files.put("../../etc/passwd", new byte[1]));
        refuse("does not belong there", files -> files.put("/etc/passwd", new byte[1]));
        refuse("does not belong there", files -> files.put("blobs/sha256/../../x", new byte[1]));
        refuse("does not belong there", files -> files.put("blobs/sha256/" + "A".repeat(64), new byte[1]));
        refuse("does not belong there", files -> files.put("log/tile/0/000", new byte[1]));
        refuse("does not belong there", files -> files.put("readme", new byte[1]));
        refuse("too large", files -> files.put("log/seals/99999999999999999999", new byte[1]));
        refuse("has 2 bundles", files -> files.put("log/tile/entries/001", new byte[1]));
        refuse("no file 'archive.txt'", files -> files.remove("archive.txt"));
        refuse(
                "header",
                files -> files.put("archive.txt", "modelops.dev/archive@v2\n".getBytes(StandardCharsets.UTF_8)));
        refuse("may have 4096", files -> files.put("archive.txt", new byte[5000]));
        refuse("header", files -> header(files, "-1"));
        refuse("header", files -> header(files, "007"));
        refuse("bundles", files -> header(files, "9223372036854775807"));
        refuse("bundles", files -> header(files, "100000"));
        refuse("cut short", files -> header(files, "3"));
        refuse(
                "malformed",
                files -> files.put("log/seals/00000000000000000000", "0 1 99\nshort".getBytes(StandardCharsets.UTF_8)));
        refuse(
                "malformed",
                files -> files.put("log/seals/00000000000000000000", "0 1 -9\nshort".getBytes(StandardCharsets.UTF_8)));
        refuse("malformed", files -> files.put("log/seals/00000000000000000000", "x".getBytes(StandardCharsets.UTF_8)));
        refuse("empty", files -> files.put("log/seals/00000000000000000000", new byte[0]));
        refuse(
                "begins elsewhere",
                files -> files.put("log/seals/00000000000000000000", "1 2 0\n".getBytes(StandardCharsets.UTF_8)));
        refuse("seal", files -> files.remove("log/seals/00000000000000000000"));
        refuse("no checkpoint", files -> files.remove("log/checkpoints/00000000000000000000"));
        refuse(
                "fit 2",
                files -> files.put(blobOf("fit 2"), "fit 3".getBytes(StandardCharsets.UTF_8)),
                "evidence of risk@2");
        refuse("fit 2", files -> files.remove(blobOf("fit 2")), "evidence of risk@2");
    }

    @Test
    void aNameThatIsThereTwiceIsRefused() throws IOException {
        Map<String, byte[]> files = unpack(archive);
        files.put("blobs/sha256/" + "a".repeat(63) + "b", new byte[] {1});
        files.put("blobs/sha256/" + "a".repeat(63) + "c", new byte[] {2});
        Path twice = dir.resolve("twice.zip");
        pack(twice, files, ZipEntry.STORED);
        byte[] bytes = Files.readAllBytes(twice);
        byte[] name = ("a".repeat(63) + "c").getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i + name.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + name.length, name, 0, name.length)) {
                bytes[i + 63] = 'b';
            }
        }
        Files.write(twice, bytes);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> StoreTransfer.archive(twice))
                .withMessageContaining("has two files");
    }

    @Test
    void whatUnpacksToMoreThanItIsIsRefused() throws IOException {
        Map<String, byte[]> files = unpack(archive);
        files.put("blobs/sha256/" + "0".repeat(64), new byte[1_000_000]);
        Path bomb = dir.resolve("bomb.zip");
        pack(bomb, files, ZipEntry.DEFLATED);

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> StoreTransfer.archive(bomb))
                .withMessageContaining("unpacks to more than it is");
    }

    @Test
    void whatIsNoArchiveIsSaidToBeNone() throws IOException {
        Path text = Files.writeString(dir.resolve("text"), "not an archive");
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> StoreTransfer.archive(text))
                .withMessageContaining("is no archive");
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> StoreTransfer.archive(dir.resolve("none")));
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> StoreTransfer.archive(dir));
    }

    @Test
    void anArchiveOfALogInUseCoversWhatWasThereAtItsBeginning() {
        Path during = dir.resolve("during.zip");
        long size = log.ops().position().size();
        boolean[] once = {true};
        TransferReport report = StoreTransfer.export(log.storage(), during, key, (done, total) -> {
            if (once[0]) {
                once[0] = false;
                log.as(AUTHOR).comment(ref("risk", 1), "too late");
                log.ops().audit().checkpoint();
            }
        });
        assertThat(report.position().size()).isEqualTo(size);
        assertThat(during).hasSameBinaryContentAs(archive);
    }

    private static String blobOf(String text) {
        return "blobs/sha256/" + Digest.sha256Of(Bytes.ofUtf8(text)).toHex();
    }

    private void header(Map<String, byte[]> files, String size) {
        String text = "modelops.dev/archive@v1\n" + key.text() + "\n" + size + "\n"
                + log.storage().log().head().root() + "\n";
        files.put("archive.txt", text.getBytes(StandardCharsets.UTF_8));
    }

    private void refuse(String because, Consumer<Map<String, byte[]>> change) throws IOException {
        refuse(because, change, because);
    }

    private void refuse(String what, Consumer<Map<String, byte[]>> change, String because) throws IOException {
        Map<String, byte[]> files = unpack(archive);
        change.accept(files);
        Path changed = dir.resolve("changed.zip");
        pack(changed, files, ZipEntry.STORED);
        Storage target = Storages.inMemory();
        assertThatThrownBy(() -> importInto(changed, target))
                .as(what)
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(because);
        assertThat(target.log().latestCheckpoint()).isEmpty();
    }

    static Map<String, byte[]> unpack(Path file) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                files.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return files;
    }

    static void pack(Path file, Map<String, byte[]> files, int method) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            List<String> names = new ArrayList<>(files.keySet());
            for (String name : names) {
                byte[] content = files.get(name);
                ZipEntry entry = new ZipEntry(name);
                entry.setMethod(method);
                if (method == ZipEntry.STORED) {
                    CRC32 crc = new CRC32();
                    crc.update(content);
                    entry.setSize(content.length);
                    entry.setCrc(crc.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
        }
    }
}
