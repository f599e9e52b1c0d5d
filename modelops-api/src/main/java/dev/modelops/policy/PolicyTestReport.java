package dev.modelops.policy;

import java.util.List;
import java.util.Optional;

/**
 * What came of the requests in a policy test file.
 *
 * @param trials each request, in the order of the file; copied in
 * @param coverage what they exercised of the policies
 */
public record PolicyTestReport(List<Trial> trials, PolicyCoverage coverage) {
    /**
     * Creates a report.
     *
     * @param trials each request, in the order of the file
     * @param coverage what they exercised of the policies
     */
    public PolicyTestReport {
        trials = List.copyOf(trials);
    }

    /**
     * One request of the file.
     *
     * @param name its description
     * @param decision what was decided
     * @param failure how that differs from what the file expects, with an explanation of the decision; empty if it does not
     */
    public record Trial(String name, Decision decision, Optional<String> failure) {}

    /**
     * Tells whether everything was decided as expected.
     *
     * @return true if no trial has a failure
     */
    public boolean passed() {
        return trials.stream().allMatch(trial -> trial.failure().isEmpty());
    }
}
