package dev.modelops.policy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Gives facts that the log cannot know: calendars, monitors, scanners, tickets, where a process runs. Implemented by hosts.
 *
 * <p>A provider is asked before an act is queued, at a checked read, and while a model handle is open, each time only if a
 * rule of the policy set in force that may apply to the action reads one of its facts. What it says is recorded with the act,
 * with the time and the maximum age, so that the act can be decided again without it.
 *
 * <p>A provider that throws, does not answer in time, or gives what it does not provide makes all its facts fail, and so does
 * an answer that has become too old when the act is decided. A number of more than four decimal places fails by itself,
 * since only the provider knows which way to round it against the requester. A fact that fails refuses whatever a rule makes
 * depend on it.
 *
 * <p>Asked from the library's threads, by several at once, and interrupted when its time is over.
 */
public interface FactProvider {
    /**
     * Returns the provider's name, under which its answers are recorded.
     *
     * @return 1 to 128 characters, the same at every call
     */
    String name();

    /**
     * Returns the facts that the provider gives. None may have a name that the library gives facts under, nor lead through
     * another fact's name.
     *
     * @return the names, such as {@code drift.open}, the same at every call
     */
    Set<String> provides();

    /**
     * Returns the facts about a request. Those left out are absent.
     *
     * @param request who wants what, with the library's own facts
     * @return values, of the types that {@link Facts} lists, by name
     * @throws Exception if the facts cannot be established
     */
    Map<String, Object> compute(AccessRequest request) throws Exception;

    /**
     * Returns how long an answer holds.
     *
     * @return a positive time, one minute unless overridden
     */
    default Duration maxAge() {
        return Duration.ofMinutes(1);
    }
}
