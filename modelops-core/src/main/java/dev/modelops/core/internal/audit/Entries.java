package dev.modelops.core.internal.audit;

import dev.modelops.Assurance;
import dev.modelops.Bytes;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.audit.AuditEntry;
import dev.modelops.core.internal.governor.Redecision;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.policy.Decision;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Entries as callers see them, also those that a later release wrote in a form that this one cannot read all of. */
public final class Entries {
    private static final Principal UNKNOWN = Principal.of("unknown", "unknown");

    private Entries() {}

    /** Returns the entry as callers see it. */
    public static AuditEntry of(Entry entry, Bytes body) {
        return new AuditEntry(
                LogPosition.after(entry.index()),
                entry.id(),
                entry.typeName(),
                Optional.ofNullable(entry.subject()),
                entry.time(),
                actor(entry),
                readable(entry::assurance).orElse(Assurance.ASSERTED),
                decision(entry),
                body);
    }

    /** Returns who acted, as far as the entry says so. */
    static Principal actor(Entry entry) {
        return readable(entry::actor).orElse(UNKNOWN);
    }

    private static Optional<Decision> decision(Entry entry) {
        return readable(() -> Redecision.recorded(entry));
    }

    private static <T> Optional<T> readable(Supplier<? extends @Nullable T> part) {
        try {
            return Optional.ofNullable(part.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
