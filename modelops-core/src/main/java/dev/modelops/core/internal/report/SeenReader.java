package dev.modelops.core.internal.report;

import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.monitoring.Finding.Measurement;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.monitoring.Statistic;
import dev.modelops.core.internal.monitoring.Window;
import dev.modelops.core.internal.observation.Hindsight;
import dev.modelops.core.internal.report.Report.Distance;
import dev.modelops.core.internal.report.Report.Drift;
import dev.modelops.core.internal.report.Report.Performance;
import dev.modelops.core.internal.report.Report.Score;
import dev.modelops.core.internal.report.Report.Watched;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.ExpectedScores;
import dev.modelops.core.internal.statistics.RegressionErrors;
import dev.modelops.monitoring.DriftReport.Coverage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Puts what was counted of versions as a report shows it. */
final class SeenReader {
    private SeenReader() {}

    /** Returns what is shown of a version that was champion or counted, null if it was neither. */
    static @Nullable Watched watched(Hindsight hindsight, ModelRef ref, boolean wasChampion, Hindsight.Seen seen) {
        for (Hindsight.OfVersion version : seen.versions()) {
            if (version.ref().equals(ref)) {
                return new Watched(ref.toString(), null, drifts(version), performances(version));
            }
        }
        if (!wasChampion) {
            return null;
        }
        String missing;
        try {
            missing = hindsight.isWatched(ref)
                    ? "it says how it is to be watched, but nothing was counted."
                    : "it does not say how it is to be watched, so nothing was counted.";
        } catch (ModelOpsException e) {
            missing = "what it says of how it is to be watched cannot be read: " + e.getMessage();
        }
        return new Watched(ref.toString(), missing, List.of(), List.of());
    }

    /** Returns what could not be seen. */
    static List<String> gaps(Hindsight.Seen seen) {
        List<String> gaps = new ArrayList<>();
        for (Hindsight.OfVersion version : seen.versions()) {
            if (version.isCut()) {
                gaps.add("of " + version.ref() + ", only the latest "
                        + Words.count(version.windows().size()) + " windows are looked at");
            }
        }
        Coverage coverage = seen.coverage();
        gap(gaps, coverage.expired(), "segment", "has expired", "have expired");
        gap(gaps, coverage.unknown(), "part of a window", "is of no known monitor", "are of no known monitor");
        gap(gaps, coverage.unmatched(), "outcome", "found no prediction", "found no prediction");
        gap(gaps, coverage.conflicting(), "outcome", "contradicts an earlier one", "contradict an earlier one");
        gap(gaps, coverage.unusable(), "prediction or outcome", "is no usable number", "are no usable numbers");
        return gaps;
    }

    private static void gap(List<String> gaps, long count, String what, String one, String many) {
        if (count > 0) {
            String plural =
                    what.startsWith("part ") ? "parts of windows" : what.replace("prediction", "predictions") + "s";
            gaps.add(Words.count(count) + " " + (count == 1 ? what + " " + one : plural + " " + many));
        }
    }

    private static List<Drift> drifts(Hindsight.OfVersion version) {
        List<Drift> drifts = new ArrayList<>();
        MonitorSpec spec = version.layout().spec();
        for (Hindsight.Measured measured : version.measured().values()) {
            Check check = measured.check().check();
            if (check.signal().isEmpty()) {
                continue;
            }
            List<Distance> distances = new ArrayList<>();
            long next = Long.MIN_VALUE;
            for (Measurement one : measured.windows().values()) {
                if (next != Long.MIN_VALUE && one.window() > next) {
                    distances.add(new Distance(spec.beginOf(next), spec.beginOf(one.window()), 0, null, false));
                }
                next = one.window() + 1;
                distances.add(new Distance(
                        spec.beginOf(one.window()),
                        spec.endOf(one.window()),
                        counted(version, one),
                        one.sufficient() ? one.effect() : null,
                        one.exceeds()));
            }
            String group = measured.check().category();
            drifts.add(new Drift(
                    check.signal() + (group.isEmpty() ? "" : " = " + group + " against " + check.privileged()),
                    measure(check.statistic()),
                    check.floor(),
                    distances));
        }
        return drifts;
    }

