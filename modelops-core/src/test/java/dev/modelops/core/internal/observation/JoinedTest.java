package dev.modelops.core.internal.observation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.LabelRecorder;
import dev.modelops.core.internal.monitoring.Layout;
import dev.modelops.core.internal.monitoring.Monitor;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.monitoring.Recorder;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.core.internal.monitoring.ReferenceSample;
import dev.modelops.core.internal.monitoring.Statistic;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.prediction.CountedWindow;
import dev.modelops.core.internal.prediction.Outcome;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.MultipleTesting;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.serving.Served;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is read of segments: parts that fit, outcomes in any order, and what is counted of the rest. */
class JoinedTest {
    private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");
    private static final ModelRef REF = ModelRef.parse("risk@1");
    private static final Watched WATCHED = watched(.5);
    private static final Watched OTHER = watched(.6);
    private static final long INDEX = WATCHED.spec().windowOf(TIME);

    private final Joined joined = new Joined(ref -> ref.equals(REF) ? WATCHED : null, Duration.ofHours(30));

    private static Watched watched(double threshold) {
        double[] scores = new Random(1).doubles(500).toArray();
        BinaryScores.Builder known = new BinaryScores.Builder(threshold);
        for (double score : scores) {
            known.add(score, score > .5);
        }
        ReferenceProfile profile = new ReferenceSample()
                .numeric("score", scores)
                .scores(known.build())
                .profile();
        MonitorSpec spec = new MonitorSpec(
                "m",
                Digest.sha256Of(Bytes.of(profile.toBytes())),
                Duration.ofHours(1),
                new Output(OutputKind.PROBABILITY, "score", threshold),
                List.of(),
                List.of(Check.of(Statistic.PSI, "score", .1), Check.of(Statistic.BRIER, .1)),
                .01,
                MultipleTesting.BENJAMINI_HOCHBERG,
                1,
                1,
                2,
                1,
                Duration.ofMinutes(5),
                Duration.ofHours(24),
                Duration.ofDays(1));
        return new Watched(REF, new Monitor(spec, profile));
    }

    private static Entry segment(Instant time) {
        return new Entry(1, "id", "source", EntryType.SEGMENT_RECORDED, "segment", "risk", time, true, Json.object());
    }

    private static Window part(Layout layout, double score) {
        Recorder recorder = new Recorder(layout, 1, INDEX);
        var unused = recorder.record(new double[] {score}, new String[0]);
        return requireNonNull(recorder.roll(INDEX + 1));
    }

    private static String id(int sequence) {
        return String.format("%016x-%016x", 5, sequence);
    }

    private static PredictionRecord record(int sequence, Served.By by, Instant at, String score) {
        return new PredictionRecord(
                id(sequence),
                REF,
                by,
                Environment.PRODUCTION,
                at,
                LogPosition.of(1),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty(),
                Map.of(),
                Map.of("score", score));
    }

    private void predicted(int sequence, String score, Instant at) {
        joined.prediction(segment(at.plusSeconds(10)), record(sequence, Served.By.CHAMPION, at, score));
    }

    private void outcome(int sequence, String actual, Instant at) {
        joined.outcome(segment(at), new Outcome(id(sequence), actual, at));
    }

    private Window whole() {
        joined.drain();
        List<Window> windows =
                requireNonNull(joined.versions().get(REF)).history().latest(INDEX, 1);
        assertThat(windows).hasSize(1);
        return windows.get(0);
    }

    @Test
    void aPartIsCountedOnceHoweverOftenItComes() {
        CountedWindow counted = new CountedWindow(REF, 1, 1, TIME, part(WATCHED.layout(), .4));
        joined.window(segment(TIME), counted);
        joined.window(segment(TIME), counted);
        joined.window(segment(TIME), new CountedWindow(REF, 2, 1, TIME, counted.window()));
        assertThat(whole().predictions()).isEqualTo(2);
        assertThat(joined.coverage().late()).isZero();
        assertThat(joined.coverage().unknown()).isZero();
    }

