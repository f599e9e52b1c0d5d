/**
 * Decides requests by the policy set in force. {@link dev.modelops.core.internal.policy.PolicyEngine} is the entry point; the
 * language it speaks is in the package below.
 */
@NullMarked
package dev.modelops.core.internal.policy;

import org.jspecify.annotations.NullMarked;
