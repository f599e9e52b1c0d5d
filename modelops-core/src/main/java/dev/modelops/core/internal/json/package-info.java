/** JSON whose bytes can be signed: one form for each value, read back strictly. */
@NullMarked
package dev.modelops.core.internal.json;

import org.jspecify.annotations.NullMarked;
