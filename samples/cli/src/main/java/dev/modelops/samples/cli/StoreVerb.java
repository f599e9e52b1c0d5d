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
            paramLabel = "STORE",
            description = "The store: the folder that holds log.db, an archive of one, or a database such as"
                    + " jdbc:postgresql://host/name.")
    @SuppressWarnings("NullAway.Init")
    private StoreAddress store;

    @Option(names = "--log", paramLabel = "NAME", description = "Which log of a database; main by default.")
    private @Nullable String log;

    @Option(
            names = "--blobs",
            paramLabel = "DIR",
            description = "The folder of the store's blobs, if it is not beside its log.")
    private @Nullable Path blobs;

    @Option(
            names = "--log-key",
            paramLabel = "FILE|TEXT",
            description = "The pinned key of the log: the text itself, or a file that holds it. Without it the key"
                    + " kept with the store is used.")
    private @Nullable LogKey logKey;

    final Store open() {
        return ((ModelOpsCli) command().root().userObject()).opener().open(address(), logKey);
    }

    final StoreAddress address() {
        requireUsage(!store.isDatabase() || blobs != null, "a log in a database has its blobs elsewhere; name --blobs");
        requireUsage(!store.isDatabase() || logKey != null, "a database keeps no log key; name --log-key");
        requireLog("--log", log, store);
        return store.with(log, blobs);
    }

    final @Nullable LogKey pinned() {
        return logKey;
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
