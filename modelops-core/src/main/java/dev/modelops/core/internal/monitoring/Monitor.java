package dev.modelops.core.internal.monitoring;

import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.monitoring.Finding.Level;
import dev.modelops.core.internal.monitoring.Finding.Measurement;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Categorical;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Signal;
import dev.modelops.core.internal.monitoring.Window.SignalCounts;
import dev.modelops.core.internal.monitoring.Window.Slice;
import dev.modelops.core.internal.monitoring.Window.SliceCounts;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.Divergences;
import dev.modelops.core.internal.statistics.ExpectedScores;
import dev.modelops.core.internal.statistics.GroupOutcomes;
import dev.modelops.core.internal.statistics.RankedScores.Area;
import dev.modelops.core.internal.statistics.RegressionErrors;
import dev.modelops.core.internal.statistics.Significance;
import dev.modelops.core.internal.statistics.Significance.Test;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Concludes from windows what a monitor has to say: a pure function of specification, reference profile and windows, so that
 * anybody who has the three finds the same.
 */
public final class Monitor {
    /** How many observations a cell must be expected to hold for its chi-square term to be believed. */
    private static final double LEAST_EXPECTED = 5;

    private final Layout layout;

    /** Creates a monitor; {@link IllegalArgumentException} if the specification does not fit the profile. */
    public Monitor(MonitorSpec spec, ReferenceProfile profile) {
        this.layout = new Layout(spec, profile);
    }

    /** Returns where the monitor counts what. */
    public Layout layout() {
        return layout;
    }

    private record Measured(long reference, long current, double effect, Test test) {}

    private record Compared(Check check, String category, List<@Nullable Measured> windows) {}

    /**
     * Returns what each check found in the latest windows.
     *
     * @param windows whole windows of this monitor, the oldest first, without two of the same time; of more than the monitor
     *     looks at, the latest count
     * @throws IllegalArgumentException if there are none, or they are not of this monitor or not in order
     */
    public List<Finding> evaluate(List<Window> windows) {
        return evaluate(windows, check -> check.family() != MonitorSpec.Family.CHANGES);
    }

    /** Returns what some of the checks of windows found; these alone are corrected for each other. */
    public List<Finding> evaluate(List<Window> windows, Predicate<Check> which) {
        requireOrder(windows);
        List<Window> latest = windows.subList(Math.max(0, windows.size() - layout.spec.among()), windows.size());
        List<Compared> compared = new ArrayList<>();
        for (Check check : layout.spec.checks().stream().filter(which).toList()) {
            if (check.statistic().kind() == Statistic.Kind.FAIRNESS) {
                Categorical groups = (Categorical) layout.profile.signals().get(layout.profile.indexOf(check.signal()));
                int privileged = groups.categories().indexOf(check.privileged());
                for (int cell = 0; cell < groups.categories().size(); cell++) {
                    if (cell != privileged) {
                        List<@Nullable Measured> measured = new ArrayList<>();
                        for (Window window : latest) {
                            measured.add(fairness(check, window, cell, privileged));
                        }
                        compared.add(new Compared(check, groups.categories().get(cell), measured));
                    }
                }
            } else {
                List<@Nullable Measured> measured = new ArrayList<>();
                for (Window window : latest) {
                    measured.add(measure(check, window));
                }
                compared.add(new Compared(check, "", measured));
            }
        }
        return conclude(latest, compared);
    }

    private void requireOrder(List<Window> windows) {
        if (windows.isEmpty()) {
            throw new IllegalArgumentException("there is no window to look at");
        }
        for (int i = 0; i < windows.size(); i++) {
            Window window = windows.get(i);
            if (!layout.counts(window)) {
                throw new IllegalArgumentException("window " + window.index() + " is of the monitor " + window.monitor()
                        + ", not of " + layout.monitor);
            }
            if (i > 0 && windows.get(i - 1).index() >= window.index()) {
                throw new IllegalArgumentException("windows come in order of time, each once, but " + window.index()
                        + " follows " + windows.get(i - 1).index());
            }
        }
    }

