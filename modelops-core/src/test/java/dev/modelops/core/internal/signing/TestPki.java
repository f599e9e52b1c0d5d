package dev.modelops.core.internal.signing;

import dev.modelops.core.internal.crypto.Crypto;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A small certificate authority for tests. */
public final class TestPki {
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    public static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    public static final Instant END = Instant.parse("2027-01-01T00:00:00Z");

    private static long serial = 1;

    private TestPki() {}

    /** A certificate and the private key that belongs to it. */
    public record Identity(KeyPair keys, X509Certificate certificate) {
        public PrivateKey privateKey() {
            return keys.getPrivate();
        }
    }

    /** What a certificate says; starts as a good one. */
    public static final class Draft {
        private final String name;
        private KeyPair keys = TestPki.keys("secp256r1");
        private Instant start = START;
        private Instant end = END;
        private int usage = KeyUsage.digitalSignature;
        private KeyPurposeId[] purposes = {KeyPurposeId.id_kp_codeSigning};
        private boolean purposesAreCritical = true;
        private boolean ca;
        private int pathLength = -1;
        private String algorithm = "";

        private Draft(String name) {
            this.name = name;
        }

        public Draft keys(KeyPair value) {
            keys = value;
            return this;
        }

        public Draft valid(Instant from, Instant to) {
            start = from;
            end = to;
            return this;
        }

        /** Sets the bits of the key usage, or -1 for none. */
        public Draft usage(int bits) {
            usage = bits;
            return this;
        }

        public Draft purposes(KeyPurposeId... ids) {
            purposes = ids;
            return this;
        }

        /** Sets the purposes as an extension that may be passed over. */
        public Draft uncriticalPurposes(KeyPurposeId... ids) {
            purposesAreCritical = false;
            return purposes(ids);
        }

        /** Makes it an authority, with a greatest path length or -1 for none. */
        public Draft authority(int maxPathLength) {
            ca = true;
            pathLength = maxPathLength;
            usage = KeyUsage.keyCertSign;
            purposes = new KeyPurposeId[0];
            return this;
        }

        public Draft algorithm(String signatureAlgorithm) {
            algorithm = signatureAlgorithm;
            return this;
        }

        public Identity selfSigned() {
            return issue(name, keys.getPrivate());
        }

        public Identity issuedBy(Identity issuer) {
            return issue(
                    issuer.certificate().getSubjectX500Principal().getName().substring(3), issuer.privateKey());
        }

        private Identity issue(String issuerName, PrivateKey issuerKey) {
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        new X500Name("CN=" + issuerName),
                        BigInteger.valueOf(serial++),
                        Date.from(start),
                        Date.from(end),
                        new X500Name("CN=" + name),
                        keys.getPublic());
                builder.addExtension(
                        Extension.basicConstraints,
                        true,
                        ca && pathLength >= 0 ? new BasicConstraints(pathLength) : new BasicConstraints(ca));
                if (usage >= 0) {
                    builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                }
                if (purposes.length > 0) {
                    builder.addExtension(
                            Extension.extendedKeyUsage, purposesAreCritical, new ExtendedKeyUsage(purposes));
                }
                String signature = !algorithm.isEmpty()
                        ? algorithm
                        : issuerKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
                return new Identity(
                        keys,
                        new JcaX509CertificateConverter()
                                .getCertificate(builder.build(new JcaContentSignerBuilder(signature)
                                        .setProvider(Crypto.BOUNCY_CASTLE)
                                        .build(issuerKey))));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A revocation list; starts as one that names nothing and holds at {@link #NOW}. */
    public static final class ListDraft {
        private final List<X509Certificate> revoked = new ArrayList<>();
        private Instant from = NOW.minusSeconds(3600);
        private @Nullable Instant until = NOW.plusSeconds(3600);
        private boolean ofSome;

        public ListDraft revoking(Identity... identities) {
            for (Identity identity : identities) {
                revoked.add(identity.certificate());
            }
            return this;
        }

        public ListDraft valid(Instant start, @Nullable Instant end) {
            from = start;
            until = end;
            return this;
        }

        /** Says, critically, that it is of the certificates of authorities only. */
        public ListDraft ofSome() {
            ofSome = true;
            return this;
        }

        public X509CRL by(Identity issuer) {
            return by(issuer, issuer.privateKey());
        }

        public X509CRL by(Identity issuer, PrivateKey key) {
            try {
                X509v2CRLBuilder builder = new X509v2CRLBuilder(
                        X500Name.getInstance(
                                issuer.certificate().getSubjectX500Principal().getEncoded()),
                        Date.from(from));
                if (until != null) {
                    builder.setNextUpdate(Date.from(until));
                }
                for (X509Certificate certificate : revoked) {
                    builder.addCRLEntry(
                            certificate.getSerialNumber(), Date.from(START.plusSeconds(60)), CRLReason.keyCompromise);
                }
                if (ofSome) {
                    builder.addExtension(
                            Extension.issuingDistributionPoint,
                            true,
                            new IssuingDistributionPoint(null, false, true, null, false, false));
                }
                return new JcaX509CRLConverter()
                        .getCRL(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                                .setProvider(Crypto.BOUNCY_CASTLE)
                                .build(key)));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public static ListDraft list() {
        return new ListDraft();
    }

    public static Draft draft(String name) {
        return new Draft(name);
    }

    public static KeyPair keys(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Crypto.BOUNCY_CASTLE);
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static PublicKey publicKey(Identity identity) {
        return identity.keys().getPublic();
    }
}
