package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Attributes read one from another, beginning at a variable: {@code context.approvals.independent}. Made when an expression
 * is compiled, so that a query can answer it by one look-up.
 */
public final class AttributePath {
    private static final int MOST_NAMES = 8;
    private static final int LONGEST_NAME = 256;

    private final Variable root;
    private final List<String> names;
    private final String dotted;
    private final String[] prefixes;
    private final boolean plain;

    private AttributePath(Variable root, List<String> names) {
        this.root = root;
        // Interned, as the names in what is read mostly are, so that comparing them is quick.
        this.names = names.stream().map(String::intern).toList();
        String start = root == Variable.CONTEXT ? "" : root.cedarName() + ".";
        this.dotted = (start + String.join(".", names)).intern();
        List<String> shorter = new ArrayList<>();
        for (int i = 1; i < names.size(); i++) {
            shorter.add(start + String.join(".", names.subList(0, i)));
        }
        this.prefixes = shorter.toArray(String[]::new);
        this.plain = names.stream().noneMatch(name -> name.indexOf('.') >= 0);
    }

    /**
     * Returns the path that an expression reads, null if it is anything but attributes of a variable, or has more names or
     * longer ones than are worth a short cut.
     */
    public static @Nullable AttributePath of(Expr expr) {
        List<String> names = new ArrayList<>();
        Expr at = expr;
        while (at instanceof GetAttr get && names.size() <= MOST_NAMES) {
            names.add(0, get.name());
            at = get.of();
        }
        boolean worthwhile = !names.isEmpty()
                && names.size() <= MOST_NAMES
                && names.stream().allMatch(name -> name.length() <= LONGEST_NAME);
        return worthwhile && at instanceof Var root ? new AttributePath(root.variable(), names) : null;
    }

    /** Returns the variable it begins at. */
    public Variable root() {
        return root;
    }

    /** Returns the names of the attributes, at least one. */
    public List<String> names() {
        return names;
    }

    /** Returns the names joined by dots, after the variable's unless that is the context. */
    public String dotted() {
        return dotted;
    }

    /** Tells whether there is a fact that is named like a shorter path that leads here. */
    public boolean isBehind(Supplier<Set<String>> facts) {
        for (String prefix : prefixes) {
            if (facts.get().contains(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether no name has a dot in it, so that the dotted form is unambiguous. */
    public boolean isPlain() {
        return plain;
    }
}
