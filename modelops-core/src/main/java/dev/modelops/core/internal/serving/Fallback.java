package dev.modelops.core.internal.serving;

import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.policy.Action;
import java.time.Instant;

/** That a deployment serves one version in place of another, until the log says so or refuses it. */
record Fallback(
        CommandId id, ModelRef from, ModelRef to, Environment environment, String cause, Principal by, Instant at) {
    private static final int LONGEST_CAUSE = 128;

    Fallback {
        if (!from.name().equals(to.name()) || from.equals(to)) {
            throw new IllegalArgumentException(
                    "a fallback leads to another version of the same model, not from " + from + " to " + to);
        }
        String line = cause.isBlank() ? "not said" : cause.strip().replaceAll("\\p{Cntrl}", " ");
        cause = line.length() <= LONGEST_CAUSE ? line : line.substring(0, LONGEST_CAUSE);
    }

    Action action() {
        return Action.fallBack(from, environment, to.version(), cause).as(id);
    }
}
