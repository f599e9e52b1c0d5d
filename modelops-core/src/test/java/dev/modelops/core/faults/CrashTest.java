package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that are killed while they act. */
class CrashTest {
    private static final int ROUNDS = Integer.getInteger("modelops.crash.rounds", 6);
    private static final int ROUNDS_ON_ONE_STORE = 20;

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(names = {"SQLITE", "POSTGRES"})
    void whatWasAcknowledgedSurvivesKillAtAnyTime(Kind kind) throws Exception {
        Path files = Models.small(dir.resolve("model"));
        Random random = new Random(4);
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(kind);
        for (int from = 0; from < ROUNDS; from += ROUNDS_ON_ONE_STORE) {
            Place place = Place.of(kind, dir.resolve("store-" + from));
            LogKey key = Site.create(place);
            int rounds = Math.min(ROUNDS_ON_ONE_STORE, ROUNDS - from);
            Map<String, Long> acknowledged = new HashMap<>();
            WorkerProcess next = launcher.start(place, files, key);
            try {
                for (int round = 0; round < rounds; round++) {
                    WorkerProcess worker = next;
                    worker.begin("r" + round);
                    if (round + 1 < rounds) {
                        // The next process warms up while this one works.
                        next = launcher.start(place, files, key);
                    }
                    if (round % 5 != 4) {
                        worker.awaitFirst();
                    }
                    Thread.sleep(random.nextInt(200));
                    Map<String, Long> now = worker.kill();
                    acknowledged.putAll(now);
                    boolean isLast = round + 1 == rounds;
                    requireSound(place, key, isLast ? acknowledged : now, isLast);
                }
            } finally {
                next.close();
            }
            // Those that were killed at any time may not have come to act.
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(rounds - rounds / 5);
        }
    }

    private static void requireSound(Place place, LogKey key, Map<String, Long> acknowledged, boolean offline)
            throws Exception {
        try (ModelOps ops = Site.open(place, key)) {
            acknowledged.forEach((id, position) -> assertThat(ops.outcome(CommandId.of(id)))
                    .as("outcome of %s", id)
                    .get()
                    .satisfies(
                            recorded -> assertThat(recorded.position().size()).isEqualTo(position)));
            AuditReport report = ops.as(Site.AUDITOR).audit().verify(Progress.NONE);
            assertThat(report.findings()).isEmpty();
            assertThat(report.position()).isEqualTo(ops.position());
            assertThat(ops.audit().checkpoint().root()).isEqualTo(report.root());
            try (StoreInspection fresh = StoreInspection.open(place.existing(), key)) {
                assertThat(Site.fingerprint(fresh.registry()))
                        .isEqualTo(Site.fingerprint(
                                Site.registry(ops, Site.AUDITOR).snapshot()));
            }
        }
        if (offline) {
            try (StoreInspection inspection = StoreInspection.open(place.existing(), key)) {
                assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            }
        }
    }
}
