/** Model files on their way into the store and out of it, verified both ways. */
@NullMarked
package dev.modelops.core.internal.artifact;

import org.jspecify.annotations.NullMarked;
