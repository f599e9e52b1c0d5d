package dev.modelops.core.internal.serving;

import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a handle holds at one time: an admitted model, or the reason why calls are refused. A call reads it once and sees
 * model and version together.
 */
final class Slot<T> {
    final @Nullable T model;
    final @Nullable ModelRef ref;
    final @Nullable Leases leases;
    final @Nullable Supplier<? extends ModelOpsException> refusal;

    private Slot(
            @Nullable T model,
            @Nullable ModelRef ref,
            @Nullable Leases leases,
            @Nullable Supplier<? extends ModelOpsException> refusal) {
        this.model = model;
        this.ref = ref;
        this.leases = leases;
        this.refusal = refusal;
    }

    static <T> Slot<T> admitted(T model, ModelRef ref) {
        return new Slot<>(model, ref, model instanceof AutoCloseable ? new Leases() : null, null);
    }

    static <T> Slot<T> refusing(Supplier<? extends ModelOpsException> refusal) {
        return new Slot<>(null, null, null, refusal);
    }
}
