package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.signing.TrustEnvelope;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Set;

/**
 * Trust policies as files to be signed by the holders of root keys, one after the other, where those keys are kept: a DSSE
 * envelope as JSON over the policy. Whether enough of them have signed, and of which policies, is for the log to judge when
 * the file is {@linkplain dev.modelops.policy.PolicyAdministration#installTrust installed}.
 */
public final class TrustPolicies {
    private TrustPolicies() {}

    /**
     * Signs a policy. Equal policies have equal payloads.
     *
     * @param policy the policy
     * @param signer an Ed25519 root key, of the policy in force or of this one
     * @return the envelope, to be written to a file
     * @throws IllegalArgumentException if the policy is too long to stand in an entry of a log (40,000 bytes with its
     *     signatures), or has a key of a kind or form that is not used here
     * @throws dev.modelops.signing.SigningException if the key is not Ed25519 or could not be used
     */
    public static Bytes sign(TrustPolicy policy, Signer signer) {
        return TrustEnvelope.sign(policy, signer);
    }

    /**
     * Adds a signature, over the very bytes that others have signed. {@linkplain #read Read} it before: whoever signs says
     * that it is right.
     *
     * @param envelope the envelope
     * @param signer a root key that has not signed it yet
     * @return the envelope with one signature more
     * @throws dev.modelops.signing.VerificationException if it holds no trust policy
     * @throws dev.modelops.signing.SigningException if the key is not Ed25519, could not be used, or has signed already
     */
    public static Bytes signAgain(Bytes envelope, Signer signer) {
        return TrustEnvelope.signAgain(envelope, signer);
    }

    /**
     * Reads a policy, whoever signed it: for looking at, never a reason to believe it.
     *
     * @param envelope the envelope
     * @return the policy
     * @throws dev.modelops.signing.VerificationException if it holds no trust policy
     */
    public static TrustPolicy read(Bytes envelope) {
        return TrustEnvelope.read(envelope).policy();
    }

    /**
     * Returns which of some keys have signed an envelope.
     *
     * @param envelope the envelope
     * @param keys the keys
     * @return those that did, each once: SHA-256 over its SubjectPublicKeyInfo in DER
     * @throws dev.modelops.signing.VerificationException if it is not well formed
     */
    public static Set<Digest> signers(Bytes envelope, Collection<PublicKey> keys) {
        return TrustEnvelope.read(envelope).signers(keys);
    }
}
