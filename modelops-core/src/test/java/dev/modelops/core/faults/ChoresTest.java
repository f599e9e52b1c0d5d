package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.faults.Chores.Chore;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StoredBlob;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that are killed while they store snapshots, sweep blobs, copy a log or make room in a cache. */
class ChoresTest {
    private static final int KILLS = Integer.getInteger("modelops.fault.rounds", 2);

    /** How many lines each says before it is killed: some acts, sweeps, or rounds of reading. */
    private static final Map<Chore, Integer> FIRST = Map.of(Chore.SNAPSHOTS, 25, Chore.SWEEP, 4, Chore.CACHE, 2);

    /** After how many entries a copy is killed. */
    private static final int MOST_STEPS = 40;

    @TempDir
    Path dir;

    private Place place;
    private LogKey key;

    @ParameterizedTest
    @CsvSource({
        "SNAPSHOTS, SQLITE",
        "SNAPSHOTS, POSTGRES",
        "SWEEP, SQLITE",
        "COPY, SQLITE",
        "COPY, POSTGRES",
        "CACHE, SQLITE"
    })
    void whatIsKilledInTheMiddleLosesNothingAndIsDoneTheNextTime(Chore chore, Kind kind, TestReporter reporter)
            throws Exception {
        place = Place.of(kind, dir.resolve("store"));
        key = Site.create(place);
        try (ModelOps ops =
                Site.opening(place.existing(), key).memory(Chores.memory(dir)).start()) {
            for (int variant = 0; variant < 6; variant++) {
                ModelRef ref = Site.register(ops, dir, "risk", variant).ref();
                for (int i = 0; i < 5; i++) {
                    Site.registry(ops, Site.ADA).comment(ref, "number " + i);
                }
            }
            ops.audit().checkpoint();
        }
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(kind);
        Random random = new Random(chore.ordinal());
        Map<String, Long> acknowledged = new HashMap<>();
        int done = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            List<String> said = killed(launcher, chore, "r" + kill, random);
            assertThat(said).noneMatch(line -> line.startsWith("BROKEN"));
            done += (int) said.stream().filter(line -> line.startsWith("DID")).count();
            said.stream()
                    .filter(line -> line.startsWith("ACK") && line.endsWith(" ."))
                    .map(line -> line.split(" ", -1))
                    .forEach(words -> acknowledged.put(words[1], Long.parseLong(words[2])));
            if (chore == Chore.SWEEP) {
                askAgain("r" + kill + "-"
                        + said.stream().filter(line -> line.startsWith("ACK")).count());
            }
            requireSound(acknowledged);
            requireAfter(chore);
        }
        finish(chore, done);
        Figures.tell(reporter, "kill during " + chore + " (" + done + " done)", kind, KILLS, acknowledged.size(), 0, 0);
    }

    private List<String> killed(WorkerProcess.Launcher launcher, Chore chore, String round, Random random)
            throws Exception {
        Process process = launcher.run(Chores.class, chore.toString(), place.toString(), key.text(), dir.toString());
        List<String> said = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(lines.readLine()).isEqualTo("READY");
            process.getOutputStream().write((round + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            int first = chore == Chore.COPY ? random.nextInt(MOST_STEPS) : FIRST.get(chore);
            boolean hasDone = chore != Chore.SNAPSHOTS;
            for (int i = 0; i < first || !hasDone; i++) {
                String line = lines.readLine();
                if (line == null) {
                    // The rest of a copy may be little.
                    return said;
                }
                said.add(line);
                hasDone = hasDone || line.startsWith("DID");
            }
            Thread.sleep(random.nextInt(chore == Chore.COPY ? 20 : 300));
            // By its handle: the process object would also close the pipe with what is still to be read.
            process.toHandle().destroyForcibly();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return said;
    }

    /**
     * Registers once more what was not answered. Its entry may have been committed after a sweep had taken its blobs, all of
     * which were made to look old, and the process killed before it could put them again.
     */
    private void askAgain(String id) throws IOException {
        try (ModelOps ops =
                Site.opening(place.existing(), key).memory(Chores.memory(dir)).start()) {
            var unused = Site.registry(ops, Site.ADA).register(Chores.registration(dir, id));
        }
    }

    /** The log opens, has what was acknowledged where it was said to be, and verifies with every blob. */
    private void requireSound(Map<String, Long> acknowledged) {
        try (ModelOps ops =
                Site.opening(place.existing(), key).memory(Chores.memory(dir)).start()) {
            acknowledged.forEach((id, position) -> assertThat(ops.outcome(CommandId.of(id)))
                    .as("outcome of %s", id)
                    .get()
                    .satisfies(
                            recorded -> assertThat(recorded.position().size()).isEqualTo(position)));
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
            ops.audit().checkpoint();
        }
        Aftermath.requireWholeBlobs(place.blobs());
    }

    private void requireAfter(Chore chore) throws IOException {
        if (chore == Chore.COPY && Files.exists(dir.resolve("copy/log.db"))) {
            Place copy = Chores.copied(dir);
            Aftermath.requireWholeBlobs(copy.blobs());
            boolean isWhole;
            try (Storage storage = copy.create()) {
                isWhole = storage.log().latestCheckpoint().isPresent();
            }
            if (isWhole) {
                requireCopied();
            } else {
                try (StoreInspection inspection = StoreInspection.open(copy.existing(), key)) {
                    assertThatThrownBy(inspection::registry).isInstanceOf(ModelOpsException.class);
                }
            }
        }
        if (chore == Chore.CACHE) {
            Aftermath.requireWholeBlobs(dir.resolve("cache"));
        }
    }

    private void finish(Chore chore, int done) throws IOException {
        switch (chore) {
            case SNAPSHOTS -> {
                List<Entry> named = Aftermath.entries(place).stream()
                        .filter(entry -> entry.type() == EntryType.STATE_SNAPSHOTTED)
                        .toList();
                assertThat(named).hasSizeGreaterThanOrEqualTo(done);
            }
            case SWEEP -> {
                try (StoreInspection inspection = StoreInspection.open(place.existing(), key, Chores.memory(dir))) {
                    var unused = BlobSweep.run(inspection, Duration.ofHours(1), Progress.NONE);
                }
                requireSound(Map.of());
            }
            case COPY -> {
                try (Storage from = place.existing();
                        Storage to = Chores.copied(dir).create()) {
                    long there = to.log().head().size();
                    assertThat(StoreTransfer.copy(from, to, key, Progress.NONE).skippedEntries())
                            .isEqualTo(there);
                }
                requireCopied();
            }
            case CACHE -> {
                try (BlobStore blobs = Chores.cached(place, dir)) {
                    List<StoredBlob> all = new ArrayList<>();
                    blobs.list(all::add);
                    for (StoredBlob blob : all) {
                        try (InputStream content = blobs.open(blob.digest())) {
                            assertThat(Digest.sha256Of(Bytes.of(content.readAllBytes())))
                                    .isEqualTo(blob.digest());
                        }
                    }
                }
            }
        }
    }

    private void requireCopied() {
        Place copy = Chores.copied(dir);
        try (StoreInspection inspection = StoreInspection.open(copy.existing(), key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
        }
        assertThat(Aftermath.entries(copy)).hasSameSizeAs(Aftermath.entries(place));
    }
}
