/**
 * Where a log, its blobs and its texts are kept. {@link dev.modelops.storage.LogStore}, {@link
 * dev.modelops.storage.BlobStore} and {@link dev.modelops.storage.ErasableStore} are for storage authors to implement; the contract tests of {@code
 * modelops-testkit} say when an implementation is right.
 */
@NullMarked
package dev.modelops.storage;

import org.jspecify.annotations.NullMarked;
