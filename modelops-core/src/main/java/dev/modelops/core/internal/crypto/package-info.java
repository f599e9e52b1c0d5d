/** Signature and hash primitives. */
@NullMarked
package dev.modelops.core.internal.crypto;

import org.jspecify.annotations.NullMarked;
