package dev.modelops.testkit.assertions;

import dev.modelops.audit.AuditReport;
import java.util.OptionalLong;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about an {@link AuditReport}. */
public final class AuditReportAssert extends AbstractAssert<AuditReportAssert, AuditReport> {
    AuditReportAssert(@Nullable AuditReport actual) {
        super(actual, AuditReportAssert.class);
    }

    /**
     * Asserts that nothing is wrong.
     *
     * @return this
     */
    public AuditReportAssert isSound() {
        isNotNull();
        if (!actual.isSound()) {
            throw fail("to be sound");
        }
        return this;
    }

    /**
     * Asserts that a kind of fault was found, anywhere.
     *
     * @param kind the kind
     * @return this
     */
    public AuditReportAssert hasFinding(AuditReport.Kind kind) {
        isNotNull();
        if (actual.findings().stream().noneMatch(finding -> finding.kind() == kind)) {
            throw fail("to have a finding " + kind);
        }
        return this;
    }

    /**
     * Asserts that a kind of fault was found at an entry.
     *
     * @param kind the kind
     * @param index the index of the entry
     * @return this
     */
    public AuditReportAssert hasFindingAt(AuditReport.Kind kind, long index) {
        isNotNull();
        if (actual.findings().stream()
                .noneMatch(finding -> finding.kind() == kind && finding.index().equals(OptionalLong.of(index)))) {
            throw fail("to have a finding " + kind + " at entry " + index);
        }
        return this;
    }

    /**
     * Asserts that a kind of fault was not found.
     *
     * @param kind the kind
     * @return this
     */
    public AuditReportAssert hasNoFinding(AuditReport.Kind kind) {
        isNotNull();
        if (actual.findings().stream().anyMatch(finding -> finding.kind() == kind)) {
            throw fail("to have no finding " + kind);
        }
        return this;
    }

    private AssertionError fail(String expected) {
        return failure("%s", "expected the log " + expected + ", but it was " + Description.of(actual));
    }
}
