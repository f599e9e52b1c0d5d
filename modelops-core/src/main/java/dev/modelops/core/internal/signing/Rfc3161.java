package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.tsp.GenTimeAccuracy;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.tsp.TimeStampTokenInfo;
import org.jspecify.annotations.Nullable;

/** Timestamps of RFC 3161: asked for, and verified. Revocation of an authority's certificate is not looked up. */
public final class Rfc3161 {
    /** How long a response may be. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final int MAX_CERTIFICATES = 10;
    private static final Map<String, String> HASHES = Map.of(
            "2.16.840.1.101.3.4.2.1",
            "SHA-256",
            "2.16.840.1.101.3.4.2.2",
            "SHA-384",
            "2.16.840.1.101.3.4.2.3",
            "SHA-512");

    /** RSA alone or with SHA-2, ECDSA with SHA-2, Ed25519. */
    private static final Set<String> SIGNATURES = Set.of(
            "1.2.840.113549.1.1.1",
            "1.2.840.113549.1.1.11",
            "1.2.840.113549.1.1.12",
            "1.2.840.113549.1.1.13",
            "1.2.840.10045.4.3.2",
            "1.2.840.10045.4.3.3",
            "1.2.840.10045.4.3.4",
            "1.3.101.112");

    private Rfc3161() {}

    /**
     * What a timestamp that was verified says.
     *
     * @param time by when what it is of existed
     * @param accuracy how far that may be off, by the word of the authority; zero where it does not say
     * @param authority the certificate whose key signed it
     */
    public record Stamp(Instant time, Duration accuracy, X509Certificate authority) {}

    /**
     * Asks for a timestamp of a content, by its SHA-256, and for the certificate of the authority in it.
     *
     * @param nonce a number that no other request has
     * @param exchange takes a request to an authority and returns its response
     * @return the response, which holds but for the question whether the authority is trusted
     * @throws SigningException if the authority refuses, or answers anything else
     */
    public static Bytes ask(Bytes content, BigInteger nonce, UnaryOperator<Bytes> exchange) {
        TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
        generator.setCertReq(true);
        TimeStampRequest request = generator.generate(
                NISTObjectIdentifiers.id_sha256, Crypto.sha256().digest(content.toByteArray()), nonce);
        Bytes response;
        try {
            response = exchange.apply(Bytes.of(request.getEncoded()));
        } catch (IOException e) {
            throw new SigningException("a request for a timestamp could not be encoded", e);
        }
        try {
            requireAnswer(response, content, nonce);
        } catch (VerificationException e) {
            throw new SigningException(
                    "the time-stamping authority must give a timestamp of what it was sent, but does not: "
                            + e.getMessage() + "; ask another authority",
                    e);
        }
        return response;
    }

    private static void requireAnswer(Bytes response, Bytes content, BigInteger nonce) {
        try {
            TimeStampToken token = token(response);
            if (!nonce.equals(token.getTimeStampInfo().getNonce())) {
                throw refused("must answer this request, but has "
                        + (token.getTimeStampInfo().getNonce() == null ? "no nonce" : "the nonce of another"));
            }
            requireSigned(token, requireAuthority(token, content, List.of()));
        } catch (RuntimeException e) {
            throw typed(e);
        }
    }

    /**
     * Verifies a timestamp.
     *
     * @param response the response of an authority, in DER
     * @param content what it must be of
     * @param anchors the certificates to trust; the authority's own must be, or lead to, one of them
     * @throws VerificationException with {@code UNTRUSTED_TIMESTAMP} if it does not hold
     */
    public static Stamp verify(Bytes response, Bytes content, Collection<X509Certificate> anchors) {
        try {
            TimeStampToken token = token(response);
            X509Certificate authority = requireAuthority(token, content, anchors);
            Instant time = token.getTimeStampInfo().getGenTime().toInstant();
            List<X509Certificate> chain = new ArrayList<>(List.of(authority));
            chain.addAll(certificates(token));
            var unused = CertificateTrust.ofTimestamps(anchors).requireTrusted(chain, time);
            requireSigned(token, authority);
            return new Stamp(time, accuracy(token.getTimeStampInfo().getGenTimeAccuracy()), authority);
        } catch (RuntimeException e) {
            throw typed(e);
        }
    }

    /** Much of a token is only read when it is asked for, so that any question may find it broken. */
    private static VerificationException typed(RuntimeException e) {
        return e instanceof VerificationException known ? known : malformed(e);
    }

