package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** Blobs in memory, gone with the object. Closing it does nothing, so that what it holds can be opened again. */
public final class InMemoryBlobStore implements BlobStore {
    private final ConcurrentMap<Digest, Kept> blobs = new ConcurrentHashMap<>();

    /** Creates an empty store. */
    public InMemoryBlobStore() {}

    @Override
    public void put(Digest digest, InputStream content) {
        digest.requireSha256();
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        try {
            BlobStore.copy(digest, content, copy);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to be written", e);
        }
        var unused = blobs.putIfAbsent(digest, new Kept(copy.toByteArray(), System.nanoTime()));
    }

    @Override
    public InputStream open(Digest digest) {
        digest.requireSha256();
        Kept kept = blobs.get(digest);
        if (kept == null) {
            throw new NotFoundException("there is no blob " + digest + " in memory; check the digest");
        }
        return new ByteArrayInputStream(kept.content);
    }

    @Override
    public boolean contains(Digest digest) {
        digest.requireSha256();
        return blobs.containsKey(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        digest.requireSha256();
        return blobs.remove(digest) != null;
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        long now = System.nanoTime();
        blobs.forEach((digest, kept) -> visitor.accept(
                new StoredBlob(digest, kept.content.length, Duration.ofNanos(Math.max(0, now - kept.since)))));
    }

    /** Does nothing. */
    @Override
    public void close() {}

    private static final class Kept {
        private final byte[] content;
        private final long since;

        Kept(byte[] content, long since) {
            this.content = content;
            this.since = since;
        }
    }
}
