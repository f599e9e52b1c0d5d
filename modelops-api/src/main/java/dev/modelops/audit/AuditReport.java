package dev.modelops.audit;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import java.util.List;
import java.util.OptionalLong;

/**
 * The outcome of verifying a whole log.
 *
 * @param position how far the log was read
 * @param root the recomputed root at that position
 * @param findings everything that is wrong, in the order of the log; empty for a sound log; copied in
 * @param unchecked what could not be concluded or evaluated again, in the order of the log: verdicts and alerts whose segments
 *     have expired, are gone, or are read no further. Nothing is known to be wrong with them, and nothing proves them; their
 *     kind is that of the fault which would have been found; copied in
 */
public record AuditReport(LogPosition position, Digest root, List<Finding> findings, List<Finding> unchecked) {
    /**
     * Creates a report.
     *
     * @param position how far the log was read
     * @param root the recomputed root
     * @param findings everything that is wrong
     * @param unchecked what could not be checked
     */
    public AuditReport {
        findings = List.copyOf(findings);
        unchecked = List.copyOf(unchecked);
    }

    /**
     * Tells whether nothing is wrong with what could be checked.
     *
     * @return true if there are no findings
     */
    public boolean isSound() {
        return findings.isEmpty();
    }

    /**
     * One thing that is wrong, or was not checked.
     *
     * @param kind the kind of fault
     * @param index the index of the first entry it concerns; empty if it concerns none
     * @param message what was expected and what was found, or why it was not checked
     */
    public record Finding(Kind kind, OptionalLong index, String message) {}

    /** The kind of a fault. */
    public enum Kind {
        /** The log is shorter than, or different from, a checkpoint that was seen before. */
        ROLLED_BACK,
        /** An entry is missing, out of place or there twice. */
        SEQUENCE,
        /** An entry is not well formed, or of a critical type that is not known. */
        MALFORMED,
        /** No writer's seal covers an entry, or the seal does not match the entries it covers. */
        SEAL,
        /** A checkpoint or the stored head does not match the entries. */
        ROOT,
        /** Fewer witnesses than were demanded have cosigned a checkpoint over an entry. */
        WITNESS,
        /** An entry does not follow from the state before it. */
        STATE,
        /** The policy set in force refuses what an entry records as allowed. */
        POLICY,
        /** The signature of a registered version does not hold. */
        SIGNATURE,
        /** Content that an entry names is missing or altered. */
        BLOB
    }
}
