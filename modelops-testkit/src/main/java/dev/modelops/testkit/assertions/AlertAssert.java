package dev.modelops.testkit.assertions;

import dev.modelops.ModelRef;
import dev.modelops.monitoring.Alert;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about an {@link Alert}, as it stood when it was asked for. */
public final class AlertAssert extends AbstractAssert<AlertAssert, Alert> {
    AlertAssert(@Nullable Alert actual) {
        super(actual, AlertAssert.class);
    }

    /**
     * Asserts how it stands.
     *
     * @param state the state
     * @return this
     */
    public AlertAssert isIn(Alert.State state) {
        isNotNull();
        if (actual.state() != state) {
            throw fail("to be " + state);
        }
        return this;
    }

    /**
     * Asserts that something is wrong, whoever knows of it.
     *
     * @return this
     */
    public AlertAssert isActive() {
        isNotNull();
        if (!actual.isActive()) {
            throw fail("to be active");
        }
        return this;
    }

    /**
     * Asserts which check of which version it is about.
     *
     * @param version the version
     * @param check the check, such as {@code psi:income}
     * @return this
     */
    public AlertAssert isAbout(ModelRef version, String check) {
        isNotNull();
        if (!actual.version().equals(version) || !actual.check().equals(check)) {
            throw fail("to be about " + check + " of " + version);
        }
        return this;
    }

    /**
     * Asserts which trouble of its check it is.
     *
     * @param episode the number of the trouble, counted from 1
     * @return this
     */
    public AlertAssert isInEpisode(long episode) {
        isNotNull();
        if (actual.episode() != episode) {
            throw fail("to be in episode " + episode);
        }
        return this;
    }

    private AssertionError fail(String expected) {
        return failure("%s", "expected the alert " + expected + ", but it was " + Description.of(actual));
    }
}
