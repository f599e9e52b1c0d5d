/** What can be said of policies without a request: findings, differences between two sets, and what tests have covered. */
@NullMarked
package dev.modelops.core.internal.policy.analysis;

import org.jspecify.annotations.NullMarked;
