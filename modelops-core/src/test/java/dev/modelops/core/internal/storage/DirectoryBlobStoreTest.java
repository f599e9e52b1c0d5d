package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.storage.Blobs;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBlobStoreTest {
    private static final Bytes CONTENT = Bytes.ofUtf8("abc");
    private static final Digest DIGEST = Digest.sha256Of(CONTENT);
    private static final String PLACE = "sha256/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path folder;

    @Test
    void contentLiesUnderItsDigestAndNothingElseIsLeft() throws IOException {
        try (BlobStore store = Blobs.directory(folder)) {
            store.put(DIGEST, content());
        }

        assertThat(files()).containsExactly(PLACE);
        assertThat(folder.resolve(PLACE)).hasBinaryContent(CONTENT.toByteArray());
    }

    @Test
    void aFailedPutLeavesNoFile() {
        try (BlobStore store = Blobs.directory(folder)) {
            Digest other = Digest.sha256Of(Bytes.ofUtf8("other"));
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> store.put(other, content()));
            assertThatThrownBy(() -> store.put(DIGEST, new FilterInputStream(content()) {
                        @Override
                        public int read(byte[] buffer, int offset, int length) throws IOException {
                            throw new IOException("broke off");
                        }
                    }))
                    .isInstanceOf(StorageException.class);
        }

        assertThat(files()).isEmpty();
    }

    @Test
    void anInterruptInTheMiddleOfAPutHarmsNothing() throws IOException {
        try (BlobStore store = Blobs.directory(folder)) {
            store.put(DIGEST, new FilterInputStream(content()) {
                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    Thread.currentThread().interrupt();
                    return super.read(buffer, offset, length);
                }
            });
            assertThat(Thread.interrupted()).isTrue();

            try (InputStream read = store.open(DIGEST)) {
                assertThat(read.readAllBytes()).isEqualTo(CONTENT.toByteArray());
            }
        }
    }

    @Test
    void leftoversOfACrashAreRemovedOnceTheyAreADayOld() throws IOException {
        Blobs.directory(folder).close();
        Path old = Files.writeString(folder.resolve("tmp/1-0.part"), "old");
        Path recent = Files.writeString(folder.resolve("tmp/1-1.part"), "recent");
        Path foreign = Files.writeString(folder.resolve("tmp/notes.txt"), "foreign");
        FileTime now = Files.getLastModifiedTime(recent);
        for (Path file : List.of(old, foreign)) {
            Files.setLastModifiedTime(file, FileTime.from(now.toInstant().minus(Duration.ofHours(25))));
        }
        Files.setLastModifiedTime(recent, FileTime.from(now.toInstant().minus(Duration.ofHours(23))));

        Blobs.directory(folder).close();

        assertThat(files()).containsExactly("tmp/1-1.part", "tmp/notes.txt");
    }

    @Test
    void leftoversWithTheNameOfANewFileAreSteppedOver() throws IOException {
        Blobs.directory(folder).close();
        long pid = ProcessHandle.current().pid();
        for (int i = 0; i < 5; i++) {
            Files.writeString(folder.resolve("tmp/" + pid + "-" + i + ".part"), "leftover");
        }

        try (BlobStore store = Blobs.directory(folder)) {
            store.put(DIGEST, content());
            assertThat(store.contains(DIGEST)).isTrue();
        }

        assertThat(folder.resolve("tmp/" + pid + "-0.part")).hasContent("leftover");
    }

    @Test
    void linksAreNotFollowed() throws IOException {
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Path secret = Files.write(outside.resolve("secret"), CONTENT.toByteArray());
        Path root = folder.resolve("root");
        try (BlobStore store = Blobs.directory(root)) {
            Path place = root.resolve(PLACE);
            Files.createDirectories(place.getParent());
            Files.createSymbolicLink(place, secret);
            assertRefused(() -> store.open(DIGEST));
            assertRefused(() -> store.contains(DIGEST));
            assertRefused(() -> store.delete(DIGEST));
            assertRefused(() -> {
                store.put(DIGEST, content());
                return 0;
            });

            Files.delete(place);
            Files.delete(place.getParent());
            Files.createSymbolicLink(place.getParent(), outside);
            assertRefused(() -> store.contains(DIGEST));
            assertRefused(() -> {
                store.put(DIGEST, content());
                return 0;
            });
        }
        assertThat(outside).isDirectoryContaining(secret::equals);
        assertThat(outside.toFile().list()).hasSize(1);
    }

    @Test
    void linksInPlaceOfTheStoresOwnFoldersAreRefused() throws IOException {
        for (String name : List.of("tmp", "sha256")) {
            Path root = Files.createDirectory(folder.resolve("root-" + name));
            Files.createSymbolicLink(root.resolve(name), folder);
            assertRefused(() -> Blobs.directory(root));
        }
    }

    @Test
    void theFolderItselfMayBeALink() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        try (BlobStore store = Blobs.directory(link)) {
            store.put(DIGEST, content());
        }
        assertThat(real.resolve(PLACE)).exists();
    }

    @Test
    void aFileIsNotABlobFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Blobs.directory(file))
                .withMessageContaining("check that it is a folder");
    }

    @Test
    void aFolderInThePlaceOfContentIsReported() throws IOException {
        try (BlobStore store = Blobs.directory(folder)) {
            Files.createDirectories(folder.resolve(PLACE));
            assertRefused(() -> store.open(DIGEST));
            assertRefused(() -> store.contains(DIGEST));
        }
    }

    @Test
    void aStoreWhoseFolderVanishedReportsIt() throws IOException {
        try (BlobStore store = Blobs.directory(folder.resolve("gone"))) {
            Files.delete(folder.resolve("gone/tmp"));
            Files.delete(folder.resolve("gone/sha256"));
            assertRefused(() -> store.contains(DIGEST));
            assertRefused(() -> store.open(DIGEST));
            assertRefused(() -> {
                store.put(DIGEST, content());
                return 0;
            });
        }
    }

    private static void assertRefused(Callable<?> call) {
        assertThatThrownBy(call::call).isInstanceOf(StorageException.class);
    }

    private static InputStream content() {
        return new ByteArrayInputStream(CONTENT.toByteArray());
    }

    private List<String> files() {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
