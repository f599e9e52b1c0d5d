package dev.modelops.samples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model on disk, and what of it does not count. */
final class ModelFiles {
    @Parameters(paramLabel = "MODEL", description = "The model: a folder or a single file.")
    @SuppressWarnings("NullAway.Init")
    private Path model;

    @Option(
            names = "--ignore-paths",
            paramLabel = "PATH",
            description = "A file or folder within the model to leave out. May be repeated.")
    private List<Path> ignored = List.of();

    @Option(
            names = "--ignore-git-paths",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Leave out .git, .gitignore, .gitattributes and .github at the top of the model; the default."
                    + " With --no-ignore-git-paths they are signed like other files, and to verify, they may"
                    + " be there only if they are signed or the signature itself leaves them out.")
    private boolean gitIgnored;

    @Option(
            names = "--allow-symlinks",
            description = "Follow symbolic links, within the model only. The specification means to drop this.")
    private boolean symlinksAllowed;

    Path model() {
        return model;
    }

    /** Returns what to leave out, and tells of what has no effect. */
    Set<Path> ignored(Verb verb) {
        for (Path path : ignored) {
            if (!isWithin(path, model)) {
                verb.err()
                        .println("modelops: "
                                + Printable.of("--ignore-paths " + path + " is not in the model " + model
                                        + " and has no effect; paths are taken from the current folder"));
            }
        }
        return new LinkedHashSet<>(ignored);
    }

    boolean isGitIgnored() {
        return gitIgnored;
    }

    boolean areSymlinksAllowed() {
        return symlinksAllowed;
    }

    private static boolean isWithin(Path path, Path model) {
        Path absolute = path.toAbsolutePath().normalize();
        return absolute.startsWith(model.toAbsolutePath().normalize())
                || real(absolute).startsWith(real(model));
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }
}
