package dev.modelops.core.internal.serving;

import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Served;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a handle holds at one time: an admitted model, the host's fallback, or the reason why calls are refused. A call reads
 * it once and sees model and version together.
 */
final class Slot<T> {
    final @Nullable T model;
    final @Nullable ModelRef ref;
    final Served.By by;
    final @Nullable Leases leases;
    final @Nullable Watch watch;
    final @Nullable Loaded<T> loaded;
    final @Nullable Supplier<? extends ModelOpsException> refusal;

    /** What a refusal means; of a slot that does not refuse, {@link Deployment.State#SERVING}. */
    final Deployment.State state;

    private Slot(
            @Nullable T model,
            @Nullable ModelRef ref,
            Served.By by,
            @Nullable Watch watch,
            @Nullable Loaded<T> loaded,
            @Nullable Supplier<? extends ModelOpsException> refusal,
            Deployment.State state) {
        this.model = model;
        this.ref = ref;
        this.by = by;
        this.leases = loaded == null ? null : loaded.leases;
        this.watch = watch;
        this.loaded = loaded;
        this.refusal = refusal;
        this.state = state;
    }

    static <T> Slot<T> admitted(Loaded<T> loaded, Served.By by, @Nullable Watch watch) {
        return new Slot<>(loaded.model, loaded.ref, by, watch, loaded, null, Deployment.State.SERVING);
    }

    static <T> Slot<T> refusing(Supplier<? extends ModelOpsException> refusal) {
        return refusing(refusal, Deployment.State.REFUSING);
    }

    static <T> Slot<T> refusing(Supplier<? extends ModelOpsException> refusal, Deployment.State state) {
        return new Slot<>(null, null, Served.By.CHAMPION, null, null, refusal, state);
    }

    /** Returns one in which the host's fallback answers in place of a version. */
    static <T> Slot<T> answering(T fallback, ModelRef ref, Deployment.State state) {
        return new Slot<>(fallback, ref, Served.By.FALLBACK, null, null, null, state);
    }
}
