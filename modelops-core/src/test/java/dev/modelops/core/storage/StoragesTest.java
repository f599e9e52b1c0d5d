package dev.modelops.core.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoragesTest {
    private static final Bytes CONTENT = Bytes.ofUtf8("content");

    @TempDir
    Path folder;

    @Test
    void aFolderIsCreatedWithALogAndBlobs() {
        Path store = folder.resolve("some/store");
        try (Storage storage = Storages.directory(store)) {
            write(storage);
        }

        assertThat(store.resolve("log.db")).isRegularFile();
        assertThat(store.resolve("blobs/sha256")).isDirectory();
        try (Storage storage = Storages.existingDirectory(store)) {
            assertWritten(storage);
        }
    }

    @Test
    void aMistypedPathIsNotFoundAndCreatesNothing() {
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> Storages.existingDirectory(folder.resolve("mistyped")))
                .withMessageContaining("no such folder");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> Storages.existingDirectory(folder))
                .withMessageContaining("expected a file log.db, found none");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileIsNotAStorageFolder() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.directory(file))
                .withMessageContaining("check that it is a folder");
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> Storages.directory(file.resolve("below")));
    }

    @Test
    void aStorageWhoseBlobsCannotBeUsedDoesNotKeepTheLogOpen() throws IOException {
        Files.createFile(folder.resolve("blobs"));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.directory(folder))
                .withMessageContaining("blob folder");
        assertThat(folder.resolve("log.db-wal")).doesNotExist();
    }

    @Test
    void aLogOfGarbageSaysWhatToDo() throws IOException {
        Files.writeString(folder.resolve("log.db"), "garbage".repeat(1_000));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Storages.existingDirectory(folder))
                .withMessageContaining("restore a copy");
    }

    @Test
    void aStorageInMemoryOutlivesItsClose() {
        Storage storage = Storages.inMemory();
        write(storage);
        storage.close();
        assertWritten(storage);
        assertThat(Storages.inMemory().log().head().size()).isZero();
    }

    private static void write(Storage storage) {
        storage.log().append(transaction -> {
            transaction.append(
                    List.of(new LogRecord(0, CONTENT)),
                    new LogSeal(0, 1, "seal"),
                    new LogHead(1, Digest.sha256Of(CONTENT)));
            return 0;
        });
        storage.blobs().put(Digest.sha256Of(CONTENT), new ByteArrayInputStream(CONTENT.toByteArray()));
    }

    private static void assertWritten(Storage storage) {
        assertThat(storage.log().read(0, 10)).containsExactly(new LogRecord(0, CONTENT));
        assertThat(storage.blobs().contains(Digest.sha256Of(CONTENT))).isTrue();
    }
}