    /** An insufficient measurement says no count, but its window does. */
    private static long counted(Hindsight.OfVersion version, Measurement one) {
        return one.sufficient()
                ? one.current()
                : version.windows().stream()
                        .filter(window -> window.index() == one.window())
                        .mapToLong(Window::predictions)
                        .sum();
    }

    static String measure(Statistic statistic) {
        return switch (statistic) {
            case PSI -> "population stability index";
            case MEAN -> "distance of the means";
            case MISSING -> "rise of missing values";
            case UNSEEN -> "rise of values never seen before";
            default -> Members.word(statistic).replace('-', ' ');
        };
    }

    private static List<Performance> performances(Hindsight.OfVersion version) {
        List<Performance> performances = new ArrayList<>();
        OutputKind kind = version.layout().spec().output().kind();
        if (kind == OutputKind.PROBABILITY) {
            BinaryScores built = version.layout().profile().scores();
            performances.add(ofScores(
                    version,
                    "AUC",
                    true,
                    built,
                    one -> one.area().value(),
                    one -> one.area().value()));
            performances.add(ofScores(
                    version,
                    "Brier score",
                    false,
                    built,
                    one -> one.brier().mean(),
                    one -> one.brier().mean()));
            performances.add(ofScores(
                    version,
                    "Share of right decisions",
                    true,
                    built,
                    BinaryScores::accuracy,
                    ExpectedScores::accuracy));
        } else if (kind == OutputKind.VALUE) {
            RegressionErrors built = version.layout().profile().errors();
            performances.add(ofErrors(version, "Mean absolute error", built, RegressionErrors::meanAbsoluteError));
            performances.add(
                    ofErrors(version, "Root of the mean squared error", built, RegressionErrors::rootMeanSquaredError));
        }
        return performances;
    }

    private interface Values {
        @Nullable Double of(Window window);
    }

    private static Performance ofScores(
            Hindsight.OfVersion version,
            String measure,
            boolean moreIsBetter,
            @Nullable BinaryScores built,
            ToDoubleFunction<BinaryScores> found,
            ToDoubleFunction<ExpectedScores> expected) {
        long least = version.layout().spec().minimum();
        return new Performance(
                measure,
                moreIsBetter,
                built == null ? null : number(found.applyAsDouble(built)),
                scores(
                        version,
                        window -> window.expected() == null || window.expected().count() < least
                                ? null
                                : number(expected.applyAsDouble(window.expected())),
                        window -> window.scores() == null || window.scores().count() < least
                                ? null
                                : number(found.applyAsDouble(window.scores()))));
    }

    private static Performance ofErrors(
            Hindsight.OfVersion version,
            String measure,
            @Nullable RegressionErrors built,
            ToDoubleFunction<RegressionErrors> found) {
        long least = version.layout().spec().minimum();
        return new Performance(
                measure,
                false,
                built == null ? null : number(found.applyAsDouble(built)),
                scores(
                        version,
                        window -> null,
                        window -> window.errors() == null || window.errors().count() < least
                                ? null
                                : number(found.applyAsDouble(window.errors()))));
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    private static List<Score> scores(Hindsight.OfVersion version, Values expected, Values found) {
        MonitorSpec spec = version.layout().spec();
        List<Score> scores = new ArrayList<>();
        long next = Long.MIN_VALUE;
        for (Window window : version.windows()) {
            if (next != Long.MIN_VALUE && window.index() > next) {
                scores.add(new Score(spec.beginOf(next), spec.beginOf(window.index()), 0, 0, null, null));
            }
            next = window.index() + 1;
            scores.add(new Score(
                    spec.beginOf(window.index()),
                    spec.endOf(window.index()),
                    window.predictions(),
                    window.labelled(),
                    expected.of(window),
                    found.of(window)));
        }
        return scores;
    }
}
