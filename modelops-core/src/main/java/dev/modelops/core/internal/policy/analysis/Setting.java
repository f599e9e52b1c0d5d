package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Requests for one action, and what is known of them: nothing else, or all that a schema says. */
interface Setting {
    /** Returns the action. */
    EntityUid action();

    /** Returns the actions it is in; null if that is not known. */
    @Nullable Set<EntityUid> actionAncestors();

    /** Returns what is known of a place; null if nothing is. */
    @Nullable Knowledge of(Spot spot);

    /** Tells whether entities of a type may be in those of another. */
    boolean mayBeIn(String type, String ancestor);

    /** Returns the only ids that entities of a type may have; null if any. */
    @Nullable Set<String> ids(String type);

    /** Returns the places within one that hold a value whenever that one does. */
    List<Spot> required(Spot spot);

    /** What a schema says of a place: the type of its value, null if there is none. */
    record Knowledge(@Nullable Type type, boolean mayBeAbsent) {}

    /** An action of which nothing is known but its name. */
    record Open(EntityUid action) implements Setting {
        @Override
        public @Nullable Set<EntityUid> actionAncestors() {
            return null;
        }

        @Override
        public @Nullable Knowledge of(Spot spot) {
            return null;
        }

        @Override
        public boolean mayBeIn(String type, String ancestor) {
            return true;
        }

        @Override
        public @Nullable Set<String> ids(String type) {
            return null;
        }

        @Override
        public List<Spot> required(Spot spot) {
            return List.of();
        }

        @Override
        public String toString() {
            return action.toString();
        }
    }
}
