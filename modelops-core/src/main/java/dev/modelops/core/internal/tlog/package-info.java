/**
 * The proof side of the log, to C2SP: the RFC 6962 SHA-256 tree, signed-note, tlog-checkpoint, tlog-proof and tlog-tiles.
 * Hashes travel as arrays of 32 bytes, which are not copied on the way and must not be changed.
 */
@NullMarked
package dev.modelops.core.internal.tlog;

import org.jspecify.annotations.NullMarked;
