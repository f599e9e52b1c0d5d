package dev.modelops.samples.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What else there is to say of a store than its address. Where a verb names two, it is about the one written to. */
final class Place {
    @Option(names = "--log", paramLabel = "NAME", description = "Which log of a database; main by default.")
    private @Nullable String log;

    @Option(
            names = "--blobs",
            paramLabel = "PLACE",
            description = "The store's blobs, if they are not beside its log: a folder, or a bucket such as"
                    + " s3://name/prefix.")
    private @Nullable BlobAddress blobs;

    /** Returns the store with this; blobs of a database that are not named are where they are said to be otherwise. */
    StoreAddress of(StoreAddress store, @Nullable BlobAddress otherwise, Verb verb) {
        BlobAddress found = blobs == null && store.isDatabase() ? otherwise : blobs;
        verb.requireUsage(
                !store.isDatabase() || found != null, "a log in a database has its blobs elsewhere; name --blobs");
        verb.requireLog("--log", log, store);
        return store.with(log, found);
    }

    @Nullable String log() {
        return log;
    }
}
