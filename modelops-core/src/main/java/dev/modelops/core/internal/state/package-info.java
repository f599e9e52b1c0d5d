/** The registry's state as a fold over the log. */
@NullMarked
package dev.modelops.core.internal.state;

import org.jspecify.annotations.NullMarked;
