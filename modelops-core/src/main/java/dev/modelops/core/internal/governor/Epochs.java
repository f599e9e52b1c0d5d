package dev.modelops.core.internal.governor;

import dev.modelops.IntegrityException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Epoch;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The epochs of a log that was recovered: which checkpoint belongs to which, and where the next begins. */
public final class Epochs {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final int PAGE = 1024;

    private Epochs() {}

    /** Returns the newest checkpoint that says it is of the pinned key's epoch; the newest of all if none does. */
    static LogCheckpoint newest(LogStore store, NoteVerifier key, LogCheckpoint newestOfAll) {
        if (isOf(newestOfAll, key)) {
            return newestOfAll;
        }
        LogCheckpoint found = newestOfAll;
        long from = 0;
        List<LogCheckpoint> page;
        do {
            page = store.checkpoints(from, PAGE);
            for (LogCheckpoint stored : page) {
                from = stored.size() + 1;
                if (isOf(stored, key)) {
                    found = stored;
                }
            }
        } while (page.size() == PAGE);
        return found;
    }

    private static boolean isOf(LogCheckpoint stored, NoteVerifier key) {
        return stored.note().startsWith(key.name() + "\n");
    }

    /** Checks that a recovery which was just folded goes on from the very entries that the root keys signed for. */
    static void requireRoot(RegistryState after, FrontierBuilder before) {
        List<Epoch> past = after.founding().past();
        if (past.isEmpty() || past.get(past.size() - 1).size() != before.size()) {
            return;
        }
        if (!isFrom(after, before)) {
            throw new IntegrityException("the root keys signed a recovery at " + before.size()
                    + " entries, but not of these entries; verify the log");
        }
    }

    /** Tells whether the newest recovery in a state goes on from the very entries that the root keys signed for. */
    public static boolean isFrom(RegistryState after, FrontierBuilder before) {
        List<Epoch> past = after.founding().past();
        return Arrays.equals(past.get(past.size() - 1).root().value().toByteArray(), before.root());
    }

    /** Returns what would hold after a record by which the log was recovered; null if it does not do that rightly. */
    static @Nullable Founding next(RegistryState state, List<LogRecord> records, FrontierBuilder before) {
        if (records.isEmpty()) {
            return null;
        }
        try {
            LogRecord stored = records.get(0);
            Entry entry = Entry.decode(stored.index(), stored.body().toByteArray());
            if (entry.type() != EntryType.LOG_RECOVERED) {
                return null;
            }
            RegistryState after = Fold.apply(state, entry);
            requireRoot(after, before);
            return after.founding();
        } catch (IllegalArgumentException | IntegrityException e) {
            LOG.warn("entry {} says that the log was recovered, but it was not: {}", state.size(), e.getMessage());
            return null;
        }
    }
}
