package dev.modelops.registry;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A person's judgement of a version for an environment, bound to what that person judged.
 *
 * @param ref the version
 * @param environment where it may or may not serve
 * @param verdict approved or rejected
 * @param by who judged
 * @param reason why, if a reason was given
 * @param artifact the content that was judged
 * @param evidence the digests of the evidence that was attached at the time; copied in
 * @param policy the digest of the policy set in force at the time
 * @param at when, in log time
 * @param position where in the log
 * @param signer the person's own key, if the judgement was signed with it: SHA-256 over its SubjectPublicKeyInfo in DER
 */
public record Approval(
        ModelRef ref,
        Environment environment,
        Verdict verdict,
        Principal by,
        Optional<ErasableText> reason,
        Digest artifact,
        Set<Digest> evidence,
        Digest policy,
        Instant at,
        LogPosition position,
        Optional<Digest> signer) {
    /**
     * Creates a value.
     *
     * @param ref the version
     * @param environment where it may or may not serve
     * @param verdict approved or rejected
     * @param by who judged
     * @param reason why
     * @param artifact the content that was judged
     * @param evidence the evidence that was attached at the time
     * @param policy the policy set in force at the time
     * @param at when
     * @param position where in the log
     * @param signer the person's own key
     */
    public Approval {
        evidence = Set.copyOf(evidence);
    }

    /** The outcome of a judgement. */
    public enum Verdict {
        /** The version may serve. */
        APPROVED,
        /** The version must not serve. */
        REJECTED
    }
}
