package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether certificates lead to a trusted anchor and may do what they did (RFC 5280). Whether one was revoked is looked
 * at where lists were given.
 */
final class CertificateTrust {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    private static final String EXTENDED_KEY_USAGE = "2.5.29.37";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final int MIN_RSA_BITS = 2048;

    private final Purpose purpose;
    private final List<X509Certificate> anchors;
    private final RevocationLists revocations;

    private CertificateTrust(Purpose purpose, Collection<X509Certificate> anchors, RevocationLists revocations) {
        this.purpose = purpose;
        this.anchors = List.copyOf(anchors);
        this.revocations = revocations;
    }

    /**
     * Requires that no certificate on the way from the signer's to an anchor was revoked, if that is to be looked at.
     *
     * @param chain the signer's certificate first, then others that may help to reach an anchor
     */
    void requireNotRevoked(List<X509Certificate> chain, Instant now) {
        if (!revocations.areGiven()) {
            return;
        }
        List<X509Certificate> path = new ArrayList<>();
        X509Certificate anchor = findAnchor(chain, path);
        for (int i = 0; i < path.size(); i++) {
            revocations.requireNotRevoked(path.get(i), i + 1 < path.size() ? path.get(i + 1) : anchor, now);
        }
    }

    /** What a certificate was used for. */
    private enum Purpose {
        MODELS("certificate of the model signature ", Reason.UNTRUSTED_CERTIFICATE),
        TIMESTAMPS("certificate of the timestamp ", Reason.UNTRUSTED_TIMESTAMP);

        private final String what;
        private final Reason reason;

        Purpose(String what, Reason reason) {
            this.what = what;
            this.reason = reason;
        }

        VerificationException untrusted(String must) {
            return new VerificationException(reason, what + must);
        }
    }

    /** Returns a trust in those who sign models. */
    static CertificateTrust ofModels(Collection<X509Certificate> anchors) {
        return ofModels(anchors, new RevocationLists(List.of()));
    }

    /** Returns a trust in those who sign models, as far as lists do not say otherwise. */
    static CertificateTrust ofModels(Collection<X509Certificate> anchors, RevocationLists revocations) {
        return new CertificateTrust(Purpose.MODELS, anchors, revocations);
    }

    /** Returns a trust in time-stamping authorities. */
    static CertificateTrust ofTimestamps(Collection<X509Certificate> anchors) {
        return new CertificateTrust(Purpose.TIMESTAMPS, anchors, new RevocationLists(List.of()));
    }

