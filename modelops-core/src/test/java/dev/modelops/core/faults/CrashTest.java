package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they act. */
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("modelops.crash.rounds", 20);
    private static final int ROUNDS_ON_ONE_STORE = 20;

    @TempDir
    Path dir;

    @Test
    void whatWasAcknowledgedSurvivesKillAtAnyTime() throws Exception {
        Path files = Models.small(dir.resolve("model"));
        Random random = new Random(4);
        WorkerProcess.Launcher launcher = new WorkerProcess.Launcher(
                Files.createDirectory(dir.resolve("classes")), files, files, Site.create(dir.resolve("first")));
        for (int from = 0; from < ROUNDS; from += ROUNDS_ON_ONE_STORE) {
            Path folder = dir.resolve("store-" + from);
            LogKey key = Site.create(folder);
            int rounds = Math.min(ROUNDS_ON_ONE_STORE, ROUNDS - from);
            Map<String, Long> acknowledged = new HashMap<>();
            WorkerProcess next = launcher.start(folder, files, key);
            try {
                for (int round = 0; round < rounds; round++) {
                    WorkerProcess worker = next;
                    worker.begin("r" + round);
                    if (round + 1 < rounds) {
                        // The next process warms up while this one works.
                        next = launcher.start(folder, files, key);
                    }
                    if (round % 5 != 4) {
                        worker.awaitFirst();
                    }
                    Thread.sleep(random.nextInt(200));
                    Map<String, Long> now = worker.kill();
                    acknowledged.putAll(now);
                    boolean isLast = round + 1 == rounds;
                    requireSound(folder, key, isLast ? acknowledged : now, isLast);
                }
            } finally {
                next.close();
            }
            assertThat(acknowledged).hasSizeGreaterThan(rounds);
        }
    }

    private static void requireSound(Path folder, LogKey key, Map<String, Long> acknowledged, boolean offline)
            throws Exception {
        try (ModelOps ops = Site.open(folder, key)) {
            acknowledged.forEach((id, position) -> assertThat(ops.outcome(CommandId.of(id)))
                    .as("outcome of %s", id)
                    .get()
                    .satisfies(
                            recorded -> assertThat(recorded.position().size()).isEqualTo(position)));
            AuditReport report = ops.as(Site.AUDITOR).audit().verify(Progress.NONE);
            assertThat(report.findings()).isEmpty();
            assertThat(report.position()).isEqualTo(ops.position());
            assertThat(ops.audit().checkpoint().root()).isEqualTo(report.root());
            try (StoreInspection fresh = StoreInspection.open(folder, key)) {
                assertThat(Site.fingerprint(fresh.registry()))
                        .isEqualTo(Site.fingerprint(
                                Site.registry(ops, Site.AUDITOR).snapshot()));
            }
        }
        if (offline) {
            try (StoreInspection inspection = StoreInspection.open(folder, key)) {
                assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            }
        }
    }
}
