/**
 * Policy sets: the built-in one, and what makes, reviews and signs your own. Begin with
 * {@link dev.modelops.core.policy.Policies#builtIn}; write rules as Cedar text, which
 * {@link dev.modelops.core.policy.PolicyReview} reads, compares and tests, or with {@link dev.modelops.core.policy.Rules} and
 * {@link dev.modelops.core.policy.Condition}; {@link dev.modelops.core.policy.PolicyBundle} signs a set. Nothing here is meant
 * to be implemented.
 */
@NullMarked
package dev.modelops.core.policy;

import org.jspecify.annotations.NullMarked;
