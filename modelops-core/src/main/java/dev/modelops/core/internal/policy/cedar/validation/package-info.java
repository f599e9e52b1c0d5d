/**
 * Checks Cedar policies against a schema, strictly: a policy that passes can fail at run time only by a missing entity or an
 * overflow. {@link dev.modelops.core.internal.policy.cedar.validation.Validator} is the entry.
 */
@NullMarked
package dev.modelops.core.internal.policy.cedar.validation;

import org.jspecify.annotations.NullMarked;
