/**
 * The facade {@link dev.modelops.ModelOps}, where every use of the library begins, and the values that all its parts
 * share. Nothing here is for applications to implement except {@link dev.modelops.PrincipalSource} and
 * {@link dev.modelops.Progress}.
 */
@NullMarked
package dev.modelops;

import org.jspecify.annotations.NullMarked;
