package dev.modelops.registry;

import dev.modelops.CommandId;
import dev.modelops.LogPosition;
import dev.modelops.policy.Decision;
import java.time.Instant;

/**
 * The record of an act that was done.
 *
 * @param commandId the identity of the act
 * @param subject what it was done to: {@code name@number}, a model's name, a principal, or the digest of a policy set
 * @param type the type of its entry, such as {@code dev.modelops.champion.promoted.v1}
 * @param decision why it was allowed
 * @param at when, in log time
 * @param position the position it brought the log to
 */
public record Recorded(
        CommandId commandId, String subject, String type, Decision.Allow decision, Instant at, LogPosition position) {}
