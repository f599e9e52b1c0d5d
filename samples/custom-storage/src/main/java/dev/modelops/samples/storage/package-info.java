/** A storage written from scratch against the contracts of {@code modelops-api}. */
@NullMarked
package dev.modelops.samples.storage;

import org.jspecify.annotations.NullMarked;
