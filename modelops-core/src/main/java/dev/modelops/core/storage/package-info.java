/**
 * Where a log and its blobs are kept: {@link dev.modelops.core.storage.Storages} for both together, {@link
 * dev.modelops.core.storage.Blobs} for blobs alone.
 */
@NullMarked
package dev.modelops.core.storage;

import org.jspecify.annotations.NullMarked;
