package dev.modelops.samples.cli;

import dev.modelops.audit.LogKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private final Place place = new Place();

    @Mixin
    private final PinnedKey logKey = new PinnedKey();

    final Store open() {
        return ((ModelOpsCli) command().root().userObject()).opener().open(address(), logKey.orNull());
    }

    final StoreAddress address() {
        StoreAddress address = place.of(store, null, this);
        requireUsage(!store.isDatabase() || logKey.isNamed(), "a database keeps no log key; name --log-key");
        return address;
    }

    final PinnedKey logKey() {
        return logKey;
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
