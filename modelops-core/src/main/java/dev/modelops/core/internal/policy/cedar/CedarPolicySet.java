package dev.modelops.core.internal.policy.cedar;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Static policies by id. */
public record CedarPolicySet(SortedMap<String, CedarPolicy> policies) {
    /** How long the id of a policy may be. */
    public static final int MAX_ID_LENGTH = 200;

    /**
     * Creates a set.
     *
     * @throws IllegalArgumentException if an id is empty or too long, or differs from the policy's {@code @id}
     */
    public CedarPolicySet {
        policies = Collections.unmodifiableSortedMap(new TreeMap<>(policies));
        policies.forEach((id, policy) -> {
            if (id.isBlank() || id.length() > MAX_ID_LENGTH) {
                throw new IllegalArgumentException("policy id must have 1 to " + MAX_ID_LENGTH
                        + " characters and not be blank, but was '" + Names.brief(id) + "'");
            }
            String annotated = policy.annotations().getOrDefault("id", id);
            if (!annotated.equals(id)) {
                throw new IllegalArgumentException("policy '" + id + "' is annotated @id(\"" + Names.brief(annotated)
                        + "\"): both must be the same, so that a rule has one name");
            }
        });
    }
}
