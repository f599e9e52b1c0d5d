package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Genesis;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.monitoring.Baseline;
import dev.modelops.core.monitoring.Measure;
import dev.modelops.core.monitoring.MonitorPlan;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.monitoring.DriftReport.Level;
import dev.modelops.monitoring.Monitor;
import dev.modelops.monitoring.Response;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models watched while they run: counted here and in other processes, judged when it is time, and what follows. */
class MonitoringTest {
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final Principal SASCHA = Principal.of("example.org", "sascha");
    private static final PredictionLog.Rules SLOW = PredictionLog.Rules.all().segments(10_000, Duration.ofHours(1));
    private static final Instant BEGIN = Instant.parse("2041-06-01T08:00:00Z");
    private static final String PSI = "psi:income";
    private static final String BRIER = "brier";

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(BEGIN.minus(Duration.ofHours(2)));
    private final Random random = new Random(11);
    private Path folder;
    private LogKey key;
    private ModelOps ops;
    private ModelRef champion;

    private record Row(double income, String home, double score, boolean bad) {
        Map<String, Object> input() {
            return Map.of("income", income, "home", home);
        }

        double[] numbers() {
            return new double[] {income, score};
        }

        String[] texts() {
            return new String[] {home};
        }
    }

    /** A row; what really happens is another thing if the world has changed. */
    private static Row row(Random random, double shift, boolean isChanged) {
        double income = random.nextGaussian() + shift;
        double score = 1 / (1 + Math.exp(-income));
        boolean bad = random.nextDouble() < (isChanged ? 1 - score : score);
        return new Row(income, random.nextInt(3) == 0 ? "rent" : "owner", score, bad);
    }

