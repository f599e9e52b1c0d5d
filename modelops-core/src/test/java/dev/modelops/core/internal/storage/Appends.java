package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Batches for tests. The root is a chain over the roots and bodies before it, so that a reader can recompute it. */
final class Appends {
    private Appends() {}

    static long add(LogStore store, String... bodies) {
        return store.append(transaction -> append(transaction, bodies));
    }

    static long add(LogStore store, List<Bytes> bodies) {
        return store.append(transaction -> append(transaction, bodies));
    }

    static long append(LogStore.Transaction transaction, String... bodies) {
        return append(transaction, Stream.of(bodies).map(Bytes::ofUtf8).toList());
    }

    static long append(LogStore.Transaction transaction, List<Bytes> bodies) {
        LogHead before = transaction.head();
        long from = before.size();
        Digest root = before.root();
        List<LogRecord> records = new ArrayList<>();
        for (Bytes body : bodies) {
            records.add(new LogRecord(from + records.size(), body));
            root = chained(root, body);
        }
        long size = from + records.size();
        transaction.append(records, new LogSeal(from, size, "seal to " + root), new LogHead(size, root));
        return size;
    }

    static Digest chained(Digest root, Bytes body) {
        return Digest.sha256Of(Bytes.ofUtf8(root + body.toHex()));
    }
}
