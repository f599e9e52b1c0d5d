package dev.modelops.core.internal.monitoring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.Monitored.Row;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.Window.Slice;
import dev.modelops.core.internal.monitoring.Window.SliceCounts;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.ExpectedScores;
import dev.modelops.core.internal.statistics.GroupOutcomes;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Counting predictions and what became of them. */
class RecorderTest {
    private static final Layout LAYOUT =
            new Layout(Monitored.spec(1, 1, Check.of(Statistic.PSI, "income", .1)), Monitored.PROFILE);

    @Test
    void theReferenceSampleRecordedIsTheReferenceProfile() {
        double[] values = new Random(5).doubles(3000).map(x -> x * x).toArray();
        List<@Nullable String> texts = Arrays.stream(values)
                .mapToObj(x -> x < .01 ? null : "" + (int) (x * 40))
                .toList();
        ReferenceProfile profile = new ReferenceSample()
                .numeric("few", values, 10)
                .numeric("many", values, 100)
                .categorical("text", texts, 20)
                .profile();
        Recorder recorder = new Recorder(
                new Layout(
                        Monitored.spec(profile, Output.NONE, List.of(), 1, 1, Check.of(Statistic.PSI, "few", .1)),
                        profile),
                2,
                7);
        for (int i = 0; i < values.length; i++) {
            assertThat(recorder.record(new double[] {values[i], values[i]}, new @Nullable String[] {texts.get(i)}))
                    .isEqualTo(7);
        }

        Window window = requireNonNull(recorder.roll(8));
        assertThat(window.predictions()).isEqualTo(3000);
        for (int i = 0; i < 3; i++) {
            assertThat(window.signals().get(i).cells())
                    .isEqualTo(profile.signals().get(i).cells());
        }
        Numeric numeric = (Numeric) profile.signals().get(0);
        assertThat(window.signals().get(0).sums().mean()).isEqualTo(0, within(1e-12));
        assertThat(window.signals().get(0).sums().deviation()).isEqualTo(numeric.deviation(), within(1e-12));
        assertThat(window.signals().get(0).least()).isEqualTo(numeric.least());
        assertThat(window.signals().get(0).most()).isEqualTo(numeric.most());
        assertThat(recorder.roll(9)).isNull();
    }

    @Test
    void missingUnseenAndInfiniteValuesAreCounted() {
        Recorder recorder = new Recorder(LAYOUT, 2, 0);
        recorder.record(new double[] {Double.NaN, Double.POSITIVE_INFINITY, .7}, new @Nullable String[] {"tent", null});
        recorder.record(new double[] {-1e200, 30, Double.NaN}, new @Nullable String[] {null, "f"});
        recorder.record(new double[] {0, 30, 1.5}, new @Nullable String[] {"rent", "f"});

        Window window = requireNonNull(recorder.roll(1));
        assertThat(window.signals().get(0).cells().toArray()).endsWith(1, 1);
        assertThat(window.signals().get(1).cells().toArray()).endsWith(0, 1);
        assertThat(window.signals().get(2).cells().toArray()).endsWith(1, 1);
        assertThat(window.signals().get(3).cells().toArray()).endsWith(1, 0);
        assertThat(window.signals().get(4).cells().toArray()).endsWith(0, 1);
        assertThat(window.signals().get(0).sums().count()).isEqualTo(1);
        // Only what is a probability counts as one.
        ExpectedScores expected = requireNonNull(window.expected());
        assertThat(expected.count()).isEqualTo(1);
        assertThat(expected.decided()).isEqualTo(1);
    }

    @Test
    void slicesTellDecisionsAndOutcomesApart() {
        Recorder recorder = new Recorder(LAYOUT, 2, 3);
        LabelRecorder labels = new LabelRecorder(LAYOUT, 10);
        String[][] sexes = {{"rent", "f"}, {"rent", "f"}, {"rent", "m"}, {"rent", "x"}};
        double[] scores = {.9, .2, .8, .4};
        for (int i = 0; i < scores.length; i++) {
            long window = recorder.record(new double[] {0, 30, scores[i]}, sexes[i]);
            assertThat(labels.add(window, scores[i], i == 1 ? 0 : 1, LAYOUT.slices(sexes[i])))
                    .isTrue();
        }
        Window counted = requireNonNull(recorder.roll(4));
        Window window = counted.plus(labels.drain().get(0));

        List<String> categories =
                ((ReferenceProfile.Categorical) Monitored.PROFILE.signals().get(4)).categories();
        assertThat(of(window, categories.indexOf("f")).group()).isEqualTo(new GroupOutcomes(2, 1, 1, 1));
        assertThat(of(window, categories.indexOf("m")).group()).isEqualTo(new GroupOutcomes(1, 1, 1, 1));
        assertThat(of(window, 2).group()).isEqualTo(new GroupOutcomes(1, 0, 1, 0));
        assertThat(window.labelled()).isEqualTo(4);
        BinaryScores ofWomen =
                requireNonNull(of(window, categories.indexOf("f")).scores());
        assertThat(ofWomen.area().value()).isEqualTo(1);
    }

