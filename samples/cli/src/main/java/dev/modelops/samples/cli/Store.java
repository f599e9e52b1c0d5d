package dev.modelops.samples.cli;

import dev.modelops.audit.AuditLog;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.registry.RegistryView;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store as the commands read it. */
final class Store implements AutoCloseable {
    private final Function<AsOf, RegistryView> registry;
    private final AuditLog audit;
    private final LogKey logKey;
    private final Runnable closing;

    /** Opens stores. */
    interface Opener {
        Store open(StoreAddress address, @Nullable LogKey pinned);
    }

    Store(Function<AsOf, RegistryView> registry, AuditLog audit, LogKey logKey, Runnable closing) {
        this.registry = registry;
        this.audit = audit;
        this.logKey = logKey;
        this.closing = closing;
    }

    /** Opens a store for reading, with a pinned key or else the one kept with the store. */
    static Store open(StoreAddress address, @Nullable LogKey pinned) {
        LogKey key = pinned == null ? address.keyBeside() : pinned;
        StoreInspection inspection = StoreInspection.open(address.open(), key);
        return new Store(asOf -> view(inspection, asOf), inspection.audit(), inspection.logKey(), inspection::close);
    }

    RegistryView registry(AsOf asOf) {
        return registry.apply(asOf);
    }

    AuditLog audit() {
        return audit;
    }

    LogKey logKey() {
        return logKey;
    }

    @Override
    public void close() {
        closing.run();
    }

    private static RegistryView view(StoreInspection inspection, AsOf asOf) {
        if (asOf instanceof AsOf.AtPosition at) {
            return inspection.registry(at.position());
        }
        if (asOf instanceof AsOf.AtTime at) {
            return inspection.registry(at.time());
        }
        return inspection.registry();
    }
}
