package dev.modelops.core.signing;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Set;

/**
 * What is tolerated when a model is verified. Start from {@link #STRICT}, which tolerates nothing that would weaken the result.
 * How files were hashed, cut and left out is read from the signed statement.
 *
 * @param ignorePaths files and folders within the model to pass over besides those the statement names; what is signed is
 *     checked all the same
 * @param ignoreGitPaths whether {@code .git}, {@code .gitignore}, {@code .gitattributes} and {@code .github} at the top of the
 *     model may be there unsigned, as the specification asks
 * @param allowSymlinks whether symbolic links may be followed, within the model only, where the statement says that the
 *     publisher did
 * @param ignoreUnsignedFiles whether any file may be there that nobody signed
 * @param compatibility which departures of other clients are accepted that could be mistaken for forgeries
 * @param timestampAnchors the certificates of time-stamping authorities, or of those who issue theirs, whose timestamps (RFC
 *     3161) are believed. With some, a bundle that has timestamps must have one that holds, and certificates are judged
 *     at its time, the earliest of several; without timestamps they are judged now. With none, timestamps are not examined.
 *     Keyless signatures are judged by the timestamp authorities of their trusted root
 */
public record VerificationOptions(
        Set<Path> ignorePaths,
        boolean ignoreGitPaths,
        boolean allowSymlinks,
        boolean ignoreUnsignedFiles,
        Set<Compatibility> compatibility,
        Set<X509Certificate> timestampAnchors) {
    /** As the specification says. */
    public static final VerificationOptions STRICT =
            new VerificationOptions(Set.of(), true, false, false, Set.of(), Set.of());

    /** Departures of other clients, each accepted only if asked for. */
    public enum Compatibility {
        /**
         * Statements of {@code https://model_signing/Digests/v0.1}, which were signed over an encoding that was a mistake. The
         * mistaken encoding counts for these statements only.
         */
        OLD_STATEMENTS,
        /** Shards whose algorithm is written like {@code sha256-sharded-1000}, as the Python client does. */
        SHARD_ALGORITHMS,
        /**
         * Certificates that are outside their validity now: they are judged at its start, as other clients do. Whoever
         * steals the key of an expired certificate can then sign. Where a timestamp proves the time, that is what counts.
         */
        SIGNING_TIME_UNKNOWN
    }

    /**
     * Creates options.
     *
     * @param ignorePaths what to pass over
     * @param ignoreGitPaths whether git's own files may be there unsigned
     * @param allowSymlinks whether links may be followed
     * @param ignoreUnsignedFiles whether any file may be there unsigned
     * @param compatibility the departures accepted
     * @param timestampAnchors whose timestamps are believed
     */
    public VerificationOptions {
        ignorePaths = Set.copyOf(ignorePaths);
        compatibility = Set.copyOf(compatibility);
        timestampAnchors = Set.copyOf(timestampAnchors);
    }

    /**
     * Returns these options with other paths to pass over.
     *
     * @param paths files and folders
     * @return the options
     */
    public VerificationOptions withIgnorePaths(Collection<Path> paths) {
        return new VerificationOptions(
                Set.copyOf(paths), ignoreGitPaths, allowSymlinks, ignoreUnsignedFiles, compatibility, timestampAnchors);
    }

    /**
     * Returns these options with git's own files tolerated or not.
     *
     * @param ignore whether they may be there unsigned
     * @return the options
     */
    public VerificationOptions withIgnoreGitPaths(boolean ignore) {
        return new VerificationOptions(
                ignorePaths, ignore, allowSymlinks, ignoreUnsignedFiles, compatibility, timestampAnchors);
    }

    /**
     * Returns these options with links tolerated or not.
     *
     * @param allow whether they may be followed
     * @return the options
     */
    public VerificationOptions withAllowSymlinks(boolean allow) {
        return new VerificationOptions(
                ignorePaths, ignoreGitPaths, allow, ignoreUnsignedFiles, compatibility, timestampAnchors);
    }

    /**
     * Returns these options with unsigned files tolerated or not.
     *
     * @param ignore whether they may be there
     * @return the options
     */
    public VerificationOptions withIgnoreUnsignedFiles(boolean ignore) {
        return new VerificationOptions(
                ignorePaths, ignoreGitPaths, allowSymlinks, ignore, compatibility, timestampAnchors);
    }

    /**
     * Returns these options with other departures accepted.
     *
     * @param departures which ones
     * @return the options
     */
    public VerificationOptions withCompatibility(Collection<Compatibility> departures) {
        return new VerificationOptions(
                ignorePaths,
                ignoreGitPaths,
                allowSymlinks,
                ignoreUnsignedFiles,
                Set.copyOf(departures),
                timestampAnchors);
    }

    /**
     * Returns these options with other time-stamping authorities believed.
     *
     * @param anchors their certificates, or those of who issues theirs
     * @return the options
     */
    public VerificationOptions withTimestampAnchors(Collection<X509Certificate> anchors) {
        return new VerificationOptions(
                ignorePaths, ignoreGitPaths, allowSymlinks, ignoreUnsignedFiles, compatibility, Set.copyOf(anchors));
    }
}
