package dev.modelops.core.internal.monitoring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.monitoring.Finding.Level;
import dev.modelops.core.internal.monitoring.Finding.Measurement;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.monitoring.Monitored.Row;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Categorical;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.Window.SignalCounts;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What follows from windows. */
class MonitorTest {
    private static final Check INCOME = Check.of(Statistic.PSI, "income", .1);

    /** The published vectors once more, through profile, window and monitor. */
    @Test
    void theStatisticsAreThoseOfTheCounts() {
        ReferenceProfile profile = new ReferenceProfile(
                List.of(
                        new Categorical(
                                "c",
                                List.of("a", "b", "c", "d", "e", "f"),
                                ImmutableLongArray.of(16, 18, 16, 14, 12, 12, 0, 0)),
                        new Numeric(
                                "n",
                                ImmutableDoubleArray.of(1, 2, 3),
                                ImmutableLongArray.of(100, 100, 100, 100, 0, 0),
                                ImmutableDoubleArray.of(.5, 1.5, 2.5, 3.5),
                                2,
                                2,
                                0,
                                4)),
                null,
                null);
        MonitorSpec spec = Monitored.spec(
                profile,
                Output.NONE,
                List.of(),
                1,
                1,
                Check.of(Statistic.PSI, "c", 0),
                Check.of(Statistic.KULLBACK_LEIBLER, "c", 0),
                Check.of(Statistic.JENSEN_SHANNON, "c", 0),
                Check.of(Statistic.HELLINGER, "c", 0),
                Check.of(Statistic.TOTAL_VARIATION, "c", 0),
                Check.of(Statistic.L_INFINITY, "c", 0),
                Check.of(Statistic.KOLMOGOROV_SMIRNOV, "n", 0),
                Check.of(Statistic.WASSERSTEIN, "n", 0),
                Check.of(Statistic.MEAN, "n", 0));
        MonitorSpec small = new MonitorSpec(
                spec.name(),
                spec.profile(),
                spec.window(),
                spec.output(),
                spec.slices(),
                spec.checks(),
                spec.alpha(),
                spec.correction(),
                1,
                1,
                50,
                1,
                spec.grace(),
                spec.labels(),
                spec.coolDown());
        Monitor monitor = new Monitor(small, profile);
        Window window = new Window(
                monitor.layout().monitor,
                1,
                100,
                List.of(
                        SignalCounts.of(ImmutableLongArray.of(16, 16, 16, 16, 16, 8, 0, 0)),
                        new SignalCounts(
                                ImmutableLongArray.of(10, 20, 30, 40, 0, 0), CenteredSums.of(100, 50, 400), 0, 4)),
                null,
                null,
                null,
                new TreeMap<>());

        List<Finding> findings = monitor.evaluate(List.of(window));

        double[] expected = {.0372183816, .0183087046, .0817342133, .0681277437, .0681818182, .0454545455, .2, .25, .25
        };
        for (int i = 0; i < expected.length; i++) {
            assertThat(findings.get(i).measurements().get(0).effect())
                    .as(findings.get(i).key())
                    .isEqualTo(expected[i], within(5e-11));
        }
        assertThat(findings.get(0).measurements().get(0).statistic()).isEqualTo(1.6224089636, within(5e-11));
        assertThat(findings.get(0).measurements().get(0).pValue()).isEqualTo(.8985262394, within(5e-11));
        assertThat(findings.get(0).measurements().get(0).reference()).isEqualTo(88);
    }

    @Test
    void aShiftIsFoundWhereItIsAndNowhereElse() {
        List<Check> checks = new ArrayList<>();
        for (String signal : List.of("income", "age", "home", "score", "sex")) {
            checks.add(Check.of(Statistic.PSI, signal, .1));
        }
        checks.add(Check.of(Statistic.MEAN, "income", .3));
        checks.add(Check.of(Statistic.WASSERSTEIN, "income", .3));
        Monitor monitor = new Monitor(Monitored.spec(1, 1, checks.toArray(Check[]::new)), Monitored.PROFILE);
        Window window = Monitored.window(monitor.layout(), 1, 1000, new Random(7), .6);

        List<Finding> findings = monitor.evaluate(List.of(window));

        assertThat(findings)
                .extracting(Finding::level)
                .containsExactly(
                        Level.ALARMING,
                        Level.WITHIN,
                        Level.WITHIN,
                        Level.ALARMING,
                        Level.WITHIN,
                        Level.ALARMING,
                        Level.ALARMING);
        assertThat(findings.get(5).measurements().get(0).effect()).isEqualTo(.6, within(.1));
        assertThat(findings.get(6).measurements().get(0).effect()).isEqualTo(.6, within(.15));
        assertThat(findings.get(0).key()).isEqualTo("psi:income");
    }

