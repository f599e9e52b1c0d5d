/** Verified loading and the swap of champions. */
@NullMarked
package dev.modelops.core.internal.serving;

import org.jspecify.annotations.NullMarked;
