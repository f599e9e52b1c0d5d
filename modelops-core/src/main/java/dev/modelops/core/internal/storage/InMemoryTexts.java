package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.StoredBlob;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** Texts in memory, gone with the object. Closing it does nothing, so that what it holds can be opened again. */
public final class InMemoryTexts implements ErasableStore {
    private final ConcurrentMap<Digest, Kept> texts = new ConcurrentHashMap<>();

    private record Kept(Bytes content, long since) {}

    /** Creates an empty store. */
    public InMemoryTexts() {}

    @Override
    public void put(Map<Digest, Bytes> contents) {
        ErasableStore.requireSound(contents);
        contents.forEach((commitment, content) -> texts.putIfAbsent(commitment, new Kept(content, System.nanoTime())));
    }

    @Override
    public Optional<Bytes> find(Digest commitment) {
        commitment.requireSha256();
        return Optional.ofNullable(texts.get(commitment)).map(Kept::content);
    }

    @Override
    public boolean erase(Digest commitment) {
        commitment.requireSha256();
        return texts.remove(commitment) != null;
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        long now = System.nanoTime();
        texts.forEach((commitment, kept) -> visitor.accept(new StoredBlob(
                commitment, kept.content().length(), Duration.ofNanos(Math.max(0, now - kept.since())))));
    }

    /** Does nothing. */
    @Override
    public void close() {}
}
