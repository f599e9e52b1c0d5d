package dev.modelops.core;

import dev.modelops.core.internal.witness.Quorum;
import java.time.Instant;
import java.util.List;

/**
 * Which witnesses must have cosigned a checkpoint for it to count, as auditors and other verifiers demand it. Written in the
 * format that other tools share (C2SP tlog-policy). Immutable.
 */
public final class WitnessPolicy {
    private final Quorum quorum;

    private WitnessPolicy(Quorum quorum) {
        this.quorum = quorum;
    }

    /**
     * Parses a policy: lines {@code witness <name> <key>}, {@code group <name> all|any|<k> <members>}, {@code log <key>} and
     * one {@code quorum <name>}.
     *
     * @param text the policy, of at most 1 Mi characters
     * @return the policy
     * @throws IllegalArgumentException if it is malformed, with the line
     */
    public static WitnessPolicy parse(String text) {
        return new WitnessPolicy(Quorum.parse(text));
    }

    /**
     * Returns the policy that so many of some witnesses must have cosigned.
     *
     * @param least how many, at least 1
     * @param keys the keys of the witnesses in text form
     * @return the policy
     * @throws IllegalArgumentException if a key is not of a witness or there twice, or there are too few
     */
    public static WitnessPolicy of(int least, String... keys) {
        return new WitnessPolicy(Quorum.of(least, List.of(keys)));
    }

    /**
     * Tells whether enough witnesses cosigned a checkpoint. Whether the log signed it is checked only where the policy names
     * logs.
     *
     * @param checkpoint the signed note, such as ends a receipt
     * @return false also if a cosignature said to be by one of the witnesses does not verify
     */
    public boolean isMetBy(String checkpoint) {
        return quorum.isMetBy(checkpoint);
    }

    /**
     * Tells whether enough witnesses cosigned a checkpoint at a time or after it. A log says itself nothing of how new it
     * is: whoever is shown an old checkpoint for ever learns so from the times of its cosignatures alone.
     *
     * @param checkpoint the signed note
     * @param since the earliest time that counts
     * @return false also if a cosignature said to be by one of the witnesses does not verify
     */
    public boolean isMetBy(String checkpoint, Instant since) {
        return quorum.isMetBy(checkpoint, since);
    }

    Quorum quorum() {
        return quorum;
    }
}
