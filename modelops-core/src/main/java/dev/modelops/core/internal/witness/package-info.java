/** Witnesses: asking them, being one, and demanding their cosignatures. */
@NullMarked
package dev.modelops.core.internal.witness;

import org.jspecify.annotations.NullMarked;
