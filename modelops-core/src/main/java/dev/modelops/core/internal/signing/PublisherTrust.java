package dev.modelops.core.internal.signing;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whose model signatures are believed: keys for bundles of the key method, certificate anchors for those of the
 * certificate method, and never the one for the other.
 */
public final class PublisherTrust {
    /** The algorithms that OpenSSF Model Signing v1.0 knows. */
    static final Set<SignatureAlgorithm> FOR_MODELS =
            Set.of(SignatureAlgorithm.ECDSA_P256, SignatureAlgorithm.ECDSA_P384, SignatureAlgorithm.ECDSA_P521);

    /** How far the clock of a time-stamping authority may be ahead of the verifier's. */
    private static final Duration MOST_AHEAD = Duration.ofMinutes(5);

    private final List<PublicKey> keys;
    private final CertificateTrust certificates;

    private PublisherTrust(List<PublicKey> keys, CertificateTrust certificates) {
        this.keys = keys;
        this.certificates = certificates;
    }

    /** Returns a trust in these alone. Keys that cannot sign models, such as Ed25519 or ML-DSA, have no effect. */
    public static PublisherTrust of(Collection<PublicKey> keys, Collection<X509Certificate> anchors) {
        return of(keys, anchors, List.of());
    }

    /** Returns a trust as {@link #of(Collection, Collection)} does, in which no certificate may be in a revocation list. */
    public static PublisherTrust of(
            Collection<PublicKey> keys, Collection<X509Certificate> anchors, Collection<X509CRL> revocations) {
        return new PublisherTrust(
                keys.stream().filter(PublisherTrust::canSignModels).toList(),
                CertificateTrust.ofModels(anchors, new RevocationLists(revocations)));
    }

    /** Tells whether a key is of a kind that model signatures can be made with: EC on P-256, P-384 or P-521. */
    public static boolean canSignModels(PublicKey key) {
        return Crypto.algorithmOf(key).filter(FOR_MODELS::contains).isPresent();
    }

    /**
     * Verifies a bundle for the registry: first the signature, and only then what it says.
     *
     * @param at the time at which certificates must be valid
     * @throws VerificationException with {@code UNTRUSTED_KEY} if the bundle names a key that is not trusted,
     *     {@code INVALID_SIGNATURE} if it names a trusted one that did not sign it, {@code UNSUPPORTED} if it does not give
     *     one SHA-256 per file, and so on
     */
    public VerifiedStatement verify(Bundle bundle, Instant at) {
        BundleTrust.Approval approval = judge(bundle, at, Leniency.NONE);
        return kept(Statement.read(bundle, Leniency.NONE)).approved(approval);
    }

    /** Returns this trust with certificates judged at the time that is proven of a signature, or else at that a clock shows. */
    public BundleTrust at(Clock clock) {
        return (bundle, leniency) -> judge(bundle, clock.instant(), leniency);
    }

    private BundleTrust.Approval judge(Bundle bundle, Instant now, Leniency leniency) {
        Optional<Instant> proven = bundle.provenTime();
        if (proven.isPresent() && proven.get().isAfter(now.plus(MOST_AHEAD))) {
            throw new VerificationException(
                    Reason.UNTRUSTED_TIMESTAMP,
                    "timestamp must be of the past, but is of " + proven.get() + " and it is " + now
                            + "; check the clock of this machine");
        }
        Instant at = proven.orElse(now);
        return switch (bundle.method()) {
            case KEY ->
                new BundleTrust.Approval(
                        SignedBy.key(
                                Crypto.keyDigest(trustedKey(bundle, bundle.key().orElseThrow(), leniency))),
                        List.of());
            case CERTIFICATE -> trustedLeaf(bundle, now, at, leniency);
            case SIGSTORE -> throw keyless();
        };
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
        if (bundle.method() == Bundle.Method.SIGSTORE) {
            throw keyless();
        }
        return kept(Statement.read(bundle, Leniency.NONE));
    }

    /** Blobs are named by the SHA-256 of whole files: other digests could not be found again. */
    private static UnauthenticatedStatement kept(UnauthenticatedStatement statement) {
        Serialization serialization = statement.serialization();
        if (!serialization.equals(Serialization.FILES)) {
            String found = serialization.isSharded()
                    ? "the shards method"
                    : "files hashed by " + serialization.hash().id();
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "the registry keeps model signatures with one SHA-256 per file, but this one uses " + found
                            + "; sign the model with the files method and sha256");
        }
        return statement;
    }

    private static VerificationException keyless() {
        return new VerificationException(
                Reason.UNSUPPORTED,
                "keyless Sigstore signatures are not verified by keys or certificates; use a verifier for them, or sign"
                        + " the model with a key or a certificate");
    }

    private PublicKey trustedKey(Bundle bundle, Bundle.KeyHint hint, Leniency leniency) {
        List<PublicKey> candidates =
                hint.isEmpty() ? keys : keys.stream().filter(hint::names).toList();
        for (PublicKey key : candidates) {
            if (bundle.isSignedBy(key, leniency)) {
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
        throw invalidSignature(bundle, leniency);
    }

    private BundleTrust.Approval trustedLeaf(Bundle bundle, Instant now, Instant at, Leniency leniency) {
        X509Certificate leaf = bundle.certificates().get(0);
        PublicKey key = leaf.getPublicKey();
        if (!canSignModels(key)) {
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "certificate of a model signature must be for an EC key on P-256, P-384 or P-521, but is for "
                            + key.getAlgorithm());
        }
        if (!bundle.isSignedBy(key, leniency)) {
            throw invalidSignature(bundle, leniency);
        }
        certificates.requireNotRevoked(bundle.certificates(), now);
        try {
            return new BundleTrust.Approval(
                    new SignedBy(Crypto.keyDigest(key), certificates.requireTrusted(bundle.certificates(), at)),
                    List.of());
        } catch (VerificationException e) {
            Instant start = leaf.getNotBefore().toInstant();
            if (!leniency.signingTimeUnknown() || bundle.provenTime().isPresent() || start.isAfter(at)) {
                throw e;
            }
            return new BundleTrust.Approval(
                    new SignedBy(Crypto.keyDigest(key), certificates.requireTrusted(bundle.certificates(), start)),
                    List.of(new Note(
                            Note.Code.SIGNING_TIME_UNKNOWN,
                            "the certificate is not valid at " + at
                                    + " and nothing proves when it signed; it was judged"
                                    + " at the start of its validity, " + start)));
        }
    }

    private static VerificationException invalidSignature(Bundle bundle, Leniency leniency) {
        boolean readable = leniency.oldStatements() && Statement.isOld(bundle);
        return Statement.isOldVersion(bundle) && !readable
                ? Statement.oldVersion()
                : new VerificationException(
                        Reason.INVALID_SIGNATURE,
                        "signature must match the signed statement, but does not: one of them was changed; do not use"
                                + " the model, and fetch it with its signature anew");
    }
}
