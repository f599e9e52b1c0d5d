package dev.modelops.core.internal.registry;

import dev.modelops.ModelName;
import dev.modelops.policy.Action;

/** What the caller of a view may do. */
public interface Access {
    /** Tells whether a model may be read. */
    boolean mayRead(ModelName name);

    /** Throws {@link dev.modelops.policy.AccessDeniedException} unless a model may be read. */
    void requireRead(ModelName name);

    /** Throws {@link dev.modelops.policy.AccessDeniedException} unless the action is allowed. */
    void require(Action action);

    /** Throws {@link dev.modelops.ClosedException} if the log was closed. */
    void requireOpen();
}
