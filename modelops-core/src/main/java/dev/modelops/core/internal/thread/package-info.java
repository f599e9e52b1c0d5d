/** Threads of the library. */
@NullMarked
package dev.modelops.core.internal.thread;

import org.jspecify.annotations.NullMarked;
