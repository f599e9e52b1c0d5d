package dev.modelops.policy;

import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import java.time.Instant;
import java.util.Optional;

/**
 * A policy set that somebody proposed to put into force.
 *
 * @param digest the set
 * @param basedOn the revision that was in force; once another is, this proposal can no longer be installed
 * @param revision the revision that installing it would make: that of the signed bundle it came in, otherwise the next
 * @param bundle the signed bundle it came in, if it did
 * @param by who proposed it
 * @param reason why
 * @param at when, in log time
 * @param position the position it brought the log to
 */
public record PolicyProposal(
        Digest digest,
        long basedOn,
        long revision,
        Optional<Digest> bundle,
        Principal by,
        Optional<ErasableText> reason,
        Instant at,
        LogPosition position) {}
