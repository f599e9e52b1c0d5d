package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A place in a request that conditions read: a variable, or attributes one of another beginning at it. */
record Spot(Variable root, List<String> names) implements Comparable<Spot> {
    private static final Comparator<Spot> ORDER = Comparator.<Spot, Integer>comparing(
                    spot -> spot.root() == Variable.ACTION ? -1 : spot.root().ordinal())
            .thenComparing(Spot::names, Spot::compareNames);

    static final Spot PRINCIPAL = new Spot(Variable.PRINCIPAL, List.of());
    static final Spot ACTION = new Spot(Variable.ACTION, List.of());
    static final Spot RESOURCE = new Spot(Variable.RESOURCE, List.of());
    static final Spot CONTEXT = new Spot(Variable.CONTEXT, List.of());

    Spot {
        names = List.copyOf(names);
    }

    /** Returns the place an expression reads, null if it is anything but attributes of a variable. */
    static @Nullable Spot of(Expr expr) {
        List<String> names = new ArrayList<>();
        Expr at = expr;
        while (at instanceof GetAttr get) {
            names.add(0, get.name());
            at = get.of();
        }
        return at instanceof Var root ? new Spot(root.variable(), names) : null;
    }

    static Spot of(Variable root) {
        return new Spot(root, List.of());
    }

    boolean isRoot() {
        return names.isEmpty();
    }

    Spot child(String name) {
        List<String> longer = new ArrayList<>(names);
        longer.add(name);
        return new Spot(root, longer);
    }

    /** Returns the place this one is an attribute of, null for a variable. */
    @Nullable Spot parent() {
        return names.isEmpty() ? null : new Spot(root, names.subList(0, names.size() - 1));
    }

    String name() {
        return names.get(names.size() - 1);
    }

    Expr expr() {
        Expr at = new Var(root);
        for (String name : names) {
            at = new GetAttr(at, name);
        }
        return at;
    }

    /** Orders a place directly before those within it. */
    @Override
    public int compareTo(Spot other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return CedarText.of(expr());
    }

    private static int compareNames(List<String> left, List<String> right) {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            int order = left.get(i).compareTo(right.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.size(), right.size());
    }
}
