package dev.modelops.monitoring;

import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import java.time.Instant;
import java.util.Optional;

/**
 * A request to train a model anew.
 *
 * @param notification the entry that makes it, with where and by whom
 * @param version the version that does not do any longer
 * @param cause why
 * @param from the beginning of the data in which that showed
 * @param until their end
 * @param alert the position of the alert that it comes from: the evidence
 */
public record RetrainingRequest(
        Notification notification,
        ModelRef version,
        String cause,
        Instant from,
        Instant until,
        Optional<LogPosition> alert) {
    /**
     * Returns the position of the request, which the version that comes back answers.
     *
     * @return the position
     */
    public LogPosition position() {
        return notification.position();
    }
}
