package dev.modelops.core.signing;

import dev.modelops.core.internal.signing.KeylessTrust;
import dev.modelops.core.internal.signing.ModelVerifier;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.Verifier;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Collection;
import java.util.List;

/**
 * Makes verifiers of model signatures, each with the trust it is given and nothing else: no system certificates, no key
 * from the bundle. What is verified is OpenSSF Model Signing v1.0.
 */
public final class Verifiers {
    private static final String SIGSTORE = "dev.sigstore:sigstore-java:2.0.0";

    private Verifiers() {}

    /**
     * Returns a verifier that trusts one key, for bundles of the key method.
     *
     * @param key EC on P-256, P-384 or P-521
     * @return the verifier
     * @throws SigningException if models cannot be signed with such a key
     */
    public static Verifier key(PublicKey key) {
        if (!PublisherTrust.canSignModels(key)) {
            throw new SigningException(
                    "model signatures are verified with EC keys on P-256, P-384 or P-521, but the key is "
                            + key.getAlgorithm() + "; give the public key of the publisher");
        }
        return new ModelVerifier(PublisherTrust.of(List.of(key), List.of()), Clock.systemUTC(), threads());
    }

    /**
     * Returns a verifier that trusts certificates, for bundles of the certificate method. The signer's certificate must
     * lead to one of the anchors, be valid at the time the clock shows, as the others on the way, and be for signing: its
     * extended key usage names code signing, or it has none and its key usage names digital signatures (RFC 5280). Revocation
     * is not looked at.
     *
     * @param anchors the trusted certificates, at least one
     * @param clock tells the time of verification
     * @return the verifier
     * @throws IllegalArgumentException if there is no anchor
     */
    public static Verifier certificate(Collection<X509Certificate> anchors, Clock clock) {
        return certificate(anchors, List.of(), clock);
    }

    /**
     * Returns a verifier that trusts certificates as {@link #certificate(Collection, Clock)} does, unless they were revoked.
     * Where lists are given, each certificate on the way to an anchor must be covered by one of its issuer, signed by it,
     * that holds now; whoever keeps back the newest list could undo a revocation otherwise. Nobody is asked over the
     * network.
     *
     * @param anchors the trusted certificates, at least one
     * @param revocations the lists, as {@link Keys#revocations} reads them; none to look at no revocation
     * @param clock tells the time of verification
     * @return the verifier
     * @throws IllegalArgumentException if there is no anchor
     */
    public static Verifier certificate(
            Collection<X509Certificate> anchors, Collection<X509CRL> revocations, Clock clock) {
        if (anchors.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one anchor to trust");
        }
        return new ModelVerifier(PublisherTrust.of(List.of(), anchors, revocations), clock, threads());
    }

    /**
     * Returns a verifier for keyless bundles, those of Sigstore: made with a certificate that lives for minutes and names who
     * signed, and an entry in a transparency log that shows it was used in that time. Both must hold under the trusted
     * root, and the certificate must name exactly the given identity, vouched for by exactly the given provider. Nobody is
     * asked over the network.
     *
     * <p>Needs {@code dev.sigstore:sigstore-java} at run time. Making such bundles needs the network and somebody who logs in;
     * it is left to Sigstore's clients.
     *
     * @param trustedRoot a {@code trusted_root.json} of the Sigstore instance, from somewhere that is trusted
     * @param identity who signed, such as an e-mail address or the address of a workflow
     * @param identityProvider who vouched for that, such as {@code https://accounts.example.com}
     * @return the verifier
     * @throws SigningException if sigstore-java is not there, or the trusted root cannot be read
     */
    public static Verifier keyless(Path trustedRoot, String identity, String identityProvider) {
        try {
            return new ModelVerifier(new KeylessTrust(trustedRoot, identity, identityProvider), threads());
        } catch (NoClassDefFoundError e) {
            throw new SigningException(
                    "keyless signatures are verified with sigstore-java, which is not on the class path or module path ("
                            + e.getMessage() + " is missing); add " + SIGSTORE,
                    e);
        }
    }

    private static int threads() {
        return Runtime.getRuntime().availableProcessors();
    }
}
