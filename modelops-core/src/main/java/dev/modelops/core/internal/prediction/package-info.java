/** Predictions gathered in segments, anchored in the log. */
@NullMarked
package dev.modelops.core.internal.prediction;

import org.jspecify.annotations.NullMarked;
