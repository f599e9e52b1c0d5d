package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.Pem;
import dev.modelops.core.internal.signing.Pkcs11;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/**
 * Makes signers from private keys in files, memory or PKCS#11 tokens. For a key service, implement {@link Signer}. The signers
 * are safe for use by many threads; a private key that does not belong to its public key is refused here, not when signing.
 */
public final class Signers {
    private static final int MAX_FILE_BYTES = 1024 * 1024;
    private static final Bytes PROBE = Bytes.ofUtf8("dev.modelops: does this private key belong to its public key?");

    private Signers() {}

    /**
     * Returns a signer for a private key in a PEM file.
     *
     * @param file PKCS#8, or SEC 1 for EC keys; not encrypted
     * @return the signer
     * @throws SigningException if there is no such file or it holds no key that is used here
     */
    public static Signer pem(Path file) {
        return pem(read(file));
    }

    /**
     * Returns a signer for a private key in an encrypted PEM file.
     *
     * @param file PKCS#8, or SEC 1 for EC keys
     * @param password opens it; neither kept nor cleared
     * @return the signer
     * @throws SigningException if there is no such file, the password is wrong or it holds no key that is used here
     */
    public static Signer pem(Path file, char[] password) {
        return of(Pem.keyPair(read(file), password));
    }

    /**
     * Returns a signer for a private key in PEM text.
     *
     * @param text PKCS#8, or SEC 1 for EC keys; not encrypted
     * @return the signer
     * @throws SigningException if it holds no key that is used here
     */
    public static Signer pem(String text) {
        return of(Pem.keyPair(text, null));
    }

    /**
     * Returns a signer with certificates, for the certificate method of model signatures.
     *
     * @param key a PEM file with the private key, not encrypted
     * @param certificateChain a PEM file with the key's own certificate first and then those that lead to an anchor of the
     *     verifiers
     * @return the signer
     * @throws SigningException if a file cannot be read or the first certificate is for another key
     */
    public static Signer pem(Path key, Path certificateChain) {
        return certified(pem(key), Pem.certificates(read(certificateChain)));
    }

    /**
     * Returns a signer for the only private key in a PKCS#12 key store. Its certificates are used, unless there is only one
     * and that is self-signed: nobody vouches for the key then, so it signs by itself.
     *
     * @param file the key store
     * @param password opens the store and the key; neither kept nor cleared
     * @return the signer
     * @throws SigningException if the store cannot be read, the password is wrong, or it does not hold exactly one private key
     */
    public static Signer pkcs12(Path file, char[] password) {
        KeyStore store = keyStore(file, password);
        List<String> aliases = keyAliases(store);
        if (aliases.size() != 1) {
            throw new SigningException("key store " + file + " must hold one private key, but holds " + aliases.size()
                    + (aliases.isEmpty() ? "" : ": " + String.join(", ", aliases) + "; name the alias to use"));
        }
        return inMemory(store, keyStoreAt(file), aliases.get(0), password);
    }

    /**
     * Returns a signer for one private key of a PKCS#12 key store. As {@link #pkcs12(Path, char[])}, with the alias given.
     *
     * @param file the key store
     * @param password opens the store and the key; neither kept nor cleared
     * @param alias names the key
     * @return the signer
     * @throws SigningException if the store cannot be read, the password is wrong, or there is no such private key
     */
    public static Signer pkcs12(Path file, char[] password, String alias) {
        KeyStore store = keyStore(file, password);
        requireKey(store, keyStoreAt(file), alias);
        return inMemory(store, keyStoreAt(file), alias, password);
    }

