/**
 * Moves whole logs between stores and into archives, and single versions between logs. What is read is verified before it
 * is written.
 */
@NullMarked
package dev.modelops.core.internal.transfer;

import org.jspecify.annotations.NullMarked;
