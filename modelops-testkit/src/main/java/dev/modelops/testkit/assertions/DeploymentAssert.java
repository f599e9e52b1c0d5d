package dev.modelops.testkit.assertions;

import dev.modelops.ModelRef;
import dev.modelops.serving.Deployment;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about a {@link Deployment} as it is now. In this process an act has reached it when the act returns; of one in
 * another process, and of what a deployment does by itself, wait for {@link Deployment#status} first.
 */
public final class DeploymentAssert extends AbstractAssert<DeploymentAssert, Deployment<?>> {
    DeploymentAssert(@Nullable Deployment<?> actual) {
        super(actual, DeploymentAssert.class);
    }

    /**
     * Asserts what it does.
     *
     * @param state the state
     * @return this
     */
    public DeploymentAssert isIn(Deployment.State state) {
        Deployment.Status status = status();
        if (status.state() != state) {
            throw fail(status, "to be " + state);
        }
        return this;
    }

    /**
     * Asserts that a version answers its calls.
     *
     * @param version the version
     * @return this
     */
    public DeploymentAssert serves(ModelRef version) {
        Deployment.Status status = status();
        if (!status.serving().equals(Optional.of(version))) {
            throw fail(status, "to serve " + version);
        }
        return this;
    }

    /**
     * Asserts that no version answers its calls.
     *
     * @return this
     */
    public DeploymentAssert servesNothing() {
        Deployment.Status status = status();
        if (status.serving().isPresent()) {
            throw fail(status, "to serve nothing");
        }
        return this;
    }

    /**
     * Asserts that a version is kept loaded to go back to.
     *
     * @param version the version
     * @return this
     */
    public DeploymentAssert keeps(ModelRef version) {
        Deployment.Status status = status();
        if (!status.standby().equals(Optional.of(version))) {
            throw fail(status, "to keep " + version);
        }
        return this;
    }

    /**
     * Asserts that a version failed and at which step.
     *
     * @param step the step
     * @param version the version
     * @return this
     */
    public DeploymentAssert failedAt(Deployment.Step step, ModelRef version) {
        Deployment.Status status = status();
        if (status.failure()
                .filter(failure -> failure.step() == step && failure.version().equals(version))
                .isEmpty()) {
            throw fail(status, "to have seen " + version + " fail at " + step);
        }
        return this;
    }

    /**
     * Asserts that no version has failed since one served.
     *
     * @return this
     */
    public DeploymentAssert hasNoFailure() {
        Deployment.Status status = status();
        if (status.failure().isPresent()) {
            throw fail(status, "to have seen no version fail");
        }
        return this;
    }

    /**
     * Asserts that it should go back but cannot.
     *
     * @return this
     */
    public DeploymentAssert isHeld() {
        Deployment.Status status = status();
        if (!status.isHeld()) {
            throw fail(status, "to be held");
        }
        return this;
    }

    private Deployment.Status status() {
        isNotNull();
        return actual.status();
    }

    private AssertionError fail(Deployment.Status status, String expected) {
        return failure("%s", "expected the deployment " + expected + ", but it was " + Description.of(status));
    }
}