    @Test
    void aLargeDifferenceOfFewIsNotAnAlarmAndASmallOneOfManyIsNeither() {
        Monitor monitor = new Monitor(Monitored.spec(1, 1, INCOME), Monitored.PROFILE);

        Finding few = monitor.evaluate(List.of(Monitored.window(monitor.layout(), 1, 99, new Random(7), 3)))
                .get(0);
        Finding noise = monitor.evaluate(List.of(Monitored.window(monitor.layout(), 1, 100, new Random(7), 0)))
                .get(0);
        Finding small = monitor.evaluate(List.of(Monitored.window(monitor.layout(), 1, 40_000, new Random(7), .15)))
                .get(0);

        assertThat(few.level()).isEqualTo(Level.UNKNOWN);
        assertThat(few.measurements().get(0).sufficient()).isFalse();
        Measurement ofNoise = noise.measurements().get(0);
        assertThat(ofNoise.effect()).isGreaterThan(.05);
        assertThat(noise.level()).isEqualTo(Level.WITHIN);
        Measurement ofMany = small.measurements().get(0);
        assertThat(ofMany.adjusted()).isLessThan(1e-6);
        assertThat(ofMany.effect()).isLessThan(.1);
        assertThat(small.level()).isEqualTo(Level.WITHIN);
    }

    @Test
    void asManyOfTheLatestWindowsAsNeededMakeAnAlarm() {
        Monitor monitor = new Monitor(Monitored.spec(2, 3, INCOME), Monitored.PROFILE);
        Random random = new Random(8);
        double[] shifts = {0, 1, 0, 1, 1, 0, 0, 0};
        Level[] levels = {
            Level.WITHIN,
            Level.EXCEEDING,
            Level.WITHIN,
            Level.ALARMING,
            Level.ALARMING,
            Level.WITHIN,
            Level.WITHIN,
            Level.WITHIN
        };
        List<Window> windows = new ArrayList<>();
        for (int i = 0; i < shifts.length; i++) {
            windows.add(Monitored.window(monitor.layout(), i, 500, random, shifts[i]));
            Finding finding = monitor.evaluate(windows).get(0);

            assertThat(finding.level()).as("window %d", i).isEqualTo(levels[i]);
            assertThat(finding.measurements()).hasSize(Math.min(3, i + 1));
            assertThat(finding.latest()).isEqualTo(i);
        }
    }

    @Test
    void missingAndUnseenValuesAreFound() {
        Monitor monitor = new Monitor(
                Monitored.spec(
                        1,
                        1,
                        Check.of(Statistic.MISSING, "income", .05),
                        Check.of(Statistic.MISSING, "home", .05),
                        Check.of(Statistic.UNSEEN, "home", .05),
                        Check.of(Statistic.UNSEEN, "income", .05),
                        Check.of(Statistic.MISSING, "sex", .05)),
                Monitored.PROFILE);
        Recorder recorder = new Recorder(monitor.layout(), 2, 1);
        Random random = new Random(9);
        for (int i = 0; i < 500; i++) {
            Row row = Monitored.row(random, 0);
            row.numbers()[0] = i % 10 == 0 ? Double.NaN : i % 10 == 1 ? Double.POSITIVE_INFINITY : row.numbers()[0];
            @Nullable String home = i % 10 == 2 ? null : i % 10 == 3 ? "tent" : row.texts()[0];
            recorder.record(row.numbers(), new @Nullable String[] {home, row.texts()[1]});
        }
        Window window = requireNonNull(recorder.roll(2));

        List<Finding> findings = monitor.evaluate(List.of(window));

        assertThat(findings)
                .extracting(Finding::level)
                .containsExactly(Level.ALARMING, Level.ALARMING, Level.ALARMING, Level.ALARMING, Level.WITHIN);
        for (Finding finding : findings.subList(0, 4)) {
            assertThat(finding.measurements().get(0).effect()).isEqualTo(.1, within(1e-9));
        }
    }

