package dev.modelops.core.internal.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.monitoring.Finding.Level;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.Window.SignalCounts;
import dev.modelops.core.internal.statistics.MultipleTesting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * How often a monitor alarms without a reason, and with one: twenty signals, in each run a fresh reference of 5,000 rows and
 * three windows of 1,000. {@code -Dmodelops.monitoring.runs=10000} for the long form.
 */
class FalseAlarmProperties {
    private static final int RUNS = Integer.getInteger("modelops.monitoring.runs", 200);
    private static final int SIGNALS = 20;
    private static final double ALPHA = .05;
    private static final double[] SHARES = {.3, .2, .15, .1, .1, .08, .05, .02};
    /** A population stability index of .06. */
    private static final double[] MOVED = {.24, .2, .15, .1, .1, .08, .08, .05};

    @Test
    void falseAlarmsAreAtMostWhatWasAllowed(TestReporter reporter) {
        Map<String, Integer> alarms = alarms(SHARES);
        reporter.publishEntry("false alarms in " + RUNS, alarms.toString());

        // Four standard deviations above the level, for a simulation is one too.
        int allowed = (int) (RUNS * ALPHA + 4 * Math.sqrt(RUNS * ALPHA * (1 - ALPHA)));
        assertThat(alarms)
                .hasSize(4)
                .allSatisfy((what, count) -> assertThat(count).as(what).isLessThanOrEqualTo(allowed));
        assertThat(alarms.get("BONFERRONI, 2 of 3")).isLessThanOrEqualTo(RUNS / 100);
        assertThat(alarms.get("BENJAMINI_HOCHBERG, 2 of 3")).isLessThanOrEqualTo(RUNS / 100);
    }

    @Test
    void aShiftInOneOfTwentySignalsIsFound(TestReporter reporter) {
        Map<String, Integer> alarms = alarms(MOVED);
        reporter.publishEntry("shifts found in " + RUNS, alarms.toString());

        assertThat(alarms)
                .hasSize(4)
                .allSatisfy((what, count) -> assertThat(count).as(what).isGreaterThan(RUNS * 9 / 10));
    }

    private static Map<String, Integer> alarms(double[] lastSignal) {
        Map<String, Integer> alarms = new TreeMap<>();
        for (int run = 0; run < RUNS; run++) {
            Random random = new Random(run);
            ReferenceProfile profile = profile(random);
            List<List<SignalCounts>> windows = new ArrayList<>();
            for (int window = 0; window < 3; window++) {
                List<SignalCounts> counts = new ArrayList<>();
                for (int signal = 0; signal < SIGNALS; signal++) {
                    counts.add(SignalCounts.of(sample(random, signal == SIGNALS - 1 ? lastSignal : SHARES, 1000)));
                }
                windows.add(counts);
            }
            for (MultipleTesting correction : MultipleTesting.values()) {
                boolean one = alarms(profile, windows.subList(0, 1), correction, 1);
                boolean two = alarms(profile, windows, correction, 2);
                alarms.merge(correction + ", 1 of 1", one ? 1 : 0, Integer::sum);
                alarms.merge(correction + ", 2 of 3", two ? 1 : 0, Integer::sum);
            }
        }
        return alarms;
    }

    private static boolean alarms(
            ReferenceProfile profile, List<List<SignalCounts>> counts, MultipleTesting correction, int needed) {
        List<Check> checks = new ArrayList<>();
        for (int signal = 0; signal < SIGNALS; signal++) {
            checks.add(Check.of(Statistic.PSI, "s" + signal, 0));
        }
        Monitor monitor = new Monitor(
                new MonitorSpec(
                        "false alarms",
                        Digest.sha256Of(Bytes.of(profile.toBytes())),
                        Duration.ofHours(1),
                        Output.NONE,
                        List.of(),
                        checks,
                        ALPHA,
                        correction,
                        needed,
                        counts.size(),
                        100,
                        1,
                        Duration.ofMinutes(5),
                        Duration.ofHours(1),
                        Duration.ofDays(1)),
                profile);
        List<Window> windows = new ArrayList<>();
        for (List<SignalCounts> signals : counts) {
            windows.add(new Window(
                    monitor.layout().monitor, windows.size(), 1000, signals, null, null, null, new TreeMap<>()));
        }
        return monitor.evaluate(windows).stream().anyMatch(finding -> finding.level() == Level.ALARMING);
    }

    private static ReferenceProfile profile(Random random) {
        List<ReferenceProfile.Signal> signals = new ArrayList<>();
        List<String> categories = Arrays.asList("a", "b", "c", "d", "e", "f", "g", "h");
        for (int signal = 0; signal < SIGNALS; signal++) {
            signals.add(new ReferenceProfile.Categorical("s" + signal, categories, sample(random, SHARES, 5000)));
        }
        return new ReferenceProfile(signals, null, null);
    }

    private static ImmutableLongArray sample(Random random, double[] shares, int count) {
        long[] cells = new long[shares.length + 2];
        for (int i = 0; i < count; i++) {
            double draw = random.nextDouble();
            int cell = 0;
            while (cell < shares.length - 1 && draw >= shares[cell]) {
                draw -= shares[cell];
                cell++;
            }
            cells[cell]++;
        }
        return ImmutableLongArray.copyOf(cells);
    }
}
