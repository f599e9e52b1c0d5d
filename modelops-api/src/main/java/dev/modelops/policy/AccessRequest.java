package dev.modelops.policy;

import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.Role;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a policy decides on: who wants to do what, in which state of the log, with the facts computed from that state.
 *
 * @param identity who asks
 * @param roles the roles that count here, from grants or claims as the log's genesis says; copied in
 * @param action what is asked for
 * @param facts facts by name, such as {@code approvals.independent}; each value is a {@link Boolean}, {@link Long},
 *     {@link String}, {@link BigDecimal} or {@link List} of strings; copied in
 * @param asOf the state the facts are from
 * @param at the time of the decision
 */
public record AccessRequest(
        Identity identity, Set<Role> roles, Action action, Map<String, Object> facts, LogPosition asOf, Instant at) {
    /**
     * Creates a request.
     *
     * @param identity who asks
     * @param roles the roles that count
     * @param action what is asked for
     * @param facts facts by name
     * @param asOf the state the facts are from
     * @param at the time of the decision
     * @throws IllegalArgumentException if a fact has a value of another type
     */
    public AccessRequest {
        roles = Set.copyOf(roles);
        facts = Map.copyOf(facts);
        facts.forEach((name, value) -> {
            boolean known = value instanceof Boolean
                    || value instanceof Long
                    || value instanceof String
                    || value instanceof BigDecimal
                    || value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
            if (!known) {
                throw new IllegalArgumentException("fact '" + name
                        + "' must be a Boolean, Long, String, BigDecimal or List of String, but was a "
                        + value.getClass().getName());
            }
        });
    }
}
