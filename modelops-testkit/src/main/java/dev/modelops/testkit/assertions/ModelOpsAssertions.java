package dev.modelops.testkit.assertions;

import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditReport;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Decision;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Verdict;
import dev.modelops.signing.VerificationResult;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/**
 * The entry point of the assertions, for a static import. It goes along with AssertJ's own {@code assertThat}: the
 * compiler picks by type. Failures print the whole value.
 */
public final class ModelOpsAssertions {
    private ModelOpsAssertions() {}

    /**
     * Begins assertions about a decision.
     *
     * @param actual the decision
     * @return the assertions
     */
    public static DecisionAssert assertThat(@Nullable Decision actual) {
        return new DecisionAssert(actual);
    }

    /**
     * Begins assertions about a version.
     *
     * @param actual the version
     * @return the assertions
     */
    public static ModelVersionAssert assertThat(@Nullable ModelVersion actual) {
        return new ModelVersionAssert(actual);
    }

    /**
     * Begins assertions about the outcome of a verification.
     *
     * @param actual the outcome
     * @return the assertions
     */
    public static VerificationResultAssert assertThat(@Nullable VerificationResult actual) {
        return new VerificationResultAssert(actual);
    }

    /**
     * Begins assertions about what verifying a log found.
     *
     * @param actual the report
     * @return the assertions
     */
    public static AuditReportAssert assertThat(@Nullable AuditReport actual) {
        return new AuditReportAssert(actual);
    }

    /**
     * Begins assertions about a log, as one session may read it.
     *
     * @param actual the log
     * @return the assertions
     */
    public static AuditLogAssert assertThat(@Nullable AuditLog actual) {
        return new AuditLogAssert(actual);
    }

    /**
     * Begins assertions about a deployment as it is now.
     *
     * @param actual the deployment
     * @return the assertions
     */
    public static DeploymentAssert assertThat(@Nullable Deployment<?> actual) {
        return new DeploymentAssert(actual);
    }

    /**
     * Begins assertions about a verdict on an experiment.
     *
     * @param actual the verdict
     * @return the assertions
     */
    public static VerdictAssert assertThat(@Nullable Verdict actual) {
        return new VerdictAssert(actual);
    }

    /**
     * Begins assertions about an alert.
     *
     * @param actual the alert
     * @return the assertions
     */
    public static AlertAssert assertThat(@Nullable Alert actual) {
        return new AlertAssert(actual);
    }

    /**
     * Begins assertions about what an evaluation found.
     *
     * @param actual what it found
     * @return the assertions
     */
    public static DriftReportAssert assertThat(@Nullable DriftReport actual) {
        return new DriftReportAssert(actual);
    }

    /**
     * Runs an act and asserts that policy refused it.
     *
     * @param act the act
     * @return assertions about the refusal
     * @throws AssertionError if the act was done, or failed for another reason, which is then the cause
     */
    public static DecisionAssert assertThatRefused(ThrowingCallable act) {
        try {
            act.call();
        } catch (AccessDeniedException e) {
            return new DecisionAssert(e.decision());
        } catch (Throwable e) {
            throw new AssertionError("expected policy to refuse, but the act failed for another reason: " + e, e);
        }
        throw new AssertionError("expected policy to refuse, but the act was done");
    }
}
