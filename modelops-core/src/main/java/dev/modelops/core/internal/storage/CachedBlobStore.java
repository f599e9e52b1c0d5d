package dev.modelops.core.internal.storage;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another store's blobs, of which those read last are kept in a folder too. What the folder holds is hashed before it is
 * handed out, each time; what was altered there is dropped and fetched again. The folder is a convenience: where it fails,
 * the store behind is read as if there were none.
 */
public final class CachedBlobStore implements BlobStore {
    private static final Logger LOG = LoggerFactory.getLogger(CachedBlobStore.class);
    private static final int BUFFER = 1 << 17;

    private final BlobStore store;
    private final DirectoryBlobStore cache;
    private final long mostBytes;
    private volatile boolean closed;

    /** Keeps up to a number of bytes of a store's blobs in a folder, which several processes may share. */
    public CachedBlobStore(BlobStore store, Path folder, long mostBytes) {
        if (mostBytes < 1) {
            throw new IllegalArgumentException("expected a cache of at least 1 byte, found " + mostBytes);
        }
        this.store = store;
        this.cache = new DirectoryBlobStore(folder);
        this.mostBytes = mostBytes;
    }

    @Override
    public void put(Digest digest, InputStream content) {
        requireOpen();
        store.put(digest, content);
    }

    @Override
    public InputStream open(Digest digest) {
        digest.requireSha256();
        requireOpen();
        InputStream kept = kept(digest);
        if (kept != null) {
            return kept;
        }
        return fetch(digest) && (kept = kept(digest)) != null ? kept : store.open(digest);
    }

    /**
     * Returns the store behind the cache, or the store itself if it is none. Whoever wants to know what a store holds must
     * not be told what the folder holds.
     */
    public static BlobStore behind(BlobStore store) {
        return store instanceof CachedBlobStore cached ? behind(cached.store) : store;
    }

    /**
     * Returns the texts of a storage, read past any cache: what a host has in a folder, an erasure by another host could not
     * take away.
     */
    public static ErasableStore texts(Storage storage) {
        return storage.keepsTextsAsBlobs()
                ? new Storage(storage.log(), behind(storage.blobs())).texts()
                : storage.texts();
    }

    /** Asks the store behind only: what is in the folder alone would never be put there. */
    @Override
    public boolean contains(Digest digest) {
        digest.requireSha256();
        requireOpen();
        return store.contains(digest);
    }

    @Override
    public boolean delete(Digest digest) {
        digest.requireSha256();
        requireOpen();
        boolean there = store.delete(digest);
        drop(digest);
        return there;
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        requireOpen();
        store.list(visitor);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try (store) {
                cache.close();
            }
        }
    }

    /** Returns what the folder holds, if it is what it should be. Opened before it is hashed: that is what was hashed. */
    private @Nullable InputStream kept(Digest digest) {
        InputStream content = null;
        try {
            if (!cache.contains(digest)) {
                return null;
            }
            content = cache.open(digest);
            Digest found;
            try (InputStream same = cache.open(digest)) {
                found = hash(same);
            }
            if (found.equals(digest)) {
                cache.touch(digest);
                InputStream sound = content;
                content = null;
                return sound;
            }
            LOG.warn(
                    "the cached blob {} was altered, its content is {}; it is dropped and fetched again",
                    digest,
                    found);
            cache.delete(digest);
        } catch (NotFoundException e) {
            // Another process made room.
            return null;
        } catch (StorageException | IOException e) {
            LOG.warn("the cached blob {} could not be read and is passed over", digest, e);
        } finally {
            close(content);
        }
        return null;
    }

    private static void close(@Nullable InputStream content) {
        try {
            if (content != null) {
                content.close();
            }
        } catch (IOException e) {
            LOG.debug("a cached blob could not be closed", e);
        }
    }

    private static Digest hash(InputStream content) throws IOException {
        MessageDigest sha256 = Crypto.sha256();
        byte[] buffer = new byte[BUFFER];
        for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
            sha256.update(buffer, 0, n);
        }
        return Digest.sha256(sha256.digest());
    }

    /** Brings a blob into the folder, and tells whether it is there. What comes altered may only be so on its way. */
    private boolean fetch(Digest digest) {
        for (int attempt = 0; attempt < 2; attempt++) {
            try (InputStream content = store.open(digest)) {
                cache.put(digest, new Limited(content, mostBytes));
                makeRoom(digest);
                return true;
            } catch (IntegrityException e) {
                LOG.warn("blob {} did not come as its digest says", digest, e);
            } catch (TooLarge e) {
                return false;
            } catch (IOException | StorageException e) {
                requireOpen();
                LOG.warn("blob {} could not be cached", digest, e);
                return false;
            }
        }
        return false;
    }

    /** Removes what was read longest ago, but never the blob that is about to be read. */
    private void makeRoom(Digest needed) {
        List<StoredBlob> blobs = new ArrayList<>();
        cache.list(blobs::add);
        long bytes = blobs.stream().mapToLong(StoredBlob::length).sum();
        if (bytes > mostBytes) {
            blobs.sort(Comparator.comparing(StoredBlob::age).reversed());
            for (StoredBlob blob : blobs) {
                if (bytes > mostBytes && !blob.digest().equals(needed)) {
                    drop(blob.digest());
                    bytes -= blob.length();
                }
            }
        }
    }

    private void drop(Digest digest) {
        try {
            cache.delete(digest);
        } catch (StorageException e) {
            LOG.warn("the cached blob {} could not be removed", digest, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StorageException("the blob cache is closed; open it again to use it");
        }
    }

    /** Content that may not be longer than the whole cache. */
    private static final class Limited extends FilterInputStream {
        private long left;

        Limited(InputStream content, long most) {
            super(content);
            this.left = most;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            int n = super.read(bytes, offset, count);
            left -= Math.max(0, n);
            if (left < 0) {
                throw new TooLarge();
            }
            return n;
        }
    }

    private static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