    private static SliceCounts of(Window window, int cell) {
        return requireNonNull(window.slices().get(new Slice("sex", cell)));
    }

    @Test
    void labelsCountInTheWindowOfTheirPredictionWheneverTheyCome() {
        LabelRecorder labels = new LabelRecorder(LAYOUT, 2);
        int[] slices = LAYOUT.slices(new @Nullable String[] {"rent", "f"});
        labels.add(5, .4, 1, slices);
        labels.add(3, .4, 0, slices);
        labels.add(5, .6, 1, slices);

        assertThat(labels.add(4, .5, 1, slices)).isFalse();
        assertThat(labels.refused()).isEqualTo(1);
        assertThat(labels.drain())
                .extracting(Window::index, Window::labelled)
                .containsExactly(tuple(3L, 1L), tuple(5L, 2L));
        assertThat(labels.drain()).isEmpty();
        assertThat(labels.add(4, .5, 1, slices)).isTrue();
        for (double[] wrong : new double[][] {{1.2, 1}, {Double.NaN, 1}, {.5, .5}, {.5, Double.NaN}}) {
            assertThatThrownBy(() -> labels.add(4, wrong[0], wrong[1], slices))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void rowsOfAnotherFormAreRefusedWhole() {
        Recorder recorder = new Recorder(LAYOUT, 2, 0);

        assertThatThrownBy(() -> recorder.record(new double[] {1, 2}, new @Nullable String[] {"rent", "f"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 numbers and 2 texts");
        assertThatThrownBy(() -> recorder.record(new double[] {1, 2, .3}, new @Nullable String[] {"rent"}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(recorder.roll(1)).isNull();
    }

    @Test
    void noRowIsLostOrTornWhileWindowsEnd() throws InterruptedException {
        Recorder recorder = new Recorder(LAYOUT, 4, 0);
        int threads = 4;
        int rows = 20_000;
        long[][] recorded = new long[threads][1000];
        CountDownLatch done = new CountDownLatch(threads);
        for (int thread = 0; thread < threads; thread++) {
            long[] mine = recorded[thread];
            Random random = new Random(thread);
            new Thread(() -> {
                        for (int i = 0; i < rows; i++) {
                            Row row = Monitored.row(random, 0);
                            mine[(int) recorder.record(row.numbers(), row.texts())]++;
                        }
                        done.countDown();
                    })
                    .start();
        }
        List<Window> windows = new ArrayList<>();
        AtomicBoolean waited = new AtomicBoolean();
        for (int index = 1; index < 999 && !waited.get(); index++) {
            Window window = recorder.roll(index);
            if (window != null) {
                windows.add(window);
            }
            waited.set(done.await(1, TimeUnit.MILLISECONDS));
        }
        assertThat(done.await(120, TimeUnit.SECONDS)).as("all rows recorded").isTrue();
        Window last = recorder.roll(1000);
        if (last != null) {
            windows.add(last);
        }

        long all = 0;
        for (Window window : windows) {
            long expected = Arrays.stream(recorded)
                    .mapToLong(mine -> mine[(int) window.index()])
                    .sum();
            assertThat(window.predictions()).isEqualTo(expected);
            assertThat(window.signals()).allMatch(signal -> signal.total() == expected);
            all += expected;
        }
        assertThat(all).isEqualTo((long) threads * rows);
    }

    @Test
    void recordingAllocatesNothing() {
        Recorder recorder = new Recorder(LAYOUT, 2, 0);
        Random random = new Random(6);
        Row[] rows = new Row[64];
        Arrays.setAll(rows, i -> Monitored.row(random, 0));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 10_000; i++) {
                recorder.record(rows[i % 64].numbers(), rows[i % 64].texts());
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
        }

        // What asking for the number costs, but nothing for any of the rows.
        assertThat(least).isLessThan(1000);
    }

    @Test
    void aMonitorForAnotherProfileIsRefused() {
        ReferenceProfile other =
                new ReferenceSample().numeric("income", new double[] {1, 2}).profile();

        assertThatThrownBy(() -> new Layout(LAYOUT.spec, other)).hasMessageContaining("reference profile");
    }
}
