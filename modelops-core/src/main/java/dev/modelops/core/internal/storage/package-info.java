/** The stores: a log in a database or in memory, blobs in a folder or in memory. */
@NullMarked
package dev.modelops.core.internal.storage;

import org.jspecify.annotations.NullMarked;
