/** Monitoring in memory: what a version's data looked like, what it looks like now, and whether that differs. */
@NullMarked
package dev.modelops.core.internal.monitoring;

import org.jspecify.annotations.NullMarked;
