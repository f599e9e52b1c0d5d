package dev.modelops.core.internal.governor;

import dev.modelops.LogPosition;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.Frontier;

/** The end of the log as this process has verified it: the state there, the tree's frontier, the policy set in force. */
public record Tip(RegistryState state, Frontier frontier, PolicyEngine policy) {
    /** Returns the position. */
    public LogPosition position() {
        return LogPosition.of(state.size());
    }
}
