package dev.modelops.samples.cli;

import dev.modelops.core.signing.SigningOptions;
import dev.modelops.core.signing.TimestampAuthority;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the files of a model are hashed. */
final class Hashing {
    @Option(
            names = "--hash-algorithm",
            paramLabel = "NAME",
            defaultValue = "sha256",
            description = "sha256, which every client knows and is the default; blake2b; or blake3.")
    private SigningOptions.Hash hash = SigningOptions.Hash.SHA256;

    @Option(
            names = "--shard-size",
            paramLabel = "BYTES",
            description = "Cut files into ranges of so many bytes, each with a digest of its own. Empty files are not"
                    + " covered then.")
    private @Nullable Long shardSize;

    SigningOptions options(Verb verb, ModelFiles files, List<TimestampAuthority> authorities) {
        verb.requireUsage(shardSize == null || shardSize > 0, "--shard-size must be at least 1, but was " + shardSize);
        long size = shardSize == null ? 0 : shardSize;
        return new SigningOptions(
                hash, size, files.ignored(verb), files.isGitIgnored(), files.areSymlinksAllowed(), authorities);
    }
}
