/** Watching models while they run: what they are asked and answer, what comes of it, and what is done about it. */
@NullMarked
package dev.modelops.monitoring;

import org.jspecify.annotations.NullMarked;
