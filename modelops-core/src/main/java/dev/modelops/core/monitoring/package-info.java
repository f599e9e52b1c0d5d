/**
 * Writes what a version says of how it is watched, to be signed with it, and where notifications go: {@link
 * dev.modelops.core.monitoring.Sinks}.
 */
@NullMarked
package dev.modelops.core.monitoring;

import org.jspecify.annotations.NullMarked;
