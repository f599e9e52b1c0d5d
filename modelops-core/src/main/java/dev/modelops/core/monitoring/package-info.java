/** Where notifications go: {@link dev.modelops.core.monitoring.Sinks}. */
@NullMarked
package dev.modelops.core.monitoring;

import org.jspecify.annotations.NullMarked;
