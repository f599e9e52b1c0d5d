package dev.modelops.core.internal.policy.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Functions of several variables, each with few values, as shared decision diagrams: equal functions are equal numbers.
 * Numbers below {@link #TERMINALS} stand for constant functions. For one thread.
 */
final class Diagram {
    static final int TERMINALS = 8;
    static final int FALSE = 0;
    static final int TRUE = 1;
    static final int ERROR = 2;

    /** What {@code &&} makes of two truth values or errors. */
    static final Op AND = (left, right) -> left == TRUE ? right : left;

    /** What {@code ||} makes of two truth values or errors. */
    static final Op OR = (left, right) -> left == FALSE ? right : left;

    /** What {@code !} makes of the left one. */
    static final Op NOT = (left, unused) -> left == FALSE ? TRUE : left == TRUE ? FALSE : left;

    private final int mostNodes;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Node, Integer> known = new HashMap<>();
    private final Map<Op, Map<Long, Integer>> memory = new HashMap<>();
    private final Map<Integer, Integer> reached = new HashMap<>();
    private long steps;

    Diagram(int mostNodes) {
        this.mostNodes = mostNodes;
    }

    /** Raised when functions grow beyond what is worth computing. */
    static final class TooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLargeException(String message) {
            super(message);
        }
    }

    /** A function of two constants. */
    @FunctionalInterface
    interface Op {
        int of(int left, int right);
    }

    private static final class Node {
        private final int variable;
        private final int[] children;

        Node(int variable, int[] children) {
            this.variable = variable;
            this.children = children;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Node node && node.variable == variable && Arrays.equals(node.children, children);
        }

        @Override
        public int hashCode() {
            return 31 * variable + Arrays.hashCode(children);
        }
    }

    /** Returns the function that is one of others, by the value of a variable that comes before all of theirs. */
    int node(int variable, int[] children) {
        boolean same = true;
        for (int child : children) {
            same &= child == children[0];
        }
        if (same) {
            return children[0];
        }
        Node node = new Node(variable, children);
        Integer old = known.get(node);
        if (old != null) {
            return old;
        }
        if (nodes.size() >= mostNodes) {
            throw new TooLargeException("more than " + mostNodes + " cases have to be told apart");
        }
        nodes.add(node);
        int id = TERMINALS + nodes.size() - 1;
        known.put(node, id);
        return id;
    }

    /** Returns the function of two functions' values. */
    int apply(Op op, int left, int right) {
        if (left < TERMINALS && right < TERMINALS) {
            return op.of(left, right);
        }
        Map<Long, Integer> results = memory.computeIfAbsent(op, unused -> new HashMap<>());
        long key = (long) left << 32 | right;
        Integer old = results.get(key);
        if (old != null) {
            return old;
        }
        if (++steps > 20L * mostNodes) {
            throw new TooLargeException("more than " + 20L * mostNodes + " cases have to be compared");
        }
        int variable = Math.min(variable(left), variable(right));
        int count = variable(left) == variable ? children(left).length : children(right).length;
        int[] made = new int[count];
        for (int i = 0; i < count; i++) {
            made[i] = apply(op, child(left, variable, i), child(right, variable, i));
        }
        int result = node(variable, made);
        results.put(key, result);
        return result;
    }

    /** Tells whether some values of the variables give a constant. */
    boolean reaches(int function, int constant) {
        return (constants(function) >> constant & 1) == 1;
    }

    private int constants(int function) {
        if (function < TERMINALS) {
            return 1 << function;
        }
        int known = reached.getOrDefault(function, 0);
        if (known == 0) {
            for (int child : children(function)) {
                known |= constants(child);
            }
            reached.put(function, known);
        }
        return known;
    }

    /**
     * Visits the ways to a constant, in the order of the values, until the visitor has seen enough.
     *
     * @param values filled with the value of each variable on the way, -1 for one that does not matter
     * @return whether the visitor had seen enough
     */
    boolean visit(int function, int wanted, int[] values, Predicate<int[]> enough) {
        if (function < TERMINALS) {
            return function == wanted && enough.test(values);
        }
        int variable = variable(function);
        int[] children = children(function);
        for (int i = 0; i < children.length; i++) {
            if (!reaches(children[i], wanted)) {
                continue;
            }
            values[variable] = i;
            if (visit(children[i], wanted, values, enough)) {
                return true;
            }
        }
        values[variable] = -1;
        return false;
    }

    private int variable(int function) {
        return function < TERMINALS ? Integer.MAX_VALUE : nodes.get(function - TERMINALS).variable;
    }

    private int[] children(int function) {
        return nodes.get(function - TERMINALS).children;
    }

    private int child(int function, int variable, int value) {
        return variable(function) == variable ? children(function)[value] : function;
    }
}
