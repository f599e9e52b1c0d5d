package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store of texts in memory that is right but for one fault. */
final class FaultyTexts implements ErasableStore {
    /** What several stores share, as a disk. */
    static final class Shared {
        private final Map<Digest, Bytes> texts = new ConcurrentHashMap<>();
        private final Set<Digest> erased = ConcurrentHashMap.newKeySet();
    }

    private final Shared shared;
    private final @Nullable TextFault fault;
    private final Map<Digest, Bytes> seen = new ConcurrentHashMap<>();
    private final AtomicInteger puts = new AtomicInteger();
    private volatile boolean closed;
    private volatile boolean listing;

    FaultyTexts(Shared shared, @Nullable TextFault fault) {
        this.shared = shared;
        this.fault = fault;
    }

    private boolean has(TextFault one) {
        return fault == one;
    }

    private void begin(@Nullable Digest digest) {
        if (closed && !has(TextFault.WORKS_WHEN_CLOSED)) {
            throw new StorageException("it is closed");
        }
        if (listing && has(TextFault.REFUSES_WORK_WHILE_LISTING)) {
            throw new StorageException("a listing is under way");
        }
        if (digest != null && !has(TextFault.TAKES_ANY_ALGORITHM)) {
            digest.requireSha256();
        }
    }

    @Override
    public void put(Map<Digest, Bytes> contents) {
        begin(null);
        if (puts.incrementAndGet() % 10 == 0 && has(TextFault.LOSES_EVERY_TENTH_PUT)) {
            return;
        }
        if (has(TextFault.STORES_UNTIL_IT_FINDS_FAULT)) {
            contents.forEach((digest, content) -> {
                ErasableStore.requireSound(Map.of(digest, content));
                store(digest, content);
            });
        } else if (has(TextFault.TAKES_ANY_LENGTH)) {
            contents.forEach((digest, content) -> {
                digest.requireSha256();
                if (!Digest.sha256Of(content).equals(digest)) {
                    throw new IntegrityException("another digest");
                }
            });
            contents.forEach(this::store);
        } else {
            contents.forEach((digest, content) -> {
                if (!has(TextFault.TAKES_ANY_ALGORITHM) || digest.algorithm().equals("sha256")) {
                    ErasableStore.requireSound(Map.of(digest, content));
                }
            });
            contents.forEach(this::store);
        }
    }

    private void store(Digest digest, Bytes content) {
        boolean isThere = shared.texts.containsKey(digest);
        if (isThere && has(TextFault.REFUSES_WHAT_IS_THERE)) {
            throw new StorageException("a key is there twice");
        }
        if (has(TextFault.NEVER_TAKES_BACK) && shared.erased.contains(digest)) {
            return;
        }
        Bytes kept = has(TextFault.CUTS_AT_255_BYTES) && content.length() > 255
                ? Bytes.of(Arrays.copyOf(content.toByteArray(), 255))
                : content;
        shared.texts.putIfAbsent(digest, kept);
    }

    @Override
    public Optional<Bytes> find(Digest commitment) {
        begin(commitment);
        Bytes found = shared.texts.get(commitment);
        if (has(TextFault.KEEPS_WHAT_IT_READ)) {
            if (found != null) {
                seen.put(commitment, found);
            }
            found = seen.get(commitment);
        }
        return found == null && has(TextFault.MISSING_IS_EMPTY)
                ? Optional.of(Bytes.ofUtf8(""))
                : Optional.ofNullable(found);
    }

    @Override
    public boolean erase(Digest commitment) {
        begin(commitment);
        seen.remove(commitment);
        shared.erased.add(commitment);
        boolean wasThere = shared.texts.remove(commitment) != null;
        if (has(TextFault.ERASES_EVERYTHING)) {
            shared.texts.clear();
        }
        return wasThere || has(TextFault.ALWAYS_SAYS_ERASED);
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        begin(null);
        listing = true;
        try {
            int[] left = {has(TextFault.LISTS_1000) ? 1000 : Integer.MAX_VALUE};
            Duration age = has(TextFault.LISTS_AGES_FROM_THE_EPOCH) ? Duration.ofDays(20_000) : Duration.ZERO;
            RuntimeException first = null;
            for (Map.Entry<Digest, Bytes> text : shared.texts.entrySet()) {
                if (left[0]-- > 0) {
                    try {
                        visitor.accept(
                                new StoredBlob(text.getKey(), text.getValue().length(), age));
                    } catch (RuntimeException e) {
                        if (!has(TextFault.LISTS_ON_AFTER_AN_EXCEPTION)) {
                            throw e;
                        }
                        first = e;
                    }
                }
            }
            if (has(TextFault.LISTS_WHAT_WAS_ERASED)) {
                shared.erased.forEach(digest -> visitor.accept(new StoredBlob(digest, 1, age)));
            }
            if (first != null) {
                throw first;
            }
        } finally {
            listing = false;
        }
    }

    @Override
    public void close() {
        closed = true;
        if (has(TextFault.FORGETS_WHEN_CLOSED)) {
            shared.texts.clear();
        }
    }
}
