package dev.modelops.core.internal.transfer;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The texts that the entries of a log commit to, as they are taken along: those that are there, each held against its
 * commitment, and none that was erased. Which were erased is known once the whole log was read.
 */
final class CopiedTexts {
    private static final int PAGE = 256;

    private CopiedTexts() {}

    /** Takes a text. */
    interface Visitor<E extends Exception> {
        void visit(long index, Digest commitment) throws E;
    }

    /** Visits every text that was not erased, in the order of the log. */
    static <E extends Exception> void each(LogStore log, long size, Set<Digest> erased, Visitor<E> visitor) throws E {
        long at = 0;
        while (at < size) {
            List<LogRecord> records = log.read(at, (int) Math.min(PAGE, size - at));
            if (records.isEmpty()) {
                throw new IntegrityException("entry " + at + " is missing from the store; verify the log");
            }
            for (LogRecord record : records) {
                Digest commitment =
                        Entry.decode(at, record.body().toByteArray()).commitment();
                if (commitment != null && !erased.contains(commitment)) {
                    visitor.visit(at, commitment);
                }
                at++;
            }
        }
    }

    /** Returns the content of a text; {@link IntegrityException} unless it is there and what the entry commits to. */
    static Bytes content(ErasableStore texts, long index, Digest commitment) {
        Bytes content = texts.find(commitment).orElse(null);
        if (content == null || Texts.text(commitment, content) == null) {
            throw new IntegrityException("the text of entry " + index
                    + (content == null ? " is missing from" : " was altered in")
                    + " the store to copy from: " + commitment
                    + "; restore it there and copy again, or, if it was erased just now, only copy again");
        }
        return content;
    }

    /** Copies the texts of the entries that the target holds, removes from it what was erased, and tells how many it copied. */
    static long copy(Storage from, Storage to, long size, Set<Digest> erased) {
        ErasableStore source = CachedBlobStore.texts(from);
        ErasableStore target = CachedBlobStore.texts(to);
        Map<Digest, Bytes> batch = new LinkedHashMap<>();
        AtomicLong copied = new AtomicLong();
        each(to.log(), size, erased, (index, commitment) -> {
            Bytes held = target.find(commitment).orElse(null);
            if (held != null && Texts.text(commitment, held) != null) {
                return;
            }
            Bytes content = content(source, index, commitment);
            if (held != null) {
                var unused = target.erase(commitment);
            }
            if (batch.put(commitment, content) == null) {
                copied.incrementAndGet();
            }
            if (batch.size() == PAGE) {
                target.put(batch);
                batch.clear();
            }
        });
        if (!batch.isEmpty()) {
            target.put(batch);
        }
        for (Digest commitment : erased) {
            if (target.find(commitment).isPresent()) {
                var unused = target.erase(commitment);
            }
        }
        return copied.get();
    }
}
