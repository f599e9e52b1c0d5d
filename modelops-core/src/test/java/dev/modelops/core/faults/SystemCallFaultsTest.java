package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.audit.LogKey;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Disks that fail and disks that are full, as processes meet them: the system calls of a worker, or of the database
 * server, fail while it acts. Needs strace, so it runs in the profile {@code faults} only.
 */
@Tag("system-calls")
class SystemCallFaultsTest {
    private static final int ROUNDS = Integer.getInteger("modelops.fault.rounds", 2);
    private static final String SYNC = "fsync,fdatasync";
    private static final String WRITE = "write,pwrite64,pwritev";
    private static final String EIO = "error=EIO";
    private static final String ENOSPC = "error=ENOSPC";
    private static final int FILES = 400;

    private static final BiFunction<Path, Long, List<Path>> LOG =
            (store, process) -> List.of(store.resolve("log.db-wal"));

    @TempDir
    Path dir;

    /** What fails for a process on a SQLite file, and whether the same process can go on once it no longer does. */
    enum Broken {
        FORCING_THE_LOG(LOG, SYNC, EIO, false),
        WRITING_THE_LOG(LOG, WRITE, EIO, false),
        LOG_DISK_IS_FULL(LOG, WRITE, ENOSPC, true),
        FORCING_A_BLOB(Broken::parts, SYNC, EIO, true),
        WRITING_A_BLOB(Broken::parts, WRITE, EIO, true),
        BLOB_DISK_IS_FULL(Broken::parts, WRITE, ENOSPC, true),
        MOVING_A_BLOB(Broken::parts, "rename,renameat,renameat2", EIO, true),
        FORCING_A_FOLDER_OF_BLOBS(Broken::folders, SYNC, EIO, true);

        private final BiFunction<Path, Long, List<Path>> files;
        private final String calls;
        private final String error;
        private final boolean goesOn;

        Broken(BiFunction<Path, Long, List<Path>> files, String calls, String error, boolean goesOn) {
            this.files = files;
            this.calls = calls;
            this.error = error;
            this.goesOn = goesOn;
        }

        private static List<Path> parts(Path store, long pid) {
            return IntStream.range(0, FILES)
                    .mapToObj(i -> store.resolve("blobs/tmp/" + pid + "-" + i + ".part"))
                    .toList();
        }

        private static List<Path> folders(Path store, long pid) {
            return IntStream.range(0, 256)
                    .mapToObj(i -> store.resolve("blobs/sha256/" + String.format("%02x", i)))
                    .toList();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDiskThatFailsAProcessLosesNothing(Broken broken, TestReporter reporter) throws Exception {
        Path files = Models.small(dir.resolve("model"));
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(Kind.SQLITE);
        Path folder = dir.toRealPath().resolve("store");
        Place place = new Place(folder.toString());
        LogKey key = Site.create(place);
        History all = new History();
        Random random = new Random(broken.ordinal());
        for (int round = 0; round < ROUNDS; round++) {
            try (WorkerProcess worker = launcher.start(place, files, key)) {
                worker.begin("r" + round);
                worker.awaitFirst();
                Thread.sleep(random.nextInt(100));
                try (Strace strace = Strace.of(
                        List.of(worker.pid()),
                        broken.files.apply(folder, worker.pid()),
                        broken.calls,
                        // A thread forces a log often, and a blob now and then.
                        broken.error + ":when=" + (broken.files == LOG ? 1 + random.nextInt(3) : 1) + "+",
                        dir)) {
                    strace.awaitFailures(1);
                    Site.await(
                            "a caller is told",
                            () -> !worker.history().failures().isEmpty());
                    Thread.sleep(random.nextInt(300));
                }
                int told = worker.history().failures().size();
                int done = worker.history().acknowledged().size();
                if (broken.goesOn) {
                    Site.await(
                            "it goes on", () -> worker.history().acknowledged().size() > done + 3);
                } else {
                    Site.await(
                            "it refuses still",
                            () -> worker.history().failures().size() > told + 3);
                    // What was under way when the disk came back may have been answered.
                    assertThat(worker.history().acknowledged()).hasSizeLessThanOrEqualTo(done + Worker.THREADS);
                }
                worker.kill();
                all.addAll(worker.history());
            }
        }
        all.addAll(goOn(launcher, place, files, key));
        Aftermath.requireSound(place, key, all);
        Figures.tell(reporter, broken.toString(), Kind.SQLITE, ROUNDS, all);
    }

    /** A fresh process acts as if nothing had been. */
    private static History goOn(WorkerProcess.Launcher launcher, Place place, Path files, LogKey key) throws Exception {
        try (WorkerProcess worker = launcher.start(place, files, key)) {
            worker.begin("after");
            Site.await(
                    "a fresh process acts",
                    () -> worker.history().acknowledged().size() > 12);
            worker.kill();
            assertThat(worker.history().failures()).isEmpty();
            return worker.history();
        }
    }

    /** What fails for a database server. */
    enum Server {
        /** The server stops at once, as it must, and recovers. */
        FORCING_THE_LOG("fdatasync", EIO, true),
        LOG_DISK_IS_FULL("pwrite64", ENOSPC, true),
        TABLES_CANNOT_GROW("pwrite64,pwritev,fallocate", ENOSPC, false),
        FORCING_THE_TABLES("fsync", EIO, true);

        private final String calls;
        private final String error;
        private final boolean crashes;

        Server(String calls, String error, boolean crashes) {
            this.calls = calls;
            this.error = error;
            this.crashes = crashes;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDiskThatFailsTheServerLosesNothing(Server broken, TestReporter reporter) throws Exception {
        Path files = Models.small(dir.resolve("model"));
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(Kind.POSTGRES);
        History all = new History();
        Random random = new Random(broken.ordinal());
        try (PostgresServer server = PostgresServer.start("restart_after_crash=on")) {
            PostgresServer.Database database = server.create();
            Place place = new Place(database.url() + " " + dir.resolve("blobs"));
            LogKey key = Site.create(place);
            for (int round = 0; round < ROUNDS; round++) {
                try (WorkerProcess worker = launcher.start(place, files, key)) {
                    worker.begin("r" + round);
                    worker.awaitFirst();
                    Thread.sleep(random.nextInt(100));
                    int starts = server.starts();
                    try (Strace strace = Strace.of(
                            server.processes(),
                            broken == Server.TABLES_CANNOT_GROW
                                    ? List.of(server.file(database, "modelops_record"))
                                    : List.of(),
                            broken.calls,
                            broken.error + ":when=" + (1 + random.nextInt(3)),
                            dir)) {
                        if (broken == Server.FORCING_THE_TABLES) {
                            assertThat(server.checkpoint(database)).isFalse();
                        }
                        strace.awaitFailures(1);
                        if (!broken.crashes) {
                            Site.await(
                                    "a caller is told",
                                    () -> !worker.history().failures().isEmpty());
                        }
                    }
                    if (broken.crashes) {
                        Site.await("the server stopped at once and recovered", () -> server.starts() > starts);
                    }
                    int done = worker.history().acknowledged().size();
                    Site.await(
                            "it goes on", () -> worker.history().acknowledged().size() > done + 8);
                    worker.kill();
                    all.addAll(worker.history());
                }
            }
            all.addAll(goOn(launcher, place, files, key));
            Aftermath.requireSound(place, key, all);
        }
        Figures.tell(reporter, "server: " + broken, Kind.POSTGRES, ROUNDS, all);
    }
}
