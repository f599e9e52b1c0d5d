package dev.modelops.core.signing;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.Pem;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.SigningException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;

/** Generates keys, and reads and writes them as PEM text (RFC 7468). */
public final class Keys {
    private Keys() {}

    /**
     * Generates a key pair from the system's secure random source.
     *
     * @param algorithm what the keys are for; model signatures need one of the EC algorithms
     * @return the keys
     */
    public static KeyPair generate(SignatureAlgorithm algorithm) {
        try {
            return switch (algorithm) {
                case ED25519 ->
                    KeyPairGenerator.getInstance("Ed25519", Crypto.BOUNCY_CASTLE)
                            .generateKeyPair();
                case ECDSA_P256 -> generateOn("secp256r1");
                case ECDSA_P384 -> generateOn("secp384r1");
                case ECDSA_P521 -> generateOn("secp521r1");
            };
        } catch (GeneralSecurityException e) {
            throw new SigningException("keys could not be generated: " + e.getMessage(), e);
        }
    }

    /**
     * Writes the private key as unencrypted PKCS#8 in PEM. Whoever reads the text can sign: store it where only the signer
     * can read it.
     *
     * @param pair the keys
     * @return the text, in lines of 64 characters, which {@link Signers#pem(String)} reads
     * @throws SigningException if the key cannot leave its provider
     */
    public static String privateKeyPem(KeyPair pair) {
        return Pem.write(pair.getPrivate());
    }

    /**
     * Writes a public key as SubjectPublicKeyInfo in PEM.
     *
     * @param key the key
     * @return the text, in lines of 64 characters, which {@link #publicKey} reads
     */
    public static String publicKeyPem(PublicKey key) {
        return Pem.write(key);
    }

    /**
     * Reads a public key from PEM text.
     *
     * @param pem one block of the type {@code PUBLIC KEY}
     * @return the key: Ed25519, or EC on P-256, P-384 or P-521
     * @throws SigningException if the text holds anything else
     */
    public static PublicKey publicKey(String pem) {
        return Pem.publicKey(pem);
    }

    /**
     * Reads certificates from PEM text.
     *
     * @param pem blocks of the type {@code CERTIFICATE}, at least one
     * @return the certificates, in the order of the text
     * @throws SigningException if the text holds anything else
     */
    public static List<X509Certificate> certificates(String pem) {
        return Pem.certificates(pem);
    }

    private static KeyPair generateOn(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Crypto.BOUNCY_CASTLE);
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }
}
