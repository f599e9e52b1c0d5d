package dev.modelops.registry;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import java.time.Instant;

/**
 * A document attached to a version, kept as a blob.
 *
 * @param ref the version
 * @param type what kind of document it is: a predicate type URI or a plain name such as {@code validation-report}
 * @param digest the digest of the document
 * @param size its size in bytes
 * @param by who attached it
 * @param at when, in log time
 * @param position where in the log
 */
public record Evidence(
        ModelRef ref, String type, Digest digest, long size, Principal by, Instant at, LogPosition position) {}
