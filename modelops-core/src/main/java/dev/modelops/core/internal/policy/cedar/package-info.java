/**
 * The Cedar policy language: values, expressions, policies and templates, their text
 * and JSON forms, entities, evaluation and authorisation. Knows nothing of
 * models; {@link dev.modelops.core.internal.policy} applies it to them.
 */
@NullMarked
package dev.modelops.core.internal.policy.cedar;

import org.jspecify.annotations.NullMarked;
