package dev.modelops.core.internal.policy.cedar.validation;

import java.util.HashSet;
import java.util.Set;

/** The attributes and tags known to be there, because the expressions so far would otherwise have been false. */
final class Capabilities {
    static final Capabilities NONE = new Capabilities(Set.of());

    private final Set<Known> known;

    private Capabilities(Set<Known> known) {
        this.known = known;
    }

    static Capabilities of(Known one) {
        return new Capabilities(Set.of(one));
    }

    boolean include(Known one) {
        return known.contains(one);
    }

    int size() {
        return known.size();
    }

    Capabilities and(Capabilities other) {
        if (other.known.isEmpty() || other == this) {
            return this;
        }
        if (known.isEmpty()) {
            return other;
        }
        Set<Known> both = new HashSet<>(known);
        both.addAll(other.known);
        return new Capabilities(both);
    }

    Capabilities or(Capabilities other) {
        if (known.isEmpty() || other == this) {
            return this;
        }
        if (other.known.isEmpty()) {
            return other;
        }
        Set<Known> shared = new HashSet<>(known);
        shared.retainAll(other.known);
        return new Capabilities(shared);
    }

    /** An attribute, by its name, or a tag, by the number of its key, of an expression, by its number. */
    record Known(int of, Object key) {}
}