    /**
     * Returns a signer for a private key in a PKCS#11 token, such as a smart card or a hardware module, through the provider
     * {@code SunPKCS11} of the Java runtime. The key stays in the token and signs there.
     *
     * <p>That provider shows a private key only beside a certificate with the same id in the token. Certificates are used as
     * in {@link #pkcs12(Path, char[])}. A process that is logged in to a token stays so: further signers for keys in it
     * need no right PIN.
     *
     * @param configuration a file in the form of that provider: lines {@code name = }, {@code library = } and
     *     {@code slot = } or {@code slotListIndex = }
     * @param pin opens the token; neither kept nor cleared
     * @param alias names the key; the label of its certificate
     * @return the signer
     * @throws SigningException if the token cannot be used, the PIN is wrong, there is no such private key, or it is not EC on
     *     P-256, P-384 or P-521
     */
    public static Signer pkcs11(Path configuration, char[] pin, String alias) {
        Provider provider = Pkcs11.provider(configuration);
        KeyStore store = Pkcs11.keys(provider, configuration, pin);
        String token = "PKCS#11 token of " + configuration;
        requireKey(store, token, alias);
        List<X509Certificate> chain = chain(store, token, alias);
        PrivateKey key = privateKey(store, token, alias, null);
        Signer signer = Crypto.signer(provider, key, chain.get(0).getPublicKey(), unlessSelfSigned(chain));
        return belonging(signer);
    }

    /**
     * Returns a signer with certificates, for the certificate method of model signatures.
     *
     * @param signer signs
     * @param certificateChain the signer's own certificate first, then those that lead to an anchor of the verifiers
     * @return the signer
     * @throws SigningException if there is no certificate, or the first is for another key
     */
    public static Signer certified(Signer signer, List<X509Certificate> certificateChain) {
        if (certificateChain.isEmpty()) {
            throw new SigningException("a signer needs a certificate of its own to be certified, but there is none");
        }
        requireOwn(certificateChain, signer.publicKey());
        return new CertifiedSigner(signer, List.copyOf(certificateChain));
    }

    /**
     * Returns a signer for a fresh key that is nowhere else. For tests and trials: the key is gone with the signer.
     *
     * @param algorithm the kind of key
     * @return the signer
     * @see Keys#generate
     */
    public static Signer generate(SignatureAlgorithm algorithm) {
        return of(Keys.generate(algorithm));
    }

    /**
     * Returns a signer for a key pair in memory.
     *
     * @param pair the keys: ML-DSA-44, ML-DSA-65, Ed25519, or EC on P-256, P-384 or P-521
     * @return the signer
     * @throws SigningException if the keys are of another kind, do not belong together, or cannot leave their provider
     */
    public static Signer of(KeyPair pair) {
        return signer(pair.getPrivate(), pair.getPublic(), List.of());
    }

    private static Signer signer(PrivateKey privateKey, PublicKey publicKey, List<X509Certificate> chain) {
        return belonging(Crypto.signer(imported(privateKey), publicKey, chain));
    }

    private static void requireOwn(List<X509Certificate> chain, PublicKey publicKey) {
        if (!Pem.write(chain.get(0).getPublicKey()).equals(Pem.write(publicKey))) {
            throw new SigningException(
                    "the first certificate must be for the private key, but is for another one; put the"
                            + " signer's own certificate first");
        }
    }

    /** Tries the keys on each other, so that a wrong pair is found now and not by those who verify. */
    private static Signer belonging(Signer signer) {
        Bytes signature = signer.sign(PROBE);
        if (!Crypto.verify(signer.publicKey(), PROBE.toByteArray(), signature.toByteArray())) {
            throw new SigningException(
                    "private and public key must belong together, but do not; check which file is which");
        }
        return signer;
    }

