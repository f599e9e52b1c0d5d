package dev.modelops.signing;

import dev.modelops.Digest;
import java.util.List;

/** The outcome of verifying a model against its signature: a value with its reasons. */
public sealed interface VerificationResult {
    /**
     * Returns the verified facts, or throws.
     *
     * @return the facts
     * @throws VerificationException if the model was rejected
     */
    default Verified orThrow() {
        if (this instanceof Rejected rejected) {
            throw new VerificationException(rejected.reason(), rejected.message());
        }
        return (Verified) this;
    }

    /**
     * Signature and content hold.
     *
     * @param root SHA-256 over the raw digests of the files, in the order of their names: the identity of the model's
     *     content
     * @param files the signed files, ordered by name
     * @param signer the key: {@code sha256:} and the digest of its SubjectPublicKeyInfo in DER
     * @param notes where the bundle departs from the specification without harm; empty for a strict bundle
     */
    record Verified(Digest root, List<SignedFile> files, Digest signer, List<String> notes)
            implements VerificationResult {
        /**
         * Creates a result.
         *
         * @param root the identity of the content
         * @param files the signed files
         * @param signer the key
         * @param notes harmless departures
         */
        public Verified {
            files = List.copyOf(files);
            notes = List.copyOf(notes);
        }
    }

    /**
     * Signature or content does not hold.
     *
     * @param reason the kind of failure
     * @param message what was expected, what was found, what to do
     */
    record Rejected(Reason reason, String message) implements VerificationResult {}

    /** Why a model was rejected. */
    enum Reason {
        /** The signature bundle is not well formed. */
        MALFORMED_BUNDLE,
        /** The bundle uses a method, hash or format that is not supported or not asked for. */
        UNSUPPORTED,
        /** The bundle was made with a key that is not trusted here. */
        UNTRUSTED_KEY,
        /** A certificate does not lead to a trusted anchor, is outside its validity, or may not sign. */
        UNTRUSTED_CERTIFICATE,
        /** The signature does not match the signed statement. */
        INVALID_SIGNATURE,
        /** The signed statement is not a model signature, or contradicts itself. */
        INVALID_STATEMENT,
        /** A signed file is missing. */
        MISSING_FILE,
        /** A file is there that was not signed. */
        UNSIGNED_FILE,
        /** A file has other bytes than were signed. */
        CONTENT_MISMATCH
    }
}
