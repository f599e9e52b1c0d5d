package dev.modelops.core.internal.signing;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Whose model signatures are believed: keys for bundles of the key method, certificate anchors for those of the
 * certificate method, and never the one for the other.
 */
public final class PublisherTrust {
    private final List<PublicKey> keys;
    private final CertificateTrust certificates;

    private PublisherTrust(List<PublicKey> keys, CertificateTrust certificates) {
        this.keys = keys;
        this.certificates = certificates;
    }

    /** Returns a trust in these alone. Keys that cannot sign models, such as Ed25519, have no effect. */
    public static PublisherTrust of(Collection<PublicKey> keys, Collection<X509Certificate> anchors) {
        return new PublisherTrust(
                keys.stream().filter(PublisherTrust::canSignModels).toList(), new CertificateTrust(anchors));
    }

    /** Tells whether a key is of a kind that model signatures can be made with: EC on P-256, P-384 or P-521. */
    public static boolean canSignModels(PublicKey key) {
        return Crypto.algorithmOf(key)
                .filter(algorithm -> algorithm != SignatureAlgorithm.ED25519)
                .isPresent();
    }

    /**
     * Verifies a bundle: first the signature, and only then what it says.
     *
     * @param at the time at which certificates must be valid
     * @throws VerificationException with {@code UNTRUSTED_KEY} if the bundle names a key that is not trusted,
     *     {@code INVALID_SIGNATURE} if it names a trusted one that did not sign it, and so on
     */
    public VerifiedStatement verify(Bundle bundle, Instant at) {
        PublicKey signer =
                bundle.key().isPresent() ? trustedKey(bundle, bundle.key().get()) : trustedLeaf(bundle, at);
        return Statement.read(bundle).signedBy(Crypto.keyDigest(signer));
    }

    /** Verifies a bundle of the key method with one given key. */
    public static VerifiedStatement verifyWith(Bundle bundle, PublicKey key) {
        if (!canSignModels(key)) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "model signatures are verified with EC keys on P-256, P-384 or P-521, but the given key is "
                            + key.getAlgorithm());
        }
        return of(List.of(key), List.of()).verify(bundle, Instant.EPOCH);
    }

    /**
     * Returns what a bundle claims, without any check of who signed it or whether anybody did. For keeping a bundle whose
     * key may become trusted later; never a reason to use a model.
     *
     * @throws VerificationException if the claims are not well formed
     */
    public static UnauthenticatedStatement readUnauthenticated(Bundle bundle) {
        return Statement.read(bundle);
    }

    private PublicKey trustedKey(Bundle bundle, Bundle.KeyHint hint) {
        List<PublicKey> candidates =
                hint.isEmpty() ? keys : keys.stream().filter(hint::names).toList();
        for (PublicKey key : candidates) {
            if (bundle.isSignedBy(key)) {
                return key;
            }
        }
        if (candidates.isEmpty() || (hint.isEmpty() && candidates.size() > 1)) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "model must be signed by a trusted key, but "
                            + (hint.isEmpty() ? "no trusted key made its signature" : "its bundle names another key")
                            + "; trust that key, or have the model signed by a trusted one");
        }
        throw invalidSignature(bundle);
    }

    private PublicKey trustedLeaf(Bundle bundle, Instant at) {
        X509Certificate leaf = bundle.certificates().get(0);
        PublicKey key = leaf.getPublicKey();
        if (!canSignModels(key)) {
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "certificate of a model signature must be for an EC key on P-256, P-384 or P-521, but is for "
                            + key.getAlgorithm());
        }
        if (!bundle.isSignedBy(key)) {
            throw invalidSignature(bundle);
        }
        certificates.requireTrusted(bundle.certificates(), at);
        return key;
    }

    private static VerificationException invalidSignature(Bundle bundle) {
        return Statement.isOldVersion(bundle)
                ? Statement.oldVersion()
                : new VerificationException(
                        Reason.INVALID_SIGNATURE,
                        "signature must match the signed statement, but does not: one of them was changed; do not use"
                                + " the model, and fetch it with its signature anew");
    }
}
