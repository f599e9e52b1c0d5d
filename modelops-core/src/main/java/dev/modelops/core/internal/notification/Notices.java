package dev.modelops.core.internal.notification;

import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.monitoring.Notification;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Entries as those see them who are told of them. */
final class Notices {
    private Notices() {}

    /** Returns the kind of an entry if it is one of those given, or null. */
    static Notification.@Nullable Kind kind(Entry entry, Set<Notification.Kind> kinds) {
        for (Notification.Kind kind : kinds) {
            if (kind.type().equals(entry.typeName())) {
                return kind;
            }
        }
        return null;
    }

    /** Returns the model of an entry that is told of. */
    static ModelName model(Entry entry) {
        String subject = String.valueOf(entry.subject());
        int end = subject.indexOf('@');
        return ModelName.of(end < 0 ? subject : subject.substring(0, end));
    }

    /** Returns the notification of an entry. */
    static Notification of(Notification.Kind kind, Entry entry, Bytes body) {
        return new Notification(
                LogPosition.after(entry.index()),
                entry.id(),
                kind,
                String.valueOf(entry.subject()),
                model(entry),
                Environment.of(entry.get("environment")),
                entry.actor(),
                entry.time(),
                body);
    }
}
