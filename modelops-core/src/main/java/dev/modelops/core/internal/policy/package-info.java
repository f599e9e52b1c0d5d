/**
 * Decides requests by the policy set in force, explains decisions, and says what a set must be to come into force. {@link
 * dev.modelops.core.internal.policy.PolicyEngine} is the entry point; the language it speaks is in the package below, what can
 * be said of policies without a request in the one beside that.
 */
@NullMarked
package dev.modelops.core.internal.policy;

import org.jspecify.annotations.NullMarked;
