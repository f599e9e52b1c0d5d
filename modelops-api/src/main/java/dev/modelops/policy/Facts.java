package dev.modelops.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is known to a policy about one request, by name. Most facts are computed from the state of the log when they are
 * first asked for; their names are listed at {@code dev.modelops.core.policy.Fact}.
 *
 * <p>A value is a {@link Boolean}, {@link Long}, {@link String}, {@link BigDecimal}, {@link Instant}, {@link Duration},
 * {@link Principal}, {@link Role}, {@link Environment}, {@link ModelName} or {@link ModelRef}, or a {@link Collection} of
 * these, which rules see as a set.
 *
 * <p>Implemented by the library; for use by one thread at a time.
 */
public interface Facts {
    /**
     * Returns a fact.
     *
     * @param name the fact's name, such as {@code approvals.independent}
     * @return the value; empty if there is no such fact about the request
     * @throws FactException if the fact could not be established
     */
    Optional<Object> get(String name);

    /**
     * Returns the names of the facts about the request, those included that could not be established.
     *
     * @return the names
     */
    Set<String> names();

    /**
     * Returns facts that are known beforehand, for trying out a policy.
     *
     * @param values the values by name; copied in
     * @return the facts
     * @throws IllegalArgumentException if a value has a type that no fact has
     */
    static Facts of(Map<String, ?> values) {
        Map<String, Optional<Object>> known = new HashMap<>();
        new TreeMap<>(Map.copyOf(values)).forEach((name, value) -> {
            requireFact(name, value);
            known.put(name, Optional.of(value));
        });
        Set<String> names = Set.copyOf(known.keySet());
        return new Facts() {
            @Override
            public Optional<Object> get(String name) {
                return known.getOrDefault(Objects.requireNonNull(name, "name"), Optional.empty());
            }

            @Override
            public Set<String> names() {
                return names;
            }

            @Override
            public String toString() {
                Map<String, Object> all = new TreeMap<>();
                known.forEach((name, value) -> all.put(name, value.orElseThrow()));
                return all.toString();
            }
        };
    }

    /**
     * Requires that a value is one that a fact may have.
     *
     * @param name the fact's name
     * @param value the value
     * @throws IllegalArgumentException if the value has a type that no fact has
     */
    static void requireFact(String name, Object value) {
        boolean known =
                value instanceof Collection<?> elements ? elements.stream().allMatch(Facts::isSingle) : isSingle(value);
        if (!known) {
            throw new IllegalArgumentException("fact '" + name
                    + "' must be a Boolean, Long, String, BigDecimal, Instant, Duration, Principal, Role, Environment,"
                    + " ModelName or ModelRef, or a collection of these, but was a "
                    + value.getClass().getName() + (value instanceof Collection<?> ? " of " + value : ""));
        }
    }

    private static boolean isSingle(Object value) {
        return value instanceof Boolean
                || value instanceof Long
                || value instanceof String
                || value instanceof BigDecimal
                || value instanceof Instant
                || value instanceof Duration
                || value instanceof Principal
                || value instanceof Role
                || value instanceof Environment
                || value instanceof ModelName
                || value instanceof ModelRef;
    }
}
