package dev.modelops.core.internal.transfer;

import dev.modelops.IntegrityException;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogStore;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Reads the checkpoints of a log beside its entries, and believes each only if it is signed and has their root. */
final class CheckpointReader {
    private static final int PAGE = 256;

    private final LogStore log;
    private final LongFunction<NoteVerifier> keys;
    private final FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
    private final Deque<LogCheckpoint> ahead = new ArrayDeque<>();
    private long wanted = 1;
    private boolean atEnd;

    /** Reads a store, given the key for a checkpoint over so many entries, which are taken note of by then. */
    CheckpointReader(LogStore log, LongFunction<NoteVerifier> keys) {
        this.log = log;
        this.keys = keys;
    }

    /** Returns how many entries were taken note of. */
    long size() {
        return frontier.size();
    }

    /** Returns the root over them. */
    byte[] root() {
        return frontier.root();
    }

    /** Takes note of the next entry, and returns the checkpoint that ends with it, if one was published. */
    @Nullable LogCheckpoint append(byte[] leafHash) {
        frontier.append(leafHash);
        LogCheckpoint next = peek();
        if (next == null || next.size() > frontier.size()) {
            return null;
        }
        ahead.remove();
        CheckpointBody body = Ledger.verified(next.note(), keys.apply(next.size()));
        if (next.size() != frontier.size()
                || body.size() != next.size()
                || !Arrays.equals(body.root(), frontier.root())) {
            throw new IntegrityException("the checkpoint stored for " + next.size() + " entries covers " + body.size()
                    + ", or has another root than the entries; verify the log");
        }
        return next;
    }

    private @Nullable LogCheckpoint peek() {
        if (ahead.isEmpty() && !atEnd) {
            ahead.addAll(log.checkpoints(wanted, PAGE));
            atEnd = ahead.isEmpty();
            if (!atEnd) {
                wanted = ahead.getLast().size() + 1;
            }
        }
        return ahead.peek();
    }
}
