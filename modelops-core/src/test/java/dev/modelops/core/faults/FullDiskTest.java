package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** A process that may write no more, by the limit that a shell sets: its writes fail in the middle, as on a full disk. */
class FullDiskTest {
    /** In blocks of 512 bytes, or of 1,024 in some shells: room for the native part of SQLite, and a little more. */
    private static final int BLOCKS = 3_000;

    private static final int LARGE = 8 << 20;

    @TempDir
    Path dir;

    @Test
    void aLogAndBlobsThatCannotGrowLoseNothing(TestReporter reporter) throws Exception {
        Path small = Models.small(dir.resolve("model"));
        Path large = Models.small(dir.resolve("large"));
        byte[] weights = new byte[LARGE];
        new Random(6).nextBytes(weights);
        Files.write(large.resolve("weights.bin"), weights);
        Place place = new Place(dir.resolve("store").toString());
        LogKey key = Site.create(place);
        History all = new History();
        try (ModelOps ops = Site.open(place, key)) {
            for (String model : List.of("shared", "own-1", "own-3")) {
                all.add("CALL " + model + History.END);
                Site.registry(ops, Site.ADA)
                        .register(VersionSpec.of(model, small).as(CommandId.of(model)));
            }
        }
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(Kind.SQLITE);
        try (WorkerProcess worker = launcher.start(
                List.of("/bin/sh", "-c", "ulimit -f " + BLOCKS + "; exec \"$@\"", "sh"), place, large, key)) {
            worker.begin("full");
            Site.await(
                    "the log cannot grow",
                    () -> worker.history().failures().stream().anyMatch(line -> line.contains("failed before")));
            int done = worker.history().acknowledged().size();
            int told = worker.history().failures().size();
            Site.await("it refuses all", () -> worker.history().failures().size() > told + 10);
            // Not killed: what a process leaves that dies while it writes is no fault.
            worker.finish();
            worker.end();
            // Each thread may have been about to say what was done before.
            assertThat(worker.history().acknowledged()).hasSizeLessThanOrEqualTo(done + Worker.THREADS);
            assertThat(worker.history().failures())
                    .as("a model that is too large")
                    .anyMatch(line -> line.startsWith("FAIL") && line.contains("nothing was stored"));
            assertThat(worker.history().acknowledged()).isNotEmpty();
            all.addAll(worker.history());
        }
        try (Stream<Path> left = Files.list(place.blobs().resolve("tmp"))) {
            assertThat(left).as("what was written in part").isEmpty();
        }
        try (WorkerProcess worker = launcher.start(place, large, key)) {
            worker.begin("room");
            Site.await(
                    "there is room again", () -> worker.history().acknowledged().size() > 20);
            worker.kill();
            assertThat(worker.history().failures()).isEmpty();
            all.addAll(worker.history());
        }
        Aftermath.requireSound(place, key, all);
        Figures.tell(reporter, "files may not grow", Kind.SQLITE, 1, all);
    }

    @Test
    void aBlobFolderThatCannotBeWrittenSaysSoAndTakesBlobsOnceItCan() throws Exception {
        Path small = Models.small(dir.resolve("model"));
        Place place = new Place(dir.resolve("store").toString());
        LogKey key = Site.create(place);
        Path temporary = place.blobs().resolve("tmp");
        try (ModelOps ops = Site.open(place, key)) {
            Files.delete(temporary);
            Files.writeString(temporary, "in the way");
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> Site.registry(ops, Site.ADA).register(VersionSpec.of("risk", small)))
                    .withMessageMatching(Aftermath.REMEDY);
            Aftermath.requireWholeBlobs(place.blobs());
            Files.delete(temporary);
            Files.createDirectory(temporary);
            assertThat(Site.registry(ops, Site.ADA)
                            .register(VersionSpec.of("risk", small))
                            .ref())
                    .hasToString("risk@1");
        }
    }
}
