/** A model under governance from training to proof. {@link dev.modelops.samples.quickstart.Quickstart} is where to begin. */
@NullMarked
package dev.modelops.samples.quickstart;

import org.jspecify.annotations.NullMarked;
