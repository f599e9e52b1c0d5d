package dev.modelops.core.internal.report;

import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.report.Report.Alarm;
import dev.modelops.core.internal.report.Report.Change;
import dev.modelops.core.internal.report.Report.Difference;
import dev.modelops.core.internal.report.Report.Distance;
import dev.modelops.core.internal.report.Report.Drift;
import dev.modelops.core.internal.report.Report.Guard;
import dev.modelops.core.internal.report.Report.Halt;
import dev.modelops.core.internal.report.Report.Kind;
import dev.modelops.core.internal.report.Report.Look;
import dev.modelops.core.internal.report.Report.Performance;
import dev.modelops.core.internal.report.Report.Place;
import dev.modelops.core.internal.report.Report.Reign;
import dev.modelops.core.internal.report.Report.Retraining;
import dev.modelops.core.internal.report.Report.Sample;
import dev.modelops.core.internal.report.Report.Score;
import dev.modelops.core.internal.report.Report.Shift;
import dev.modelops.core.internal.report.Report.Step;
import dev.modelops.core.internal.report.Report.Stop;
import dev.modelops.core.internal.report.Report.Trial;
import dev.modelops.core.internal.report.Report.Version;
import dev.modelops.core.internal.report.Report.Watched;
import dev.modelops.serving.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reports to test with, that have everything a report can have. */
final class SampleReports {
    static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private SampleReports() {}

    static Instant day(int day) {
        return START.plus(Duration.ofDays(day));
    }

    static Report plain() {
        return of(text -> text);
    }

    /** Returns the report with every text in it changed. */
    static Report of(UnaryOperator<String> text) {
        List<Version> versions = List.of(
                new Version(
                        text.apply("credit@1"),
                        text.apply("ann"),
                        text.apply("approved"),
                        text.apply("key 12ab"),
                        List.of(text.apply("approved by vera")),
                        List.of(
                                step(0, 3, Kind.REGISTERED, text, "registered"),
                                step(1, 5, Kind.APPROVED, text, "approved: looks right"),
                                step(2, 7, Kind.PROMOTED, text, "became champion"),
                                step(3, 8, Kind.OTHER, text, "commented"),
                                step(40, 30, Kind.STOPPED, text, "quarantined"))),
                new Version(
                        text.apply("credit@2"),
                        text.apply("ben"),
                        text.apply("registered"),
                        null,
                        List.of(),
                        List.of(
                                step(20, 12, Kind.REGISTERED, text, "registered"),
                                step(21, 13, Kind.REJECTED, text, "rejected"),
                                step(22, 14, Kind.REFUSED, text, "promotion"))));
        return new Report(
                text.apply("credit"),
                text.apply("production"),
                text.apply("example.test/log"),
                day(60),
                1234,
                text.apply("credit@2 is in quarantine"),
                text.apply("credit@1"),
                versions,
                List.of(
                        step(14, 9, Kind.STOPPED, text, "suspension in production"),
                        step(16, 10, Kind.RESUMED, text, "end of a suspension in production")),
                List.of(
                        new Place(
                                text.apply("production"),
                                List.of(
                                        reign(text, "credit@1", 2, 40, 7, "promotion", "promotion of credit@2"),
                                        reign(text, "credit@2", 40, null, 31, "promotion", null)),
                                List.of(
                                        new Halt(
                                                Stop.SUSPENSION,
                                                text.apply("credit@1"),
                                                day(14),
                                                day(16),
                                                9,
                                                text.apply("vera"),
                                                text.apply("suspension"),
                                                null,
                                                true,
                                                text.apply("end of a suspension")),
                                        new Halt(
                                                Stop.QUARANTINE,
                                                text.apply("credit@2"),
                                                day(52),
                                                null,
                                                34,
                                                text.apply("service"),
                                                text.apply("fallback of a deployment"),
                                                text.apply("credit@1"),
                                                true,
                                                null))),
                        new Place(
                                text.apply("staging"),
                                List.of(reign(text, "credit@2", 30, null, 29, "rollback", null)),
                                List.of(new Halt(
                                        Stop.QUARANTINE,
                                        text.apply("credit@2"),
                                        day(44),
                                        null,
                                        32,
                                        text.apply("rosa"),
                                        text.apply("quarantine"),
                                        null,
                                        false,
                                        null)))),
                List.of(new Trial(
                        text.apply("try-1"),
                        2,
                        text.apply("shadow"),
                        text.apply("credit@1"),
                        text.apply("credit@2"),
                        text.apply("squared error of score"),
                        0.05,
                        0.01,
                        day(25),
                        day(39),
                        text.apply("decided"),
                        List.of(
                                new Look(
                                        day(26),
                                        17,
                                        Verdict.State.CONTINUE,
                                        text.apply("not enough"),
                                        null,
                                        null,
                                        null,
                                        List.of()),
                                look(30, 18, -0.05, 0.2, Verdict.State.CONTINUE, text),
                                look(35, 19, -0.06, 0.04, Verdict.State.CHALLENGER_BETTER, text)))),
                List.of(
                        new Watched(
                                text.apply("credit@1"),
                                null,
                                List.of(
                                        drift(text, "income", 12, 8),
                                        drift(text, "age", 12, 99),
                                        new Drift(
                                                text.apply("home"),
                                                text.apply("unseen values"),
                                                "rise of the share, 0 to 1",
                                                false,
                                                0.05,
                                                List.of(new Distance(day(2), day(3), 4, null, false)))),
                                List.of(
                                        performance(text, "AUC", true, 0.83, 12),
                                        performance(text, "Brier score", false, 0.11, 12)),
                                List.of(change(text))),
                        new Watched(
                                text.apply("credit@2"),
                                text.apply("it has no monitor"),
                                List.of(),
                                List.of(),
                                List.of())),
                List.of(new Alarm(
                        text.apply("credit@1"),
                        text.apply("psi:income"),
                        Alert.State.ACKNOWLEDGED,
                        List.of(
                                new Change(day(10), 20, Alert.State.OK, Alert.State.FIRING, text.apply("monitor")),
                                new Change(
                                        day(11),
                                        21,
                                        Alert.State.FIRING,
                                        Alert.State.ACKNOWLEDGED,
                                        text.apply("rosa"))))),
                List.of(
                        new Retraining(
                                text.apply("credit@1"),
                                day(12),
                                22,
                                text.apply("monitor"),
                                text.apply("psi:income"),
                                day(8),
                                day(10),
                                text.apply("credit@2")),
                        new Retraining(
                                text.apply("credit@2"),
                                day(50),
                                33,
                                text.apply("rosa"),
                                text.apply("yearly"),
                                null,
                                null,
                                null)),
                List.of(text.apply("records before 5 January have expired")));
    }

