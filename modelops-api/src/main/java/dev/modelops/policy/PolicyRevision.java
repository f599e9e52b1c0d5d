package dev.modelops.policy;

import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * A policy set that was put into force.
 *
 * @param number 1 for the set that the log began with, and always greater than that of the revision before
 * @param digest the set
 * @param proposer who proposed it; empty for the set that the log began with
 * @param installer who installed it; empty for the set that the log began with
 * @param reason why it was installed
 * @param at when, in log time
 * @param position the position it brought the log to: what came after was decided by it
 */
public record PolicyRevision(
        long number,
        Digest digest,
        Optional<Principal> proposer,
        Optional<Principal> installer,
        Optional<ErasableText> reason,
        Instant at,
        LogPosition position) {}
