package dev.modelops.testkit.assertions;

import dev.modelops.serving.Verdict;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link Verdict} on an experiment. */
public final class VerdictAssert extends AbstractAssert<VerdictAssert, Verdict> {
    VerdictAssert(@Nullable Verdict actual) {
        super(actual, VerdictAssert.class);
    }

    /**
     * Asserts what it concludes.
     *
     * @param state the conclusion
     * @return this
     */
    public VerdictAssert concludes(Verdict.State state) {
        isNotNull();
        if (actual.state() != state) {
            throw fail("to conclude " + state);
        }
        return this;
    }

    /**
     * Asserts that nothing can be concluded yet.
     *
     * @return this
     */
    public VerdictAssert concludesNothing() {
        return concludes(Verdict.State.CONTINUE);
    }

    /**
     * Asserts that it is from at least so many cases.
     *
     * @param cases how many
     * @return this
     */
    public VerdictAssert isFromAtLeast(long cases) {
        isNotNull();
        if (actual.difference().filter(found -> found.count() >= cases).isEmpty()) {
            throw fail("to be from at least " + cases + " cases");
        }
        return this;
    }

    /**
     * Asserts that a true difference is within its interval: the challenger's mean loss less the champion's.
     *
     * @param difference the true difference
     * @return this
     */
    public VerdictAssert allowsFor(double difference) {
        isNotNull();
        if (actual.difference()
                .filter(found -> found.lower() <= difference && difference <= found.upper())
                .isEmpty()) {
            throw fail("to allow for a difference of " + difference);
        }
        return this;
    }

    private AssertionError fail(String expected) {
        return failure("%s", "expected the verdict " + expected + ", but it was " + Description.of(actual));
    }
}
