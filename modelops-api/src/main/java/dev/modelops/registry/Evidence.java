package dev.modelops.registry;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

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
 * @param signers the keys that the log trusts of those that signed it, for a signed statement about this very version: of
 *     each the SHA-256 over its SubjectPublicKeyInfo in DER; empty for any other document, and for what came with an
 *     imported version; copied in
 * @param outcome how the check came out that the document tells of, for a test result or a verification summary that such
 *     keys signed
 */
public record Evidence(
        ModelRef ref,
        String type,
        Digest digest,
        long size,
        Principal by,
        Instant at,
        LogPosition position,
        Set<Digest> signers,
        Optional<Outcome> outcome) {
    /**
     * Creates a value.
     *
     * @param ref the version
     * @param type what kind of document it is
     * @param digest the digest of the document
     * @param size its size in bytes
     * @param by who attached it
     * @param at when
     * @param position where in the log
     * @param signers the trusted keys that signed it
     * @param outcome how the check came out that it tells of
     * @throws IllegalArgumentException if there is an outcome that no trusted key signed
     */
    public Evidence {
        signers = Set.copyOf(signers);
        if (signers.isEmpty() && outcome.isPresent()) {
            throw new IllegalArgumentException("an outcome must be signed by a trusted key, but is by none");
        }
    }

    /** How a check came out. */
    public enum Outcome {
        /** Nothing was found. */
        PASSED,
        /** Something was found that does not speak against use. */
        WARNED,
        /** Something was found that speaks against use. */
        FAILED
    }
}
