package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.KeyFiles;
import dev.modelops.core.internal.signing.Pem;
import dev.modelops.core.internal.signing.RevocationLists;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.SigningException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509CRL;
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
                case ML_DSA_44 ->
                    KeyPairGenerator.getInstance("ML-DSA-44", Crypto.BOUNCY_CASTLE)
                            .generateKeyPair();
                case ML_DSA_65 ->
                    KeyPairGenerator.getInstance("ML-DSA-65", Crypto.BOUNCY_CASTLE)
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
     * Writes the private key as encrypted PKCS#8 in PEM: AES-256, under a key derived from the password by 600,000 rounds of
     * PBKDF2 with HMAC-SHA256.
     *
     * @param pair the keys
     * @param password opens the text again; neither kept nor cleared
     * @return the text, in lines of 64 characters, which {@link Signers#pem(Path, char[])} reads
     * @throws SigningException if the key cannot leave its provider, or the password is empty
     */
    public static String privateKeyPem(KeyPair pair, char[] password) {
        if (password.length == 0) {
            throw new SigningException("password must not be empty; leave it out to write the key in clear");
        }
        return Pem.writeEncrypted(pair.getPrivate(), password);
    }

    /**
     * Writes a key pair into two new files, the private key in clear. Nothing is overwritten, and if one cannot be written,
     * there is neither. Where the file system has modes, only the owner may read and write the private key, from the moment
     * its file exists.
     *
     * @param pair the keys
     * @param privateFile where to write the private key, as {@link #privateKeyPem(KeyPair)} does
     * @param publicFile where to write the public key
     * @throws SigningException if there is something at one of the places
     * @throws dev.modelops.storage.StorageException if a file cannot be written
     */
    public static void store(KeyPair pair, Path privateFile, Path publicFile) {
        KeyFiles.createPair(privateFile, privateKeyPem(pair), publicFile, publicKeyPem(pair.getPublic()));
    }

    /**
     * Writes a key pair into two new files, as {@link #store(KeyPair, Path, Path)} does, but the private key encrypted.
     *
     * @param pair the keys
     * @param password opens the private key; neither kept nor cleared
     * @param privateFile where to write the private key, as {@link #privateKeyPem(KeyPair, char[])} does
     * @param publicFile where to write the public key
     * @throws SigningException if there is something at one of the places, or the password is empty
     * @throws dev.modelops.storage.StorageException if a file cannot be written
     */
    public static void store(KeyPair pair, char[] password, Path privateFile, Path publicFile) {
        KeyFiles.createPair(privateFile, privateKeyPem(pair, password), publicFile, publicKeyPem(pair.getPublic()));
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
     * @return the key: ML-DSA-44, ML-DSA-65, Ed25519, or EC on P-256, P-384 or P-521
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

    /**
     * Reads certificate revocation lists (RFC 5280).
     *
     * @param content at least one list, in DER or PEM, of at most 64 MiB
     * @return the lists, not verified yet
     * @throws SigningException if it holds anything else
     */
    public static List<X509CRL> revocations(Bytes content) {
        return RevocationLists.parse(content);
    }

    private static KeyPair generateOn(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Crypto.BOUNCY_CASTLE);
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }
}
