/** Writes what a version says of how it is watched, to be signed with it. */
@NullMarked
package dev.modelops.core.monitoring;

import org.jspecify.annotations.NullMarked;
