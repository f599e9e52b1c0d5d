package dev.modelops.core.internal.monitoring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.monitoring.Finding.Level;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Family;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of losses in their order, at the places that are published of the detectors, whoever follows from wherever. */
class LossStreamTest {
    private static final int KEPT = 50;

    private static LossStream stream(Check check, int needed, int among) {
        return new LossStream(new Layout(Monitored.spec(needed, among, check), Monitored.PROFILE), check, KEPT);
    }

    private static ReferenceProfile values(double... errors) {
        RegressionErrors.Builder known = new RegressionErrors.Builder();
        for (double error : errors) {
            known.add(0, error);
        }
        return new ReferenceSample()
                .numeric("price", new Random(1).doubles(500).toArray())
                .errors(known.build())
                .profile();
    }

    private static MonitorSpec ofValues(ReferenceProfile profile, Check check) {
        return Monitored.spec(profile, new Output(OutputKind.VALUE, "price", .5), List.of(), 1, 1, check);
    }

    /** The stream without chance of the detector's own test, in which it alarms at 547, counted from 0. */
    @Test
    void pageHinkleySeesTheRiseOfAValuesErrorWhereItIsPublished() {
        // Its absolute errors deviate by 2 from their mean.
        ReferenceProfile profile = values(1, 5, -1, -5);
        double unit = requireNonNull(profile.errors()).amounts().deviation();
        Check check = Check.of(Statistic.PAGE_HINKLEY, .1);
        LossStream stream = new LossStream(new Layout(ofValues(profile, check), profile), check, KEPT);
        for (int i = 0; i < 1000; i++) {
            double loss = 7 * i % 5 + (i < 500 ? 0 : 1);
            stream.add(i / 100, 10_000 + i, 3, i % 2 == 0 ? 3 + loss * unit : 3 - loss * unit);
        }
        assertThat(requireNonNull(stream.find(4)).level()).isEqualTo(Level.WITHIN);
        assertThat(requireNonNull(stream.find(4)).change()).isNull();
        Finding found = requireNonNull(stream.find(5));
        assertThat(found.level()).isEqualTo(Level.ALARMING);
        Finding.Change change = requireNonNull(found.change());
        assertThat(change.entry()).isEqualTo(10_547);
        assertThat(change.after()).isEqualTo(548);
        assertThat(change.since()).isZero();
        assertThat(change.before()).isCloseTo(2, within(.1));
        assertThat(found.measurements()).singleElement().satisfies(measured -> {
            assertThat(measured.reference()).isEqualTo(500);
            assertThat(measured.current()).isEqualTo(100);
            assertThat(measured.statistic()).isEqualTo(1);
            assertThat(measured.effect()).isCloseTo(3 - change.before(), within(1e-9));
            assertThat(measured.pValue()).isNaN();
        });
        assertThat(found.toJson().path("change").path("entry").longValue()).isEqualTo(10_547);
        assertThat(found.key()).isEqualTo("page-hinkley");
    }

    /** Errors at the places of the detector's own test: it alarms at 1140, counted from 0. */
    @Test
    void driftDetectionSeesTheRiseOfWrongDecisionsWhereItIsPublished() {
        LossStream stream = stream(Check.of(Statistic.DDM, .05), 1, 1);
        for (int i = 0; i < 2000; i++) {
            boolean isWrong = 7919 * i % 10 < (i < 1000 ? 2 : 4);
            // Decided for from 0.5 on.
            stream.add(i / 100, i, i % 2 == 0 ? .5 : .4, (i % 2 == 0) == isWrong ? 0 : 1);
        }
        assertThat(requireNonNull(stream.find(10)).level()).isEqualTo(Level.WITHIN);
        Finding found = requireNonNull(stream.find(11));
        assertThat(requireNonNull(found.change()).entry()).isEqualTo(1140);
        assertThat(found.level()).isEqualTo(Level.ALARMING);
        assertThat(requireNonNull(stream.find(19)).measurements().get(0).effect())
                .isCloseTo(.4 - requireNonNull(found.change()).before(), within(1e-9));
    }

    @Test
    void theAdaptiveWindowSeesAJumpOfTheSquaredErrorAndNoFallIsAlarming() {
        for (boolean rises : new boolean[] {true, false}) {
            Random random = new Random(4);
            LossStream stream = stream(Check.of(Statistic.ADWIN, .05), 1, 1);
            for (int i = 0; i < 2000; i++) {
                double share = i < 1000 == rises ? .1 : .5;
                stream.add(i / 200, i, 0, random.nextDouble() < share ? 1 : 0);
            }
            Finding found = requireNonNull(stream.find(9));
            assertThat(requireNonNull(found.change()).entry()).isBetween(1000L, 1200L);
            assertThat(found.level()).isEqualTo(rises ? Level.ALARMING : Level.WITHIN);
        }
    }

