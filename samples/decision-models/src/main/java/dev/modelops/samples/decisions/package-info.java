/**
 * Models that nobody trained, under the same governance as those that somebody did. A kind to a file; {@link
 * dev.modelops.samples.decisions.Desk} is what they share.
 */
@NullMarked
package dev.modelops.samples.decisions;

import org.jspecify.annotations.NullMarked;