    private static Reign reign(
            UnaryOperator<String> text,
            String version,
            int from,
            @Nullable Integer until,
            long entry,
            String how,
            @Nullable String end) {
        return new Reign(
                text.apply(version),
                day(from),
                until == null ? null : day(until),
                entry,
                text.apply("vera"),
                text.apply(how),
                how.equals("rollback"),
                end == null ? null : text.apply(end));
    }

    /** Returns what a detector found that saw a change in the sixth window. */
    static Drift change(UnaryOperator<String> text) {
        return new Drift(
                text.apply("score"),
                text.apply("change seen by DDM"),
                "rise of the share of wrong decisions",
                true,
                0.05,
                IntStream.range(0, 10)
                        .mapToObj(i -> new Distance(
                                day(2 + i),
                                day(3 + i),
                                150,
                                i < 5 ? 0 : 0.1 + i * 1e-3,
                                i >= 5,
                                i < 5 ? null : new Shift(20 + i / 8, 900, 0.12)))
                        .toList());
    }

    private static Step step(int day, long entry, Kind kind, UnaryOperator<String> text, String what) {
        return new Step(day(day), entry, kind, text.apply("vera"), text.apply(what));
    }

    private static Look look(
            int day, long entry, double estimate, double half, Verdict.State state, UnaryOperator<String> text) {
        return new Look(
                day(day),
                entry,
                state,
                text.apply("so it is"),
                new Difference(500, estimate, estimate - half, estimate + half),
                new Sample(0.5, 0.5, true),
                new Sample(0.2, 0, false),
                List.of(
                        new Guard(text.apply("latency"), 0.1, false),
                        new Guard(text.apply("errors"), 0.9, true),
                        new Guard(text.apply("cost"), null, false)));
    }

    /** Returns a drift that is beyond bounds from one window on, and of whose third window nothing is known. */
    static Drift drift(UnaryOperator<String> text, String subject, int windows, int beyondFrom) {
        return new Drift(
                text.apply(subject),
                text.apply("population stability index"),
                "index, 0 for no difference",
                false,
                0.1,
                IntStream.range(0, windows)
                        .mapToObj(i -> new Distance(
                                day(2 + i),
                                day(3 + i),
                                i == 2 ? 3 : 200,
                                i == 2 ? null : (i >= beyondFrom ? 0.3 : 0.02) + i * 1e-4,
                                i >= beyondFrom && i != 2))
                        .toList());
    }

    /** Returns a performance whose latest two windows have no outcomes yet. */
    static Performance performance(
            UnaryOperator<String> text, String measure, boolean moreIsBetter, double reference, int windows) {
        return new Performance(
                text.apply(measure),
                moreIsBetter,
                reference,
                IntStream.range(0, windows)
                        .mapToObj(i -> new Score(
                                day(2 + i),
                                day(3 + i),
                                200,
                                i < windows - 2 ? 150 : 0,
                                reference,
                                i < windows - 2 ? reference + i * 1e-3 : null))
                        .toList());
    }
}
