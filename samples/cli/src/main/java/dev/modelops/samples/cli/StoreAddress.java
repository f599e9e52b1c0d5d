package dev.modelops.samples.cli;

import dev.modelops.NotFoundException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a store is, as the user names it: a folder, an archive, or a database by its JDBC URL. The only place that knows how
 * one is opened.
 *
 * @param text what the user wrote
 * @param log which log of a database, if not the one that is there by default
 * @param blobs its blobs, if they are not beside the log
 */
record StoreAddress(
        String text, @Nullable String log, @Nullable BlobAddress blobs) {
    private static final String LOG = "log.db";
    private static final String BLOBS = "blobs";

    static StoreAddress parse(String text) {
        if (isDatabase(text) && !text.startsWith(Database.PREFIX)) {
            throw new IllegalArgumentException(
                    "expected a database such as " + Database.PREFIX + "//host/name, but was '" + shown(text) + "'");
        }
        return new StoreAddress(text, null, null);
    }

    StoreAddress with(@Nullable String name, @Nullable BlobAddress place) {
        return new StoreAddress(text, name, place);
    }

    boolean isDatabase() {
        return isDatabase(text);
    }

    /** Opens a store that is there, for reading. */
    OpenStorage open() {
        if (isDatabase()) {
            return Database.open(this, requireBlobs().open(), false, System.getenv());
        }
        Path path = Path.of(text);
        if (Files.isRegularFile(path)) {
            return OpenStorage.of(StoreTransfer.archive(path));
        }
        requireStore(path);
        return OpenStorage.of(
                blobs == null
                        ? Storages.existingDirectory(path)
                        : new Storage(Storages.sqlite(path.resolve(LOG)), blobs.open()));
    }

    /** Opens a store to be copied to, and makes what is not there. */
    OpenStorage create() {
        if (isDatabase()) {
            return Database.open(this, requireBlobs().open(), true, System.getenv());
        }
        Path path = Path.of(text);
        if (Files.isRegularFile(path)) {
            throw new CliFailure("expected a folder to copy to, or a database, but " + path
                    + " is a file; to write an archive, use 'modelops store export'");
        }
        if (blobs == null) {
            return OpenStorage.of(Storages.directory(path));
        }
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new CliFailure("the folder " + path + " cannot be made: " + e);
        }
        return OpenStorage.of(new Storage(Storages.sqlite(path.resolve(LOG)), blobs.open()));
    }

    /** Returns the key that is kept with the store, which proves little. */
    LogKey keyBeside() {
        if (isDatabase()) {
            throw new CliFailure("a database keeps no log key; name the one that you have pinned with --log-key");
        }
        Path path = Path.of(text);
        if (Files.isRegularFile(path)) {
            return StoreTransfer.keyIn(path);
        }
        requireStore(path);
        try {
            return StoreInspection.keyBeside(path);
        } catch (NotFoundException e) {
            throw new CliFailure(e.getMessage() + ", with --log-key");
        }
    }

    /** Returns where the blobs are, or null if they are in an archive or it was not said. */
    @Nullable BlobAddress blobPlace() {
        if (blobs != null || isDatabase() || Files.isRegularFile(Path.of(text))) {
            return blobs;
        }
        return BlobAddress.folder(Path.of(text).resolve(BLOBS));
    }

    /** Returns what may be shown: a URL may hold a password. */
    @Override
    public String toString() {
        return shown(text);
    }

    private static String shown(String text) {
        if (!isDatabase(text)) {
            return text;
        }
        String withoutOptions = text.split("[?;]", 2)[0];
        return withoutOptions.replaceFirst("//[^/]*@", "//");
    }

    private static boolean isDatabase(String text) {
        return text.toLowerCase(Locale.ROOT).startsWith("jdbc:");
    }

    private BlobAddress requireBlobs() {
        if (blobs == null) {
            throw new CliFailure("the log in " + this + " has its blobs elsewhere; name their place");
        }
        return blobs;
    }

    private static void requireStore(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new CliFailure("expected the folder of a ModelOps store at " + folder + ", but found "
                    + (Files.exists(folder) ? "a file" : "nothing") + "; name the folder that holds its " + LOG
                    + ", or an archive");
        }
        if (!Files.exists(folder.resolve(LOG))) {
            throw new CliFailure("expected a ModelOps store in " + folder + ", which has a " + LOG + ", but found "
                    + contents(folder) + "; name the folder that holds it");
        }
        try {
            if (Files.size(folder.resolve(LOG)) == 0) {
                throw new CliFailure("the file " + folder.resolve(LOG) + " is empty, so no log was created there; name"
                        + " another folder, or restore the file from a backup");
            }
        } catch (IOException e) {
            throw new CliFailure("the file " + folder.resolve(LOG) + " cannot be looked at: " + e);
        }
    }

    private static String contents(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            String names = entries.limit(5)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .collect(Collectors.joining(", "));
            return names.isEmpty() ? "an empty folder" : "a folder with " + names;
        } catch (IOException | UncheckedIOException e) {
            return "a folder that cannot be read: " + e.getMessage();
        }
    }
}
