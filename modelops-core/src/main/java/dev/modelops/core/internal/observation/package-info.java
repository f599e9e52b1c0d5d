/** Monitors of one log: what they count, and what follows from what all processes counted. */
@NullMarked
package dev.modelops.core.internal.observation;

import org.jspecify.annotations.NullMarked;
