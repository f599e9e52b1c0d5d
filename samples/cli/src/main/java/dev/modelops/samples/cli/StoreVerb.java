package dev.modelops.samples.cli;

import dev.modelops.audit.LogKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every verb about a store has. */
abstract class StoreVerb extends Verb {
    private static final int MOST_KEY_BYTES = 1024;

    @Option(
            names = "--store",
            required = true,
            paramLabel = "DIR",
            description = "The folder of the store: the one that holds log.db.")
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Option(
            names = "--log-key",
            paramLabel = "FILE|TEXT",
            description = "The pinned key of the log: the text itself, or a file that holds it. Without it the key"
                    + " kept in the store is used.")
    private @Nullable LogKey logKey;

    final Store open() {
        return ((ModelOpsCli) command().root().userObject()).opener().open(folder, logKey);
    }

    final boolean isPinned() {
        return logKey != null;
    }

    static LogKey parseLogKey(String text) {
        Path file = existing(text);
        if (file == null) {
            try {
                return new LogKey(text.strip());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("there is no such file, and as a key: " + e.getMessage());
            }
        }
        try {
            if (Files.size(file) > MOST_KEY_BYTES) {
                throw new IllegalArgumentException(
                        "expected a file that holds one log key, but " + file + " has " + Files.size(file) + " bytes");
            }
            return new LogKey(Files.readString(file).strip());
        } catch (IOException e) {
            throw new IllegalArgumentException("the file " + file + " cannot be read as a log key: " + e);
        }
    }

    private static @Nullable Path existing(String text) {
        try {
            Path file = Path.of(text);
            return Files.exists(file) ? file : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
