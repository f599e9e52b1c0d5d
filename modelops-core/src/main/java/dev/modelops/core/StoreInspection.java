package dev.modelops.core;

import dev.modelops.LogPosition;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.LogKey;
import dev.modelops.registry.RegistryView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Reads a store in a local folder without keys and without changing it. Holds the place of the real class. */
public final class StoreInspection implements AutoCloseable {
    private StoreInspection() {}

    public static StoreInspection open(Path folder, Optional<LogKey> pinned) {
        throw new UnsupportedOperationException("store inspection is not part of this build");
    }

    public RegistryView registry() {
        throw new UnsupportedOperationException();
    }

    public RegistryView registry(LogPosition position) {
        throw new UnsupportedOperationException();
    }

    public RegistryView registry(Instant time) {
        throw new UnsupportedOperationException();
    }

    public AuditLog audit() {
        throw new UnsupportedOperationException();
    }

    public LogKey logKey() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
