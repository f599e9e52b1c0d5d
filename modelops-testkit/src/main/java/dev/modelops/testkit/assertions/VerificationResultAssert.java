package dev.modelops.testkit.assertions;

import dev.modelops.Digest;
import dev.modelops.signing.VerificationResult;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link VerificationResult}. */
public final class VerificationResultAssert extends AbstractAssert<VerificationResultAssert, VerificationResult> {
    VerificationResultAssert(@Nullable VerificationResult actual) {
        super(actual, VerificationResultAssert.class);
    }

    /**
     * Asserts that signature and content hold.
     *
     * @return this
     */
    public VerificationResultAssert isVerified() {
        isNotNull();
        if (!(actual instanceof VerificationResult.Verified)) {
            throw fail("to be verified");
        }
        return this;
    }

    /**
     * Asserts that signature and content hold, for a certain content.
     *
     * @param root the identity of the content
     * @return this
     */
    public VerificationResultAssert isVerifiedWithRoot(Digest root) {
        isNotNull();
        if (!(actual instanceof VerificationResult.Verified verified
                && verified.root().equals(root))) {
            throw fail("to be verified with root " + root);
        }
        return this;
    }

    /**
     * Asserts that signature or content does not hold.
     *
     * @return this
     */
    public VerificationResultAssert isRejected() {
        isNotNull();
        if (!(actual instanceof VerificationResult.Rejected)) {
            throw fail("to be rejected");
        }
        return this;
    }

    /**
     * Asserts that signature or content does not hold, for a kind of reason.
     *
     * @param reason the kind
     * @return this
     */
    public VerificationResultAssert isRejectedFor(VerificationResult.Reason reason) {
        isNotNull();
        if (!(actual instanceof VerificationResult.Rejected rejected && rejected.reason() == reason)) {
            throw fail("to be rejected for " + reason);
        }
        return this;
    }

    private AssertionError fail(String expected) {
        return failure("%s", "expected the model " + expected + ", but it was " + Description.of(actual));
    }
}
