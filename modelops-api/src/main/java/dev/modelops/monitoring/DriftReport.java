package dev.modelops.monitoring;

import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an evaluation found.
 *
 * @param position which entries it was found in
 * @param findings what each check of each version found in the latest window that could be judged
 * @param changes the alerts that changed, as they stand now
 * @param consequences what is to be done about alerts that fire or are acknowledged, and what became of it; told by every
 *     evaluation until the alert is over
 * @param coverage how much of it could be seen
 */
public record DriftReport(
        LogPosition position,
        List<Finding> findings,
        List<Alert> changes,
        List<Consequence> consequences,
        Coverage coverage) {
    /**
     * Copies the lists.
     *
     * @param position which entries it was found in
     * @param findings what each check of each version found in the latest window that could be judged
     * @param changes the alerts that changed, as they stand now
     * @param consequences what is to be done about alerts that fire or are acknowledged, and what became of it; told by
     *     every evaluation until the alert is over
     * @param coverage how much of it could be seen
     */
    public DriftReport {
        findings = List.copyOf(findings);
        changes = List.copyOf(changes);
        consequences = List.copyOf(consequences);
    }

    /** What follows from what was measured. */
    public enum Level {
        /** There are not enough observations in the latest window. */
        UNKNOWN,
        /** The latest window is within bounds. */
        WITHIN,
        /** The latest window is beyond bounds, but not enough of them are. */
        EXCEEDING,
        /** Enough of the latest windows are beyond bounds. */
        ALARMING
    }

    /**
     * What a check found.
     *
     * @param version the version
     * @param check what was checked, such as {@code psi:income}
     * @param floor how large an effect must be to matter
     * @param level what follows
     * @param measurements what was measured, the oldest window first
     * @param change the entry with which a detector saw the change that it tells of, empty if it saw none or the check is
     *     another
     */
    public record Finding(
            ModelRef version,
            String check,
            double floor,
            Level level,
            List<Measurement> measurements,
            Optional<LogPosition> change) {
        /**
         * Copies the list.
         *
         * @param version the version
         * @param check what was checked, such as {@code psi:income}
         * @param floor how large an effect must be to matter
         * @param level what follows
         * @param measurements what was measured, the oldest window first
         * @param change the entry with which a detector saw the change that it tells of, empty if it saw none or the check is
         *     another
         */
        public Finding {
            measurements = List.copyOf(measurements);
        }

        /**
         * Returns what was measured in the latest window.
         *
         * @return the last measurement
         */
        public Measurement latest() {
            return measurements.get(measurements.size() - 1);
        }
    }

    /**
     * What was measured in a window.
     *
     * @param from when the window began
     * @param until when it ended
     * @param reference how many observations of the baseline were compared; of a detector of changes, how many there were
     *     before the window
     * @param current with how many of the window
     * @param effect how large the difference is, in the unit of the floor
     * @param pValue how probable one like it would be if nothing differed; not a number where a detector of changes looked
     * @param adjusted the same, corrected for all tests of the evaluation
     * @param isSufficient whether there are enough observations; if not, the numbers say nothing
     * @param isExceeding whether the difference is both significant and large enough
     */
    public record Measurement(
            Instant from,
            Instant until,
            long reference,
            long current,
            double effect,
            double pValue,
            double adjusted,
            boolean isSufficient,
            boolean isExceeding) {}

    /**
     * What was to be done about an alert.
     *
     * @param alert the alert
     * @param response what was to be done
     * @param isDone whether it is done, now or before
     * @param reason why not, an empty text if it is
     */
    public record Consequence(Alert alert, Response response, boolean isDone, String reason) {}

    /**
     * How much could be seen.
     *
     * @param predictions how many predictions of watched versions were in the prediction log
     * @param matched of how many the outcome is known
     * @param waiting of how many it may still come
     * @param unmatched how many outcomes found no prediction
     * @param conflicting how many outcomes differ from one that was told before, which stands
     * @param unusable how many predictions or outcomes were no numbers where numbers are needed
     * @param late how many parts of windows came when these were no longer looked at
     * @param unknown how many parts of windows were none of the monitor that their version says
     * @param expired how many segments have expired
     */
    public record Coverage(
            long predictions,
            long matched,
            long waiting,
            long unmatched,
            long conflicting,
            long unusable,
            long late,
            long unknown,
            long expired) {}
}
