package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.StoredBlob;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The texts beside a log, which is closed with them. */
final class ClosingTexts implements ErasableStore {
    private final LogStore log;
    private final ErasableStore texts;

    ClosingTexts(LogStore log) {
        this.log = log;
        this.texts = log.texts().orElseThrow();
    }

    @Override
    public void put(Map<Digest, Bytes> contents) {
        texts.put(contents);
    }

    @Override
    public Optional<Bytes> find(Digest commitment) {
        return texts.find(commitment);
    }

    @Override
    public boolean erase(Digest commitment) {
        return texts.erase(commitment);
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        texts.list(visitor);
    }

    @Override
    public void close() {
        texts.close();
        log.close();
    }
}
