package dev.modelops.core.internal.crypto;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/**
 * The cryptographic primitives of the library. Signatures come from Bouncy Castle through its own provider object, never
 * registered globally; SHA-256 comes from the Java runtime, which is several times faster at it.
 */
public final class Crypto {
    /** Bouncy Castle, private to this library. */
    public static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();

    private static final String ML_DSA_44 = "ML-DSA-44";
    private static final String ML_DSA_65 = "ML-DSA-65";

    /** What comes before the 1312 or 1952 bytes of an ML-DSA key in its SubjectPublicKeyInfo (RFC 9881). */
    private static final byte[] ML_DSA_44_PREFIX =
            HexFormat.of().parseHex("30820532300b06096086480165030403110382052100");

    private static final byte[] ML_DSA_65_PREFIX =
            HexFormat.of().parseHex("308207b2300b0609608648016503040312038207a100");

    private static final int ML_DSA_44_KEY = 1312;
    private static final int ML_DSA_65_KEY = 1952;

    private Crypto() {}

    /** Returns a fresh SHA-256. */
    public static MessageDigest sha256() {
        return Sha256.start();
    }

    /** Returns the digest that identifies a public key: SHA-256 over its SubjectPublicKeyInfo in DER. */
    public static Digest keyDigest(PublicKey key) {
        return Digest.sha256(sha256().digest(encoded(key)));
    }

