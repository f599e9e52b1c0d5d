package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.Progress;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.serving.ModelHandle;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Yesterday's store is put in the place of today's, while processes use it and while none does. */
class RestoredBackupTest {
    @TempDir
    Path dir;

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        Site.requireNoThreads();
    }

    private static void comment(ModelOps ops, String text) {
        Site.registry(ops, Site.ADA).comment(ModelRef.parse("risk@1"), text);
    }

    private static boolean refuses(ModelHandle<String> handle) {
        try {
            handle.apply(model -> model);
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    private static void requireStopped(ModelOps ops, ModelHandle<String> handle, long acted) throws Exception {
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> comment(ops, "lost"));
        Site.await("the handle refuses", () -> refuses(handle));
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(ops::sync);
        assertThat(ops.position().size()).isEqualTo(acted);
    }

    @Test
    void aFileThatIsReplacedUnderAProcessTakesNoMoreActs() throws Exception {
        Path folder = dir.resolve("store");
        LogKey key = Site.create(folder);
        try (ModelOps ops = Site.open(folder, key)) {
            Site.promoted(ops, dir, 1);
        }
        Path backup = Files.copy(folder.resolve("log.db"), dir.resolve("backup.db"));
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory"));
        long acted;
        try (ModelOps ops = Site.opening(Storages.existingDirectory(folder), key)
                .memory(memory)
                .start()) {
            ModelHandle<String> handle =
                    ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, model -> "loaded");
            comment(ops, "seen");
            ops.audit().checkpoint();
            acted = ops.position().size();
            Files.move(backup, folder.resolve("log.db"), StandardCopyOption.REPLACE_EXISTING);
            requireStopped(ops, handle, acted);
        }
        Files.deleteIfExists(folder.resolve("log.db-wal"));
        Files.deleteIfExists(folder.resolve("log.db-shm"));
        requireRefusedOnlyByMemory(() -> Storages.existingDirectory(folder), key, memory, acted);
    }

    @Test
    void aFileThatIsGoneForAWhileCostsNothingElse() throws Exception {
        Path folder = dir.resolve("store");
        LogKey key = Site.create(folder);
        Path file = folder.resolve("log.db");
        try (ModelOps ops = Site.open(folder, key)) {
            Site.register(ops, dir, "risk", 1);
            Files.move(file, dir.resolve("elsewhere"));
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> comment(ops, "nowhere"))
                    .withMessageContaining("put it back");
            Files.move(dir.resolve("elsewhere"), file);
            comment(ops, "there");
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    /** A process was killed, so that its last acts are in the file beside; then only the file itself is put back. */
    @Test
    void anOlderFileBesideANewerJournalIsRefusedOrWhole() throws Exception {
        Path files = Models.small(dir.resolve("model"));
        Path folder = dir.resolve("store");
        Path file = folder.resolve("log.db");
        Place place = new Place(folder.toString());
        LogKey key = Site.create(place);
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(Kind.SQLITE);
        Path backup = dir.resolve("backup.db");
        Files.copy(file, backup);
        History all = new History();
        try (WorkerProcess worker = launcher.start(place, files, key)) {
            worker.begin("one");
            Site.await("acts", () -> worker.history().acknowledged().size() > 10);
            // What is beside the file moves into it as the last who has it open goes.
            worker.finish();
            worker.end();
            all.addAll(worker.history());
        }
        try (WorkerProcess worker = launcher.start(place, files, key)) {
            worker.begin("two");
            Site.await("acts", () -> worker.history().acknowledged().size() > 5);
            worker.kill();
            all.addAll(worker.history());
        }
        assertThat(folder.resolve("log.db-wal")).isNotEmptyFile();
        Files.copy(backup, file, StandardCopyOption.REPLACE_EXISTING);
        boolean opened = false;
        try (ModelOps ops = Site.open(place, key)) {
            opened = true;
            assertThat(ops.position().size())
                    .isGreaterThan(all.acknowledged().values().stream()
                                    .mapToLong(Long::longValue)
                                    .max()
                                    .orElseThrow()
                            - 1);
        } catch (ModelOpsException e) {
            assertThat(e).isInstanceOf(IntegrityException.class);
        }
        if (opened) {
            // Texts stand in other pages than the log's: what the older file lacks of them is found.
            Aftermath.requireSound(place, key, all, finding -> finding.message().contains("the text of entry"));
        }
    }

    @Test
    void aServerThatIsRestoredUnderAProcessTakesNoMoreActs() throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            PostgresServer.Database database = server.create();
            Path blobs = dir.resolve("blobs");
            LogKey key;
            try (HikariDataSource pool = pool(database.dataSource())) {
                key = ModelOps.create(Storages.jdbc(pool, Blobs.directory(blobs)), Site.genesis());
                try (ModelOps ops = opening(pool, blobs, key).start()) {
                    Site.promoted(ops, dir, 1);
                }
            }
            server.stop();
            server.backUp();
            server.startAgain();
            CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory"));
            try (HikariDataSource pool = pool(database.dataSource())) {
                long acted;
                try (ModelOps ops = opening(pool, blobs, key).memory(memory).start()) {
                    ModelHandle<String> handle =
                            ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, model -> "loaded");
                    comment(ops, "seen");
                    ops.audit().checkpoint();
                    acted = ops.position().size();
                    server.stop();
                    server.restore();
                    server.startAgain();
                    requireStopped(ops, handle, acted);
                }
                requireRefusedOnlyByMemory(
                        () -> Storages.existingJdbc(pool, "main", Blobs.directory(blobs)), key, memory, acted);
            }
        }
    }

    /** Where the store to be opened is. */
    private interface Again {
        Storage open();
    }

    /** Nothing in the store itself tells that it is of yesterday. */
    private static void requireRefusedOnlyByMemory(Again again, LogKey key, CheckpointMemory memory, long acted) {
        try (Storage storage = again.open()) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> Site.opening(storage, key).memory(memory).start())
                    .withMessageContaining("backup");
        }
        try (ModelOps ops = Site.opening(again.open(), key).start()) {
            assertThat(ops.position().size()).isLessThan(acted);
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    private static Opening opening(DataSource source, Path blobs, LogKey key) {
        return Site.opening(Storages.existingJdbc(source, "main", Blobs.directory(blobs)), key);
    }

    private static HikariDataSource pool(DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(4);
        return new HikariDataSource(config);
    }
}
