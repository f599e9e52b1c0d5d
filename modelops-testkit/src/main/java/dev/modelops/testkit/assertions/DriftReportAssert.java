package dev.modelops.testkit.assertions;

import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.monitoring.DriftReport.Level;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about what an evaluation found. */
public final class DriftReportAssert extends AbstractAssert<DriftReportAssert, DriftReport> {
    DriftReportAssert(@Nullable DriftReport actual) {
        super(actual, DriftReportAssert.class);
    }

    /**
     * Asserts what a check found. A check that was not judged fails every assertion about it.
     *
     * @param check the check, such as {@code psi:income}
     * @param level what follows from it
     * @return this
     */
    public DriftReportAssert finds(String check, Level level) {
        isNotNull();
        List<DriftReport.Finding> found = actual.findings().stream()
                .filter(finding -> finding.check().equals(check))
                .toList();
        if (found.isEmpty() || found.stream().anyMatch(finding -> finding.level() != level)) {
            throw fail("to find " + check + " " + level);
        }
        return this;
    }

    /**
     * Asserts that something was judged, and that all of it is within bounds.
     *
     * @return this
     */
    public DriftReportAssert isCalm() {
        isNotNull();
        if (actual.findings().isEmpty()
                || actual.findings().stream().anyMatch(finding -> finding.level() != Level.WITHIN)) {
            throw fail("to find everything within bounds");
        }
        return this;
    }

    /**
     * Asserts that it changed an alert, which stands in a state now.
     *
     * @param check the check, such as {@code psi:income}
     * @param state how its alert stands
     * @return this
     */
    public DriftReportAssert changed(String check, Alert.State state) {
        isNotNull();
        if (actual.changes().stream().noneMatch(alert -> alert.check().equals(check) && alert.state() == state)) {
            throw fail("to have changed the alert " + check + " to " + state);
        }
        return this;
    }

    /**
     * Asserts that it changed no alert.
     *
     * @return this
     */
    public DriftReportAssert changedNothing() {
        isNotNull();
        if (!actual.changes().isEmpty()) {
            throw fail("to have changed no alert");
        }
        return this;
    }

    private AssertionError fail(String expected) {
        return failure("%s", "expected the evaluation " + expected + ", but it was " + Description.of(actual));
    }
}
