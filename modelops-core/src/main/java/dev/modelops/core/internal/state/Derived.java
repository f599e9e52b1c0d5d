package dev.modelops.core.internal.state;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What somebody worked out from an immutable state, kept with it so that it is worked out once. Plays no part in the
 * equality of states.
 */
public final class Derived {
    private volatile @Nullable Object value;

    /** Returns what was worked out before, or works it out. Two threads may do so at once. */
    public <T> T get(Class<T> type, Supplier<T> how) {
        Object known = value;
        if (type.isInstance(known)) {
            return type.cast(known);
        }
        T made = how.get();
        value = made;
        return made;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Derived;
    }

    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return "";
    }
}
