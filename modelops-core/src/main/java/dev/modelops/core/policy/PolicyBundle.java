package dev.modelops.core.policy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.signing.PolicyEnvelope;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.Signer;
import java.security.PublicKey;
import java.util.Collection;

/**
 * A policy set that somebody vouches for: one file that holds the set, its digest and a revision under an Ed25519 signature.
 * The file is a DSSE envelope as JSON. What exists as an object was verified.
 *
 * @param policies the set
 * @param revision the revision, which a log demands to be greater than that of the set in force
 * @param publisher the key that signed: SHA-256 over its SubjectPublicKeyInfo in DER
 */
public record PolicyBundle(PolicySet policies, long revision, Digest publisher) {
    /**
     * Signs a policy set.
     *
     * @param policies the set
     * @param revision the revision, at least 1; to be installed, it must be greater than that in force
     * @param signer an Ed25519 key, which logs enrol by {@link dev.modelops.Genesis#policyPublisher}
     * @return the bundle, to be written to a file
     * @throws dev.modelops.policy.InvalidPolicyException if the document is not a policy set that can be evaluated
     * @throws IllegalArgumentException if the revision is not positive or the set too large
     * @throws dev.modelops.signing.SigningException if the key is not Ed25519 or could not be used
     */
    public static Bytes sign(PolicySet policies, long revision, Signer signer) {
        var unused = PolicyAdmission.compile(policies);
        return PolicyEnvelope.sign(policies, revision, signer);
    }

    /**
     * Verifies a bundle.
     *
     * @param bundle the file's content
     * @param trusted the keys that may sign
     * @return the content
     * @throws dev.modelops.signing.VerificationException if it is not well formed, not signed by a trusted key, altered, or
     *     contradicts itself
     */
    public static PolicyBundle verify(Bytes bundle, Collection<PublicKey> trusted) {
        PolicyEnvelope envelope = PolicyEnvelope.verify(bundle, trusted);
        return new PolicyBundle(envelope.policies(), envelope.revision(), envelope.publisher());
    }
}
