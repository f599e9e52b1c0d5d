package dev.modelops.core.internal.state;

import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.VersionNumber;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What of a model is not to be served, whatever policy says. Immutable.
 *
 * @param suspended since which entry the model is suspended, by environment
 * @param quarantined by which entry a version was last put into quarantine, by environment
 */
public record Halts(
        PMap<Environment, LogPosition> suspended, PMap<Environment, PMap<VersionNumber, LogPosition>> quarantined) {
    private static final Halts NONE = new Halts(HashTreePMap.empty(), HashTreePMap.empty());

    static Halts none() {
        return NONE;
    }

    /** Returns by which entry a version was last put into quarantine, or null. It stands until a newer approval. */
    public @Nullable LogPosition quarantine(Environment environment, VersionNumber number) {
        PMap<VersionNumber, LogPosition> there = quarantined.get(environment);
        return there == null ? null : there.get(number);
    }

    Halts suspended(Environment environment, LogPosition since) {
        return new Halts(suspended.plus(environment, since), quarantined);
    }

    Halts resumed(Environment environment) {
        return new Halts(suspended.minus(environment), quarantined);
    }

    Halts quarantined(Environment environment, VersionNumber number, LogPosition by) {
        PMap<VersionNumber, LogPosition> there =
                quarantined.getOrDefault(environment, HashTreePMap.<VersionNumber, LogPosition>empty());
        return new Halts(suspended, quarantined.plus(environment, there.plus(number, by)));
    }
}