    /** The reference has its labels; in the window the inputs are the same and what they mean is not. */
    @Test
    void performanceIsComparedOnceLabelsAreThereAndExpectedBefore() {
        Check[] checks = {
            Check.of(Statistic.AUC, .02),
            Check.of(Statistic.BRIER, .01),
            Check.of(Statistic.LOG_LOSS, .02),
            Check.of(Statistic.ACCURACY, .02),
            Check.of(Statistic.PRECISION, .02),
            Check.of(Statistic.RECALL, .02),
            Check.of(Statistic.CALIBRATION, .05),
            Check.of(Statistic.EXPECTED_ACCURACY, .02),
            Check.of(Statistic.EXPECTED_AUC, .02)
        };
        Monitor monitor = new Monitor(Monitored.spec(1, 1, checks), Monitored.PROFILE);
        Window same = Monitored.window(monitor.layout(), 1, 2000, new Random(10), 0);
        Recorder recorder = new Recorder(monitor.layout(), 2, 2);
        LabelRecorder labels = new LabelRecorder(monitor.layout(), 10);
        Random random = new Random(11);
        for (int i = 0; i < 2000; i++) {
            Row row = Monitored.row(random, 0);
            recorder.record(row.numbers(), row.texts());
            boolean bad = random.nextInt(3) == 0 ? random.nextBoolean() : row.bad();
            labels.add(2, row.numbers()[2], bad ? 1 : 0, monitor.layout().slices(row.texts()));
        }
        Window unlabelled = requireNonNull(recorder.roll(3));
        Window labelled = unlabelled.plus(labels.drain().get(0));

        assertThat(monitor.evaluate(List.of(same))).allMatch(finding -> finding.level() == Level.WITHIN);
        assertThat(monitor.evaluate(List.of(unlabelled)).subList(0, 7))
                .allMatch(finding -> finding.level() == Level.UNKNOWN);
        assertThat(monitor.evaluate(List.of(unlabelled)).subList(7, 9))
                .allMatch(finding -> finding.level() == Level.WITHIN);
        List<Finding> findings = monitor.evaluate(List.of(labelled));
        assertThat(findings.subList(0, 7))
                .allSatisfy(
                        finding -> assertThat(finding.level()).as(finding.key()).isEqualTo(Level.ALARMING));
        assertThat(findings.subList(7, 9)).allMatch(finding -> finding.level() == Level.WITHIN);
    }

    @Test
    void inputsThatAreHarderToTellApartLowerWhatIsToBeExpected() {
        Monitor monitor = new Monitor(
                Monitored.spec(1, 1, Check.of(Statistic.EXPECTED_ACCURACY, .02), Check.of(Statistic.EXPECTED_AUC, .02)),
                Monitored.PROFILE);
        Recorder recorder = new Recorder(monitor.layout(), 2, 1);
        Random random = new Random(12);
        for (int i = 0; i < 2000; i++) {
            Row row = Monitored.row(random, 0);
            row.numbers()[2] = .5 + (row.numbers()[2] - .5) / 3;
            recorder.record(row.numbers(), row.texts());
        }
        Window window = requireNonNull(recorder.roll(2));

        assertThat(monitor.evaluate(List.of(window))).allMatch(finding -> finding.level() == Level.ALARMING);
    }

    @Test
    void errorsOfPredictedValuesAreCompared() {
        Random random = new Random(13);
        double[] values = random.doubles(2000).toArray();
        RegressionErrors.Builder errors = new RegressionErrors.Builder();
        for (double value : values) {
            errors.add(value, value + random.nextGaussian());
        }
        ReferenceProfile profile = new ReferenceSample()
                .numeric("y", values)
                .errors(errors.build())
                .profile();
        Monitor monitor = new Monitor(
                Monitored.spec(
                        profile,
                        new Output(OutputKind.VALUE, "y", .5),
                        List.of(),
                        1,
                        1,
                        Check.of(Statistic.MAE, .1),
                        Check.of(Statistic.RMSE, .1),
                        Check.of(Statistic.BIAS, .1)),
                profile);
        Window same = errors(monitor, 1, 1, 0, random);
        Window wider = errors(monitor, 2, 1.5, 0, random);
        Window moved = errors(monitor, 3, 1, .3, random);

        assertThat(monitor.evaluate(List.of(same))).extracting(Finding::level).containsOnly(Level.WITHIN);
        assertThat(monitor.evaluate(List.of(wider)))
                .extracting(Finding::level)
                .containsExactly(Level.ALARMING, Level.ALARMING, Level.WITHIN);
        assertThat(monitor.evaluate(List.of(moved)).get(2).level()).isEqualTo(Level.ALARMING);
    }

