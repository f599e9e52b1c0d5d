package dev.modelops.core.internal.governor;

import dev.modelops.IntegrityException;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Epoch;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
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

    /** Tells whether a checkpoint says that it is of a key's epoch. */
    public static boolean isOf(LogCheckpoint stored, NoteVerifier key) {
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

    /** Explains that a log ended its epoch, to who opened it with the key of that one. */
    public static IntegrityException ended(Founding after) {
        return Discrepancy.recovered(after);
    }

    /** Holds what is remembered of the epochs that ended against what their recoveries say. */
    public static void requireTold(CheckpointMemory memory, Founding founding, LongFunction<byte[]> rootOver) {
        requireTold(key -> memory.recall(key.name()).map(note -> Ledger.verified(note, key)), founding, rootOver);
    }

    /**
     * Holds what was seen of the epochs that ended against what their recoveries say.
     *
     * @param seenUnder gives the newest checkpoint seen under the key of an epoch
     */
    public static void requireTold(
            Function<NoteVerifier, Optional<CheckpointBody>> seenUnder,
            Founding founding,
            LongFunction<byte[]> rootOver) {
        long began = 0;
        for (Epoch ended : founding.past()) {
            NoteVerifier key = NoteVerifier.parse(ended.logKey().text());
            Optional<CheckpointBody> seen = seenUnder.apply(key);
            if (seen.isPresent()) {
                requireTold(seen.get(), began, ended.size(), ended.lost(), key, rootOver);
            }
            began = ended.size();
        }
    }

    /**
     * Requires that a recovery explains what was seen of the epoch that it ends: the log leads through what was seen, or the
     * recovery names it, or more, as lost. The root keys sign for what is in the store, and cannot tell that it was rewritten
     * before they did.
     *
     * @param began after how many entries the epoch began
     * @param size after how many it ended
     * @param rootOver gives the root over as many entries as were seen, asked only if the log leads that far
     */
    public static void requireTold(
            CheckpointBody seen,
            long began,
            long size,
            @Nullable String lost,
            NoteVerifier key,
            LongFunction<byte[]> rootOver) {
        CheckpointBody told = lost == null ? null : Ledger.verified(lost, key);
        if (told != null && told.size() == seen.size() && Arrays.equals(told.root(), seen.root())) {
            return;
        }
        if (seen.size() > size) {
            if (told == null || told.size() < seen.size()) {
                throw Discrepancy.untold(seen, size, told == null ? size : Math.max(size, told.size()));
            }
            if (told.size() == seen.size()) {
                throw Discrepancy.otherLoss(seen, size);
            }
        } else if (seen.size() <= began || !Arrays.equals(rootOver.apply(seen.size()), seen.root())) {
            throw Discrepancy.rewritten(seen, size);
        }
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
