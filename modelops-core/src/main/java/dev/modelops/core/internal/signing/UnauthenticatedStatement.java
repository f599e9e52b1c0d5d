package dev.modelops.core.internal.signing;

import dev.modelops.Digest;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult.Note;
import java.util.ArrayList;
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
 * @param serialization how the bundle says the files were hashed
 */
public record UnauthenticatedStatement(
        Digest root,
        Digest subjectDigest,
        String subjectName,
        List<SignedFile> files,
        List<Note> notes,
        boolean allowSymlinks,
        List<String> ignorePaths,
        Serialization serialization) {
    /** Copies the lists in. */
    public UnauthenticatedStatement {
        files = List.copyOf(files);
        notes = List.copyOf(notes);
        ignorePaths = List.copyOf(ignorePaths);
    }

    /**
     * Returns what a bundle of any method and version claims.
     *
     * @throws dev.modelops.signing.VerificationException if the claims are not well formed
     */
    public static UnauthenticatedStatement of(Bundle bundle) {
        return Statement.read(bundle, new Leniency(true, true, false));
    }

    VerifiedStatement approved(BundleTrust.Approval approval) {
        List<Note> all = new ArrayList<>(approval.notes());
        all.addAll(notes);
        return new VerifiedStatement(
                root, subjectDigest, subjectName, files, approval.by(), all, allowSymlinks, ignorePaths, serialization);
    }
}