    @Test
    void itIsOverOnceLossesAreAsBeforeOrNobodyRemembersOtherOnes() {
        for (boolean comesBack : new boolean[] {true, false}) {
            LossStream stream = stream(Check.of(Statistic.DDM, .05).over(6), 1, 1);
            List<Level> levels = new ArrayList<>();
            for (int window = 0; window < 14; window++) {
                for (int i = 0; i < 1000; i++) {
                    int wrong = window == 4 || window == 5 || window > 5 && !comesBack ? 4 : 2;
                    stream.add(window, window, .4, 7919 * i % 10 < wrong ? 1 : 0);
                }
                levels.add(requireNonNull(stream.find(window)).level());
            }
            assertThat(levels.subList(0, 4)).containsOnly(Level.WITHIN);
            assertThat(levels.subList(4, 6)).containsOnly(Level.ALARMING);
            // The detectors of the windows 4 to 9 began while it was well.
            assertThat(levels.subList(6, 9)).containsOnly(comesBack ? Level.WITHIN : Level.ALARMING);
            assertThat(levels.subList(9, 14)).containsOnly(Level.WITHIN);
        }
    }

    @Test
    void aFurtherChangeDoesNotMakeWhatWasBeforeTheFirstOneForgotten() {
        LossStream stream = stream(Check.of(Statistic.DDM, .25), 1, 1);
        for (int window = 0; window < 12; window++) {
            int wrong = window < 4 ? 1 : window < 8 ? 3 : 5;
            for (int i = 0; i < 1000; i++) {
                stream.add(window, window, .4, 7919 * i % 10 < wrong ? 1 : 0);
            }
        }
        assertThat(requireNonNull(stream.find(7)).level()).isEqualTo(Level.WITHIN);
        Finding found = requireNonNull(stream.find(11));
        assertThat(found.level()).isEqualTo(Level.ALARMING);
        assertThat(requireNonNull(found.change()).entry()).isEqualTo(4);
        assertThat(found.measurements().get(0).statistic()).isEqualTo(2);
    }

    @Test
    void tooFewInAWindowSayNothingAndEnoughOfTheLatestOnesMustExceed() {
        LossStream stream = stream(Check.of(Statistic.DDM, .05), 2, 3);
        for (int window : new int[] {0, 1, 2, 3, 4, 5, 9}) {
            int count = window == 3 ? 99 : 500;
            for (int i = 0; i < count; i++) {
                stream.add(window, window, .4, 7919 * i % 10 < (window < 4 ? 1 : 5) ? 1 : 0);
            }
        }
        assertThat(requireNonNull(stream.find(3)).level()).isEqualTo(Level.UNKNOWN);
        assertThat(requireNonNull(stream.find(4)).level()).isEqualTo(Level.EXCEEDING);
        assertThat(requireNonNull(stream.find(5)).level()).isEqualTo(Level.ALARMING);
        assertThat(stream.find(7)).isNull();
        assertThat(stream.find(10)).isNull();
        // Those in which nothing became known are among the latest.
        assertThat(requireNonNull(stream.find(9)).level()).isEqualTo(Level.EXCEEDING);
        assertThat(requireNonNull(stream.find(9)).measurements()).hasSize(1);
    }

    /** Whoever reads from the first window on that matters finds what who has read forever does. */
    @ParameterizedTest
    @EnumSource(
            value = Statistic.class,
            names = {"PAGE_HINKLEY", "DDM", "ADWIN"})
    void whoBeganLaterFindsTheSame(Statistic statistic) {
        int over = 5;
        Check check = Check.of(statistic, .02)
                .over(over)
                .seenAt(statistic == Statistic.ADWIN ? .01 : statistic == Statistic.DDM ? 2 : 5);
        Random random = new Random(7);
        record Loss(long window, double predicted, double actual) {}
        List<Loss> losses = new ArrayList<>();
        for (int i = 0; i < 6000; i++) {
            long window = i / 150 + (i > 3000 ? 3 : 0);
            double predicted = random.nextDouble();
            losses.add(new Loss(
                    window,
                    predicted,
                    random.nextDouble() < (window / 7 % 2 == 0 ? predicted : 1 - predicted) ? 1 : 0));
        }
        LossStream forever = stream(check, 2, 3);
        losses.forEach(loss -> forever.add(loss.window(), 1, loss.predicted(), loss.actual()));
        int changes = 0;
        for (long window : forever.windows()) {
            LossStream later = stream(check, 2, 3);
            losses.stream()
                    .filter(loss -> loss.window() > window - over - 2 && loss.window() <= window)
                    .forEach(loss -> later.add(loss.window(), 1, loss.predicted(), loss.actual()));
            Finding found = requireNonNull(forever.find(window));
            assertThat(requireNonNull(later.find(window)).toJson()).isEqualTo(found.toJson());
            changes += found.change() == null ? 0 : 1;
        }
        assertThat(changes).isBetween(1, forever.windows().size() - 1);
    }

