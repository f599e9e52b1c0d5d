package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult.Note;
import java.util.List;

/**
 * What a trusted key signed. Made by {@link PublisherTrust} and {@link ModelVerifier} only.
 *
 * @param root the identity of the content: SHA-256 over the raw digests of the files in the order of their names
 * @param subjectDigest what the statement itself gives for it, over the order it lists them in; the same for a strict bundle
 * @param subjectName the name the publisher gave the model
 * @param files the signed files, in the order of their names
 * @param by who signed
 * @param notes where the bundle departs from the specification without harm
 * @param allowSymlinks whether the publisher followed symbolic links
 * @param ignorePaths the paths in the model that were left out when signing
 * @param serialization how the files were hashed
 */
public record VerifiedStatement(
        Digest root,
        Digest subjectDigest,
        String subjectName,
        List<SignedFile> files,
        SignedBy by,
        List<Note> notes,
        boolean allowSymlinks,
        List<String> ignorePaths,
        Serialization serialization) {
    /** Copies the lists in. */
    public VerifiedStatement {
        files = List.copyOf(files);
        notes = List.copyOf(notes);
        ignorePaths = List.copyOf(ignorePaths);
    }

    /** Returns the key that signed: SHA-256 over its SubjectPublicKeyInfo in DER. */
    public Digest signer() {
        return by.key();
    }
}
