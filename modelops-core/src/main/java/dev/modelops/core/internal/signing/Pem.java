package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SigningException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.jcajce.interfaces.MLDSAPrivateKey;
import org.bouncycastle.openssl.PEMDecryptorProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfoBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEOutputEncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/** Reads and writes keys and certificates as PEM text (RFC 7468). */
public final class Pem {
    private static final int MAX_CHARACTERS = 1024 * 1024;
    private static final int COLUMNS = 64;
    /** What OWASP asks of PBKDF2 with HMAC-SHA256. */
    private static final int ITERATIONS = 600_000;

    private Pem() {}

    /** Returns the hint by which OpenSSF Model Signing names a key: hexadecimal SHA-256 over its PEM text. */
    static String hint(PublicKey key) {
        return Digest.sha256Of(Bytes.ofUtf8(write(key))).toHex();
    }

    /** Writes a public key. */
    public static String write(PublicKey key) {
        if (key instanceof ECPublicKey && Crypto.algorithmOf(key).isEmpty()) {
            throw unknownKey(key.getAlgorithm());
        }
        return write("PUBLIC KEY", Crypto.encoded(key));
    }

    /** Writes a private key as unencrypted PKCS#8. */
    public static String write(PrivateKey key) {
        return write("PRIVATE KEY", pkcs8(key));
    }

    /** Writes a private key as PKCS#8, encrypted under a password. */
    public static String writeEncrypted(PrivateKey key, char[] password) {
        byte[] encoded = pkcs8(key);
        try {
            byte[] encrypted = new PKCS8EncryptedPrivateKeyInfoBuilder(encoded)
                    .build(new JcePKCSPBEOutputEncryptorBuilder(NISTObjectIdentifiers.id_aes256_CBC)
                            .setProvider(Crypto.BOUNCY_CASTLE)
                            .setPRF(PKCS8Generator.PRF_HMACSHA256)
                            .setIterationCount(ITERATIONS)
                            .build(password))
                    .getEncoded();
            return write("ENCRYPTED PRIVATE KEY", encrypted);
        } catch (IOException | OperatorCreationException e) {
            throw new SigningException("private key could not be encrypted: " + e.getMessage());
        }
    }

    /** Reads one public key on a curve that is used here. */
    public static PublicKey publicKey(String pem) {
        PemObject block = onlyBlock(pem, "PUBLIC KEY");
        PublicKey key = Crypto.publicKey(block.getContent());
        if (Crypto.algorithmOf(key).isEmpty()) {
            throw unknownKey("EC on another curve");
        }
        return key;
    }

