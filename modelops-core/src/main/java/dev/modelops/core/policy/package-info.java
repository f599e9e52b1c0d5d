/**
 * Policy sets: the built-in one, and a builder for your own. Begin with {@link dev.modelops.core.policy.Policies#builtIn};
 * write rules with {@link dev.modelops.core.policy.Rules} and {@link dev.modelops.core.policy.Condition}. Nothing here is
 * meant to be implemented.
 */
@NullMarked
package dev.modelops.core.policy;

import org.jspecify.annotations.NullMarked;
