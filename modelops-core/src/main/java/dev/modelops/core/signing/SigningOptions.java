package dev.modelops.core.signing;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * How a model is signed. Start from {@link #DEFAULT}, which every client can verify, and change what must be otherwise.
 *
 * @param hash how the files are hashed
 * @param shardSize into ranges of how many bytes files are cut, each with its own digest, or 0 for one digest per file
 * @param ignorePaths files and folders within the model to leave out; they need not exist, and those outside the model have
 *     no effect
 * @param ignoreGitPaths whether {@code .git}, {@code .gitignore}, {@code .gitattributes} and {@code .github} at the top of the
 *     model are left out, as the specification asks
 * @param allowSymlinks whether symbolic links are followed, within the model only; the specification means to drop this
 * @param timestampAuthorities who is asked for a timestamp of the signature, each of them; with one, verifiers who trust the
 *     authority go by the signer's certificate as it was then, also after it has expired
 */
public record SigningOptions(
        Hash hash,
        long shardSize,
        Set<Path> ignorePaths,
        boolean ignoreGitPaths,
        boolean allowSymlinks,
        List<TimestampAuthority> timestampAuthorities) {
    /** The shard size the specification suggests. */
    public static final long USUAL_SHARD_SIZE = 1_000_000_000;

    /** One SHA-256 per file; git's own files are left out and no link is followed. */
    public static final SigningOptions DEFAULT = new SigningOptions(Hash.SHA256, 0, Set.of(), true, false, List.of());

    private static final long MAX_SHARD_SIZE = 1L << 53;
    private static final int MOST_AUTHORITIES = 16;

    /** How files are hashed. The hash that is signed over all of them is SHA-256 always. */
    public enum Hash {
        /** SHA-256, which every client knows. */
        SHA256,
        /** BLAKE2b with 512 bits. */
        BLAKE2B,
        /** BLAKE3 with 256 bits. */
        BLAKE3
    }

    /**
     * Creates options.
     *
     * @param hash how the files are hashed
     * @param shardSize the shard size, or 0
     * @param ignorePaths what to leave out
     * @param ignoreGitPaths whether git's own files are left out
     * @param allowSymlinks whether links are followed
     * @param timestampAuthorities who is asked for a timestamp
     * @throws IllegalArgumentException if the shard size is negative, or more than JSON numbers hold everywhere, or there are
     *     more than 16 authorities
     */
    public SigningOptions {
        if (shardSize < 0 || shardSize > MAX_SHARD_SIZE) {
            throw new IllegalArgumentException("shard size must be 0 for whole files, or at most " + MAX_SHARD_SIZE
                    + " bytes, but was " + shardSize);
        }
        if (timestampAuthorities.size() > MOST_AUTHORITIES) {
            throw new IllegalArgumentException("a signature has at most " + MOST_AUTHORITIES + " timestamps, but "
                    + timestampAuthorities.size() + " authorities were named");
        }
        ignorePaths = Set.copyOf(ignorePaths);
        timestampAuthorities = List.copyOf(timestampAuthorities);
    }

    /**
     * Returns these options with another hash.
     *
     * @param other how to hash files
     * @return the options
     */
    public SigningOptions withHash(Hash other) {
        return new SigningOptions(other, shardSize, ignorePaths, ignoreGitPaths, allowSymlinks, timestampAuthorities);
    }

    /**
     * Returns these options with another shard size.
     *
     * @param bytes the size, or 0 for whole files
     * @return the options
     */
    public SigningOptions withShardSize(long bytes) {
        return new SigningOptions(hash, bytes, ignorePaths, ignoreGitPaths, allowSymlinks, timestampAuthorities);
    }

    /**
     * Returns these options with other paths to leave out.
     *
     * @param paths files and folders
     * @return the options
     */
    public SigningOptions withIgnorePaths(Collection<Path> paths) {
        return new SigningOptions(
                hash, shardSize, Set.copyOf(paths), ignoreGitPaths, allowSymlinks, timestampAuthorities);
    }

    /**
     * Returns these options with git's own files left out or not.
     *
     * @param ignore whether to leave them out
     * @return the options
     */
    public SigningOptions withIgnoreGitPaths(boolean ignore) {
        return new SigningOptions(hash, shardSize, ignorePaths, ignore, allowSymlinks, timestampAuthorities);
    }

    /**
     * Returns these options with links followed or not.
     *
     * @param allow whether to follow them
     * @return the options
     */
    public SigningOptions withAllowSymlinks(boolean allow) {
        return new SigningOptions(hash, shardSize, ignorePaths, ignoreGitPaths, allow, timestampAuthorities);
    }

    /**
     * Returns these options with others asked for timestamps.
     *
     * @param authorities whom to ask, from {@link Timestamps#http} or of one's own
     * @return the options
     */
    public SigningOptions withTimestampAuthorities(Collection<TimestampAuthority> authorities) {
        return new SigningOptions(
                hash, shardSize, ignorePaths, ignoreGitPaths, allowSymlinks, List.copyOf(authorities));
    }
}
