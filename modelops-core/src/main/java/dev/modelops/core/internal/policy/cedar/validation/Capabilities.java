package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.Expr;
import java.util.HashSet;
import java.util.Set;

/** The attributes and tags known to be there, because the expressions so far would otherwise have been false. */
final class Capabilities {
    static final Capabilities NONE = new Capabilities(Set.of());

    private final Set<Known> known;

    private Capabilities(Set<Known> known) {
        this.known = known;
    }

    static Capabilities attribute(Expr of, String name) {
        return new Capabilities(Set.of(new Known(of, name)));
    }

    static Capabilities tag(Expr of, Expr key) {
        return new Capabilities(Set.of(new Known(of, key)));
    }

    boolean hasAttribute(Expr of, String name) {
        return !known.isEmpty() && known.contains(new Known(of, name));
    }

    boolean hasTag(Expr of, Expr key) {
        return !known.isEmpty() && known.contains(new Known(of, key));
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

    /** An attribute by name, or a tag by the expression of its key. Keeps its hash, which walks the whole expression. */
    private static final class Known {
        private final Expr of;
        private final Object key;
        private final int hash;

        Known(Expr of, Object key) {
            this.of = of;
            this.key = key;
            this.hash = 31 * of.hashCode() + key.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Known that && hash == that.hash && key.equals(that.key) && of.equals(that.of);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
