package dev.modelops.core.internal.report;

import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.monitoring.Finding;
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
import dev.modelops.core.internal.report.Report.Shift;
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
                return new Watched(
                        ref.toString(), null, drifts(version, true), performances(version), drifts(version, false));
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
        return new Watched(ref.toString(), missing, List.of(), List.of(), List.of());
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

    /** Returns what the checks found: those of signals, or those of what the predictions were worth. */
    private static List<Drift> drifts(Hindsight.OfVersion version, boolean ofSignals) {
        List<Drift> drifts = new ArrayList<>();
        MonitorSpec spec = version.layout().spec();
        for (Hindsight.Measured measured : version.measured().values()) {
            Check check = measured.check().check();
            if (check.signal().isEmpty() == ofSignals) {
                continue;
            }
            List<Distance> distances = new ArrayList<>();
            long next = Long.MIN_VALUE;
            for (Measurement one : measured.windows().values()) {
                if (next != Long.MIN_VALUE && one.window() > next) {
                    distances.add(new Distance(spec.beginOf(next), spec.beginOf(one.window()), 0, null, false));
                }
                next = one.window() + 1;
                Finding.Change change = measured.changes().get(one.window());
                distances.add(new Distance(
                        spec.beginOf(one.window()),
                        spec.endOf(one.window()),
                        counted(version, one),
                        one.sufficient() ? one.effect() : null,
                        one.exceeds(),
                        change == null ? null : new Shift(change.entry(), change.after(), change.before())));
            }
            String group = measured.check().category();
            drifts.add(new Drift(
                    subject(version, check) + (group.isEmpty() ? "" : " = " + group + " against " + check.privileged()),
                    measure(check.statistic()),
                    unit(check.statistic(), spec.output().kind()),
                    check.family() == MonitorSpec.Family.CHANGES,
                    check.floor(),
                    distances));
        }
        return drifts;
    }

    private static String subject(Hindsight.OfVersion version, Check check) {
        return check.signal().isEmpty() ? version.layout().spec().output().signal() : check.signal();
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
            case KULLBACK_LEIBLER -> "Kullback-Leibler divergence";
            case JENSEN_SHANNON -> "Jensen-Shannon distance";
            case HELLINGER -> "Hellinger distance";
            case TOTAL_VARIATION -> "total variation distance";
            case L_INFINITY -> "largest difference of a share";
            case KOLMOGOROV_SMIRNOV -> "Kolmogorov-Smirnov statistic";
            case WASSERSTEIN -> "Wasserstein distance";
            case MEAN -> "distance of the means";
            case MISSING -> "rise of missing values";
            case UNSEEN -> "rise of values never seen before";
            case AUC -> "fall of the AUC";
            case BRIER -> "rise of the Brier score";
            case LOG_LOSS -> "rise of the logarithmic loss";
            case CALIBRATION -> "calibration error";
            case ACCURACY -> "fall of the share of right decisions";
            case PRECISION -> "fall of the precision";
            case RECALL -> "fall of the recall";
            case EXPECTED_AUC -> "fall of the expected AUC";
            case EXPECTED_ACCURACY -> "fall of the expected share of right decisions";
            case MAE -> "rise of the mean absolute error";
            case RMSE -> "rise of the root of the mean squared error";
            case BIAS -> "change of the mean error";
            case STATISTICAL_PARITY -> "statistical parity";
            case DISPARATE_IMPACT -> "disparate impact";
            case EQUAL_OPPORTUNITY -> "equal opportunity";
            case PAGE_HINKLEY -> "change seen by Page-Hinkley";
            case DDM -> "change seen by DDM";
            case ADWIN -> "change seen by ADWIN";
        };
    }

    /** What the values of a check are counted in. */
    static String unit(Statistic statistic, OutputKind kind) {
        return switch (statistic) {
            case PSI -> "index, 0 for no difference";
            case KULLBACK_LEIBLER -> "nats, 0 for no difference";
            case JENSEN_SHANNON, HELLINGER, TOTAL_VARIATION, KOLMOGOROV_SMIRNOV ->
                "0 for no difference, 1 for the most";
            case L_INFINITY, STATISTICAL_PARITY, EQUAL_OPPORTUNITY -> "difference of shares, 0 to 1";
            case WASSERSTEIN, MEAN -> "standard deviations of the reference";
            case MISSING, UNSEEN -> "rise of the share, 0 to 1";
            case AUC, EXPECTED_AUC -> "fall of an area, 0 to 1";
            case BRIER -> "rise of the mean squared error of the probability";
            case LOG_LOSS -> "rise, in nats";
            case CALIBRATION -> "mean distance of probability and share, 0 to 1";
            case ACCURACY, EXPECTED_ACCURACY, PRECISION, RECALL -> "fall of a share, 0 to 1";
            case MAE, RMSE, BIAS -> "unit of the predicted value";
            case DISPARATE_IMPACT -> "how far short, as a part of the other share";
            case DDM -> "rise of the share of wrong decisions";
            case PAGE_HINKLEY, ADWIN ->
                kind == OutputKind.VALUE
                        ? "rise of the absolute error, standard deviations"
                        : "rise of the mean squared error of the probability";
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
