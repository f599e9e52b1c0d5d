package dev.modelops.samples.benchmarks;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.monitoring.Layout;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.Recorder;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.core.internal.monitoring.ReferenceSample;
import dev.modelops.core.internal.monitoring.Statistic;
import dev.modelops.core.internal.statistics.MultipleTesting;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Recording a prediction with twenty numbers, beside counting the same in cells that all threads share. */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class RecordBenchmark {
    private static final int NUMBERS = 20;
    private static final int BINS = 20;
    private static final int ROWS = 1024;

    private final @Nullable String[] noTexts = {};
    private double[][] rows;
    private double[][] edges;
    private AtomicLongArray cells;
    private Recorder recorder;

    /** Where each thread is among the rows. */
    @State(Scope.Thread)
    public static class Place {
        private int next;
    }

    /** Takes bins from a sample. */
    @Setup
    public void start() {
        Random random = new Random(1);
        ReferenceSample sample = new ReferenceSample();
        for (int number = 0; number < NUMBERS; number++) {
            sample.numeric("n" + number, random.doubles(10_000).toArray(), BINS);
        }
        ReferenceProfile profile = sample.profile();
        MonitorSpec spec = new MonitorSpec(
                "benchmark",
                Digest.sha256Of(Bytes.of(profile.toBytes())),
                Duration.ofHours(1),
                Output.NONE,
                List.of(),
                List.of(Check.of(Statistic.PSI, "n0", .1)),
                .01,
                MultipleTesting.BENJAMINI_HOCHBERG,
                2,
                3,
                100,
                2,
                Duration.ofMinutes(5),
                Duration.ofHours(1),
                Duration.ofDays(1));
        recorder = new Recorder(new Layout(spec, profile), Runtime.getRuntime().availableProcessors(), 0);
        edges = profile.signals().stream()
                .map(signal -> ((ReferenceProfile.Numeric) signal).edges().toArray())
                .toArray(double[][]::new);
        cells = new AtomicLongArray(NUMBERS * BINS);
        rows = new double[ROWS][];
        for (int row = 0; row < ROWS; row++) {
            rows[row] = random.doubles(NUMBERS).toArray();
        }
    }

    /** Records a row. */
    @Benchmark
    public long record(Place place) {
        return recorder.record(rows[place.next++ & (ROWS - 1)], noTexts);
    }

    /** Counts a row in shared cells, and nothing else. */
    @Benchmark
    public long sharedCells(Place place) {
        double[] row = rows[place.next++ & (ROWS - 1)];
        for (int number = 0; number < NUMBERS; number++) {
            int bin = 0;
            for (double edge : edges[number]) {
                bin += row[number] >= edge ? 1 : 0;
            }
            cells.incrementAndGet(number * BINS + bin);
        }
        return row.length;
    }
}
