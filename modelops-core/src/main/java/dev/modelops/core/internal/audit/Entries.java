package dev.modelops.core.internal.audit;

import dev.modelops.Bytes;
import dev.modelops.LogPosition;
import dev.modelops.audit.AuditEntry;
import dev.modelops.core.internal.log.Entry;
import java.util.Optional;

/** Entries as callers see them. */
public final class Entries {
    private Entries() {}

    /** Returns the entry as callers see it. */
    public static AuditEntry of(Entry entry, Bytes body) {
        return new AuditEntry(
                LogPosition.after(entry.index()),
                entry.id(),
                entry.typeName(),
                Optional.ofNullable(entry.subject()),
                entry.time(),
                entry.actor(),
                entry.assurance(),
                Optional.ofNullable(entry.decision()),
                body);
    }
}
