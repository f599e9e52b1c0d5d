package dev.modelops.core.internal.storage;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A blob store in memory that keeps its contract, but for one fault. */
final class FaultyBlobStore implements BlobStore {
    private final Shared shared;
    private final @Nullable BlobFault fault;
    private boolean closed;

    FaultyBlobStore(Shared shared, @Nullable BlobFault fault) {
        this.shared = shared;
        this.fault = fault;
        synchronized (shared) {
            shared.open.add(this);
        }
    }

    /** What stores on the same storage share. */
    static final class Shared {
        private final Set<FaultyBlobStore> open = new HashSet<>();
        private final Map<Digest, byte[]> blobs = new HashMap<>();
        private final Map<Digest, Integer> puts = new HashMap<>();
        private final Map<Digest, InputStream> streams = new HashMap<>();
        private final Set<Digest> deleted = new HashSet<>();
        private final List<Digest> underWay = new ArrayList<>();
        private final long begun = System.nanoTime();
        private boolean broken;
        private boolean listing;
    }

    @Override
    public void put(Digest digest, InputStream content) {
        requireSha256(digest);
        boolean there;
        synchronized (shared) {
            if (Thread.currentThread().isInterrupted() && fault == BlobFault.BREAKS_WHEN_INTERRUPTED) {
                shared.broken = true;
            }
            requireOpen();
            if (fault == BlobFault.REFUSES_WHAT_ANOTHER_PUTS && shared.underWay.contains(digest)
                    || fault == BlobFault.PUTS_ONE_AT_A_TIME
                            && shared.underWay.stream().anyMatch(other -> !other.equals(digest))) {
                throw new StorageException("busy");
            }
            shared.underWay.add(digest);
            there = shared.blobs.containsKey(digest);
            if (!there && fault == BlobFault.SHOWS_WHAT_IS_NOT_WHOLE) {
                shared.blobs.put(digest, new byte[0]);
            }
        }
        boolean stored = there;
        try {
            byte[] bytes = readFully(content);
            check(digest, bytes, there);
            synchronized (shared) {
                shared.puts.merge(digest, 1, Integer::sum);
                boolean refused = bytes.length == 0 && fault == BlobFault.EMPTY_IS_NOTHING
                        || shared.deleted.contains(digest) && fault == BlobFault.NEVER_TAKES_BACK;
                if (!there && !refused) {
                    boolean cut = fault == BlobFault.CUTS_AFTER_A_BUFFER && bytes.length == 100_000;
                    shared.blobs.put(digest, cut ? Arrays.copyOf(bytes, 1 << 16) : bytes);
                }
            }
            stored = true;
        } finally {
            synchronized (shared) {
                shared.underWay.remove(digest);
                if (!stored && fault == BlobFault.SHOWS_WHAT_IS_NOT_WHOLE) {
                    shared.blobs.remove(digest);
                }
            }
        }
    }

    @Override
    public InputStream open(Digest digest) {
        requireSha256(digest);
        synchronized (shared) {
            requireOpen();
            byte[] content = shared.blobs.get(digest);
            if (content == null && fault == BlobFault.MISSING_IS_EMPTY) {
                return InputStream.nullInputStream();
            }
            if (content == null) {
                throw new NotFoundException("missing");
            }
            return fault == BlobFault.SHARES_A_STREAM
                    ? shared.streams.computeIfAbsent(digest, d -> new Reused(content))
                    : new ByteArrayInputStream(content);
        }
    }

    @Override
    public boolean contains(Digest digest) {
        requireSha256(digest);
        synchronized (shared) {
            requireOpen();
            return shared.blobs.containsKey(digest);
        }
    }

