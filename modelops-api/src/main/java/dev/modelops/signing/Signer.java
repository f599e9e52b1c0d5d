package dev.modelops.signing;

import dev.modelops.Bytes;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Signs with one private key, wherever that is kept: a file, a key service, hardware. Implemented by hosts for keys the
 * library does not know how to reach. Must be safe for use by many threads.
 */
public interface Signer {
    /**
     * Returns the algorithm of the key.
     *
     * @return the algorithm
     */
    SignatureAlgorithm algorithm();

    /**
     * Returns the public key that verifies the signatures.
     *
     * @return the key, whose {@link PublicKey#getEncoded} is a SubjectPublicKeyInfo in DER
     */
    PublicKey publicKey();

    /**
     * Returns the certificates for the key, the key's own first. With certificates, model signatures are made by the
     * {@code certificate} method of OpenSSF Model Signing, otherwise by the {@code key} method.
     *
     * @return the chain, empty by default
     */
    default List<X509Certificate> certificateChain() {
        return List.of();
    }

    /**
     * Signs a message. The algorithm's hash is applied within.
     *
     * @param message the message itself, not its hash
     * @return the signature: 64 bytes for Ed25519, DER for ECDSA, 2420 or 3309 bytes for ML-DSA-44 or ML-DSA-65
     * @throws SigningException if the key could not be used
     */
    Bytes sign(Bytes message);
}
