package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the issuers of certificates say they have revoked, in lists that the caller brings (RFC 5280, section 5). Where there are
 * lists, every certificate must be covered by one that holds now: without that, whoever withholds the newest list undoes a
 * revocation.
 */
public final class RevocationLists {
    /** How many bytes of lists are read. */
    public static final int MAX_BYTES = 64 * 1024 * 1024;

    private static final int MAY_SIGN_LISTS = 6;

    private final List<X509CRL> lists;

    /** Takes lists, whoever signed them; none if revocation is not to be looked at. */
    public RevocationLists(Collection<X509CRL> lists) {
        this.lists = List.copyOf(lists);
    }

    /**
     * Reads lists, at least one, in DER or PEM.
     *
     * @throws SigningException if it is anything else
     */
    public static List<X509CRL> parse(Bytes content) {
        if (content.length() > MAX_BYTES) {
            throw new SigningException("certificate revocation lists must have at most " + MAX_BYTES
                    + " bytes, but have " + content.length());
        }
        List<X509CRL> lists = new ArrayList<>();
        try {
            CertificateFactory.getInstance("X.509")
                    .generateCRLs(new ByteArrayInputStream(content.toByteArray()))
                    .forEach(list -> lists.add((X509CRL) list));
        } catch (CertificateException | CRLException | RuntimeException e) {
            throw new SigningException("certificate revocation lists must be in DER or PEM, but could not be read", e);
        }
        if (lists.isEmpty()) {
            throw new SigningException("expected at least one certificate revocation list in DER or PEM, found none");
        }
        return List.copyOf(lists);
    }

    /** Tells whether revocation is to be looked at. */
    boolean areGiven() {
        return !lists.isEmpty();
    }

    /**
     * Requires that a certificate was not revoked, and that its issuer says so now.
     *
     * @param issuer the certificate that made its signature
     * @throws VerificationException if it was, or no list tells
     */
    void requireNotRevoked(X509Certificate certificate, X509Certificate issuer, Instant now) {
        boolean covered = false;
        @Nullable String flaw = null;
        for (X509CRL list : lists) {
            if (!isBy(list, issuer)) {
                continue;
            }
            X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
            if (entry != null) {
                throw untrusted("must not be revoked, but " + CertificateTrust.name(certificate) + " was at "
                        + entry.getRevocationDate().toInstant() + reason(entry)
                        + "; do not use the model, and have it signed anew");
            }
            String found = flaw(list, now);
            covered |= found == null;
            flaw = found == null ? flaw : found;
        }
        if (!covered) {
            throw untrusted("must be covered by a revocation list of its issuer "
                    + Names.quote(certificate.getIssuerX500Principal().getName()) + ", but "
                    + (flaw == null ? "none that was given is by it" : "the one that was given " + flaw)
                    + "; get the newest from the issuer");
        }
    }

    private static boolean isBy(X509CRL list, X509Certificate issuer) {
        if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
            return false;
        }
        boolean[] usage = issuer.getKeyUsage();
        if (usage != null && !usage[MAY_SIGN_LISTS]) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** Says why a list does not speak for now and for all certificates of its issuer, or returns null. */
    private static @Nullable String flaw(X509CRL list, Instant now) {
        Instant from = list.getThisUpdate().toInstant();
        Date until = list.getNextUpdate();
        if (from.isAfter(now)) {
            return "is of " + from + ", which is to come";
        }
        if (until == null) {
            return "does not say how long it holds";
        }
        if (until.toInstant().isBefore(now)) {
            return "held until " + until.toInstant();
        }
        Set<String> critical = list.getCriticalExtensionOIDs();
        if (critical != null && !critical.isEmpty()) {
            return "has an extension that is not read here ("
                    + critical.iterator().next() + "), as lists of changes and of some certificates only do";
        }
        String algorithm = list.getSigAlgName().toUpperCase(Locale.ROOT);
        return algorithm.startsWith("SHA1") || algorithm.startsWith("MD")
                ? "is signed with " + list.getSigAlgName()
                : null;
    }

    private static String reason(X509CRLEntry entry) {
        return entry.getRevocationReason() == null
                ? ""
                : " ("
                        + entry.getRevocationReason()
                                .name()
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' ') + ")";
    }

    private static VerificationException untrusted(String must) {
        return new VerificationException(Reason.UNTRUSTED_CERTIFICATE, "certificate of the model signature " + must);
    }
}