    @Override
    public boolean delete(Digest digest) {
        requireSha256(digest);
        synchronized (shared) {
            requireOpen();
            boolean there = shared.blobs.containsKey(digest);
            if (fault == BlobFault.COUNTS_PUTS && there && shared.puts.merge(digest, -1, Integer::sum) > 0) {
                return true;
            }
            shared.blobs.remove(digest);
            shared.deleted.add(digest);
            if (fault == BlobFault.DELETES_EVERYTHING) {
                shared.blobs.clear();
            }
            return there;
        }
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        List<StoredBlob> blobs = new ArrayList<>();
        synchronized (shared) {
            requireOpen();
            shared.blobs.forEach((digest, content) -> blobs.add(listed(digest, content.length)));
            if (fault == BlobFault.LISTS_WHAT_WAS_DELETED) {
                shared.deleted.forEach(digest -> blobs.add(listed(digest, 0)));
            }
            if (fault == BlobFault.LISTS_TWICE) {
                blobs.addAll(List.copyOf(blobs));
            }
            shared.listing = fault == BlobFault.REFUSES_WORK_WHILE_LISTING;
        }
        RuntimeException last = null;
        try {
            for (StoredBlob blob : blobs) {
                try {
                    visitor.accept(blob);
                } catch (RuntimeException e) {
                    if (fault != BlobFault.LISTS_ON_AFTER_AN_EXCEPTION) {
                        throw e;
                    }
                    last = e;
                }
            }
        } finally {
            synchronized (shared) {
                shared.listing = false;
            }
        }
        if (last != null) {
            throw last;
        }
    }

    private StoredBlob listed(Digest digest, int length) {
        Duration age = Duration.ofNanos(System.nanoTime() - shared.begun);
        return new StoredBlob(
                digest,
                fault == BlobFault.LISTS_LENGTHS_IN_BLOCKS ? (length + 511) / 512 * 512 : length,
                fault == BlobFault.LISTS_ALL_AS_NEW
                        ? Duration.ZERO
                        : fault == BlobFault.LISTS_AGES_FROM_THE_EPOCH ? age.plusDays(20_000) : age);
    }

    @Override
    public void close() {
        synchronized (shared) {
            if (closed && fault == BlobFault.CLOSES_ONLY_ONCE) {
                throw new StorageException("closed twice");
            }
            closed = true;
            shared.open.remove(this);
            if (fault == BlobFault.CLOSES_THE_OTHERS) {
                shared.open.forEach(other -> other.closed = true);
            }
            if (fault == BlobFault.FORGETS_WHEN_CLOSED && shared.open.isEmpty()) {
                shared.blobs.clear();
            }
        }
    }

    private byte[] readFully(InputStream content) {
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                copy.write(buffer, 0, n);
                if (n == 1 && fault == BlobFault.TAKES_ONE_BYTE_FOR_THE_END
                        || copy.size() > 3 << 20 && fault == BlobFault.TAKES_3_MEBIBYTES_AT_MOST) {
                    break;
                }
            }
            if (fault == BlobFault.CLOSES_THE_CONTENT) {
                content.close();
            }
            if (fault == BlobFault.REFUSES_WHAT_ANOTHER_PUTS || fault == BlobFault.PUTS_ONE_AT_A_TIME) {
                Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(20));
            }
            return copy.toByteArray();
        } catch (IOException e) {
            if (fault == BlobFault.KEEPS_THE_BEGINNING) {
                synchronized (shared) {
                    shared.blobs.put(Digest.sha256Of(Bytes.of(copy.toByteArray())), copy.toByteArray());
                }
            }
            throw new StorageException("content broke off", e);
        } catch (RuntimeException e) {
            throw fault == BlobFault.WRAPS_EVERY_EXCEPTION ? new StorageException("content broke off", e) : e;
        }
    }

    private void check(Digest digest, byte[] bytes, boolean there) {
        boolean trusted = there && fault == BlobFault.TRUSTS_WHERE_THERE_IS_ONE;
        if (!trusted && !Digest.sha256Of(Bytes.of(bytes)).value().equals(digest.value())) {
            if (fault == BlobFault.KEEPS_WHAT_IT_REFUSES) {
                synchronized (shared) {
                    shared.blobs.putIfAbsent(digest, bytes);
                }
            }
            throw new IntegrityException("another digest");
        }
    }

    private void requireSha256(Digest digest) {
        if (fault != BlobFault.TAKES_ANY_ALGORITHM) {
            digest.requireSha256();
        }
    }

    private void requireOpen() {
        if (shared.broken || shared.listing || closed && fault != BlobFault.WORKS_WHEN_CLOSED) {
            throw new StorageException("closed");
        }
    }

    /** One stream for all who open the same blob, wound back when it was read to its end. */
    private static final class Reused extends ByteArrayInputStream {
        Reused(byte[] content) {
            super(content);
        }

        @Override
        public void close() {
            if (available() == 0) {
                reset();
            }
        }
    }
}
