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
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How often a monitor alarms without a reason, and with one: twenty signals, a fresh reference of 5,000 rows and windows of
 * 1,000 in each run. {@code -Dmodelops.monitoring.runs=10000} for the long form.
 */
class FalseAlarmProperties {
    private static final int RUNS = Integer.getInteger("modelops.monitoring.runs", 150);
    private static final int SIGNALS = 20;
    private static final double ALPHA = .05;
    private static final double[] SHARES = {.3, .2, .15, .1, .1, .08, .05, .02};
    private static final double[] MOVED = {.24, .2, .15, .1, .1, .08, .08, .05};

    @ParameterizedTest
    @EnumSource(MultipleTesting.class)
    void falseAlarmsAreAtMostWhatWasAllowed(MultipleTesting correction) {
        int oneOfOne = alarms(correction, 1, 1, SHARES);
        int twoOfThree = alarms(correction, 2, 3, SHARES);

        // Four standard deviations above the level, for a simulation is one too.
        double allowed = RUNS * ALPHA + 4 * Math.sqrt(RUNS * ALPHA * (1 - ALPHA));
        assertThat(oneOfOne).isLessThanOrEqualTo((int) allowed);
        assertThat(twoOfThree).isLessThanOrEqualTo((int) (RUNS * ALPHA / 2));
        report(correction + ": false alarms, 1 of 1", oneOfOne);
        report(correction + ": false alarms, 2 of 3", twoOfThree);
    }

    @ParameterizedTest
    @EnumSource(MultipleTesting.class)
    void aShiftInOneOfTwentySignalsIsFound(MultipleTesting correction) {
        int oneOfOne = alarms(correction, 1, 1, MOVED);
        int twoOfThree = alarms(correction, 2, 3, MOVED);

        assertThat(oneOfOne).isGreaterThan((int) (RUNS * .9));
        assertThat(twoOfThree).isGreaterThan((int) (RUNS * .9));
        report(correction + ": found, 1 of 1", oneOfOne);
        report(correction + ": found, 2 of 3", twoOfThree);
    }

    private static void report(String what, int count) {
        assertThat(RUNS).as("%s: %d of %d runs", what, count, RUNS).isPositive();
    }

    private static int alarms(MultipleTesting correction, int needed, int among, double[] lastSignal) {
        int alarms = 0;
        for (int run = 0; run < RUNS; run++) {
            alarms += alarms(new Random(run), correction, needed, among, lastSignal) ? 1 : 0;
        }
        return alarms;
    }

    private static boolean alarms(
            Random random, MultipleTesting correction, int needed, int among, double[] lastSignal) {
        ReferenceProfile profile = profile(random);
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
                        among,
                        100,
                        1),
                profile);
        List<Window> windows = new ArrayList<>();
        for (int index = 0; index < among; index++) {
            List<SignalCounts> counts = new ArrayList<>();
            for (int signal = 0; signal < SIGNALS; signal++) {
                counts.add(SignalCounts.of(sample(random, signal == SIGNALS - 1 ? lastSignal : SHARES, 1000)));
            }
            windows.add(new Window(monitor.layout().monitor, index, 1000, counts, null, null, null, new TreeMap<>()));
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