    private static MonitorPlan plan() {
        Random random = new Random(3);
        int count = 4000;
        double[] incomes = new double[count];
        double[] scores = new double[count];
        boolean[] bad = new boolean[count];
        List<@Nullable String> homes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Row row = row(random, 0, false);
            incomes[i] = row.income();
            scores[i] = row.score();
            bad[i] = row.bad();
            homes.add(row.home());
        }
        Baseline baseline = Baseline.of()
                .numeric("income", incomes)
                .categorical("home", homes)
                .probability("score", scores, bad);
        return MonitorPlan.of(baseline)
                .name("credit")
                .windows(Duration.ofHours(1))
                .alarmingIn(1, 1)
                .clearAfter(2)
                .grace(Duration.ofMinutes(5))
                .outcomesWithin(Duration.ofHours(24))
                .coolDown(Duration.ofDays(2));
    }

    private static MonitorPlan usual() {
        return plan().check(Measure.PSI, "income", 0.1)
                .check(Measure.PSI, "home", 0.1)
                .check(Measure.BRIER, 0.05);
    }

    private static Genesis genesis() {
        return Site.genesis().grant(PIA, Role.PRIVACY_OFFICER).grant(SASCHA, Role.DATA_SCIENTIST);
    }

    @BeforeEach
    void create() {
        folder = dir.resolve("store");
        key = Site.create(folder, genesis());
        ops = open();
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private ModelOps open() {
        return Site.opening(Storages.existingDirectory(folder), key)
                .clock(clock)
                .start();
    }

    /** Registers, approves and promotes a version with what it says of how it is watched. */
    private ModelRef promoted(int variant, @Nullable MonitorPlan plan) {
        try {
            Path files = Files.createDirectories(dir.resolve("model-" + variant));
            Files.writeString(files.resolve("weights.txt"), "w=" + variant);
            if (plan != null) {
                plan.writeTo(files);
            }
            ModelRef ref = Site.registry(ops, Site.ADA)
                    .register(VersionSpec.of("risk", files))
                    .ref();
            Site.registry(ops, Site.VERA).approve(ref, Site.PRODUCTION, "VR-" + variant);
            Site.registry(ops, Site.RITA).promote(ref, Site.PRODUCTION);
            return ref;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Monitor monitor(ModelOps of) {
        return of.as(Site.SCORING).monitoring().open("risk", Site.PRODUCTION);
    }

    private Prediction prediction(long node, long sequence, Row row) {
        return Prediction.of(new Served<>("", champion, Served.By.CHAMPION, node, sequence))
                .input(row.input())
                .output(Map.of("score", row.score()));
    }

    /** Shows rows, in the one way and the other. */
    private void observe(Monitor monitor, int count, double shift) {
        for (int i = 0; i < count; i++) {
            Row row = row(random, shift, false);
            Served<String> served = new Served<>("", champion, Served.By.CHAMPION, 1, i);
            assertThat(
                            i % 2 == 0
                                    ? monitor.observe(prediction(1, i, row))
                                    : monitor.observe(served, row.numbers(), row.texts()))
                    .isTrue();
        }
    }

    @Test
    void aRowIsTheSameInWhicheverWayItIsShown() {
        champion = promoted(1, plan().check(Measure.PSI, "income", 0.1).check(Measure.PSI, "home", 0.1));
        List<List<DriftReport.Measurement>> found = new ArrayList<>();
        for (boolean isPrediction : new boolean[] {true, false}) {
            at(isPrediction ? 0 : 60);
            Random same = new Random(5);
            try (Monitor monitor = monitor(ops)) {
                for (int i = 0; i < 300; i++) {
                    Row row = row(same, 0.4, false);
                    Served<String> served = new Served<>("", champion, Served.By.CHAMPION, 1, i);
                    assertThat(
                                    isPrediction
                                            ? monitor.observe(prediction(1, i, row))
                                            : monitor.observe(served, row.numbers(), row.texts()))
                            .isTrue();
                }
                monitor.flush();
                at(isPrediction ? 65 : 125);
                found.add(monitor.evaluate().findings().stream()
                        .map(DriftReport.Finding::latest)
                        .toList());
            }
        }
        assertThat(found.get(1))
                .hasSize(2)
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("from", "until")
                .isEqualTo(found.get(0));
    }

    /** The state of each alert, by check. */
    private Map<String, Alert.State> alerts() {
        Map<String, Alert.State> states = new LinkedHashMap<>();
        for (Alert alert : ops.as(Site.AUDITOR).monitoring().alerts("risk", Site.PRODUCTION)) {
            assertThat(states.put(alert.check(), alert.state())).isNull();
        }
        return states;
    }

    private List<AuditEntry> entries(String type) {
        List<AuditEntry> found = new ArrayList<>();
        for (long i = 0; i < ops.position().size(); i++) {
            AuditEntry entry = ops.as(Site.AUDITOR).audit().get(i);
            if (entry.type().contains(type)) {
                found.add(entry);
            }
        }
        return found;
    }

    private void requireSound() {
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    /** Goes to minutes after the beginning. */
    private void at(long minutes) {
        clock.set(BEGIN.plus(Duration.ofMinutes(minutes)));
    }

    private static DriftReport.Finding finding(DriftReport report, String check) {
        return report.findings().stream()
                .filter(found -> found.check().equals(check))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void driftIsSeenSoonAndDecayOnceOutcomesCameFromAnotherProcess() {
        champion = promoted(1, usual());
        ModelHandle<String> handle = ops.as(Site.SCORING)
                .serving()
                .open(
                        "risk",
                        Site.PRODUCTION,
                        artifact -> new String(
                                artifact.open("weights.txt").readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
        at(0);
        List<String> ids = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        try (Monitor monitor = monitor(ops);
                PredictionLog.Recorder log = ops.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, SLOW)) {
            for (int i = 0; i < 800; i++) {
                Row row = row(random, 0.8, true);
                Served<Double> served = handle.apply(model -> row.score());
                Prediction prediction =
                        Prediction.of(served).input(row.input()).output(Map.of("score", served.value()));
                assertThat(log.record(prediction)).isTrue();
                assertThat(monitor.observe(prediction)).isTrue();
                ids.add(served.predictionId());
                rows.add(row);
            }
            var unused = log.flush();
            at(64);
            monitor.flush();
            // Its time has not come.
            assertThat(monitor.evaluate().findings()).isEmpty();
            at(65);
            DriftReport report = monitor.evaluate();
            assertThat(finding(report, PSI).level()).isEqualTo(Level.ALARMING);
            assertThat(finding(report, PSI).latest().current()).isEqualTo(800);
            assertThat(finding(report, PSI).latest().from()).isEqualTo(BEGIN);
            assertThat(finding(report, PSI).latest().effect()).isGreaterThan(0.3);
            assertThat(finding(report, "psi:home").level()).isEqualTo(Level.WITHIN);
            assertThat(report.findings()).noneMatch(found -> found.check().equals(BRIER));
            assertThat(report.coverage().predictions()).isEqualTo(800);
            assertThat(report.coverage().matched()).isZero();
            assertThat(report.coverage().waiting()).isEqualTo(800);
            assertThat(monitor.lost()).isZero();
        }
        assertThat(alerts()).isEqualTo(Map.of(PSI, Alert.State.FIRING));

        at(600);
        try (ModelOps other = open()) {
            try (PredictionLog.Recorder log =
                    other.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, SLOW)) {
                for (int i = 0; i < ids.size(); i++) {
                    assertThat(log.outcome(ids.get(i), rows.get(i).bad() ? 1 : 0))
                            .isTrue();
                }
                // Told again, and otherwise: the first stands.
                assertThat(log.outcome(ids.get(0), rows.get(0).bad() ? 1 : 0)).isTrue();
                assertThat(log.outcome(ids.get(1), rows.get(1).bad() ? 0 : 1)).isTrue();
                assertThat(log.outcome(ids.get(2), "unclear")).isTrue();
                assertThat(log.outcome(new Served<>("", champion, Served.By.CHAMPION, 1, 1).predictionId(), 1))
                        .isTrue();
            }
            try (Monitor there = monitor(other)) {
                at(60 + 24 * 60 - 1);
                assertThat(there.evaluate().findings())
                        .noneMatch(found -> found.check().equals(BRIER) && found.level() != Level.UNKNOWN);
                at(60 + 24 * 60);
                DriftReport report = there.evaluate();
                assertThat(finding(report, BRIER).level()).isEqualTo(Level.ALARMING);
                assertThat(finding(report, BRIER).latest().current()).isEqualTo(800);
                assertThat(report.coverage().matched()).isEqualTo(800);
                assertThat(report.coverage().conflicting()).isEqualTo(1);
                assertThat(report.coverage().unusable()).isEqualTo(1);
                assertThat(report.coverage().unknown()).isZero();
            }
        }
        var unused = ops.sync();
        assertThat(alerts()).containsEntry(BRIER, Alert.State.FIRING);
        requireSound();
    }

    @Test
    void aChangeOfTheLossesIsSeenInTheOrderInWhichOutcomesCameByWhoeverLooks() {
        champion = promoted(
                1,
                plan().check(Measure.DDM, 0.1)
                        .over(6)
                        .then(Response.REQUEST_RETRAINING)
                        .check(Measure.PAGE_HINKLEY, 0.1)
                        .seenAt(20)
                        .check(Measure.ADWIN, 0.1));
        List<DriftReport> reports = new ArrayList<>();
        List<Row> late = new ArrayList<>();
        long sequence = 0;
        try (Monitor monitor = monitor(ops)) {
            for (int hour = 0; hour < 8; hour++) {
                at(60L * hour + 30);
                try (PredictionLog.Recorder log =
                        ops.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, SLOW)) {
                    List<Row> rows = new ArrayList<>();
                    long first = sequence;
                    for (int i = 0; i < 200; i++) {
                        Row row = row(random, 0, hour >= 4);
                        rows.add(row);
                        assertThat(log.record(prediction(1, sequence++, row))).isTrue();
                    }
                    var unused = log.flush();
                    at(60L * hour + 50);
                    for (int i = 0; i < rows.size(); i++) {
                        if (hour == 0 && i >= 100) {
                            late.add(rows.get(i));
                        } else {
                            assertThat(log.outcome(
                                            prediction(1, first + i, rows.get(i))
                                                    .id(),
                                            rows.get(i).bad() ? 1 : 0))
                                    .isTrue();
                        }
                    }
                    if (hour == 3) {
                        // Made in the first hour, known in the fourth: they are the fourth's.
                        for (int i = 0; i < late.size(); i++) {
                            assertThat(log.outcome(
                                            prediction(1, 100 + i, late.get(i)).id(),
                                            late.get(i).bad() ? 1 : 0))
                                    .isTrue();
                        }
                    }
                }
                at(60L * (hour + 1) + 5);
                reports.add(monitor.evaluate());
            }
        }
        assertThat(reports.get(0).findings()).hasSize(3);
        assertThat(finding(reports.get(3), "ddm").latest().current()).isEqualTo(300);
        for (String check : new String[] {"ddm", "page-hinkley", "adwin"}) {
            assertThat(finding(reports.get(3), check).level()).isEqualTo(Level.WITHIN);
            assertThat(finding(reports.get(3), check).change()).isEmpty();
            DriftReport.Finding found = finding(reports.get(7), check);
            assertThat(found.level()).isEqualTo(Level.ALARMING);
            LogPosition where = found.change().orElseThrow();
            assertThat(ops.as(Site.AUDITOR).audit().get(where.index()).body().toUtf8())
                    .contains("\"kind\":\"outcomes\"");
            assertThat(where).isGreaterThan(reports.get(3).position());
        }
        assertThat(alerts())
                .isEqualTo(Map.of(
                        "ddm", Alert.State.FIRING, "page-hinkley", Alert.State.FIRING, "adwin", Alert.State.FIRING));
        assertThat(entries("alert.changed").get(0).body().toUtf8()).contains("\"change\":{", "\"entry\":");
        assertThat(entries("retraining.requested")).hasSize(1);
        long size = ops.position().size();
        try (ModelOps other = open();
                Monitor there = monitor(other)) {
            DriftReport report = there.evaluate();
            assertThat(report.findings()).isEqualTo(reports.get(7).findings());
            assertThat(report.changes()).isEmpty();
        }
        assertThat(ops.position().size()).isEqualTo(size);
        requireSound();
    }

    @Test
    void whatManyProcessesCountIsOneWindow() {
        champion = promoted(1, usual());
        at(0);
        try (ModelOps other = open();
                Monitor here = monitor(ops);
                Monitor there = monitor(other)) {
            // Neither has enough by itself.
            observe(here, 60, 0.9);
            observe(there, 60, 0.9);
            here.flush();
            there.flush();
            observe(here, 5, 0.9);
            here.flush();
            at(70);
            DriftReport ofHere = here.evaluate();
            DriftReport ofThere = there.evaluate();
            assertThat(finding(ofHere, PSI).latest().current()).isEqualTo(125);
            assertThat(finding(ofHere, PSI).level()).isEqualTo(Level.ALARMING);
            assertThat(ofThere.findings()).isEqualTo(ofHere.findings());
            assertThat(entries("alert.changed")).hasSize(1);
            AuditEntry entry = entries("alert.changed").get(0);
            assertThat(entry.body().toUtf8())
                    .contains("\"check\":\"psi:income\"", "\"from\":\"OK\"", "\"to\":\"FIRING\"", "\"finding\":{");
        }
        requireSound();
    }

    @Test
    void equalCountsOfTwoProcessesAddUp() {
        champion = promoted(1, usual());
        at(0);
        Row row = row(random, 3, false);
        try (ModelOps other = open();
                Monitor here = monitor(ops);
                Monitor there = monitor(other)) {
            for (Monitor monitor : List.of(here, there)) {
                for (int i = 0; i < 70; i++) {
                    assertThat(monitor.observe(prediction(1, i, row))).isTrue();
                }
                monitor.flush();
            }
            at(70);
            assertThat(finding(here.evaluate(), PSI).latest().current()).isEqualTo(140);
        }
    }

    @Test
    void anAlertIsTakenOnAndIsOverOnceWindowsAreWithinBounds() {
        champion = promoted(1, usual());
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 200, 0.9);
            monitor.flush();
            at(65);
            var unused = monitor.evaluate();
            assertThat(alerts()).containsEntry(PSI, Alert.State.FIRING);
            var unusedAct = Site.registry(ops, SASCHA).perform(Action.acknowledge(champion, Site.PRODUCTION, PSI));
            assertThat(alerts()).containsEntry(PSI, Alert.State.ACKNOWLEDGED);
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() ->
                            Site.registry(ops, Site.VERA).perform(Action.acknowledge(champion, Site.PRODUCTION, PSI)));
            observe(monitor, 200, 0);
            monitor.flush();
            at(125);
            unused = monitor.evaluate();
            assertThat(alerts()).containsEntry(PSI, Alert.State.ACKNOWLEDGED);
            observe(monitor, 200, 0);
            monitor.flush();
            at(185);
        }
        // Whoever goes on counts the windows since, too.
        try (ModelOps other = open();
                Monitor later = monitor(other)) {
            var unused = later.evaluate();
            unused = later.evaluate();
        }
        var unused = ops.sync();
        assertThat(alerts()).containsEntry(PSI, Alert.State.RESOLVED);
        assertThat(entries("alert.changed")).hasSize(3);
        requireSound();
    }

    @Test
    void windowsEndAndAreEvaluatedByTheClockAlone() throws InterruptedException {
        champion = promoted(1, usual());
        at(30);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 150, 0.9);
            at(60);
            Site.await(
                    "the window to be given out",
                    () -> !entries("segment.recorded").isEmpty());
            at(65);
            Site.await("the alert", () -> alerts().containsKey(PSI));
            assertThat(monitor.lost()).isZero();
        }
    }

    @Test
    void whoOnlyLooksOnEvaluatesWhatOthersCounted() throws InterruptedException {
        champion = promoted(1, usual());
        at(30);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 150, 0.9);
        }
        try (ModelOps other = open();
                Monitor looksOn = monitor(other)) {
            at(65);
            Site.await("the alert", () -> {
                var unused = ops.sync();
                return alerts().containsKey(PSI);
            });
            assertThat(looksOn.lost()).isZero();
        }
    }

    @Test
    void aRowIsCountedInTheWindowOfItsTime() {
        champion = promoted(1, usual());
        at(59);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 120, 0);
            at(60);
            observe(monitor, 130, 0);
            // A clock that is set back does not bring an old window back.
            at(58);
            observe(monitor, 1, 0);
            monitor.flush();
            observe(monitor, 1, 0);
            monitor.flush();
            at(125);
            assertThat(finding(monitor.evaluate(), PSI).latest().current()).isEqualTo(132);
        }
    }

    @Test
    void versionsWithoutTheFilesOrNotYetKnownAreNotCounted() throws Exception {
        champion = promoted(1, null);
        try (Monitor monitor = monitor(ops)) {
            assertThat(monitor.observe(prediction(1, 1, row(random, 0, false)))).isFalse();
            assertThat(monitor.lost()).isZero();
            champion = promoted(2, usual());
            Site.await(
                    "the new version to be read in the background",
                    () -> monitor.observe(prediction(1, 1, row(random, 0, false))));
            assertThat(monitor.lost()).isPositive();
        }
        Path half = Files.createDirectories(dir.resolve("half"));
        usual().writeTo(half);
        Files.delete(half.resolve("modelops-baseline.json"));
        ModelRef only = Site.registry(ops, Site.ADA)
                .register(VersionSpec.of("risk", half))
                .ref();
        Path broken = Files.createDirectories(dir.resolve("broken"));
        usual().writeTo(broken);
        Files.writeString(broken.resolve("modelops-monitor.json"), "{}");
        ModelRef none = Site.registry(ops, Site.ADA)
                .register(VersionSpec.of("risk", broken))
                .ref();
        try (Monitor monitor = monitor(ops)) {
            for (ModelRef ref : List.of(only, none)) {
                Served<String> served = new Served<>("", ref, Served.By.CHAMPION, 1, 2);
                long before = monitor.lost();
                Site.await("it to be read", () -> {
                    long was = monitor.lost();
                    assertThat(monitor.observe(Prediction.of(served))).isFalse();
                    return monitor.lost() == was;
                });
                assertThat(monitor.lost()).isGreaterThan(before);
            }
            monitor.flush();
        }
        assertThat(entries("segment.recorded")).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void whatTheHostsFallbackAnswersIsNoneOfTheVersions() {
        champion = promoted(1, usual());
        at(0);
        try (Monitor monitor = monitor(ops)) {
            Served<String> fallback = new Served<>("", champion, Served.By.FALLBACK, 1, 1);
            observe(monitor, 110, 0);
            assertThat(monitor.observe(fallback, new double[] {0, .5}, new String[] {"rent"}))
                    .isFalse();
            assertThat(monitor.observe(Prediction.of(fallback))).isFalse();
            monitor.flush();
            at(65);
            assertThat(finding(monitor.evaluate(), PSI).latest().current()).isEqualTo(110);
            assertThat(monitor.lost()).isZero();
        }
    }

    @Test
    void whatIsMissingOrNoNumberIsCountedAsMissing() {
        champion = promoted(1, plan().check(Measure.MISSING, "income", 0.1).check(Measure.MISSING, "home", 0.1));
        at(0);
        try (Monitor monitor = monitor(ops)) {
            for (int i = 0; i < 200; i++) {
                Prediction bare = Prediction.of(new Served<>("", champion, Served.By.CHAMPION, 1, i));
                assertThat(monitor.observe(i % 2 == 0 ? bare : bare.input(Map.of("income", "1.5e0", "home", "rent"))))
                        .isTrue();
            }
            monitor.flush();
            at(65);
            DriftReport report = monitor.evaluate();
            assertThat(finding(report, "missing:income").latest().effect()).isBetween(0.49, 0.51);
            assertThat(finding(report, "missing:home").latest().effect()).isBetween(0.49, 0.51);
        }
    }

    @Test
    void rowsOfAnotherFormOrModelAreRefusedAndNothingIsTakenOnceClosed() {
        champion = promoted(1, usual());
        Monitor monitor = monitor(ops);
        Served<String> served = new Served<>("", champion, Served.By.CHAMPION, 1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> monitor.observe(served, new double[1], new String[1]))
                .withMessageContaining("2 numbers and 1 texts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> monitor.observe(
                        Prediction.of(new Served<>("", ModelRef.parse("other@1"), Served.By.CHAMPION, 1, 1))))
                .withMessageContaining("other@1");
        monitor.close();
        monitor.close();
        assertThatExceptionOfType(ClosedException.class)
                .isThrownBy(() -> monitor.observe(served, new double[2], new String[1]));
        assertThatExceptionOfType(ClosedException.class).isThrownBy(monitor::evaluate);
        assertThatExceptionOfType(ClosedException.class).isThrownBy(monitor::flush);
    }

    @Test
    void whatAHostLeftOpenIsRecordedWhenTheLogIsClosed() {
        champion = promoted(1, usual());
        at(0);
        Monitor left = monitor(ops);
        observe(left, 120, 0.9);
        ops.close();
        assertThatExceptionOfType(ClosedException.class).isThrownBy(left::flush);
        at(65);
        ops = open();
        try (Monitor monitor = monitor(ops)) {
            assertThat(finding(monitor.evaluate(), PSI).latest().current()).isEqualTo(120);
        }
    }

    private static MonitorPlan answering(Response response) {
        return plan().check(Measure.PSI, "income", 0.1).then(response).check(Measure.PSI, "home", 0.1);
    }

    /** Drift in the first hour, seen and answered by a monitor that somebody opened. */
    private DriftReport drift() {
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 200, 0.9);
            monitor.flush();
            at(65);
            return monitor.evaluate();
        }
    }

    private ModelRef served() {
        return Site.registry(ops, Site.RITA)
                .champion(Site.RISK, Site.PRODUCTION)
                .orElseThrow()
                .ref();
    }

    /** Lets services do what by the built-in policies only people may. */
    private void letServices(Action.Type... acts) {
        Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .without(Policies.GATE_SERVICE)
                        .permit("service-responds")
                        .role(Role.SERVICE)
                        .on(acts)
                        .build());
    }

    @Test
    void anAlarmAsksForTrainingAnewOnceAndNotAgainWithinTheCoolDown() {
        champion = promoted(1, answering(Response.REQUEST_RETRAINING));
        DriftReport report = drift();
        assertThat(report.consequences()).singleElement().satisfies(done -> {
            assertThat(done.alert().check()).isEqualTo(PSI);
            assertThat(done.response()).isEqualTo(Response.REQUEST_RETRAINING);
            assertThat(done.isDone()).isTrue();
        });
        assertThat(entries("retraining.requested"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.body().toUtf8())
                        .contains(
                                "\"subject\":\"risk@1\"",
                                "\"from\":\"" + BEGIN + "\"",
                                "\"until\":\"" + BEGIN.plus(Duration.ofHours(1)) + "\"",
                                "psi:income",
                                "\"alert\":"));
        try (ModelOps other = open();
                Monitor monitor = monitor(other)) {
            assertThat(monitor.evaluate().consequences()).singleElement().matches(DriftReport.Consequence::isDone);
            // The next version drifts as well, too soon.
            champion = promoted(2, answering(Response.REQUEST_RETRAINING));
            var unused = other.sync();
            Site.await("the version to be known", () -> monitor.observe(prediction(1, 0, row(random, 0, false))));
            observe(monitor, 200, 0.9);
            monitor.flush();
            at(125);
            assertThat(monitor.evaluate().consequences()).hasSize(2).anySatisfy(not -> {
                assertThat(not.alert().version()).isEqualTo(champion);
                assertThat(not.isDone()).isFalse();
                assertThat(not.reason()).contains("not again within PT48H");
            });
            clock.advance(Duration.ofHours(48));
            assertThat(monitor.evaluate().consequences()).hasSize(2).allMatch(DriftReport.Consequence::isDone);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        var unused = ops.sync();
        assertThat(entries("retraining.requested")).hasSize(2);
        requireSound();
    }

    @Test
    void aResponseThatPolicyRefusesIsNotDoneAndTheAlertStands() {
        champion = promoted(1, answering(Response.QUARANTINE));
        DriftReport report = drift();
        assertThat(report.consequences()).singleElement().satisfies(not -> {
            assertThat(not.isDone()).isFalse();
            assertThat(not.reason()).isNotBlank();
        });
        assertThat(alerts()).containsEntry(PSI, Alert.State.FIRING);
        assertThat(entries("version.quarantined")).isEmpty();
        long size = ops.position().size();
        try (Monitor monitor = monitor(ops)) {
            var unused = monitor.evaluate();
            long refused = ops.position().size();
            unused = monitor.evaluate();
            unused = monitor.evaluate();
            assertThat(ops.position().size())
                    .as("it is not asked for again and again")
                    .isEqualTo(refused);
            assertThat(refused).isLessThanOrEqualTo(size + 1);
            // Policy comes to allow it.
            letServices(Action.Type.QUARANTINE);
            assertThat(monitor.evaluate().consequences()).singleElement().matches(DriftReport.Consequence::isDone);
        }
        assertThat(entries("version.quarantined")).hasSize(1);
        requireSound();
    }

    @Test
    void aRoleThatIsGrantedLaterLetsARefusedResponseHappen() {
        champion = promoted(1, answering(Response.QUARANTINE));
        assertThat(drift().consequences()).singleElement().matches(not -> !not.isDone());
        Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .without(Policies.GATE_SERVICE)
                        .permit("custodians-respond")
                        .role(Role.PRIVACY_OFFICER)
                        .on(Action.Type.QUARANTINE)
                        .build());
        try (Monitor monitor = monitor(ops)) {
            assertThat(monitor.evaluate().consequences()).singleElement().matches(not -> !not.isDone());
            long refused = ops.position().size();
            assertThat(monitor.evaluate().consequences()).singleElement().matches(not -> !not.isDone());
            assertThat(ops.position().size()).isEqualTo(refused);
            Site.registry(ops, Site.ADMIN).perform(Action.grantRole(Site.SCORING, Role.PRIVACY_OFFICER));
            assertThat(monitor.evaluate().consequences()).singleElement().matches(DriftReport.Consequence::isDone);
        }
        assertThat(entries("version.quarantined")).hasSize(1);
        requireSound();
    }

    /** Writes an entry otherwise, under the writer's and the log's own keys, and returns what is found to be wrong. */
    private List<String> forged(long index, UnaryOperator<String> otherwise) throws Exception {
        byte[] right;
        try (Attacker attacker = Attacker.on(folder)) {
            right = attacker.body(index);
            String said = new String(right, StandardCharsets.UTF_8);
            String wrong = otherwise.apply(said);
            assertThat(wrong).isNotEqualTo(said);
            write(attacker, index, wrong.getBytes(StandardCharsets.UTF_8));
        }
        List<String> found = new ArrayList<>();
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            inspection.audit().verify(Progress.NONE).findings().forEach(finding -> found.add(finding.message()));
        }
        try (Attacker attacker = Attacker.on(folder)) {
            write(attacker, index, right);
        }
        return found;
    }

    private static void write(Attacker attacker, long index, byte[] body) throws Exception {
        attacker.body(index, body);
        attacker.head();
        attacker.run("DELETE FROM modelops_seal WHERE start >= ?", 1);
        attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", 1);
        attacker.seal(1, Site.KEYS.ed25519("writer"));
        attacker.checkpoint(Site.KEYS.ed25519("log"));
    }

    @Test
    void whoHoldsTheKeysCannotMakeUpAnAlertOrWhatFollowsFromOne() throws Exception {
        champion = promoted(1, answering(Response.REQUEST_RETRAINING));
        ModelRef unwatched =
                Site.register(ops, folder.resolveSibling("other"), "risk", 7).ref();
        assertThat(drift().consequences()).singleElement().matches(DriftReport.Consequence::isDone);
        long alert = entries("alert.changed").get(0).position().index();
        long request = entries("retraining.requested").get(0).position().index();
        ops.close();
        assertThat(forged(alert, said -> said.replaceFirst("\"effect\":0", "\"effect\":1")))
                .singleElement()
                .asString()
                .contains("entry " + alert + " does not follow", "or other numbers");
        assertThat(forged(alert, said -> said.replace("\"check\":\"psi:income\"", "\"check\":\"psi:home\"")))
                .singleElement()
                .asString()
                .contains("'psi:home' is WITHIN");
        assertThat(forged(alert, said -> said.replace("\"check\":\"psi:income\"", "\"check\":\"psi:age\"")))
                .singleElement()
                .asString()
                .contains("nothing was found by a check 'psi:age'");
        assertThat(forged(alert, said -> said.replaceFirst("\"monitor\":\"sha256:....", "\"monitor\":\"sha256:0000")))
                .singleElement()
                .asString()
                .contains("by the monitor sha256:0000");
        assertThat(forged(alert, said -> said.replaceFirst("\"monitor\":\"[^\"]*\",", "")))
                .singleElement()
                .asString()
                .contains("says not by what");
        assertThat(forged(
                        alert,
                        said -> said.replaceFirst("\"monitor\":\"[^\"]*\",", "")
                                .replace("\"subject\":\"" + champion + "\"", "\"subject\":\"" + unwatched + "\"")))
                .anySatisfy(message -> assertThat(message).contains(unwatched + " is not watched"));
        long window = BEGIN.getEpochSecond() / 3600;
        assertThat(forged(alert, said -> said.replace("\"window\":" + window, "\"window\":" + (window - 1))))
                .singleElement()
                .asString()
                .contains("nothing was found");
        assertThat(forged(alert, said -> said.replace("\"window\":" + window, "\"window\":" + Long.MAX_VALUE)))
                .singleElement()
                .asString()
                .contains("was not judged then");
        // What was read says less than the alert does.
        assertThat(forged(alert, said -> said.replaceFirst("\"upTo\":[0-9]+", "\"upTo\":2")))
                .singleElement()
                .asString()
                .contains("nothing was found");
        assertThat(forged(request, said -> said.replace("\"alert\":" + alert, "\"alert\":" + (alert - 1))))
                .singleElement()
                .asString()
                .contains("entry " + request + " does not follow", "of no alert that it fires");
        ops = open();
        requireSound();
    }

    @Test
    void anAlertWhoseSegmentsExpiredIsNotHeldAgainstAnybody() throws Exception {
        champion = promoted(1, usual());
        var unused = drift();
        assertThat(alerts()).containsEntry(PSI, Alert.State.FIRING);
        String hex = entries("segment.recorded")
                .get(0)
                .body()
                .toUtf8()
                .replaceAll(".*\"segment\":\"sha256:([0-9a-f]{64})\".*", "$1");
        var expired = Site.registry(ops, PIA)
                .perform(Action.expireRecords(ModelName.of("risk"), ops.position(), "retention"));
        assertThat(expired).isNotNull();
        Files.delete(folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2)));
        requireSound();
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).unchecked())
                .hasSize(entries("alert.changed").size())
                .allSatisfy(left -> {
                    assertThat(left.kind()).isEqualTo(AuditReport.Kind.STATE);
                    assertThat(left.message()).contains("was not evaluated again", "expired or are gone");
                })
                .extracting(left -> left.index().orElseThrow())
                .containsExactlyElementsOf(entries("alert.changed").stream()
                        .map(entry -> entry.position().index())
                        .toList());
    }

    @Test
    void anAlertAfterALongTimeIsFoundAgain() {
        champion = promoted(1, plan().check(Measure.BRIER, 0.05));
        long sequence = 0;
        try (Monitor monitor = monitor(ops)) {
            for (int hour = 0; hour < 70; hour++) {
                at(60L * hour + 10);
                try (PredictionLog.Recorder log =
                        ops.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, SLOW)) {
                    for (int i = 0; i < (hour == 69 ? 200 : 1); i++) {
                        Row row = row(random, 0, hour == 69);
                        Prediction prediction = prediction(1, sequence++, row);
                        assertThat(log.record(prediction)).isTrue();
                        assertThat(log.outcome(prediction.id(), row.bad() ? 1 : 0))
                                .isTrue();
                    }
                }
            }
            at(60L * (70 + 24));
            assertThat(finding(monitor.evaluate(), BRIER).latest().current()).isEqualTo(200);
        }
        assertThat(alerts()).isEqualTo(Map.of(BRIER, Alert.State.FIRING));
        requireSound();
    }

    @Test
    void whatWasFoundAfterRecordsExpiredIsNotHeldAgainstWhoCouldNotReadThem() {
        champion = promoted(1, usual().alarmingIn(1, 2));
        var unused = drift();
        var expired = Site.registry(ops, PIA)
                .perform(Action.expireRecords(ModelName.of("risk"), ops.position(), "retention"));
        assertThat(expired).isNotNull();
        try (ModelOps other = open();
                Monitor monitor = monitor(other)) {
            for (int i = 0; i < 200; i++) {
                Row row = row(random, 0, false);
                assertThat(monitor.observe(
                                new Served<>("", champion, Served.By.CHAMPION, 1, i),
                                row.numbers(),
                                new String[] {"rent"}))
                        .isTrue();
            }
            monitor.flush();
            at(125);
            DriftReport report = monitor.evaluate();
            assertThat(finding(report, "psi:home").level()).isEqualTo(Level.ALARMING);
            assertThat(finding(report, "psi:home").measurements()).hasSize(1);
        }
        var size = ops.sync();
        assertThat(size).isNotNull();
        assertThat(alerts()).containsEntry("psi:home", Alert.State.FIRING).containsEntry(PSI, Alert.State.FIRING);
        requireSound();
    }

    @Test
    void anAlarmRollsTheChampionBackWherePolicyAllowsIt() {
        ModelRef first = promoted(1, answering(Response.ROLL_BACK));
        champion = promoted(2, answering(Response.ROLL_BACK));
        letServices(Action.Type.ROLLBACK);
        assertThat(drift().consequences()).singleElement().matches(DriftReport.Consequence::isDone);
        assertThat(served()).isEqualTo(first);
        // It is done, and not done again.
        try (Monitor monitor = monitor(ops)) {
            assertThat(monitor.evaluate().consequences()).singleElement().matches(DriftReport.Consequence::isDone);
        }
        assertThat(entries("champion.rolledback")).hasSize(1);
        assertThat(served()).isEqualTo(first);
        requireSound();
    }

    @Test
    void whatIsNotTheChampionIsNotRolledBack() {
        ModelRef first = promoted(1, answering(Response.ROLL_BACK));
        ModelRef second = promoted(2, answering(Response.ROLL_BACK));
        letServices(Action.Type.ROLLBACK);
        champion = first;
        assertThat(drift().consequences())
                .singleElement()
                .satisfies(not -> assertThat(not.reason()).contains("is not the champion"));
        assertThat(served()).isEqualTo(second);
    }

    @Test
    void whoEvaluatesWithoutTheRightToRaiseAlertsIsToldAndNothingChanges() {
        champion = promoted(1, usual());
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 200, 0.9);
            monitor.flush();
            Site.install(
                    ops,
                    Rules.from(Policies.builtIn())
                            .forbid("no-alerts")
                            .on(Action.Type.ALERT)
                            .build());
            at(65);
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(monitor::evaluate);
            assertThat(alerts()).isEmpty();
            Site.install(ops, Policies.builtIn());
            var unused = monitor.evaluate();
        }
        assertThat(alerts()).containsEntry(PSI, Alert.State.FIRING);
    }

    @Test
    void policyCanForbidToPromoteWhatAnAlertFiresOn() {
        Site.install(
                ops,
                Rules.from(Policies.builtIn())
                        .forbid("gate-alerts")
                        .on(Action.Type.PROMOTE)
                        .when(Condition.fact("alerts.firing").containsAny(PSI))
                        .build());
        ModelRef first = promoted(1, usual());
        champion = first;
        var unused = drift();
        ModelRef second = promoted(2, usual());
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> Site.registry(ops, Site.RITA).promote(first, Site.PRODUCTION))
                .withMessageContaining("gate-alerts");
        assertThat(served()).isEqualTo(second);
        // Taken on is not over.
        var unusedAct = Site.registry(ops, Site.VERA).perform(Action.acknowledge(first, Site.PRODUCTION, PSI));
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> Site.registry(ops, Site.RITA).promote(first, Site.PRODUCTION));
    }

    @Test
    void manyProcessesThatEvaluateAtOnceWriteEachChangeOnce() throws Exception {
        champion = promoted(
                1,
                plan().check(Measure.PSI, "income", 0.1)
                        .then(Response.REQUEST_RETRAINING)
                        .check(Measure.MEAN, "income", 0.1)
                        .check(Measure.PSI, "score", 0.1));
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 300, 0.9);
            monitor.flush();
        }
        at(65);
        List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
        List<DriftReport> reports = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        List<ModelOps> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ModelOps process = open();
            processes.add(process);
            Monitor monitor = monitor(process);
            Thread thread = new Thread(() -> {
                try {
                    reports.add(monitor.evaluate());
                } catch (Throwable e) {
                    failed.add(e);
                }
            });
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        processes.forEach(ModelOps::close);
        assertThat(failed).isEmpty();
        assertThat(reports).hasSize(4);
        assertThat(reports.stream().map(DriftReport::findings).distinct()).hasSize(1);
        assertThat(ops.sync()).isNotNull();
        assertThat(alerts().values()).hasSize(3).containsOnly(Alert.State.FIRING);
        assertThat(entries("alert.changed")).hasSize(3);
        assertThat(entries("retraining.requested")).hasSize(1);
        requireSound();
    }

    @Test
    void whatExpiredIsNotJudgedAndIsSaid() {
        champion = promoted(1, usual());
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 200, 0.9);
            monitor.flush();
            LogPosition until = ops.position();
            var unused =
                    Site.registry(ops, PIA).perform(Action.expireRecords(ModelName.of("risk"), until, "retention"));
            at(65);
            DriftReport report = monitor.evaluate();
            assertThat(report.findings()).isEmpty();
            assertThat(report.coverage().expired()).isEqualTo(1);
        }
        assertThat(alerts()).isEmpty();
    }

    @Test
    void aSegmentThatWasAlteredStopsTheEvaluationAndNotTheCounting() throws IOException {
        champion = promoted(1, usual());
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 200, 0.9);
            monitor.flush();
            String body = entries("segment.recorded").get(0).body().toUtf8();
            String hex = body.replaceAll(".*\"segment\":\"sha256:([0-9a-f]{64})\".*", "$1");
            Path blob =
                    folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
            byte[] right = Files.readAllBytes(blob);
            byte[] wrong = right.clone();
            wrong[wrong.length / 2] ^= 1;
            Files.write(blob, wrong);
            at(65);
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(IntegrityException.class).isThrownBy(monitor::evaluate);
            }
            observe(monitor, 10, 0);
            Files.write(blob, right);
            assertThat(finding(monitor.evaluate(), PSI).latest().current()).isEqualTo(200);
            assertThat(monitor.lost()).isZero();
        }
    }

    @Test
    void whileTheStoreIsAwayCountingGoesOnAndNothingIsLostOfWhatFits() throws Exception {
        AtomicBoolean away = new AtomicBoolean();
        Storage inner = Storages.inMemory();
        LogKey there = ModelOps.create(inner, genesis());
        BlobStore blobs = (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (away.get()) {
                        throw new StorageException("away");
                    }
                    try {
                        return method.invoke(inner.blobs(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        ops.close();
        ops = Site.opening(new Storage(inner.log(), blobs, inner.texts()), there)
                .clock(clock)
                .start();
        champion = promoted(1, usual());
        at(0);
        try (Monitor monitor = monitor(ops)) {
            observe(monitor, 150, 0.9);
            away.set(true);
            assertThatExceptionOfType(StorageException.class).isThrownBy(monitor::flush);
            observe(monitor, 50, 0.9);
            // A version that nobody read before cannot be read now: what is shown of it is counted as lost.
            ModelRef unread = new ModelRef(Site.RISK, VersionNumber.of(9));
            assertThat(monitor.observe(
                            new Served<>("", unread, Served.By.CHAMPION, 1, 1), new double[2], new String[1]))
                    .isFalse();
            assertThat(monitor.lost()).isEqualTo(1);
            at(65);
            observe(monitor, 10, 0);
            away.set(false);
            monitor.flush();
            DriftReport report = monitor.evaluate();
            assertThat(finding(report, PSI).latest().current()).isEqualTo(200);
            assertThat(monitor.lost()).isEqualTo(1);
        }
        requireSound();
    }

    @Test
    void whoMayNotDoesNot() {
        champion = promoted(1, usual());
        for (Principal who : List.of(Site.ADA, Site.AUDITOR, Site.STRANGER)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> ops.as(who).monitoring().open("risk", Site.PRODUCTION));
        }
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> ops.as(Site.STRANGER).monitoring().alerts("risk", Site.PRODUCTION));
        try (ModelOps reader =
                ModelOps.open(Storages.existingDirectory(folder), key).start()) {
            assertThatExceptionOfType(ReadOnlyException.class)
                    .isThrownBy(() -> reader.as(Site.SCORING).monitoring().open("risk", Site.PRODUCTION));
        }
    }

    @Test
    void countingAllocatesNothing() {
        ops.close();
        folder = dir.resolve("of-now");
        key = Site.create(folder, genesis());
        // By the host's own clock: a test's may well allocate.
        ops = Site.open(folder, key);
        champion = promoted(1, usual());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double[] numbers = {0.5, 0.5};
        @Nullable String[] texts = {"rent"};
        try (Monitor monitor = monitor(ops)) {
            Served<String> served = new Served<>("", champion, Served.By.CHAMPION, 1, 1);
            for (int i = 0; i < 50_000; i++) {
                monitor.observe(served, numbers, texts);
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                monitor.observe(served, numbers, texts);
            }
            // A window may end meanwhile, but not one in every call.
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"alert-", "harm-", "response-", "segment-", "verdict-"})
    void nobodyTakesTheIdentityOfAnActOfTheLibrary(String prefix) {
        champion = promoted(1, usual());
        Action tag = Action.setTag(champion, "team", "blue").as(CommandId.of(prefix + "1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Site.registry(ops, Site.ADA).perform(tag))
                .withMessageContaining(prefix);
    }
}
