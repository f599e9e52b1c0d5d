package dev.modelops.core.internal.serving;

import dev.modelops.ModelRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A model that was loaded, with what counts its calls. */
final class Loaded<T> {
    final T model;
    final ModelRef ref;
    final @Nullable Leases leases;
    final @Nullable Latencies latencies;

    /** Applied to its first calls; null before and afterwards. Guarded by the handle. */
    @Nullable Watch trial;

    /** Whether a trial is due when it becomes champion. Guarded by the handle. */
    boolean isUntried = true;

    /** When it was given up. Of the serving thread alone. */
    Instant retired = Instant.MAX;

    /** Whether somebody was told that it is still in use. Of the serving thread alone. */
    boolean isLeaked;

    Loaded(T model, ModelRef ref, @Nullable Latencies latencies) {
        this.model = model;
        this.ref = ref;
        this.leases = model instanceof AutoCloseable ? new Leases() : null;
        this.latencies = latencies;
    }
}
