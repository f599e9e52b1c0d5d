package dev.modelops.core.internal.governor;

import dev.modelops.IntegrityException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for entries that name a snapshot, from the end of a log backwards, not much further than the newest should be.
 * What it finds is not proven.
 */
final class SnapshotSearch {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSearch.class);
    private static final int CHUNK = 1024;
    private static final byte[] TYPE = EntryType.STATE_SNAPSHOTTED.typeName().getBytes(StandardCharsets.UTF_8);

    private final LogStore store;
    private final long until;
    private final Deque<SnapshotEntry> found = new ArrayDeque<>();
    private long at;

    /** Begins a search in the first {@code size} entries. */
    SnapshotSearch(LogStore store, long size) {
        this.store = store;
        this.at = size;
        this.until = Math.max(0, size - 4 * Snapshots.interval(size));
    }

    /** Returns the next older entry that names a snapshot of this release's version, or null. */
    @Nullable SnapshotEntry next() {
        while (found.isEmpty() && at > until) {
            long from = Math.max(until, at - CHUNK);
            for (LogRecord stored : read(from, at)) {
                SnapshotEntry one = parse(stored);
                if (one != null) {
                    found.push(one);
                }
            }
            at = from;
        }
        return found.poll();
    }

    private List<LogRecord> read(long from, long to) {
        List<LogRecord> all = new ArrayList<>();
        while (from + all.size() < to) {
            List<LogRecord> some = store.read(from + all.size(), (int) (to - from - all.size()));
            if (some.isEmpty() || some.get(0).index() != from + all.size()) {
                throw new IntegrityException(
                        "entry " + (from + all.size()) + " is missing from the store; verify the log");
            }
            all.addAll(some);
        }
        return all;
    }

    private static @Nullable SnapshotEntry parse(LogRecord stored) {
        byte[] body = stored.body().toByteArray();
        if (!contains(body)) {
            return null;
        }
        try {
            Entry entry = Entry.decode(stored.index(), body);
            if (entry.type() != EntryType.STATE_SNAPSHOTTED) {
                return null;
            }
            SnapshotEntry one = SnapshotEntry.read(entry);
            if (one.version() != Snapshot.VERSION) {
                LOG.info(
                        "the snapshot of entry {} is of version {} and is passed over; this release reads {}",
                        one.index(),
                        one.version(),
                        Snapshot.VERSION);
                return null;
            }
            return one;
        } catch (IllegalArgumentException e) {
            LOG.warn("the snapshot of entry {} is passed over: {}", stored.index(), e.getMessage());
            return null;
        }
    }

    private static boolean contains(byte[] body) {
        for (int i = 0; i <= body.length - TYPE.length; i++) {
            int same = 0;
            while (same < TYPE.length && body[i + same] == TYPE[same]) {
                same++;
            }
            if (same == TYPE.length) {
                return true;
            }
        }
        return false;
    }
}
