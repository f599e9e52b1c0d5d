package dev.modelops.monitoring;

import dev.modelops.Environment;
import java.util.List;

/**
 * Watches models by what their versions say of themselves: a version whose folder has the files {@link #BASELINE} and {@link
 * #MONITOR} is watched as these say, and they are signed with it, so that changing a threshold is registering a version. What
 * is counted goes into the log as segments, in which nothing of a single request is found; every process that evaluates the
 * same entries finds the same. Safe for use by many threads.
 */
public interface Monitoring {
    /** The file in a model's folder that says what its data looked like when it was made. */
    String BASELINE = "modelops-baseline.json";

    /** The file in a model's folder that says what is watched, and when it is alarming. */
    String MONITOR = "modelops-monitor.json";

    /**
     * Opens a monitor of a model in an environment. What it counts and what follows are recorded in the name of the caller,
     * who must be allowed to {@code record}; alerts and responses are decided when they come. While it is open, a thread of
     * the library gives out what was counted at least once a minute, and evaluates after each window by the clock that the
     * log was opened with.
     *
     * @param model the model's name
     * @param environment where it serves
     * @return the monitor; close it when done, before the log is closed
     * @throws dev.modelops.policy.AccessDeniedException if the caller may not record
     * @throws dev.modelops.NotFoundException if the log has no such model or environment
     * @throws dev.modelops.ReadOnlyException if the log was opened without a writer key
     */
    Monitor open(String model, Environment environment);

    /**
     * Returns how it stands with the checks of a model, those that never were anything but in order left out. Asks for
     * {@code read}.
     *
     * @param model the model's name
     * @param environment where it serves
     * @return the alerts, by version and check
     * @throws dev.modelops.policy.AccessDeniedException if the caller may not read the model
     * @throws dev.modelops.NotFoundException if the log has no such model
     */
    List<Alert> alerts(String model, Environment environment);
}