    private List<Finding> conclude(List<Window> windows, List<Compared> compared) {
        double[] pValues = compared.stream()
                .flatMap(of -> of.windows().stream())
                .filter(measured -> measured != null)
                .mapToDouble(measured -> measured == null ? 1 : measured.test().pValue())
                .toArray();
        double[] adjusted = layout.spec.correction().adjust(pValues);
        List<Finding> findings = new ArrayList<>();
        int next = 0;
        for (Compared of : compared) {
            List<Measurement> measurements = new ArrayList<>();
            for (int i = 0; i < windows.size(); i++) {
                Measured measured = of.windows().get(i);
                long index = windows.get(i).index();
                if (measured == null) {
                    measurements.add(new Measurement(index, 0, 0, 0, 0, 1, 1, false, false));
                } else {
                    double p = adjusted[next];
                    next++;
                    measurements.add(new Measurement(
                            index,
                            measured.reference(),
                            measured.current(),
                            measured.test().statistic(),
                            measured.effect(),
                            measured.test().pValue(),
                            p,
                            true,
                            p < layout.spec.alpha()
                                    && measured.effect() > 0
                                    && measured.effect() >= of.check().floor()));
                }
            }
            findings.add(
                    new Finding(of.check(), of.category(), level(measurements, layout.spec.needed()), measurements));
        }
        return List.copyOf(findings);
    }

    static Level level(List<Measurement> measurements, int needed) {
        Measurement latest = measurements.get(measurements.size() - 1);
        long exceeding = measurements.stream().filter(Measurement::exceeds).count();
        if (!latest.sufficient()) {
            return Level.UNKNOWN;
        } else if (latest.exceeds()) {
            return exceeding >= needed ? Level.ALARMING : Level.EXCEEDING;
        }
        return Level.WITHIN;
    }

