package dev.modelops.audit;

import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Progress;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.PolicySet;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The log of every act: reading it, proving it, verifying it. All methods but {@link #checkpoint}, {@link #prove},
 * {@link #consistency} and {@link #receipt} demand the {@code audit} action and fail with {@link AccessDeniedException}
 * without it; proofs hold no content. Safe for use by many threads.
 */
public interface AuditLog {
    /**
     * Returns an entry.
     *
     * @param index its index, from 0
     * @return the entry
     * @throws NotFoundException if the log has not that many
     */
    AuditEntry get(long index);

    /**
     * Returns what the actor of an entry wrote: the text of a comment, or the reason of an act.
     *
     * @param index the entry's index, from 0
     * @return the text; empty if none was given
     * @throws NotFoundException if the log has not that many
     */
    Optional<ErasableText> text(long index);

    /**
     * Lists entries that meet the conditions, oldest first: the history of a model, of a person, of a time.
     *
     * @param query the conditions
     * @return a page
     */
    Page<AuditEntry> query(AuditQuery query);

    /**
     * Returns a signed checkpoint that covers all that this process has seen. Where no key to sign it is at hand, returns
     * the newest published one instead.
     *
     * @return the checkpoint
     */
    Checkpoint checkpoint();

    /**
     * Proves that an entry is in the log.
     *
     * @param index the entry's index
     * @param size the size of the log to prove it for, greater than the index
     * @return the proof
     * @throws NotFoundException if the log has not that many entries
     */
    InclusionProof prove(long index, LogPosition size);

    /**
     * Proves that the log only grew between two positions.
     *
     * @param from the smaller, at least 1
     * @param to the larger or equal
     * @return the proof
     * @throws NotFoundException if the log has not that many entries
     */
    ConsistencyProof consistency(LogPosition from, LogPosition to);

    /**
     * Returns a receipt for an entry: one text that proves it offline (C2SP tlog-proof).
     *
     * @param index the entry's index
     * @return the text of a {@code .tlog-proof} file
     * @throws NotFoundException if the log has not that many entries, or the entry is not yet under a checkpoint
     */
    String receipt(long index);

    /**
     * Writes the log as files (C2SP tlog-tiles) with the checkpoint they lead to, so that anybody can verify it with
     * other tools. Files that are there already and right are kept; the checkpoint is written last.
     *
     * @param folder the folder to write to, made if it does not exist
     * @param progress follows the work, in entries
     * @return the checkpoint written
     */
    Checkpoint export(Path folder, Progress progress);

    /**
     * Verifies the whole log: hashes every entry anew, checks seals, checkpoints and what was remembered of them, folds
     * the state anew, decides every act again under the policy then in force, checks model signatures, and reads every
     * blob.
     *
     * @param progress follows the work, in entries
     * @return everything that is wrong
     */
    AuditReport verify(Progress progress);

    /**
     * Tries another policy set on everything this log has recorded, changing nothing: decides each recorded act and each
     * fully recorded refusal again by that set, on the state of the log before it, at the time and with the outside facts
     * that were recorded.
     *
     * @param policies the other set
     * @param each is given every decision that changes or cannot be told, in the order of the log, on the calling thread
     * @param progress follows the work, in entries
     * @return the counts, and the first of what changes
     * @throws dev.modelops.policy.InvalidPolicyException if the set cannot be evaluated
     * @throws java.util.concurrent.CancellationException if the progress says so
     */
    WhatIfReport whatIf(PolicySet policies, Consumer<WhatIfReport.Flip> each, Progress progress);

    /**
     * Tries another policy set on everything this log has recorded.
     *
     * @param policies the other set
     * @return the counts, and the first of what changes
     * @throws dev.modelops.policy.InvalidPolicyException if the set cannot be evaluated
     */
    default WhatIfReport whatIf(PolicySet policies) {
        return whatIf(policies, flip -> {}, Progress.NONE);
    }
}