    private static TimeStampToken token(Bytes response) {
        if (response.length() > MAX_BYTES) {
            throw refused("must have at most " + MAX_BYTES + " bytes, but has " + response.length());
        }
        TimeStampResponse read;
        @Nullable TimeStampToken token;
        try {
            byte[] bytes = response.toByteArray();
            read = new TimeStampResponse(TimeStampResp.getInstance(ASN1Primitive.fromByteArray(bytes)));
            token = read.getTimeStampToken();
        } catch (TSPException | IOException e) {
            throw malformed(e);
        }
        if (read.getStatus() != PKIStatus.GRANTED && read.getStatus() != PKIStatus.GRANTED_WITH_MODS) {
            throw refused("must be granted, but the authority refused with status " + read.getStatus() + why(read));
        }
        if (token == null) {
            throw refused("must hold a token, but holds none");
        }
        return token;
    }

    private static String why(TimeStampResponse response) {
        String text = response.getStatusString();
        return text == null || text.isEmpty() ? "" : ": " + Names.printable(text);
    }

    /** Returns the certificate of who signed, after what can be told without looking at the signature. */
    private static X509Certificate requireAuthority(
            TimeStampToken token, Bytes content, Collection<X509Certificate> known) {
        TimeStampTokenInfo info = token.getTimeStampInfo();
        String hash = HASHES.get(info.getMessageImprintAlgOID().getId());
        if (hash == null) {
            throw refused("must be over SHA-256, SHA-384 or SHA-512, but is over "
                    + info.getMessageImprintAlgOID().getId());
        }
        if (!MessageDigest.isEqual(digest(hash, content), info.getMessageImprintDigest())) {
            throw refused("must be of what it comes with, but is of something else");
        }
        for (List<X509Certificate> candidates : List.of(certificates(token), List.copyOf(known))) {
            for (X509Certificate candidate : candidates) {
                if (token.getSID().match(holder(candidate))) {
                    return candidate;
                }
            }
        }
        throw refused("must come with the certificate of its authority, but does not");
    }

    /** Bouncy Castle compares the certificate with what the token says of it too, and looks at its extended usage. */
    private static void requireSigned(TimeStampToken token, X509Certificate authority) {
        SignerInformation signer =
                token.toCMSSignedData().getSignerInfos().getSigners().iterator().next();
        if (!HASHES.containsKey(signer.getDigestAlgOID()) || !SIGNATURES.contains(signer.getEncryptionAlgOID())) {
            throw refused("must be signed by RSA, ECDSA or Ed25519 with SHA-256 or better, but is by "
                    + signer.getEncryptionAlgOID() + " with " + signer.getDigestAlgOID());
        }
        CertificateTrust.requireTimestamping(authority);
        try {
            token.validate(new JcaSimpleSignerInfoVerifierBuilder()
                    .setProvider(Crypto.BOUNCY_CASTLE)
                    .build(authority));
        } catch (TSPException | OperatorCreationException e) {
            throw refused("must be signed by its authority, but: " + Names.printable(String.valueOf(e.getMessage())));
        }
    }

    private static List<X509Certificate> certificates(TimeStampToken token) {
        Collection<X509CertificateHolder> holders = token.getCertificates().getMatches(null);
        if (holders.size() > MAX_CERTIFICATES) {
            throw refused("must hold at most " + MAX_CERTIFICATES + " certificates, but holds " + holders.size());
        }
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (X509CertificateHolder holder : holders) {
                certificates.add(
                        (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
            }
        } catch (GeneralSecurityException | IOException e) {
            throw malformed(e);
        }
        return certificates;
    }

    private static X509CertificateHolder holder(X509Certificate certificate) {
        try {
            return new X509CertificateHolder(certificate.getEncoded());
        } catch (GeneralSecurityException | IOException e) {
            throw malformed(e);
        }
    }

    private static byte[] digest(String hash, Bytes content) {
        try {
            return MessageDigest.getInstance(hash).digest(content.toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no " + hash, e);
        }
    }

    private static Duration accuracy(@Nullable GenTimeAccuracy accuracy) {
        return accuracy == null
                ? Duration.ZERO
                : Duration.ofSeconds(accuracy.getSeconds())
                        .plusMillis(accuracy.getMillis())
                        .plusNanos(1000L * accuracy.getMicros());
    }

    private static VerificationException malformed(Exception e) {
        return refused("must be a response of RFC 3161 in DER, but could not be read: "
                + Names.printable(String.valueOf(e.getMessage())));
    }

    private static VerificationException refused(String must) {
        return new VerificationException(Reason.UNTRUSTED_TIMESTAMP, "timestamp " + must);
    }
}