    private boolean isEnough(long... counts) {
        for (long count : counts) {
            if (count < layout.spec.minimum()) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Measured measure(Check check, Window window) {
        return switch (check.statistic().kind()) {
            case DISTRIBUTION, ORDERED -> ofSignal(check, window);
            case PROBABILITY ->
                switch (check.statistic()) {
                    case EXPECTED_AUC, EXPECTED_ACCURACY -> expected(check.statistic(), window.expected());
                    default -> ofScores(check.statistic(), window.scores());
                };
            case VALUE -> ofErrors(check.statistic(), window.errors());
            case FAIRNESS -> throw new IllegalStateException("fairness is measured by group");
            case CHANGE -> throw new IllegalStateException("changes are seen in the order of outcomes");
        };
    }

    private @Nullable Measured ofSignal(Check check, Window window) {
        int index = layout.profile.indexOf(check.signal());
        Signal signal = layout.profile.signals().get(index);
        SignalCounts counts = window.signals().get(index);
        long[] reference = signal.cells().toArray();
        long[] current = counts.cells().toArray();
        long all = signal.total();
        long now = counts.total();
        if (!isEnough(all, now)) {
            return null;
        }
        return switch (check.statistic()) {
            case MISSING -> {
                int cell = reference.length - (signal instanceof Numeric ? 2 : 1);
                yield rise(reference[cell], all, current[cell], now);
            }
            case UNSEEN -> {
                int cell = reference.length - (signal instanceof Numeric ? 1 : 2);
                yield rise(reference[cell], all, current[cell], now);
            }
            case MEAN -> mean(ofReference((Numeric) signal), counts.sums(), ((Numeric) signal).deviation());
            case KOLMOGOROV_SMIRNOV, WASSERSTEIN -> ordered(check.statistic(), (Numeric) signal, counts);
            default ->
                new Measured(
                        all, now, divergence(check.statistic(), reference, current), chiSquare(reference, current));
        };
    }

    private static Measured rise(long referenceHits, long reference, long hits, long current) {
        return new Measured(
                reference,
                current,
                (double) hits / current - (double) referenceHits / reference,
                Significance.shareIncreased(referenceHits, reference, hits, current));
    }

    private @Nullable Measured mean(CenteredSums reference, CenteredSums current, double deviation) {
        if (!isEnough(reference.count(), current.count())) {
            return null;
        }
        double difference = current.mean() - reference.mean();
        double error = StrictMath.hypot(reference.standardError(), current.standardError());
        return new Measured(
                reference.count(),
                current.count(),
                Math.abs(Significance.score(difference, deviation)),
                Significance.differs(difference, error));
    }

    private static CenteredSums ofReference(Numeric signal) {
        long count = signal.cells().subArray(0, signal.bins()).stream().sum();
        double variance = signal.deviation() * signal.deviation();
        return CenteredSums.of(count, 0, variance * Math.max(0, count - 1));
    }

    private @Nullable Measured ordered(Statistic statistic, Numeric signal, SignalCounts counts) {
        ImmutableLongArray reference = signal.cells().subArray(0, signal.bins());
        ImmutableLongArray current = counts.cells().subArray(0, signal.bins());
        long all = reference.stream().sum();
        long now = current.stream().sum();
        if (!isEnough(all, now)) {
            return null;
        }
        double effect = statistic == Statistic.KOLMOGOROV_SMIRNOV
                ? Divergences.kolmogorovSmirnov(reference.toArray(), current.toArray())
                : Significance.score(
                        Divergences.wasserstein(
                                reference.toArray(),
                                current.toArray(),
                                signal.means().toArray()),
                        signal.deviation());
        return new Measured(all, now, effect, chiSquare(reference.toArray(), current.toArray()));
    }

    private static Test chiSquare(long[] reference, long[] current) {
        Significance.Pair pooled = Significance.pooled(reference, current, LEAST_EXPECTED);
        return Significance.chiSquare(pooled.reference(), pooled.current());
    }

    private static double divergence(Statistic statistic, long[] reference, long[] current) {
        return switch (statistic) {
            case PSI -> Divergences.populationStabilityIndex(reference, current);
            case KULLBACK_LEIBLER -> Divergences.kullbackLeibler(current, reference);
            case JENSEN_SHANNON -> Divergences.jensenShannonDistanceBase2(reference, current);
            case HELLINGER -> Divergences.hellinger(reference, current);
            case TOTAL_VARIATION -> Divergences.totalVariation(reference, current);
            case L_INFINITY -> Divergences.lInfinity(reference, current);
            default -> throw new IllegalStateException("no divergence: " + statistic);
        };
    }

    private @Nullable Measured ofScores(Statistic statistic, @Nullable BinaryScores current) {
        BinaryScores reference = layout.profile.scores();
        if (reference == null || current == null || !isEnough(reference.count(), current.count())) {
            return null;
        }
        return switch (statistic) {
            case AUC -> fall(reference.count(), reference.area(), current.count(), current.area());
            case BRIER ->
                loss(
                        reference.brier(),
                        current.brier(),
                        current.brier().mean() - reference.brier().mean());
            case LOG_LOSS ->
                loss(
                        reference.logLoss(),
                        current.logLoss(),
                        current.logLoss().mean() - reference.logLoss().mean());
            case CALIBRATION ->
                new Measured(reference.count(), current.count(), current.calibrationError(), current.calibrationTest());
            case ACCURACY -> fall(reference.right(), reference.count(), current.right(), current.count());
            case PRECISION ->
                fall(
                        reference.truePositives(),
                        reference.truePositives() + reference.falsePositives(),
                        current.truePositives(),
                        current.truePositives() + current.falsePositives());
            case RECALL ->
                fall(reference.truePositives(), reference.happened(), current.truePositives(), current.happened());
            default -> throw new IllegalStateException("not of scores: " + statistic);
        };
    }

    /** Of a share whose fall is bad; null if one of the wholes is empty. */
    private static @Nullable Measured fall(long referenceHits, long reference, long hits, long current) {
        if (reference == 0 || current == 0) {
            return null;
        }
        return rise(reference - referenceHits, reference, current - hits, current);
    }

    private static @Nullable Measured fall(long count, Area reference, long now, Area current) {
        if (Double.isNaN(reference.value()) || Double.isNaN(current.value())) {
            return null;
        }
        double fall = reference.value() - current.value();
        double error = StrictMath.hypot(reference.standardError(), current.standardError());
        return new Measured(count, now, fall, Significance.increased(fall, error));
    }

    private static Measured loss(CenteredSums reference, CenteredSums current, double effect) {
        double error = StrictMath.hypot(reference.standardError(), current.standardError());
        return new Measured(
                reference.count(),
                current.count(),
                effect,
                Significance.increased(current.mean() - reference.mean(), error));
    }

    /**
     * Compares what is to be expected of the window's inputs with what was found on the reference: with the labels it has there,
     * since a reference whose probabilities are wrong would make the expectation look too good.
     */
    private @Nullable Measured expected(Statistic statistic, @Nullable ExpectedScores current) {
        BinaryScores reference = layout.profile.scores();
        if (reference == null || current == null || !isEnough(reference.count(), current.count())) {
            return null;
        }
        if (statistic == Statistic.EXPECTED_AUC) {
            return fall(reference.count(), reference.area(), current.count(), current.area());
        }
        double was = reference.accuracy();
        double fall = was - current.accuracy();
        double error = StrictMath.hypot(
                StrictMath.sqrt(was * (1 - was) / reference.count()),
                current.right().standardError());
        return new Measured(reference.count(), current.count(), fall, Significance.increased(fall, error));
    }

    private @Nullable Measured ofErrors(Statistic statistic, @Nullable RegressionErrors current) {
        RegressionErrors reference = layout.profile.errors();
        if (reference == null || current == null || !isEnough(reference.count(), current.count())) {
            return null;
        }
        return switch (statistic) {
            case MAE ->
                loss(
                        reference.amounts(),
                        current.amounts(),
                        current.meanAbsoluteError() - reference.meanAbsoluteError());
            case RMSE ->
                loss(
                        reference.squares(),
                        current.squares(),
                        current.rootMeanSquaredError() - reference.rootMeanSquaredError());
            case BIAS -> {
                double difference = current.bias() - reference.bias();
                double error = StrictMath.hypot(
                        reference.errors().standardError(), current.errors().standardError());
                yield new Measured(
                        reference.count(),
                        current.count(),
                        Math.abs(difference),
                        Significance.differs(difference, error));
            }
            default -> throw new IllegalStateException("not of errors: " + statistic);
        };
    }

    private @Nullable Measured fairness(Check check, Window window, int cell, int privilegedCell) {
        SliceCounts counted = window.slices().get(new Slice(check.signal(), cell));
        SliceCounts others = window.slices().get(new Slice(check.signal(), privilegedCell));
        if (counted == null || others == null) {
            return null;
        }
        GroupOutcomes group = counted.group();
        GroupOutcomes privileged = others.group();
        boolean ofDeserving = check.statistic() == Statistic.EQUAL_OPPORTUNITY;
        long count = ofDeserving ? group.deserving() : group.count();
        long privilegedCount = ofDeserving ? privileged.deserving() : privileged.count();
        if (!isEnough(count, privilegedCount)) {
            return null;
        }
        double effect = switch (check.statistic()) {
            case STATISTICAL_PARITY -> Math.abs(group.statisticalParityDifference(privileged));
            case DISPARATE_IMPACT -> privileged.favored() == 0 ? 0 : 1 - group.disparateImpact(privileged);
            case EQUAL_OPPORTUNITY -> Math.abs(group.equalOpportunityDifference(privileged));
            default -> throw new IllegalStateException("not of fairness: " + check.statistic());
        };
        Test test = Significance.shareDiffers(
                ofDeserving ? privileged.deservingFavored() : privileged.favored(),
                privilegedCount,
                ofDeserving ? group.deservingFavored() : group.favored(),
                count);
        return new Measured(privilegedCount, count, effect, test);
    }
}
