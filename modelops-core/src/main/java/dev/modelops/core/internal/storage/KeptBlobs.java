package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelOpsException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blob store of which every blob that is read, if it is not too large, is kept nearby for when it does not answer. */
public final class KeptBlobs implements BlobStore {
    private static final Logger LOG = LoggerFactory.getLogger(KeptBlobs.class);

    private final BlobStore store;
    private final BlobStore near;
    private final int most;

    /** Keeps blobs of at most so many bytes. Closes neither store. */
    public KeptBlobs(BlobStore store, BlobStore near, int most) {
        this.store = store;
        this.near = near;
        this.most = most;
    }

    @Override
    public InputStream open(Digest digest) {
        Bytes kept = kept(digest);
        if (kept != null) {
            return stream(kept);
        }
        InputStream in = store.open(digest);
        try {
            Bytes content = Bytes.of(in.readNBytes(most + 1));
            if (content.length() > most) {
                return new SequenceInputStream(stream(content), in);
            }
            in.close();
            keep(digest, content);
            return stream(content);
        } catch (IOException e) {
            throw new StorageException("blob " + digest + " could not be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void put(Digest digest, InputStream content) {
        store.put(digest, content);
    }

    @Override
    public boolean contains(Digest digest) {
        return store.contains(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        return store.delete(digest);
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        store.list(visitor);
    }

    @Override
    public void close() {
        // Whoever opened the two closes them.
    }

    private @Nullable Bytes kept(Digest digest) {
        try {
            if (near.contains(digest)) {
                try (InputStream in = near.open(digest)) {
                    Bytes content = Bytes.of(in.readNBytes(most + 1));
                    if (Digest.sha256Of(content).equals(digest)) {
                        return content;
                    }
                }
                LOG.warn("the kept blob {} was altered and is read anew", digest);
                near.delete(digest);
            }
        } catch (ModelOpsException | IOException e) {
            LOG.warn("the kept blob {} could not be read: {}", digest, e.getMessage());
        }
        return null;
    }

    private void keep(Digest digest, Bytes content) {
        try {
            near.put(digest, stream(content));
        } catch (ModelOpsException e) {
            LOG.warn("blob {} could not be kept: {}", digest, e.getMessage());
        }
    }

    private static InputStream stream(Bytes content) {
        return new ByteArrayInputStream(content.toByteArray());
    }
}
