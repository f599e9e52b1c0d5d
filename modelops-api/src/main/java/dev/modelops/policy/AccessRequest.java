package dev.modelops.policy;

import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.Role;
import java.time.Instant;
import java.util.Set;

/**
 * What a policy decides on: who wants to do what, in which state of the log, with the facts about it.
 *
 * @param identity who asks
 * @param roles the roles that count here, from grants or claims as the log's genesis says; copied in
 * @param action what is asked for
 * @param facts the facts, computed when they are asked for
 * @param asOf the state the facts are from
 * @param at the time of the decision
 */
public record AccessRequest(
        Identity identity, Set<Role> roles, Action action, Facts facts, LogPosition asOf, Instant at) {
    /**
     * Creates a request.
     *
     * @param identity who asks
     * @param roles the roles that count
     * @param action what is asked for
     * @param facts the facts
     * @param asOf the state the facts are from
     * @param at the time of the decision
     */
    public AccessRequest {
        roles = Set.copyOf(roles);
    }
}
