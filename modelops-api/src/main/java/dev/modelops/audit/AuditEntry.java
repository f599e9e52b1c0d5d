package dev.modelops.audit;

import dev.modelops.Assurance;
import dev.modelops.Bytes;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.policy.Decision;
import java.time.Instant;
import java.util.Optional;

/**
 * One entry of the log. An entry that a later release wrote may not say everything in a form that this release reads: its
 * actor is then {@code unknown|unknown}, its assurance {@link Assurance#ASSERTED} and its decision empty, while the body
 * is always whole.
 *
 * @param position the position it brought the log to
 * @param id its identity
 * @param type what happened, such as {@code dev.modelops.champion.promoted.v1}
 * @param subject what it happened to: {@code name@number}, a model's name, a principal, or the digest of a policy set; empty
 *     for the log itself; of an erasure, the subject of the entry whose text was erased
 * @param at when, in log time
 * @param actor who did it
 * @param assurance how firmly that identity was established
 * @param decision why it was allowed or refused; empty for the genesis and for counts of repeated refusals, and where it
 *     cannot be read
 * @param body the entry as stored and hashed: a CloudEvents 1.0 JSON object in UTF-8
 */
public record AuditEntry(
        LogPosition position,
        String id,
        String type,
        Optional<String> subject,
        Instant at,
        Principal actor,
        Assurance assurance,
        Optional<Decision> decision,
        Bytes body) {}