    private static Window errors(Monitor monitor, long index, double spread, double bias, Random random) {
        LabelRecorder labels = new LabelRecorder(monitor.layout(), 10);
        for (int i = 0; i < 1000; i++) {
            double value = random.nextDouble();
            labels.add(index, value, value - bias + spread * random.nextGaussian(), new int[0]);
        }
        return labels.drain().get(0);
    }

    @Test
    void groupsThatAreDecidedDifferentlyAreFound() {
        Check[] checks = {
            Check.of(Statistic.STATISTICAL_PARITY, "sex", "m", .1),
            Check.of(Statistic.DISPARATE_IMPACT, "sex", "m", .2),
            Check.of(Statistic.EQUAL_OPPORTUNITY, "sex", "m", .1)
        };
        Monitor monitor = new Monitor(Monitored.spec(1, 1, checks), Monitored.PROFILE);
        Window fair = Monitored.window(monitor.layout(), 1, 2000, new Random(14), 0);
        Recorder recorder = new Recorder(monitor.layout(), 2, 2);
        LabelRecorder labels = new LabelRecorder(monitor.layout(), 10);
        Random random = new Random(15);
        for (int i = 0; i < 2000; i++) {
            Row row = Monitored.row(random, 0);
            if ("f".equals(row.texts()[1])) {
                row.numbers()[2] *= .7;
            }
            recorder.record(row.numbers(), row.texts());
            labels.add(2, row.numbers()[2], row.bad() ? 1 : 0, monitor.layout().slices(row.texts()));
        }
        Window counted = requireNonNull(recorder.roll(3));

        assertThat(monitor.evaluate(List.of(fair))).extracting(Finding::level).containsOnly(Level.WITHIN);
        List<Finding> findings =
                monitor.evaluate(List.of(counted.plus(labels.drain().get(0))));
        assertThat(findings).extracting(Finding::level).containsOnly(Level.ALARMING);
        assertThat(findings).extracting(Finding::category).containsOnly("f");
        assertThat(findings.get(0).key()).isEqualTo("statistical-parity:sex=f");
    }

    @Test
    void aFindingSaysAllItWasConcludedFrom() {
        Monitor monitor = new Monitor(Monitored.spec(1, 1, INCOME), Monitored.PROFILE);
        List<Window> windows = List.of(Monitored.window(monitor.layout(), 1, 500, new Random(16), 1));
        Finding finding = monitor.evaluate(windows).get(0);

        assertThat(new Monitor(
                                MonitorSpec.parse(monitor.layout().spec.toBytes()),
                                ReferenceProfile.parse(Monitored.PROFILE.toBytes()))
                        .evaluate(List.of(Window.parse(windows.get(0).toBytes())))
                        .get(0)
                        .toBytes())
                .isEqualTo(finding.toBytes());
        assertThat(finding.toJson().toString())
                .contains(
                        "\"statistic\":\"psi\"",
                        "\"floor\":0.1",
                        "\"reference\":5000",
                        "\"current\":500",
                        "\"pValue\"");
    }

    @Test
    void windowsMustBeOfTheMonitorAndInOrder() {
        Monitor monitor = new Monitor(Monitored.spec(1, 1, INCOME), Monitored.PROFILE);
        Monitor other = new Monitor(Monitored.spec(1, 2, INCOME), Monitored.PROFILE);
        Window one = Monitored.window(monitor.layout(), 1, 100, new Random(17), 0);
        Window two = Monitored.window(monitor.layout(), 2, 100, new Random(17), 0);

        assertThatThrownBy(() -> monitor.evaluate(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> monitor.evaluate(List.of(two, one))).hasMessageContaining("order");
        assertThatThrownBy(() -> monitor.evaluate(List.of(one, one))).hasMessageContaining("order");
        assertThatThrownBy(() -> other.evaluate(List.of(one))).hasMessageContaining("monitor");
        List<SignalCounts> fewerCells = new ArrayList<>(one.signals());
        fewerCells.set(2, SignalCounts.of(ImmutableLongArray.of(1, 2, 3)));
        Window cut = new Window(one.monitor(), 1, 100, fewerCells, null, null, null, new TreeMap<>());
        assertThatThrownBy(() -> monitor.evaluate(List.of(cut))).hasMessageContaining("monitor");
    }
}
