package dev.modelops.core.internal.governor;

import dev.modelops.IntegrityException;
import dev.modelops.core.internal.state.Epoch;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.tlog.CheckpointBody;

/** Explains a store that is not what was seen of its log before: which of the ways to get there it looks like, and what to do. */
final class Discrepancy {
    private static final String RECOVER = "; if what is missing cannot be had back, the holders of the root keys can"
            + " recover the log under a new key (LogRecovery)";

    private Discrepancy() {}

    /** The log went on under another key. */
    static IntegrityException recovered(Founding after) {
        Epoch ended = after.past().get(after.past().size() - 1);
        return new IntegrityException("the log " + ended.logKey().origin() + " was recovered on " + ended.ended()
                + " after its first " + ended.size() + " entries, because: " + ended.reason()
                + ". Signed by the root keys "
                + ended.signers() + ", " + after.rootThreshold() + " of "
                + after.roots().size() + " being needed. "
                + (ended.lost() == null
                        ? "Nothing was lost"
                        : "Lost is what the checkpoint in entry " + ended.size() + " covers beyond them")
                + ". It goes on as " + after.origin() + "; to open it, ask the holders of the root keys whether this is"
                + " so, and pin its new key: " + after.logKey());
    }

    /** A recovery tells of fewer entries than were seen. */
    static IntegrityException untold(CheckpointBody seen, long size, long told) {
        return new IntegrityException(
                "the recovery of the log " + seen.origin() + " after " + size + " entries tells of "
                        + told + " entries before it, but a checkpoint seen before covers " + seen.size()
                        + ": more was lost than it says. Find the copy that has them, or have the holders of the root keys sign a"
                        + " recovery that names the newest checkpoint known as lost");
    }

    /** What a recovery names as lost has the size of what was seen, and is something else. */
    static IntegrityException otherLoss(CheckpointBody seen, long size) {
        return new IntegrityException("the recovery of the log " + seen.origin() + " after " + size
                + " entries names as lost another history than was seen before: a checkpoint seen before over "
                + seen.size()
                + " entries has another root, so the log had two histories. Find out who made the other one"
                + " before this recovery is believed");
    }

    /** A recovery goes on from entries that are not those which were seen. */
    static IntegrityException rewritten(CheckpointBody seen, long size) {
        return new IntegrityException(
                "the recovery of the log " + seen.origin() + " after " + size
                        + " entries goes on from another history than was seen before: a checkpoint seen before over "
                        + seen.size()
                        + " entries has another root than the log has there. The store was rewritten before the"
                        + " root keys signed, and they cannot see that: find the copy that has what was seen, and recover that one");
    }

    /** The store is shorter than what was seen, at opening. */
    static IntegrityException older(String whose, long seen, long size) {
        return new IntegrityException("the log is older than what was seen before: it has " + size + " entries, but "
                + whose + " covers " + seen
                + "; the store was cut short, or restored from a backup that was made before"
                + " entry " + size + " was written, or is a replica that lags behind. Put back the newest copy, or wait"
                + " until the replica has caught up, and open it again" + RECOVER);
    }

    /** The store went back under a running process. */
    static IntegrityException wentBack(long seen, long size) {
        return new IntegrityException(
                "the store says the log has " + size + " entries, but this process has seen " + seen
                        + ": the store was cut short or replaced by an older copy while it was open, as when a database fails over"
                        + " to a replica that lags behind. Go back to the server that has them, or wait until the replica has"
                        + " caught up, and open the log again" + RECOVER);
    }

    /** What was seen covers as many entries, but others. */
    static IntegrityException secondHead(String whose, long size) {
        return new IntegrityException("the log differs from what was seen before: " + whose + " over " + size
                + " entries has another root, and the log ends there too, so there are two heads of equal size: two copies"
                + " of the store were written to, or it was rewritten. Find the copy that has the head that was seen, and"
                + " open that one" + RECOVER);
    }

    /** What was seen is not how the log begins. */
    static IntegrityException otherHistory(String whose, long seen, long size) {
        return new IntegrityException("the log differs from what was seen before: " + whose + " over " + seen
                + " entries has another root than the first " + seen + " of its " + size + " entries; the store was"
                + " replaced or rewritten, or restored from a backup, or failed over to a replica that lagged behind, and"
                + " then written to. Find the copy that leads through what was seen, and open that one" + RECOVER);
    }
}
