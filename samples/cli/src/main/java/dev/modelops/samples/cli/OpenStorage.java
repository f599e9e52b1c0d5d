package dev.modelops.samples.cli;

import dev.modelops.storage.Storage;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A storage with what it is reached through, closed together.
 *
 * @param storage the storage
 * @param connections what is closed after it
 */
record OpenStorage(Storage storage, Closeable connections) implements AutoCloseable {
    static OpenStorage of(Storage storage) {
        return new OpenStorage(storage, () -> {});
    }

    @Override
    public void close() {
        try (connections) {
            storage.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
