package dev.modelops.core.internal.state;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.signing.Attested;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Evidence;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.signing.TrustPolicy.Role;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A judgement of a version that a person signed with their own key: a statement that fits one act on one state, and no other.
 *
 * @param envelope the envelope
 * @param signer the key: SHA-256 over its SubjectPublicKeyInfo in DER
 */
public record SignedJudgement(Bytes envelope, Digest signer) {
    /** How long an envelope may be: it stands in an entry of the log, beside the decision and the evidence judged. */
    public static final int MAX_BYTES = 16_000;

    private static final Duration AHEAD = Duration.ofMinutes(5);

    /** What a person says by an act, as far as the act itself tells. */
    public record Act(ModelRef ref, Environment environment, Approval.Verdict verdict, Principal by) {}

    /**
     * Verifies what was signed: first the signature, by an approver's key of whoever acts, then every word of it.
     *
     * @param before the state that the act is done on
     * @param at the log time of the act
     * @throws VerificationException if it does not fit, with what was expected, found and is to be done
     */
    public static SignedJudgement verify(Bytes envelope, RegistryState before, Act act, Instant at) {
        if (envelope.length() > MAX_BYTES) {
            throw new VerificationException(
                    Reason.MALFORMED_BUNDLE,
                    "a signed judgement must have at most " + MAX_BYTES
                            + " bytes, to stand in an entry of the log, but has " + envelope.length());
        }
        VersionState version = before.requireVersion(act.ref());
        List<Key> keys = keys(before.founding().trust(), act, at);
        Attestation attestation = Attestation.verify(
                envelope,
                version.version().artifact(),
                keys.stream().map(Key::publicKey).toList(),
                1);
        if (!(attestation.predicate() instanceof Predicate.Approval said)) {
            throw wrong(
                    "a statement of type " + Predicate.Approval.TYPE,
                    attestation.predicate().type());
        }
        Founding founding = before.founding();
        require("for the log " + founding.origin(), founding.origin(), said.log());
        require("of the version " + act.ref(), act.ref(), said.version());
        require("for the environment " + act.environment(), act.environment(), said.environment());
        require("with the verdict " + act.verdict(), act.verdict(), said.verdict());
        require("by " + act.by() + ", who acts", act.by(), said.by());
        require("under the policy set in force, " + before.policies(), before.policies(), said.policy());
        Set<Digest> evidence = version.evidence().stream().map(Evidence::digest).collect(Collectors.toSet());
        if (!evidence.equals(said.evidence())) {
            throw wrong(
                    "on the " + evidence.size() + " documents attached now",
                    said.evidence().size() + " documents, "
                            + evidence.stream()
                                    .filter(digest -> !said.evidence().contains(digest))
                                    .count()
                            + " of those attached not among them");
        }
        if (said.decidedOn().isAfter(at.plus(AHEAD))) {
            throw wrong("of a time no later than now, " + at, said.decidedOn());
        }
        if (said.reason().isPresent()) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT,
                    "a signed judgement must hold no reason, since it stands in the log for ever and a reason must be"
                            + " erasable, but holds one; give the reason by because(...) and have it signed without");
        }
        // A person may sign with two keys; every process must name the same one.
        return new SignedJudgement(
                envelope,
                attestation.signers().stream()
                        .min(Comparator.comparing(Digest::toString))
                        .orElseThrow());
    }

    private static List<Key> keys(Trust trust, Act act, Instant at) {
        TrustPolicy policy = trust.policy();
        Role role = trust.role(TrustPolicy.APPROVER, act.ref().name());
        if (policy == null || role == null) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "a judgement must be signed by an approver's key, but the trust policy of this log names none for "
                            + act.ref().name() + "; have one named, or judge without a signature");
        }
        List<Key> own = role.keys().stream()
                .flatMap(id -> policy.key(id).stream())
                .filter(key -> key.owner().equals(Optional.of(act.by())))
                .toList();
        if (own.isEmpty()) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "a judgement must be signed by an approver's key of " + act.by()
                            + ", who acts, but the trust policy" + " names no key of theirs for "
                            + act.ref().name() + "; have it named");
        }
        List<Key> believed = own.stream().filter(key -> key.isBelievedAt(at)).toList();
        if (believed.isEmpty()) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "a judgement must be signed by a key that is believed at " + at + ", but the keys of " + act.by()
                            + " are not; have a new one named");
        }
        return believed;
    }

    /**
     * Returns the identity of the act that an envelope is for: it is done at most once, whoever shows the envelope again.
     *
     * @throws VerificationException if it is not a well-formed envelope
     */
    public static CommandId command(Bytes envelope) {
        return CommandId.of(Attested.payloadDigest(envelope, MAX_BYTES).toHex());
    }

    private static void require(String expected, Object right, Object found) {
        if (!right.equals(found)) {
            throw wrong(expected, found);
        }
    }

    private static VerificationException wrong(String expected, Object found) {
        return new VerificationException(
                Reason.INVALID_STATEMENT,
                "what was signed must be a judgement " + expected + ", but is of " + found
                        + "; have this very judgement signed");
    }
}