    /** Returns the SubjectPublicKeyInfo in DER, of an EC key with named curve and uncompressed point whoever made the key. */
    public static byte[] encoded(PublicKey key) {
        if (!(key instanceof ECPublicKey ec)) {
            return key.getEncoded();
        }
        String name = curveOf(ec).map(Crypto::curveName).orElse(null);
        if (name == null) {
            return key.getEncoded();
        }
        ASN1ObjectIdentifier curve = ECNamedCurveTable.getOID(name);
        byte[] point = ECNamedCurveTable.getByOID(curve)
                .getCurve()
                .createPoint(ec.getW().getAffineX(), ec.getW().getAffineY())
                .getEncoded(false);
        try {
            return new SubjectPublicKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve), point)
                    .getEncoded("DER");
        } catch (IOException e) {
            throw new SigningException("public key cannot be written as SubjectPublicKeyInfo", e);
        }
    }

    /** Returns the algorithm that a public key is used with here, or empty for a key of any other kind. */
    public static Optional<SignatureAlgorithm> algorithmOf(PublicKey key) {
        if (key.getAlgorithm().equals("Ed25519") || key.getAlgorithm().equals("EdDSA")) {
            return isEd25519(key) ? Optional.of(SignatureAlgorithm.ED25519) : Optional.empty();
        }
        if (key instanceof ECPublicKey ec) {
            return curveOf(ec);
        }
        return key.getAlgorithm().startsWith("ML-DSA") ? mlDsaOf(key) : Optional.empty();
    }

    private static Optional<SignatureAlgorithm> mlDsaOf(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (isRaw(encoded, ML_DSA_44_PREFIX, ML_DSA_44_KEY)) {
            return Optional.of(SignatureAlgorithm.ML_DSA_44);
        }
        return isRaw(encoded, ML_DSA_65_PREFIX, ML_DSA_65_KEY)
                ? Optional.of(SignatureAlgorithm.ML_DSA_65)
                : Optional.empty();
    }

    private static boolean isRaw(byte @Nullable [] encoded, byte[] prefix, int length) {
        return encoded != null
                && encoded.length == prefix.length + length
                && Arrays.equals(prefix, 0, prefix.length, encoded, 0, prefix.length);
    }

    /** Returns the name by which the provider knows keys of an algorithm, or null for one that is not used here. */
    public static @Nullable String keyName(ASN1ObjectIdentifier algorithm) {
        return switch (algorithm.getId()) {
            case "1.3.101.112" -> "Ed25519";
            case "1.2.840.10045.2.1" -> "EC";
            case "2.16.840.1.101.3.4.3.17" -> ML_DSA_44;
            case "2.16.840.1.101.3.4.3.18" -> ML_DSA_65;
            default -> null;
        };
    }

    /** Decodes a SubjectPublicKeyInfo in DER. */
    public static PublicKey publicKey(byte[] der) {
        try {
            ASN1ObjectIdentifier oid =
                    SubjectPublicKeyInfo.getInstance(der).getAlgorithm().getAlgorithm();
            String name = keyName(oid);
            if (name == null) {
                throw new SigningException(
                        "public key must be ML-DSA-44, ML-DSA-65, Ed25519 or EC, but its algorithm is " + oid);
            }
            return KeyFactory.getInstance(name, BOUNCY_CASTLE).generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException | RuntimeException e) {
            if (e instanceof SigningException known) {
                throw known;
            }
            throw new SigningException("public key is not a well-formed SubjectPublicKeyInfo in DER", e);
        }
    }

    /** Tells whether a signature over a message verifies. Malformed signatures do not. */
    public static boolean verify(PublicKey key, byte[] message, byte[] signature) {
        Optional<SignatureAlgorithm> algorithm = algorithmOf(key);
        if (algorithm.isEmpty()) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(jcaName(algorithm.get()), BOUNCY_CASTLE);
            verifier.initVerify(KeyFactory.getInstance(keyAlgorithm(algorithm.get()), BOUNCY_CASTLE)
                    .generatePublic(new X509EncodedKeySpec(key.getEncoded())));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /** Returns the ML-DSA-44 key of 1312 bytes (FIPS 204). */
    public static PublicKey mlDsa44(byte[] rawKey) {
        try {
            byte[] der = new SubjectPublicKeyInfo(new AlgorithmIdentifier(NISTObjectIdentifiers.id_ml_dsa_44), rawKey)
                    .getEncoded();
            return KeyFactory.getInstance(ML_DSA_44, BOUNCY_CASTLE).generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            throw new SigningException("public key is not an ML-DSA-44 key of 1312 bytes", e);
        }
    }

    /** Returns a signer for a private key held in this process. */
    public static Signer signer(PrivateKey privateKey, PublicKey publicKey, List<X509Certificate> chain) {
        return signer(BOUNCY_CASTLE, privateKey, publicKey, chain);
    }

    /** Returns a signer for a private key that only its provider can use. */
    public static Signer signer(
            Provider provider, PrivateKey privateKey, PublicKey publicKey, List<X509Certificate> chain) {
        SignatureAlgorithm algorithm = algorithmOf(publicKey)
                .orElseThrow(() -> new SigningException(
                        "key must be ML-DSA-44, ML-DSA-65, Ed25519 or EC on P-256, P-384 or P-521, but is "
                                + publicKey.getAlgorithm()));
        return new KeySigner(algorithm, provider, privateKey, publicKey, List.copyOf(chain));
    }

    private static String jcaName(SignatureAlgorithm algorithm) {
        return switch (algorithm) {
            case ED25519 -> "Ed25519";
            case ECDSA_P256 -> "SHA256withECDSA";
            case ECDSA_P384 -> "SHA384withECDSA";
            case ECDSA_P521 -> "SHA512withECDSA";
            case ML_DSA_44 -> ML_DSA_44;
            case ML_DSA_65 -> ML_DSA_65;
        };
    }

    private static String keyAlgorithm(SignatureAlgorithm algorithm) {
        return switch (algorithm) {
            case ED25519, ML_DSA_44, ML_DSA_65 -> jcaName(algorithm);
            case ECDSA_P256, ECDSA_P384, ECDSA_P521 -> "EC";
        };
    }

    private static boolean isEd25519(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return encoded != null && encoded.length == 44 && encoded[8] == 0x70;
    }

    private static Optional<SignatureAlgorithm> curveOf(ECPublicKey key) {
        return switch (key.getParams().getOrder().bitLength()) {
            case 256 -> onCurve(key, SignatureAlgorithm.ECDSA_P256);
            case 384 -> onCurve(key, SignatureAlgorithm.ECDSA_P384);
            case 521 -> onCurve(key, SignatureAlgorithm.ECDSA_P521);
            default -> Optional.empty();
        };
    }

    private static String curveName(SignatureAlgorithm algorithm) {
        return switch (algorithm) {
            case ECDSA_P256 -> "secp256r1";
            case ECDSA_P384 -> "secp384r1";
            case ECDSA_P521 -> "secp521r1";
            case ED25519, ML_DSA_44, ML_DSA_65 -> throw new IllegalArgumentException("not on a curve: " + algorithm);
        };
    }

    /** Compares every parameter: with the right order but another generator, anyone can sign for a given key. */
    private static Optional<SignatureAlgorithm> onCurve(ECPublicKey key, SignatureAlgorithm algorithm) {
        X9ECParameters curve = ECNamedCurveTable.getByName(curveName(algorithm));
        ECParameterSpec given = key.getParams();
        boolean same = given.getCurve().getField() instanceof ECFieldFp field
                && field.getP().equals(curve.getCurve().getField().getCharacteristic())
                && given.getCurve().getA().equals(curve.getCurve().getA().toBigInteger())
                && given.getCurve().getB().equals(curve.getCurve().getB().toBigInteger())
                && given.getGenerator()
                        .getAffineX()
                        .equals(curve.getG().getAffineXCoord().toBigInteger())
                && given.getGenerator()
                        .getAffineY()
                        .equals(curve.getG().getAffineYCoord().toBigInteger())
                && given.getOrder().equals(curve.getN());
        return same ? Optional.of(algorithm) : Optional.empty();
    }

    private record KeySigner(
            SignatureAlgorithm algorithm,
            Provider provider,
            PrivateKey privateKey,
            PublicKey publicKey,
            List<X509Certificate> certificateChain)
            implements Signer {
        @Override
        public Bytes sign(Bytes message) {
            try {
                Signature signature = Signature.getInstance(jcaName(algorithm), provider);
                signature.initSign(privateKey);
                signature.update(message.toByteArray());
                return Bytes.of(signature.sign());
            } catch (GeneralSecurityException | ProviderException e) {
                throw new SigningException("the private key could not be used to sign: " + e.getMessage(), e);
            }
        }

        @Override
        public String toString() {
            return algorithm + " key " + keyDigest(publicKey);
        }
    }
}
