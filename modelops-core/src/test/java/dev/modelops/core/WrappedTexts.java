package dev.modelops.core;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.StoredBlob;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A store of texts that hands everything on to another: to be extended by one that does something else instead. */
public class WrappedTexts implements ErasableStore {
    private final ErasableStore texts;

    protected WrappedTexts(ErasableStore texts) {
        this.texts = texts;
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
    }
}
