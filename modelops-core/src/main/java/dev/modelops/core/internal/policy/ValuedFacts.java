package dev.modelops.core.internal.policy;

import dev.modelops.Environment;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.policy.Action;
import dev.modelops.policy.Facts;
import org.jspecify.annotations.Nullable;

/**
 * Facts that are kept as values of the policy language. A name that leads through the name of another fact is an attribute
 * of the entity that the shorter one names.
 */
public interface ValuedFacts extends Facts {
    /**
     * Returns a fact, null if there is none of that name. A metric is rounded down under {@code metrics.} and up under
     * {@code metricsRoundedUp.}
     *
     * @throws dev.modelops.policy.FactException if it could not be established
     */
    @Nullable Value value(String name);

    /** Returns the value of a tag of the model or version that the request is about, null if it has none. */
    @Nullable Value tag(EntityUid entity, String key);

    /** Returns what the action is done to, the same as {@link EntityNames#resourceOf} though perhaps sooner. */
    default EntityUid resource(Action action) {
        return EntityNames.resourceOf(action);
    }

    /** Returns an environment as an entity. */
    default EntityUid environment(Environment environment) {
        return EntityNames.environment(environment);
    }
}