    private static PrivateKey imported(PrivateKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null) {
            throw new SigningException("private key must be one that can leave its provider, but it cannot; implement"
                    + " Signer over the provider instead");
        }
        try {
            String algorithm = Crypto.keyName(
                    PrivateKeyInfo.getInstance(encoded).getPrivateKeyAlgorithm().getAlgorithm());
            if (algorithm == null) {
                throw new SigningException("private key must be ML-DSA-44, ML-DSA-65, Ed25519 or EC on P-256, P-384 or"
                        + " P-521, but is " + key.getAlgorithm());
            }
            return KeyFactory.getInstance(algorithm, Crypto.BOUNCY_CASTLE)
                    .generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new SigningException("private key must be well-formed PKCS#8, but could not be read");
        }
    }

    private static KeyStore keyStore(Path file, char[] password) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            return store;
        } catch (NoSuchFileException e) {
            throw new SigningException("key store must be a file, but there is none at " + file, e);
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new SigningException("key store " + file + " could not be opened; check the password", e);
            }
            throw new SigningException("key store " + file + " must be readable PKCS#12, but is not", e);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SigningException("key store " + file + " must be readable PKCS#12, but is not", e);
        }
    }

    private static List<String> keyAliases(KeyStore store) {
        try {
            List<String> aliases = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    aliases.add(alias);
                }
            }
            return aliases;
        } catch (GeneralSecurityException e) {
            throw new SigningException("key store could not be listed", e);
        }
    }

    private static void requireKey(KeyStore store, String where, String alias) {
        List<String> aliases = keyAliases(store);
        try {
            if (store.isKeyEntry(alias)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new SigningException(where + " could not be searched", e);
        }
        throw new SigningException(where + " must hold a private key with the alias '" + alias + "', but "
                + (aliases.isEmpty()
                        ? "shows none; it needs a certificate with the id of its key"
                        : "its private keys are: " + String.join(", ", aliases)));
    }

    private static Signer inMemory(KeyStore store, String where, String alias, char[] password) {
        PrivateKey key = privateKey(store, where, alias, password);
        List<X509Certificate> chain = chain(store, where, alias);
        return signer(key, chain.get(0).getPublicKey(), unlessSelfSigned(chain));
    }

    private static PrivateKey privateKey(KeyStore store, String where, String alias, char @Nullable [] password) {
        try {
            if (store.getKey(alias, password) instanceof PrivateKey key) {
                return key;
            }
            throw new SigningException(
                    where + " must hold a private key as '" + alias + "', but holds another kind of key");
        } catch (GeneralSecurityException e) {
            throw new SigningException(
                    "key '" + alias + "' of " + where + " could not be opened; its password must be that of the store",
                    e);
        }
    }

    private static List<X509Certificate> chain(KeyStore store, String where, String alias) {
        try {
            Certificate @Nullable [] entries = store.getCertificateChain(alias);
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate entry : entries == null ? new Certificate[0] : entries) {
                if (entry instanceof X509Certificate certificate) {
                    chain.add(certificate);
                }
            }
            if (chain.isEmpty()) {
                throw new SigningException(where + " must hold a certificate for '" + alias + "', but holds none");
            }
            return chain;
        } catch (GeneralSecurityException e) {
            throw new SigningException("certificates of '" + alias + "' in " + where + " could not be read", e);
        }
    }

    private static List<X509Certificate> unlessSelfSigned(List<X509Certificate> chain) {
        X509Certificate first = chain.get(0);
        boolean vouchedByNobody =
                chain.size() == 1 && first.getIssuerX500Principal().equals(first.getSubjectX500Principal());
        return vouchedByNobody ? List.of() : chain;
    }

    private static String keyStoreAt(Path file) {
        return "key store " + file;
    }

    private record CertifiedSigner(Signer signer, List<X509Certificate> certificateChain) implements Signer {
        @Override
        public SignatureAlgorithm algorithm() {
            return signer.algorithm();
        }

        @Override
        public PublicKey publicKey() {
            return signer.publicKey();
        }

        @Override
        public Bytes sign(Bytes message) {
            return signer.sign(message);
        }

        @Override
        public String toString() {
            return signer.toString();
        }
    }

    /** A pipe is read too, as shells make of what another command prints, and so the length is not asked for before. */
    private static String read(Path file) {
        if (Files.isDirectory(file)) {
            throw new SigningException("PEM file must be a file, but " + file + " is a folder");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
            if (content.length > MAX_FILE_BYTES) {
                throw new SigningException(
                        "PEM file must have at most " + MAX_FILE_BYTES + " bytes, but " + file + " has more");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (NoSuchFileException e) {
            throw new SigningException("PEM file must exist, but there is none at " + file, e);
        } catch (CharacterCodingException e) {
            throw new SigningException("PEM file must be text, but " + file + " is not; is it DER or a key store?", e);
        } catch (IOException e) {
            throw new SigningException("PEM file " + file + " could not be read; check who may read it", e);
        }
    }
}
