package dev.modelops.audit;

import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.policy.Decision;
import java.util.List;
import java.util.Optional;

/**
 * What another policy set would have decided of what a log records: each act that was carried out and each refusal that is
 * recorded in full, on the state of the log before it. Refusals that are only counted are not replayed.
 *
 * @param policies the other set
 * @param position how far the log was replayed
 * @param decisions how many recorded decisions were replayed
 * @param allowToDeny how many acts it would have refused
 * @param denyToAllow how many refused acts it would have allowed
 * @param otherReasons how many it would have decided alike, by other rules
 * @param undecidable for how many that cannot be told
 * @param flips the first of them, at most {@value #MOST_FLIPS}; copied in
 */
public record WhatIfReport(
        Digest policies,
        LogPosition position,
        long decisions,
        long allowToDeny,
        long denyToAllow,
        long otherReasons,
        long undecidable,
        List<Flip> flips) {
    /** How many flips a report holds. */
    public static final int MOST_FLIPS = 1000;

    /**
     * Creates a report.
     *
     * @param policies the other set
     * @param position how far the log was replayed
     * @param decisions how many recorded decisions were replayed
     * @param allowToDeny how many acts it would have refused
     * @param denyToAllow how many refused acts it would have allowed
     * @param otherReasons how many it would have decided alike, by other rules
     * @param undecidable for how many that cannot be told
     * @param flips the first of them
     */
    public WhatIfReport {
        flips = List.copyOf(flips);
    }

    /** How a decision changes. */
    public enum Kind {
        /** It was allowed and would be refused. */
        ALLOW_TO_DENY,
        /** It was refused and would be allowed. */
        DENY_TO_ALLOW,
        /** It would come out alike, by other rules or for another cause. */
        OTHER_REASONS,
        /** It cannot be told: something the other set needs to know was not recorded. */
        UNDECIDABLE
    }

    /**
     * A recorded decision that changes, or of which that cannot be told.
     *
     * @param index the entry's index
     * @param kind how it changes
     * @param recorded the recorded decision
     * @param replayed what the other set decides; empty if it cannot be told
     * @param reason why it cannot be told; empty if it can
     */
    public record Flip(
            long index, Kind kind, Decision recorded, Optional<Decision> replayed, Optional<String> reason) {}

    /**
     * Tells whether every recorded decision would come out alike.
     *
     * @return true if no act would be refused that was allowed, nor allowed that was refused, nor is undecidable
     */
    public boolean isSame() {
        return allowToDeny == 0 && denyToAllow == 0 && undecidable == 0;
    }
}
