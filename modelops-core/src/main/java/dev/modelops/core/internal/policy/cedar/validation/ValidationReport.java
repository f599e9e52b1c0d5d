package dev.modelops.core.internal.policy.cedar.validation;

import java.util.List;

/** What the validation of policies found, in the order of the policies. */
public record ValidationReport(List<Finding> findings) {
    public ValidationReport {
        findings = List.copyOf(findings);
    }

    /** Tells whether no finding is an error. */
    public boolean passed() {
        return findings.stream().noneMatch(Finding::isError);
    }

    /** Returns the findings that fail the validation. */
    public List<Finding> errors() {
        return findings.stream().filter(Finding::isError).toList();
    }

    /** Returns the findings that do not fail the validation. */
    public List<Finding> warnings() {
        return findings.stream().filter(finding -> !finding.isError()).toList();
    }
}
