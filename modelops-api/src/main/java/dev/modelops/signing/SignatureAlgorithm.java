package dev.modelops.signing;

/** The signature algorithms of the library. ECDSA signatures are DER encoded (RFC 3279, section 2.2.3). */
public enum SignatureAlgorithm {
    /** Ed25519 (RFC 8032): log and writer keys. */
    ED25519,
    /** ECDSA on P-256 with SHA-256: publisher keys. */
    ECDSA_P256,
    /** ECDSA on P-384 with SHA-384: publisher keys. */
    ECDSA_P384,
    /** ECDSA on P-521 with SHA-512: publisher keys. */
    ECDSA_P521,
    /** ML-DSA-44 (FIPS 204), which quantum computers are not known to break: cosignatures of checkpoints. */
    ML_DSA_44,
    /** ML-DSA-65 (FIPS 204), which quantum computers are not known to break: evidence. */
    ML_DSA_65
}