    @Test
    void memoryGrowsWithWindowsAndWithinBoundsOnly() {
        LossStream stream = stream(Check.of(Statistic.DDM, .05).over(100), 1, 1);
        for (int i = 0; i < 100_000; i++) {
            stream.add(i / 200, i, .4, i % 3 == 0 ? 1 : 0);
            assertThat(stream.held()).isLessThanOrEqualTo(100 + KEPT);
        }
        assertThat(stream.windows()).hasSize(KEPT + 1);
    }

    @Test
    void whatBecameKnownInAnEarlierWindowByAClockThatWasWrongIsOfTheLatest() {
        LossStream stream = stream(Check.of(Statistic.DDM, .05), 1, 1);
        for (int i = 0; i < 200; i++) {
            stream.add(i < 100 ? 5 : 3, i, .4, 0);
        }
        assertThat(stream.windows()).containsExactly(5L);
        assertThat(requireNonNull(stream.find(5)).measurements().get(0).current())
                .isEqualTo(200);
    }

    @Test
    void checksOfChangesAreWrittenAndReadWithTheirBounds() {
        MonitorSpec spec = Monitored.spec(
                1,
                1,
                Check.of(Statistic.PAGE_HINKLEY, .1).seenAt(20),
                Check.of(Statistic.DDM, .05),
                Check.of(Statistic.ADWIN, .05).seenAt(.01).over(7),
                Check.of(Statistic.PSI, "income", .1));
        MonitorSpec read = MonitorSpec.parse(spec.toBytes());
        assertThat(read).isEqualTo(spec);
        assertThat(read.checks(Family.CHANGES)).hasSize(3);
        assertThat(read.over()).isEqualTo(30);
        assertThat(read.wait(Family.CHANGES)).isEqualTo(spec.grace());
        assertThat(new String(
                        Monitored.spec(1, 1, Check.of(Statistic.PSI, "income", .1))
                                .toBytes(),
                        java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("over", "bound");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 1, 2, Double.NaN})
    void aBoundOutOfRangeIsRefused(double bound) {
        assertThatThrownBy(() -> Check.of(Statistic.ADWIN, .1).seenAt(bound)).hasMessageContaining("probability");
        if (!(bound > 0)) {
            assertThatThrownBy(() -> Check.of(Statistic.DDM, .1).seenAt(bound)).hasMessageContaining("above 0");
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Check.of(Statistic.PSI, "income", .1).over(3)).hasMessageContaining("no changes");
        assertThatThrownBy(() -> Check.of(Statistic.BRIER, .1).seenAt(3)).hasMessageContaining("no changes");
        assertThatThrownBy(() -> Check.of(Statistic.DDM, .1).over(0)).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> Check.of(Statistic.DDM, .1).over(101)).hasMessageContaining("1 to 100");
        assertThatThrownBy(() -> Check.of(Statistic.DDM, "income", .1)).hasMessageContaining("names no signal");
        ReferenceProfile profile = values(1, 2, 3);
        for (Statistic statistic : new Statistic[] {Statistic.DDM, Statistic.ADWIN}) {
            assertThatThrownBy(() -> ofValues(profile, Check.of(statistic, .1)).requireFits(profile))
                    .hasMessageContaining("probability");
        }
        ReferenceProfile same = values(2, 2, -2);
        assertThatThrownBy(() ->
                        ofValues(same, Check.of(Statistic.PAGE_HINKLEY, .1)).requireFits(same))
                .hasMessageContaining("differ");
        assertThatThrownBy(() -> Monitored.spec(
                                Monitored.PROFILE, Output.NONE, List.of(), 1, 1, Check.of(Statistic.DDM, .1))
                        .requireFits(Monitored.PROFILE))
                .hasMessageContaining("probability");
        assertThatThrownBy(() -> Monitored.spec(
                        1,
                        1,
                        Check.of(Statistic.DDM, .1),
                        Check.of(Statistic.DDM, .2).over(3)))
                .hasMessageContaining("different checks");
    }
}
