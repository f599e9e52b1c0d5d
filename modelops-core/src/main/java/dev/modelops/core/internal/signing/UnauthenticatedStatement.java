package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult.Note;
import java.util.List;

/**
 * What a bundle claims, though nobody that is trusted vouches for it. A type of its own, so that it cannot be passed where
 * a {@link VerifiedStatement} is asked for.
 *
 * @param root SHA-256 over the raw digests of the listed files in the order of their names
 * @param subjectDigest what the statement itself gives for it, over the order it lists them in
 * @param subjectName the name the bundle gives the model
 * @param files the listed files, in the order of their names
 * @param notes where the bundle departs from the specification
 * @param allowSymlinks what the bundle says of symbolic links
 * @param ignorePaths the paths in the model that the bundle says were left out
 */
public record UnauthenticatedStatement(
        Digest root,
        Digest subjectDigest,
        String subjectName,
        List<SignedFile> files,
        List<Note> notes,
        boolean allowSymlinks,
        List<String> ignorePaths) {
    /** Copies the lists in. */
    public UnauthenticatedStatement {
        files = List.copyOf(files);
        notes = List.copyOf(notes);
        ignorePaths = List.copyOf(ignorePaths);
    }

    VerifiedStatement signedBy(Digest signer) {
        return new VerifiedStatement(
                root, subjectDigest, subjectName, files, signer, notes, allowSymlinks, ignorePaths);
    }
}
