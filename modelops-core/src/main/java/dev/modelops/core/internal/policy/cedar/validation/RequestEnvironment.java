package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.EntityUid;

/** One kind of request that a schema allows. */
public record RequestEnvironment(String principalType, EntityUid action, String resourceType) {
    @Override
    public String toString() {
        return "principal " + principalType + ", action " + action + ", resource " + resourceType;
    }
}