    /**
     * Requires a chain to be trusted at a time.
     *
     * @param chain the signer's certificate first, then others that may help to reach an anchor
     * @return the keys of those who certified the signer, up to the anchor
     */
    Set<Digest> requireTrusted(List<X509Certificate> chain, Instant at) {
        X509Certificate leaf = chain.get(0);
        if (purpose == Purpose.MODELS) {
            requireSigningUse(leaf);
        } else {
            requireTimestamping(leaf);
        }
        List<X509Certificate> path = new ArrayList<>();
        X509Certificate anchor = findAnchor(chain, path);
        for (X509Certificate certificate : path) {
            requireStrongKey(certificate);
            requireStrongHash(certificate);
        }
        requireStrongKey(anchor);
        requireValidAt(anchor, at);
        if (path.isEmpty()) {
            return Set.of();
        }
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(at));
            var unused = CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw untrusted("must be valid at " + at + " and lead to a trusted anchor, but: "
                    + Names.printable(String.valueOf(e.getMessage())));
        }
        Set<Digest> certifiers = new HashSet<>();
        path.subList(1, path.size()).forEach(one -> certifiers.add(Crypto.keyDigest(one.getPublicKey())));
        certifiers.add(Crypto.keyDigest(anchor.getPublicKey()));
        return certifiers;
    }

    /**
     * Follows issuers from the leaf to an anchor, each step to the first certificate whose key made the signature, so that
     * the work grows with the square of the chain at most whatever it holds.
     */
    private X509Certificate findAnchor(List<X509Certificate> chain, List<X509Certificate> path) {
        List<X509Certificate> others = new ArrayList<>(chain.subList(1, chain.size()));
        X509Certificate current = chain.get(0);
        while (true) {
            if (anchors.contains(current)) {
                return current;
            }
            path.add(current);
            Optional<X509Certificate> anchor = issuer(current, anchors);
            if (anchor.isPresent()) {
                return anchor.get();
            }
            Optional<X509Certificate> next = issuer(current, others);
            if (next.isEmpty()) {
                throw untrusted("must lead to a trusted anchor, but the issuer "
                        + Names.quote(current.getIssuerX500Principal().getName())
                        + " is neither among the anchors nor in the chain; trust its certificate, or add what is missing"
                        + " to the signer's chain");
            }
            current = next.get();
            others.remove(current);
        }
    }

    private static Optional<X509Certificate> issuer(X509Certificate certificate, List<X509Certificate> candidates) {
        return candidates.stream()
                .filter(candidate -> candidate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                        && isBounded(candidate.getPublicKey())
                        && isSignedBy(certificate, candidate.getPublicKey()))
                .findFirst();
    }

    /** Only keys whose use takes a bounded time, whoever made them: a DSA key may have parameters of any length. */
    private static boolean isBounded(PublicKey key) {
        return key instanceof RSAPublicKey || isElliptic(key);
    }

    /** No ML-DSA: only later versions of Java read such certificates. */
    private static boolean isElliptic(PublicKey key) {
        return Crypto.algorithmOf(key)
                .filter(algorithm ->
                        algorithm != SignatureAlgorithm.ML_DSA_44 && algorithm != SignatureAlgorithm.ML_DSA_65)
                .isPresent();
    }

    private static boolean isSignedBy(X509Certificate certificate, PublicKey key) {
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** Requires the one usage that RFC 3161 demands of an authority, marked as critical. */
    static void requireTimestamping(X509Certificate leaf) {
        Set<String> critical = leaf.getCriticalExtensionOIDs();
        boolean isSo;
        try {
            isSo = List.of(TIME_STAMPING).equals(leaf.getExtendedKeyUsage())
                    && critical != null
                    && critical.contains(EXTENDED_KEY_USAGE);
        } catch (CertificateParsingException e) {
            isSo = false;
        }
        boolean[] usage = leaf.getKeyUsage();
        if (!isSo || (usage != null && !usage[0] && !usage[1])) {
            throw Purpose.TIMESTAMPS.untrusted(
                    "must be for time stamping and for nothing else, as a critical extended key"
                            + " usage says (RFC 3161, section 2.3), but that of " + name(leaf) + " is not");
        }
    }

    private void requireSigningUse(X509Certificate leaf) {
        boolean[] usage = leaf.getKeyUsage();
        @Nullable List<String> purposes;
        try {
            purposes = leaf.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            throw untrusted(
                    "must have a readable extended key usage: " + Names.printable(String.valueOf(e.getMessage())));
        }
        boolean mayCodeSign = purposes != null && (purposes.contains(CODE_SIGNING) || purposes.contains(ANY_USAGE));
        boolean maySign = usage != null && usage[0];
        if (usage != null && !maySign) {
            throw untrusted("must have the usage digitalSignature, but its key usage leaves that out, as that of an"
                    + " authority does; sign with a certificate issued for signing");
        }
        if (purposes != null && !mayCodeSign) {
            throw untrusted("must be for code signing, but its extended key usage says it is only for "
                    + Names.printable(String.join(", ", purposes)) + "; sign with a certificate issued for signing");
        }
        if (!mayCodeSign && !maySign) {
            throw untrusted("must have the usage digitalSignature or codeSigning, but has neither; sign with a"
                    + " certificate issued for signing");
        }
    }

    private void requireStrongKey(X509Certificate certificate) {
        PublicKey key = certificate.getPublicKey();
        boolean strong =
                key instanceof RSAPublicKey rsa ? rsa.getModulus().bitLength() >= MIN_RSA_BITS : isElliptic(key);
        if (!strong) {
            throw untrusted("must rest on keys of RSA with at least " + MIN_RSA_BITS
                    + " bits, EC on P-256, P-384 or P-521, or Ed25519, but that of " + name(certificate)
                    + " is weaker");
        }
    }

    /** Not asked of an anchor: it is trusted as it stands, whatever signed it. */
    private void requireStrongHash(X509Certificate certificate) {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (signature.startsWith("SHA1") || signature.startsWith("MD5") || signature.startsWith("MD2")) {
            throw untrusted("must be signed throughout with SHA-256 or better, but " + name(certificate)
                    + " is signed with " + certificate.getSigAlgName());
        }
    }

    static String name(X509Certificate certificate) {
        return Names.quote(certificate.getSubjectX500Principal().getName());
    }

    private void requireValidAt(X509Certificate anchor, Instant at) {
        try {
            anchor.checkValidity(Date.from(at));
        } catch (CertificateException e) {
            throw untrusted("must lead to an anchor that is valid at " + at + ", but: " + e.getMessage());
        }
    }

    private VerificationException untrusted(String must) {
        return purpose.untrusted(must);
    }
}
