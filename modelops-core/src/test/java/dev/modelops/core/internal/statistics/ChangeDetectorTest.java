package dev.modelops.core.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.statistics.ChangeDetector.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.hipparchus.random.MersenneTwister;
import org.junit.jupiter.api.Test;

/** Detectors of change, on streams of which others published where they alarm (River), and by what they must hold. */
class ChangeDetectorTest {
    /** Random(12345): choices([0, 1], k=1000) + choices(range(4, 8), k=1000). */
    @Test
    void pageHinkleyOnARisingMeanAlarmsAt1006Only() {
        PythonRandom random = new PythonRandom(12345);
        double[] stream = DoubleStream.concat(
                        random.choices(new double[] {0, 1}, 1000), random.choices(new double[] {4, 5, 6, 7}, 1000))
                .toArray();

        assertThat(levels(new PageHinkley(), stream)).containsExactly("DRIFT 1006");
    }

    @Test
    void pageHinkleyWithoutChanceAlarmsAt547() {
        double[] stream = IntStream.range(0, 1000)
                .mapToDouble(i -> 7 * i % 5 + (i < 500 ? 0 : 1))
                .toArray();

        assertThat(levels(new PageHinkley(), stream)).startsWith("DRIFT 547");
    }

    /** Random(42): choices([0, 1], k=1000) + choices([0, 1], k=1000, weights=[.3, .7]). */
    @Test
    void driftDetectionOnRisingErrorsWarnsAt1084AndAlarmsAt1334() {
        PythonRandom random = new PythonRandom(42);
        double[] first = random.choices(new double[] {0, 1}, 1000).toArray();
        double[] second = IntStream.range(0, 1000)
                .mapToDouble(i -> random.next() < .3 ? 0 : 1)
                .toArray();
        double[] stream = DoubleStream.concat(DoubleStream.of(first), DoubleStream.of(second))
                .toArray();

        List<String> levels = levels(new DriftDetectionMethod(), stream);
        assertThat(levels).startsWith("WARNING 1084").contains("DRIFT 1334");
        assertThat(levels.get(levels.indexOf("DRIFT 1334") + 1)).isEqualTo("WARNING 1492");
        assertThat(levels.stream().filter(level -> level.startsWith("DRIFT"))).hasSize(1);
    }

    @Test
    void driftDetectionWithoutChanceWarnsAt1060AndAlarmsAt1140() {
        double[] stream = IntStream.range(0, 2000)
                .mapToDouble(i -> 7919 * i % 10 < (i < 1000 ? 2 : 4) ? 1 : 0)
                .toArray();

        assertThat(levels(new DriftDetectionMethod(), stream))
                .startsWith("WARNING 1060")
                .contains("DRIFT 1140");
    }

    @Test
    void driftDetectionTakesRightAndWrongOnly() {
        assertThatThrownBy(() -> new DriftDetectionMethod().add(.5)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theAdaptiveWindowNeverAlarmsOnConstants() {
        AdaptiveWindow window = new AdaptiveWindow(.002);

        assertThat(levels(window, DoubleStream.generate(() -> .7).limit(20_000).toArray()))
                .isEmpty();
        assertThat(window.size()).isEqualTo(20_000);
        assertThat(window.mean()).isCloseTo(.7, within(1e-9));
    }

    @Test
    void theAdaptiveWindowSeesAJumpSoonAndForgetsWhatWasBefore() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            AdaptiveWindow window = new AdaptiveWindow(.002);
            double[] stream = IntStream.range(0, 2000)
                    .mapToDouble(i -> random.nextDouble() < (i < 1000 ? .2 : .8) ? 1 : 0)
                    .toArray();

            List<String> levels = levels(window, stream);
            assertThat(levels)
                    .anySatisfy(level -> assertThat(Integer.parseInt(level.substring("DRIFT ".length())))
                            .isBetween(1000, 1128));
            assertThat(window.size()).isLessThan(1100);
            assertThat(window.mean()).isBetween(.7, .9);
        }
    }

    @Test
    void theAdaptiveWindowSeldomAlarmsWithoutAChange() {
        int alarms = 0;
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            alarms += levels(new AdaptiveWindow(.002), random.doubles(3000).toArray())
                            .isEmpty()
                    ? 0
                    : 1;
        }

        assertThat(alarms).isLessThan(10);
    }

    @Test
    void theMemoryOfTheAdaptiveWindowGrowsWithTheLogarithm() {
        AdaptiveWindow window = new AdaptiveWindow(.002);
        for (int i = 0; i < 100_000; i++) {
            window.add(i % 2);
        }

        assertThat(window.size()).isEqualTo(100_000);
        assertThat(window.summaries()).isLessThanOrEqualTo(5 * 17);
        assertThatThrownBy(() -> window.add(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> levels(ChangeDetector detector, double[] stream) {
        List<String> levels = new ArrayList<>();
        for (int i = 0; i < stream.length; i++) {
            Level level = detector.add(stream[i]);
            if (level != Level.STABLE) {
                levels.add(level + " " + i);
            }
        }
        return levels;
    }

    /** The numbers that Python's random module makes of a seed. */
    private static final class PythonRandom {
        private final MersenneTwister twister;

        PythonRandom(int seed) {
            twister = new MersenneTwister(new int[] {seed});
        }

        double next() {
            int high = twister.nextInt() >>> 5;
            int low = twister.nextInt() >>> 6;
            return (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0;
        }

        DoubleStream choices(double[] from, int count) {
            return DoubleStream.generate(() -> from[(int) (next() * from.length)])
                    .limit(count);
        }
    }
}
