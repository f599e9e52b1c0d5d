package dev.modelops.core.internal.monitoring;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.MultipleTesting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A small credit model whose probabilities are right, and what it is asked. */
final class Monitored {
    static final String[] HOMES = {"owner", "rent", "parents"};
    static final ReferenceProfile PROFILE = profile();

    /** A row: income, age, score; home, sex. */
    record Row(double[] numbers, @Nullable String[] texts, boolean bad) {}

    private Monitored() {}

    static Row row(Random random, double incomeShift) {
        double income = random.nextGaussian() + incomeShift;
        double age = 20 + random.nextInt(40);
        double score = 1 / (1 + Math.exp(-(income + (age - 40) / 20) * .8));
        double draw = random.nextDouble();
        String home = HOMES[draw < .5 ? 0 : draw < .8 ? 1 : 2];
        String sex = random.nextBoolean() ? "f" : "m";
        return new Row(new double[] {income, age, score}, new String[] {home, sex}, random.nextDouble() < score);
    }

    private static ReferenceProfile profile() {
        Random random = new Random(1);
        int count = 5000;
        double[][] numbers = new double[3][count];
        List<List<@Nullable String>> texts = List.of(new ArrayList<>(), new ArrayList<>());
        BinaryScores.Builder scores = new BinaryScores.Builder(.5);
        for (int i = 0; i < count; i++) {
            Row row = row(random, 0);
            for (int number = 0; number < numbers.length; number++) {
                numbers[number][i] = row.numbers()[number];
            }
            texts.get(0).add(row.texts()[0]);
            texts.get(1).add(row.texts()[1]);
            scores.add(row.numbers()[2], row.bad());
        }
        return new ReferenceSample()
                .numeric("income", numbers[0])
                .numeric("age", numbers[1])
                .categorical("home", texts.get(0))
                .numeric("score", numbers[2], 20)
                .categorical("sex", texts.get(1))
                .scores(scores.build())
                .profile();
    }

    static MonitorSpec spec(int needed, int among, Check... checks) {
        return spec(PROFILE, new Output(OutputKind.PROBABILITY, "score", .5), List.of("sex"), needed, among, checks);
    }

    static MonitorSpec spec(
            ReferenceProfile profile, Output output, List<String> slices, int needed, int among, Check... checks) {
        return new MonitorSpec(
                "credit",
                Digest.sha256Of(Bytes.of(profile.toBytes())),
                Duration.ofHours(1),
                output,
                slices,
                Arrays.asList(checks),
                .01,
                MultipleTesting.BENJAMINI_HOCHBERG,
                needed,
                among,
                100,
                2,
                Duration.ofMinutes(5),
                Duration.ofHours(2),
                Duration.ofDays(1));
    }

    /** Returns a window of so many rows, all of them labelled. */
    static Window window(Layout layout, long index, int rows, Random random, double incomeShift) {
        Recorder recorder = new Recorder(layout, 2, index);
        LabelRecorder labels = new LabelRecorder(layout, 10);
        for (int i = 0; i < rows; i++) {
            Row row = row(random, incomeShift);
            long window = recorder.record(row.numbers(), row.texts());
            labels.add(window, row.numbers()[2], row.bad() ? 1 : 0, layout.slices(row.texts()));
        }
        Window counted = recorder.roll(index + 1);
        if (counted == null) {
            throw new IllegalStateException("nothing was recorded");
        }
        return counted.plus(labels.drain().get(0));
    }
}
