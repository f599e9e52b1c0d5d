/**
 * Where a log and its blobs are kept. {@link dev.modelops.storage.LogStore} and {@link
 * dev.modelops.storage.BlobStore} are for storage authors to implement; the contract tests of {@code
 * modelops-testkit} say when an implementation is right.
 */
@NullMarked
package dev.modelops.storage;

import org.jspecify.annotations.NullMarked;
