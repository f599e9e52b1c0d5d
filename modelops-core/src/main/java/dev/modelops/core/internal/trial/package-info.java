/** Experiments as acts and entries of the log: started, judged, ended, and concluded again by whoever has the log. */
@NullMarked
package dev.modelops.core.internal.trial;

import org.jspecify.annotations.NullMarked;
