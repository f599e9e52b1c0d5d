package dev.modelops.core.monitoring;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.MonitorSpec.Output;
import dev.modelops.core.internal.monitoring.ReferenceProfile;
import dev.modelops.core.internal.monitoring.Statistic;
import dev.modelops.core.internal.statistics.MultipleTesting;
import dev.modelops.monitoring.Monitoring;
import dev.modelops.monitoring.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What is watched of a version, and when that is alarming. A check alarms if, in enough of the latest windows, a difference
 * from the baseline is both more than chance would make it, over all checks of an evaluation together, and large enough to
 * matter. Detectors of changes ({@link Measure#PAGE_HINKLEY}, {@link Measure#DDM}, {@link Measure#ADWIN}) follow the losses in the
 * order in which outcomes become known, whatever window their predictions were made in; they are no tests against the baseline,
 * so {@link #falseAlarms} does not bound them. {@link #writeTo} writes it beside the model, to be signed with it. A builder, for one thread.
 *
 * <pre>{@code
 * MonitorPlan.of(baseline)
 *         .windows(Duration.ofDays(1))
 *         .check(Measure.PSI, "age", 0.1)
 *         .check(Measure.AUC, 0.03).then(Response.REQUEST_RETRAINING)
 *         .check(Measure.DDM, 0.05).over(30)
 *         .outcomesWithin(Duration.ofDays(30))
 *         .writeTo(folder);
 * }</pre>
 */
public final class MonitorPlan {
    private final ReferenceProfile profile;
    private final Output output;
    private final List<String> slices = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private String name = "monitor";
    private Duration window = Duration.ofDays(1);
    private double alpha = 0.01;
    private int needed = 2;
    private int among = 3;
    private long minimum = 100;
    private int clearAfter = 2;
    private Duration grace = Duration.ofMinutes(5);
    private Duration labels = Duration.ofDays(1);
    private Duration coolDown = Duration.ofDays(7);

    private MonitorPlan(Baseline baseline) {
        this.profile = baseline.profile();
        this.output = baseline.output();
    }

    /**
     * Starts with no checks, and with windows of a day, judged five minutes after they end or, where outcomes are needed, a
     * day later; with false alarms in one of 100 evaluations at most, two of three windows needed, at least 100 observations
     * a window, and alerts that are over after two windows within bounds.
     *
     * @param baseline what windows are compared with
     * @return the plan, to be completed
     */
    public static MonitorPlan of(Baseline baseline) {
        return new MonitorPlan(baseline);
    }

    /**
     * Names the monitor.
     *
     * @param text 1 to 200 characters
     * @return this
     */
    public MonitorPlan name(String text) {
        name = text;
        return this;
    }

    /**
     * Sets how long a window is.
     *
     * @param length a millisecond to 366 days
     * @return this
     */
    public MonitorPlan windows(Duration length) {
        window = length;
        return this;
    }

    /**
     * Sets how many of the latest windows must be beyond bounds for an alarm.
     *
     * @param count how many
     * @param of among how many, at most 100
     * @return this
     */
    public MonitorPlan alarmingIn(int count, int of) {
        needed = count;
        among = of;
        return this;
    }

    /**
     * Sets how many observations a window, and a group within it, must have to be judged.
     *
     * @param count at least 2
     * @return this
     */
    public MonitorPlan minimum(long count) {
        minimum = count;
        return this;
    }

    /**
     * Sets how probable a false alarm may be in an evaluation if nothing differs, over all checks together.
     *
     * @param probability above 0, below 0.5
     * @return this
     */
    public MonitorPlan falseAlarms(double probability) {
        alpha = probability;
        return this;
    }

    /**
     * Sets after how many windows within bounds an alert is over.
     *
     * @param windows 1 to 100
     * @return this
     */
    public MonitorPlan clearAfter(int windows) {
        clearAfter = windows;
        return this;
    }

    /**
     * Sets how long after its end a window is judged: so long may the slowest process take to give out what it counted, which
     * is about a minute at most.
     *
     * @param time positive
     * @return this
     */
    public MonitorPlan grace(Duration time) {
        grace = time;
        return this;
    }

    /**
     * Sets how long after the end of a window the outcomes of its predictions are waited for; that late it is judged by the
     * checks that need them.
     *
     * @param time at least the grace, and at most 2,000 windows
     * @return this
     */
    public MonitorPlan outcomesWithin(Duration time) {
        labels = time;
        return this;
    }

    /**
     * Sets for how long it is not asked again for the model to be trained anew.
     *
     * @param time positive
     * @return this
     */
    public MonitorPlan coolDown(Duration time) {
        coolDown = time;
        return this;
    }

    /**
     * Tells performance and decisions apart by the values of a categorical signal, which checks of fairness need.
     *
     * @param signal the signal
     * @return this
     */
    public MonitorPlan slice(String signal) {
        slices.add(signal);
        return this;
    }

    /**
     * Adds a check of one signal.
     *
     * @param measure what is measured
     * @param signal of which signal
     * @param floor how large it must be to matter
     * @return this
     * @throws IllegalArgumentException if it is not measured of a signal
     */
    public MonitorPlan check(Measure measure, String signal, double floor) {
        checks.add(Check.of(statistic(measure), signal, floor));
        return this;
    }

    /**
     * Adds a check of what is predicted.
     *
     * @param measure what is measured
     * @param floor how large it must be to matter
     * @return this
     * @throws IllegalArgumentException if it is not measured of predictions
     */
    public MonitorPlan check(Measure measure, double floor) {
        checks.add(Check.of(statistic(measure), floor));
        return this;
    }

    /**
     * Adds a check of fairness: each other group is compared with one.
     *
     * @param measure what is measured
     * @param signal the signal by which groups are told apart, one of the {@linkplain #slice slices}
     * @param privileged the group that others are compared with
     * @param floor how large it must be to matter
     * @return this
     * @throws IllegalArgumentException if it is not measured of groups
     */
    public MonitorPlan check(Measure measure, String signal, String privileged, double floor) {
        checks.add(Check.of(statistic(measure), signal, privileged, floor));
        return this;
    }

    /**
     * Says what is done when the check that was added last alarms, beside that the alert is in the log.
     *
     * @param response what is done, if policy allows it to whoever opened the monitor
     * @return this
     * @throws IllegalStateException if no check was added
     */
    public MonitorPlan then(Response response) {
        int last = last("that " + response + " is to follow from");
        checks.set(last, checks.get(last).then(response));
        return this;
    }

    /**
     * Sets at which bound the detector that was added last sees a change: the sum of rises of {@link Measure#PAGE_HINKLEY}, the
     * standard deviations of {@link Measure#DDM}, or how probably {@link Measure#ADWIN} is wrong.
     *
     * @param bound above 0, for a probability below 1
     * @return this
     * @throws IllegalArgumentException if it is out of range, or the last check sees no changes
     * @throws IllegalStateException if no check was added
     */
    public MonitorPlan seenAt(double bound) {
        int last = last("that is to see changes");
        checks.set(last, checks.get(last).seenAt(bound));
        return this;
    }

    /**
     * Sets how many windows the detector that was added last looks back over, 30 unless set. With each window it begins anew
     * that long ago, so a change is known for so long, and one that takes longer is not seen.
     *
     * @param windows 1 to 100
     * @return this
     * @throws IllegalArgumentException if it is out of range, or the last check sees no changes
     * @throws IllegalStateException if no check was added
     */
    public MonitorPlan over(int windows) {
        int last = last("that is to look back over " + windows + " windows");
        checks.set(last, checks.get(last).over(windows));
        return this;
    }

    private int last(String purpose) {
        if (checks.isEmpty()) {
            throw new IllegalStateException("add the check first " + purpose);
        }
        return checks.size() - 1;
    }

    private static Statistic statistic(Measure measure) {
        return Statistic.valueOf(measure.name());
    }

    /**
     * Writes baseline and plan into a model's folder, under the names that monitoring reads. Register the folder afterwards.
     *
     * @param folder the model's folder
     * @throws IllegalArgumentException if the plan does not fit the baseline, or a setting is out of range
     * @throws IOException if the files cannot be written
     */
    public void writeTo(Path folder) throws IOException {
        byte[] baseline = profile.toBytes();
        MonitorSpec spec = new MonitorSpec(
                name,
                Digest.sha256Of(Bytes.of(baseline)),
                window,
                output,
                slices,
                checks,
                alpha,
                MultipleTesting.BENJAMINI_HOCHBERG,
                needed,
                among,
                minimum,
                clearAfter,
                grace,
                labels,
                coolDown);
        spec.requireFits(profile);
        byte[] plan = spec.toBytes();
        if (baseline.length > ReferenceProfile.MOST_BYTES || plan.length > MonitorSpec.MOST_BYTES) {
            throw new IllegalArgumentException("a baseline has at most " + ReferenceProfile.MOST_BYTES
                    + " bytes and a monitor " + MonitorSpec.MOST_BYTES + ", but these have " + baseline.length + " and "
                    + plan.length + "; watch fewer signals");
        }
        Files.write(folder.resolve(Monitoring.BASELINE), baseline);
        Files.write(folder.resolve(Monitoring.MONITOR), plan);
    }
}
