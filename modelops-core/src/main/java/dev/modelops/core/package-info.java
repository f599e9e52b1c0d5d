/** The entry points of the implementation. */
@NullMarked
package dev.modelops.core;

import org.jspecify.annotations.NullMarked;
