package dev.modelops.samples.cli;

import dev.modelops.audit.LogKey;
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
        String key = SmallFiles.text("log key", file, MOST_KEY_BYTES).strip();
        try {
            return new LogKey(key);
        } catch (IllegalArgumentException e) {
            // What it quotes could be a secret, if the wrong file was named.
            throw new CliFailure("the file " + file
                    + " holds no log key, which looks like <origin>+<8 hexadecimal digits>+<base64>");
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
