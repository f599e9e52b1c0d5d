package dev.modelops.testkit.assertions;

import dev.modelops.policy.Decision;
import java.util.List;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link Decision}. */
public final class DecisionAssert extends AbstractAssert<DecisionAssert, Decision> {
    DecisionAssert(@Nullable Decision actual) {
        super(actual, DecisionAssert.class);
    }

    /**
     * Asserts that the request is permitted.
     *
     * @return this
     */
    public DecisionAssert isAllowed() {
        isNotNull();
        if (!actual.isAllowed()) {
            throw fail("to be allowed");
        }
        return this;
    }

    /**
     * Asserts that the request is permitted, by a rule among others.
     *
     * @param rule the id of the rule
     * @return this
     */
    public DecisionAssert isAllowedBy(String rule) {
        isAllowed();
        if (!actual.rules().contains(rule)) {
            throw fail("to be allowed by '" + rule + "'");
        }
        return this;
    }

    /**
     * Asserts that the request is refused.
     *
     * @return this
     */
    public DecisionAssert isDenied() {
        isNotNull();
        if (actual.isAllowed()) {
            throw fail("to be denied");
        }
        return this;
    }

    /**
     * Asserts that the request is refused, by a rule among others.
     *
     * @param rule the id of the rule
     * @return this
     */
    public DecisionAssert isDeniedBy(String rule) {
        isDenied();
        if (!actual.rules().contains(rule)) {
            throw fail("to be denied by '" + rule + "'");
        }
        return this;
    }

    /**
     * Asserts that the request is refused by exactly these rules.
     *
     * @param rules the ids of the rules, in any order
     * @return this
     */
    public DecisionAssert isDeniedByExactly(String... rules) {
        isDenied();
        if (!List.of(rules).stream()
                .sorted()
                .toList()
                .equals(actual.rules().stream().sorted().toList())) {
            throw fail("to be denied by exactly " + List.of(rules));
        }
        return this;
    }

    /**
     * Asserts that the refusal names an unmet condition of a rule.
     *
     * @param rule the id of the rule
     * @return this
     */
    public DecisionAssert hasUnmet(String rule) {
        if (deny("to have an unmet requirement of '" + rule + "'").unmet().stream()
                .noneMatch(unmet -> unmet.rule().equals(rule))) {
            throw fail("to have an unmet requirement of '" + rule + "'");
        }
        return this;
    }

    /**
     * Asserts that the request is refused for a kind of reason.
     *
     * @param cause the kind
     * @return this
     */
    public DecisionAssert because(Decision.Cause cause) {
        if (deny("to be denied because of " + cause).cause() != cause) {
            throw fail("to be denied because of " + cause);
        }
        return this;
    }

    private Decision.Deny deny(String expected) {
        isNotNull();
        if (actual instanceof Decision.Deny deny) {
            return deny;
        }
        throw fail(expected);
    }

    private AssertionError fail(String expected) {
        return failure("%s", "expected the decision " + expected + ", but it was " + Description.of(actual));
    }
}
