package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Blobs in memory, gone with the object. Closing it does nothing, so that what it holds can be opened again. */
public final class InMemoryBlobStore implements BlobStore {
    private final ConcurrentMap<Digest, byte[]> blobs = new ConcurrentHashMap<>();

    /** Creates an empty store. */
    public InMemoryBlobStore() {}

    @Override
    public void put(Digest digest, InputStream content) {
        ContentCheck.requireSha256(digest);
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        try {
            ContentCheck.copy(digest, content, (buffer, length) -> copy.write(buffer, 0, length));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to be written", e);
        }
        blobs.putIfAbsent(digest, copy.toByteArray());
    }

    @Override
    public InputStream open(Digest digest) {
        ContentCheck.requireSha256(digest);
        byte[] content = blobs.get(digest);
        if (content == null) {
            throw new NotFoundException("there is no blob " + digest + " in memory; check the digest");
        }
        return new ByteArrayInputStream(content);
    }

    @Override
    public boolean contains(Digest digest) {
        ContentCheck.requireSha256(digest);
        return blobs.containsKey(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        ContentCheck.requireSha256(digest);
        return blobs.remove(digest) != null;
    }

    /** Does nothing. */
    @Override
    public void close() {}
}
