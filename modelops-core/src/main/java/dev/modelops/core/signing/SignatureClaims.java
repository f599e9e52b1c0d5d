package dev.modelops.core.signing;

import dev.modelops.Digest;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What a signature file says, checked by nobody: for looking at one, never a reason to use a model.
 *
 * @param method how it was signed
 * @param keyHint hexadecimal SHA-256 of the signing key's PEM text, if the file names its key so
 * @param certificates the certificates that came along, the signer's own first; empty for the key method
 * @param predicateType the kind of statement
 * @param subject the name the publisher gave the model; empty in a statement of the time before version 1.0
 * @param root what the statement gives as the identity of the content
 * @param hash how the files were hashed: {@code sha256}, {@code blake2b} or {@code blake3}
 * @param shardSize into ranges of how many bytes files were cut, or 0
 * @param allowSymlinks whether links were followed
 * @param ignorePaths what was left out
 * @param resources the files or ranges of files, ordered by name
 * @param notes where the file departs from the specification
 */
public record SignatureClaims(
        Method method,
        Optional<String> keyHint,
        List<X509Certificate> certificates,
        String predicateType,
        String subject,
        Digest root,
        String hash,
        long shardSize,
        boolean allowSymlinks,
        List<String> ignorePaths,
        List<SignedFile> resources,
        List<VerificationResult.Note> notes) {
    /** How a model was signed. */
    public enum Method {
        /** With a key that verifiers know. */
        KEY,
        /** With a key that certificates vouch for. */
        CERTIFICATE,
        /** With a short-lived certificate and an entry in a transparency log. */
        SIGSTORE
    }

    /**
     * Copies the lists in.
     *
     * @param method how it was signed
     * @param keyHint the hint
     * @param certificates the certificates
     * @param predicateType the kind of statement
     * @param subject the model's name
     * @param root the identity of the content
     * @param hash how files were hashed
     * @param shardSize the shard size, or 0
     * @param allowSymlinks whether links were followed
     * @param ignorePaths what was left out
     * @param resources the files
     * @param notes departures
     */
    public SignatureClaims {
        certificates = List.copyOf(certificates);
        ignorePaths = List.copyOf(ignorePaths);
        resources = List.copyOf(resources);
        notes = List.copyOf(notes);
    }
}
