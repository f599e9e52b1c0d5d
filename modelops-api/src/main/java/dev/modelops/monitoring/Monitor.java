package dev.modelops.monitoring;

import dev.modelops.serving.Prediction;
import dev.modelops.serving.Served;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a model is asked and answers in one environment, and tells when that is alarming. Counting never waits for the
 * store and never fails because of it. What was counted but not yet given out when the process dies is lost: at most a minute
 * of it, or what {@link #flush} did not give out. Safe for use by many threads.
 */
public interface Monitor extends AutoCloseable {
    /**
     * Counts a prediction. Each signal that the version's monitor names is looked up in the output, then in the input; one
     * that is in neither is counted as missing. What the host's fallback answered is not counted.
     *
     * @param prediction what the model was asked and answered
     * @return whether it was counted; it is not if the version is not watched, or not yet known to this process, which then
     *     reads what it says in the background
     * @throws IllegalArgumentException if it is of another model
     * @throws dev.modelops.ClosedException if the monitor was closed
     */
    boolean observe(Prediction prediction);

    /**
     * Counts a row without allocating anything: the numbers in the order in which the version's baseline has its numeric
     * signals, not a number where one is missing, and the texts in that of its categorical ones, null where one is missing.
     *
     * @param served the answer, which tells the version
     * @param numbers the numbers
     * @param texts the texts
     * @return whether it was counted, as {@link #observe(Prediction)} says
     * @throws IllegalArgumentException if it is of another model, or the row has another form; nothing was counted then
     * @throws dev.modelops.ClosedException if the monitor was closed
     */
    boolean observe(Served<?> served, double[] numbers, @Nullable String[] texts);

    /**
     * Records what was counted until now as a segment, and waits for it.
     *
     * @throws dev.modelops.storage.StorageException if the store does not take it in the patience the log was opened with;
     *     it is tried again in the background
     * @throws dev.modelops.policy.AccessDeniedException if whoever opened the monitor may no longer record
     */
    void flush();

    /**
     * Reads what all processes have recorded until now, judges each check of each version in the windows whose time has
     * come, records which alerts changed, and does what the monitor says is to be done then. Many processes may evaluate:
     * each change is recorded once. Windows that ended long ago are not judged any more.
     *
     * @return what was found
     * @throws dev.modelops.storage.StorageException if the store cannot be read or written
     * @throws dev.modelops.IntegrityException if a segment is other than was recorded
     * @throws dev.modelops.policy.AccessDeniedException if whoever opened the monitor may not change alerts; what a response
     *     is refused is in the report
     */
    DriftReport evaluate();

    /**
     * Returns how many predictions of watched versions, or of versions not known yet, this monitor was shown but could not
     * count or give out.
     *
     * @return the count since it was opened
     */
    long lost();

    /** Records what was counted, as {@link #flush} does, and ends. What cannot be stored is lost, and the host's log says so. */
    @Override
    void close();
}
