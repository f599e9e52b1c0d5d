package dev.modelops.core;

import static dev.modelops.testkit.assertions.ModelOpsAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Environment;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.core.monitoring.Baseline;
import dev.modelops.core.monitoring.Measure;
import dev.modelops.core.monitoring.MonitorPlan;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport.Level;
import dev.modelops.monitoring.Monitor;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.Prediction;
import dev.modelops.testkit.ModelOpsTest;
import dev.modelops.testkit.People;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.Traffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a downstream project writes: known drift goes by on the clock of the test kit, and monitoring sees it come and go. */
@ModelOpsTest
class WatchedTrafficTest {
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final Traffic USUAL = Traffic.seeded(11)
            .every(Duration.ofSeconds(10))
            .number("income", 50, 10)
            .category("home", Map.of("own", 3.0, "rent", 1.0));

    @TempDir
    Path dir;

    private ModelRef served(ModelOps ops, People people) throws Exception {
        Files.writeString(dir.resolve("model.txt"), "w");
        List<Traffic.Row> rows =
                LongStream.range(1_000_000, 1_004_000).mapToObj(USUAL::row).toList();
        MonitorPlan.of(Baseline.of()
                        .numeric(
                                "income",
                                rows.stream()
                                        .mapToDouble(row -> row.number("income"))
                                        .toArray())
                        .categorical(
                                "home",
                                rows.stream().map(row -> row.text("home")).toList()))
                .windows(Duration.ofHours(1))
                .alarmingIn(1, 1)
                .clearAfter(1)
                .grace(Duration.ofMinutes(5))
                .check(Measure.PSI, "income", 0.1)
                .check(Measure.PSI, "home", 0.1)
                .writeTo(dir);
        ModelRef ref = ops.as(people.dataScientist())
                .registry()
                .register(VersionSpec.of("risk", dir))
                .ref();
        ops.as(people.validator()).registry().approve(ref, PRODUCTION, "fine");
        ops.as(people.releaseManager()).registry().promote(ref, PRODUCTION);
        return ref;
    }

    private static Alert alert(ModelOps ops, People people) {
        List<Alert> alerts = ops.as(people.auditor()).monitoring().alerts("risk", PRODUCTION);
        assertThat(alerts).hasSize(1);
        return alerts.get(0);
    }

    @Test
    void knownDriftIsSeenComeAndGo(ModelOps ops, People people, MutableClock clock) throws Exception {
        ModelRef ref = served(ops, people);
        Traffic changing = USUAL.shift(360, "income", 12).shift(720, "income", -12);
        try (ModelHandle<String> handle =
                        ops.as(people.service()).serving().open("risk", PRODUCTION, artifact -> "model");
                Monitor monitor = ops.as(people.service()).monitoring().open("risk", PRODUCTION)) {
            Traffic.Player player = changing.on(
                    clock,
                    row -> {
                        assertThat(monitor.observe(Prediction.of(handle.apply(model -> 0))
                                        .input(row.toMap())
                                        .output(Map.of())))
                                .isTrue();
                        return null;
                    },
                    (id, actual) -> {});

            player.steps(390);
            monitor.flush();
            assertThat(monitor.evaluate()).isCalm().changedNothing();

            player.steps(360);
            monitor.flush();
            assertThat(monitor.evaluate()).finds("psi:income", Level.ALARMING).finds("psi:home", Level.WITHIN);
            // Whether this evaluation changed it or one that the monitor made by itself is chance.
            assertThat(alert(ops, people))
                    .isAbout(ref, "psi:income")
                    .isIn(Alert.State.FIRING)
                    .isActive()
                    .isInEpisode(1);
            ops.as(people.validator()).registry().perform(Action.acknowledge(ref, PRODUCTION, "psi:income"));
            assertThat(alert(ops, people)).isIn(Alert.State.ACKNOWLEDGED);
            assertThat(ModelReport.of(ops.as(people.auditor()), "risk", PRODUCTION)
                            .html())
                    .contains("There is 1 open ", ">alert</a>; it needs somebody to look into it.");

            player.steps(360);
            monitor.flush();
            assertThat(monitor.evaluate()).isCalm();
            assertThat(alert(ops, people)).isIn(Alert.State.RESOLVED);
        }
        assertThat(ModelReport.of(ops.as(people.auditor()), "risk", PRODUCTION).html())
                .contains(
                        "There are 0 open ",
                        ">alerts</a>; nothing needs to be done now.",
                        "within bounds now, but was beyond them.");
    }
}
