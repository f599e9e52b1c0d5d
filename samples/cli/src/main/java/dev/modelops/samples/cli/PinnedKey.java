package dev.modelops.samples.cli;

import dev.modelops.audit.LogKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The key by which a log is believed. */
final class PinnedKey {
    private static final String FROM_STORE =
            "modelops: verifying with the key kept with the log, which proves only that it agrees with itself; pin a key of"
                    + " your own with --log-key";

    @Option(
            names = "--log-key",
            paramLabel = "FILE|TEXT",
            description = "The pinned key of the log: the text itself, or a file that holds it. Without it the key"
                    + " kept with the store is used.")
    private @Nullable LogKey key;

    @Nullable LogKey orNull() {
        return key;
    }

    boolean isNamed() {
        return key != null;
    }

    /** Returns the key or, and says so, the one that is kept with the store. */
    LogKey of(StoreAddress store, Verb verb) {
        if (key != null) {
            return key;
        }
        LogKey beside = store.keyBeside();
        verb.err().println(FROM_STORE);
        return beside;
    }
}