    @Test
    void partsOfAnotherMonitorOrVersionOrWithOutcomesAreNotCountedAndAreSaid() {
        Window own = part(WATCHED.layout(), .4);
        joined.window(segment(TIME), new CountedWindow(REF, 1, 1, TIME, part(OTHER.layout(), .4)));
        joined.window(segment(TIME), new CountedWindow(ModelRef.parse("risk@2"), 1, 2, TIME, own));
        LabelRecorder labels = new LabelRecorder(WATCHED.layout(), 10);
        assertThat(labels.add(INDEX, .4, 1, new int[0])).isTrue();
        joined.window(
                segment(TIME),
                new CountedWindow(REF, 1, 3, TIME, own.plus(labels.drain().get(0))));
        assertThat(joined.coverage().unknown()).isEqualTo(3);
        joined.window(segment(TIME), new CountedWindow(REF, 1, 4, TIME, own));
        assertThat(whole().predictions()).isEqualTo(1);
        assertThat(whole().scores()).isNull();
    }

    @Test
    void aPartThatComesAfterItsWindowWasJudgedIsCountedAndIsSaidToBeLate() {
        Window own = part(WATCHED.layout(), .4);
        Instant judged = WATCHED.spec().endOf(INDEX).plus(WATCHED.spec().grace());
        joined.window(segment(judged), new CountedWindow(REF, 1, 1, TIME, own));
        assertThat(joined.coverage().late()).isZero();
        joined.window(segment(judged.plusMillis(1)), new CountedWindow(REF, 1, 2, TIME, own));
        assertThat(joined.coverage().late()).isEqualTo(1);
        assertThat(whole().predictions()).isEqualTo(2);
    }

    @Test
    void outcomesFindTheirPredictionsInWhicheverOrderAndCountInItsWindow() {
        outcome(1, "1", TIME);
        predicted(1, "0.9", TIME.plusSeconds(1));
        predicted(2, "0.2", TIME.plusSeconds(2));
        predicted(3, "0.3", TIME.plusSeconds(2));
        outcome(2, "false", TIME.plus(Duration.ofHours(20)));
        outcome(2, "0", TIME.plus(Duration.ofHours(21)));
        outcome(2, "1", TIME.plus(Duration.ofHours(21)));
        assertThat(requireNonNull(whole().scores()).count()).isEqualTo(2);
        assertThat(requireNonNull(whole().scores()).happened()).isEqualTo(1);
        assertThat(joined.coverage().predictions()).isEqualTo(3);
        assertThat(joined.coverage().matched()).isEqualTo(2);
        assertThat(joined.coverage().waiting()).isEqualTo(1);
        assertThat(joined.coverage().conflicting()).isEqualTo(1);
    }

    @Test
    void aPredictionRecordedTwiceCountsOnceAndWhatIsNoNumberIsSaid() {
        predicted(1, "0.9", TIME);
        predicted(1, "0.1", TIME);
        assertThat(joined.coverage().predictions()).isEqualTo(1);
        predicted(2, "high", TIME);
        predicted(3, "1.7", TIME);
        outcome(1, "1", TIME);
        outcome(2, "1", TIME);
        outcome(3, "1", TIME);
        outcome(3, "perhaps", TIME);
        assertThat(joined.coverage().unusable()).isEqualTo(3);
        assertThat(requireNonNull(whole().scores()).count()).isEqualTo(1);
    }

    @Test
    void aTimeThatAHostMakesUpDoesNotGiveUpWhatOthersWaitFor() {
        predicted(1, "0.9", TIME);
        joined.outcome(segment(TIME), new Outcome(id(7), "1", Instant.parse("2999-01-01T00:00:00Z")));
        joined.prediction(segment(TIME), record(8, Served.By.CHAMPION, Instant.parse("2999-01-01T00:00:00Z"), "0.5"));
        outcome(1, "1", TIME.plusSeconds(60));
        assertThat(joined.coverage().matched()).isEqualTo(1);
    }

    @Test
    void whatTheHostsFallbackAnsweredIsNotJoined() {
        joined.prediction(segment(TIME), record(1, Served.By.FALLBACK, TIME, "0.5"));
        assertThat(joined.coverage().predictions()).isZero();
    }
}
