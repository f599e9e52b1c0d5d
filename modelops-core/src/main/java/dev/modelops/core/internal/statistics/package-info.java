/** Statistics of counts, sums and streams: pure functions and small values, which know nothing of models or logs. */
@NullMarked
package dev.modelops.core.internal.statistics;

import org.jspecify.annotations.NullMarked;
