package dev.modelops.core.internal.evidence;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.signing.Attested;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * What a document says of a version beyond that it is there.
 *
 * @param signers the trusted keys that signed it
 * @param outcome how the check came out that it tells of
 * @param statement the digest of what they signed, whatever it is wrapped in
 */
public record Testimony(Set<Digest> signers, Optional<Outcome> outcome, Optional<Digest> statement) {
    /** Nothing beyond that it is there. */
    public static final Testimony NONE = new Testimony(Set.of(), Optional.empty(), Optional.empty());

    /**
     * Looks into a document that is to be attached to a version. One that is no signed envelope may be anything.
     *
     * @param log the identity of the log
     * @param artifact the root digest of the version
     * @param keys whom the log trusts
     * @throws VerificationException if it is an envelope that is not well formed, is of another type than it is attached as,
     *     or does not belong to the version
     */
    public static Testimony of(
            Bytes document, String type, String log, ModelRef ref, Digest artifact, Collection<PublicKey> keys) {
        if (!Attested.isEnvelope(document)) {
            return NONE;
        }
        Attested attested = Attested.read(document, keys).requireAbout(artifact);
        if (!attested.predicateType().equals(type)) {
            throw wrong("attestation must be attached under its predicate type, but is attached as '" + type
                    + "'; attach it as what it is");
        }
        if (attested.signers().isEmpty()) {
            return NONE;
        }
        return new Testimony(
                attested.signers(),
                Predicate.TYPES.contains(type)
                        ? outcome(
                                Attestation.verify(document, artifact, keys, 1).predicate(), log, ref)
                        : Optional.empty(),
                Optional.of(Attested.payloadDigest(document, Attested.MAX_BYTES)));
    }

    /** Returns what these of its signers testify: without any of them nothing. */
    public Testimony of(Set<Digest> counted) {
        return counted.isEmpty() ? NONE : new Testimony(counted, outcome, statement);
    }

    private static Optional<Outcome> outcome(Predicate predicate, String log, ModelRef ref) {
        if (predicate instanceof Predicate.Approval approval
                && !(approval.log().equals(log) && approval.version().equals(ref))) {
            throw wrong("approval must be for " + ref + " of " + log + ", but is for " + approval.version()
                    + " of another log or under another name; have this version approved");
        }
        if (predicate instanceof Predicate.TestResult tests) {
            return Optional.of(tests.result());
        }
        return predicate instanceof Predicate.VerificationSummary summary
                ? Optional.of(summary.result())
                : Optional.empty();
    }

    private static VerificationException wrong(String message) {
        return new VerificationException(Reason.INVALID_STATEMENT, message);
    }
}