    /** Reads certificates, at least one, in the order they have. */
    public static List<X509Certificate> certificates(String pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (PemObject block : blocks(pem)) {
            if (!block.getType().equals("CERTIFICATE")) {
                throw new SigningException(
                        "certificates must be PEM blocks of the type CERTIFICATE, but one has the type "
                                + Names.quote(block.getType()));
            }
            try {
                certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(block.getContent())));
            } catch (CertificateException e) {
                throw new SigningException("certificate must be X.509, but could not be read", e);
            }
        }
        if (certificates.isEmpty()) {
            throw new SigningException(
                    "certificates must be PEM text with at least one CERTIFICATE block, but it has none");
        }
        return List.copyOf(certificates);
    }

    /** Reads a private key, and derives the public one from it, whatever public key the text may hold beside. */
    public static KeyPair keyPair(String pem, char @Nullable [] password) {
        requireShort(pem);
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            @Nullable Object found = parser.readObject();
            while (found instanceof ASN1ObjectIdentifier || found instanceof X9ECParameters) {
                found = parser.readObject();
            }
            PrivateKeyInfo info = privateKeyInfo(found, password);
            if (parser.readPemObject() != null) {
                throw new SigningException("private key file must hold one PEM block, but holds more; split it");
            }
            return keyPair(info);
        } catch (IOException | RuntimeException e) {
            if (e instanceof SigningException known) {
                throw known;
            }
            // The cause is left out: parsers may quote what they could not read.
            throw new SigningException("private key must be PEM text with one PRIVATE KEY (PKCS#8) or EC PRIVATE KEY"
                    + " (SEC 1) block, but could not be read");
        }
    }

    private static PrivateKeyInfo privateKeyInfo(@Nullable Object found, char @Nullable [] password)
            throws IOException {
        if (found instanceof PrivateKeyInfo info) {
            return info;
        }
        if (found instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        if (found instanceof PKCS8EncryptedPrivateKeyInfo || found instanceof PEMEncryptedKeyPair) {
            if (password == null) {
                throw new SigningException("private key is encrypted; give its password");
            }
            return decrypted(found, password);
        }
        throw new SigningException(
                "private key must be PEM text with one PRIVATE KEY (PKCS#8) or EC PRIVATE KEY (SEC 1)"
                        + " block, but has " + (found == null ? "no PEM block" : "a block of another type"));
    }

    private static PrivateKeyInfo decrypted(Object found, char[] password) throws IOException {
        try {
            if (found instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
                return encrypted.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(Crypto.BOUNCY_CASTLE)
                        .build(password));
            }
            PEMDecryptorProvider decryptor = new JcePEMDecryptorProviderBuilder()
                    .setProvider(Crypto.BOUNCY_CASTLE)
                    .build(password);
            return ((PEMEncryptedKeyPair) found).decryptKeyPair(decryptor).getPrivateKeyInfo();
        } catch (PKCSException | PEMException | OperatorCreationException e) {
            throw new SigningException("private key could not be decrypted; check the password");
        }
    }

    private static KeyPair keyPair(PrivateKeyInfo info) throws IOException {
        ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
        try {
            if (algorithm.equals(NISTObjectIdentifiers.id_ml_dsa_44)
                    || algorithm.equals(NISTObjectIdentifiers.id_ml_dsa_65)) {
                PrivateKey key = privateKey(String.valueOf(Crypto.keyName(algorithm)), info);
                return new KeyPair(
                        Crypto.publicKey(((MLDSAPrivateKey) key).getPublicKey().getEncoded()), key);
            }
            var parameters = PrivateKeyFactory.createKey(info);
            if (parameters instanceof Ed25519PrivateKeyParameters ed25519) {
                var publicKey = SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(ed25519.generatePublicKey());
                return new KeyPair(Crypto.publicKey(encoded(publicKey)), privateKey("Ed25519", info));
            }
            if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
                PrivateKey key = privateKey("EC", info);
                return new KeyPair(derived((ECPrivateKey) key), key);
            }
        } catch (GeneralSecurityException e) {
            throw new SigningException("private key must be well-formed, but its provider refuses it");
        }
        throw unknownKey(algorithm.getId());
    }

    private static PrivateKey privateKey(String algorithm, PrivateKeyInfo info)
            throws GeneralSecurityException, IOException {
        return KeyFactory.getInstance(algorithm, Crypto.BOUNCY_CASTLE)
                .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    }

    private static PublicKey derived(ECPrivateKey key) {
        BigInteger order = key.getParams().getOrder();
        BigInteger secret = key.getS();
        ASN1ObjectIdentifier curve = switch (order.bitLength()) {
            case 256 -> SECObjectIdentifiers.secp256r1;
            case 384 -> SECObjectIdentifiers.secp384r1;
            case 521 -> SECObjectIdentifiers.secp521r1;
            default -> throw unknownKey("EC on another curve");
        };
        X9ECParameters parameters = ECNamedCurveTable.getByOID(curve);
        if (!parameters.getN().equals(order)) {
            throw unknownKey("EC on another curve");
        }
        if (secret.signum() <= 0 || secret.compareTo(order) >= 0) {
            throw new SigningException("private key must lie between 1 and the order of its curve, but does not");
        }
        byte[] point = parameters.getG().multiply(secret).normalize().getEncoded(false);
        return Crypto.publicKey(encoded(
                new SubjectPublicKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), point)));
    }

    private static byte[] encoded(SubjectPublicKeyInfo info) {
        try {
            return info.getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("a public key in memory can always be encoded", e);
        }
    }

    private static PemObject onlyBlock(String pem, String type) {
        List<PemObject> blocks = blocks(pem);
        if (blocks.size() != 1 || !blocks.get(0).getType().equals(type)) {
            throw new SigningException("key must be PEM text with one " + type + " block, but has "
                    + (blocks.size() == 1 ? "one of another type" : blocks.size() + " blocks"));
        }
        return blocks.get(0);
    }

    private static List<PemObject> blocks(String pem) {
        requireShort(pem);
        List<PemObject> blocks = new ArrayList<>();
        try (PemReader reader = new PemReader(new StringReader(pem))) {
            for (PemObject block = reader.readPemObject(); block != null; block = reader.readPemObject()) {
                blocks.add(block);
            }
        } catch (IOException | RuntimeException e) {
            throw new SigningException("text must be PEM, but could not be read");
        }
        return blocks;
    }

    private static void requireShort(String pem) {
        if (pem.length() > MAX_CHARACTERS) {
            throw new SigningException(
                    "PEM text must have at most " + MAX_CHARACTERS + " characters, but has " + pem.length());
        }
    }

    private static String write(String type, byte[] content) {
        String lines = Base64.getMimeEncoder(COLUMNS, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }

    private static byte[] pkcs8(PrivateKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null || !"PKCS#8".equals(key.getFormat())) {
            throw new SigningException(
                    "private key must be one that can leave its provider, but it cannot; use it where it is");
        }
        try {
            // Without the public key that Bouncy Castle adds to Ed25519: version 2 of the form is not read by everyone.
            PrivateKeyInfo info = PrivateKeyInfo.getInstance(encoded);
            return new PrivateKeyInfo(info.getPrivateKeyAlgorithm(), info.parsePrivateKey()).getEncoded("DER");
        } catch (IOException | RuntimeException e) {
            throw new SigningException("private key must be well-formed PKCS#8, but could not be read");
        }
    }

    private static SigningException unknownKey(String found) {
        return new SigningException(
                "key must be ML-DSA-44, ML-DSA-65, Ed25519 or EC on P-256, P-384 or P-521, but is " + found);
    }
}
