package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Blobs of which some can be made to read as if somebody had altered them in the store; else the store behind. */
public class AlterableBlobs implements BlobStore {
    private final BlobStore blobs;
    private final Set<Digest> altered = ConcurrentHashMap.newKeySet();

    public AlterableBlobs(BlobStore blobs) {
        this.blobs = blobs;
    }

    /** Alters a blob; altering it again restores it. */
    public void alter(Digest digest) {
        if (!altered.remove(digest)) {
            altered.add(digest);
        }
    }

    @Override
    public void put(Digest digest, InputStream content) {
        blobs.put(digest, content);
    }

    @Override
    public InputStream open(Digest digest) {
        InputStream content = blobs.open(digest);
        if (!altered.contains(digest)) {
            return content;
        }
        try (content) {
            byte[] bytes = content.readAllBytes();
            bytes[bytes.length / 2] ^= 1;
            return new ByteArrayInputStream(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean contains(Digest digest) {
        return blobs.contains(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        return blobs.delete(digest);
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        blobs.list(visitor);
    }

    @Override
    public void close() {
        blobs.close();
    }
}
