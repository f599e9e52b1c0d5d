package dev.modelops.core.internal.policy.cedar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A Cedar expression. */
public sealed interface Expr {
    /** How deep expressions may nest; deeper ones are refused before anything recurses into them. */
    int MAX_DEPTH = 256;

    /** How many operands a chain of one operator may have. */
    int MAX_CHAIN = 10_000;

    /** How many parts an expression may have. */
    int MAX_PARTS = 1_000_000;

    /** Returns the direct parts, in the order of evaluation. */
    List<Expr> parts();

    /** A value written down: a truth value, a number, a text or an entity. */
    record Literal(Value value) implements Expr {
        /**
         * Creates a literal.
         *
         * @throws IllegalArgumentException if the value is of a type that has no literal form
         */
        public Literal {
            if (value instanceof Value.SetValue
                    || value instanceof Value.RecordValue
                    || value instanceof ExtensionValue) {
                throw new IllegalArgumentException("a " + value.typeName() + " has no literal; use its constructor");
            }
        }

        @Override
        public List<Expr> parts() {
            return List.of();
        }
    }

    /** One of the four variables of a request. */
    record Var(Variable variable) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of();
        }
    }

    /** An operator on one operand. */
    record Unary(UnaryOperator operator, Expr operand) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of(operand);
        }
    }

    /** An operator on two operands. */
    record Binary(BinaryOperator operator, Expr left, Expr right) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of(left, right);
        }
    }

    /** The choice between two expressions. */
    record If(Expr condition, Expr then, Expr otherwise) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of(condition, then, otherwise);
        }
    }

    /** The value of an attribute. */
    record GetAttr(Expr of, String name) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of(of);
        }
    }

    /** Whether there is an attribute. */
    record Has(Expr of, String name) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of(of);
        }
    }

    /** Whether a text matches a pattern. */
    record Like(Expr text, Pattern pattern) implements Expr {
        @Override
        public List<Expr> parts() {
            return List.of(text);
        }
    }

    /** Whether an entity is of a type and, if asked, in another entity. */
    record Is(Expr entity, String type, @Nullable Expr in) implements Expr {
        public Is {
            Names.requireType(type);
        }

        @Override
        public List<Expr> parts() {
            return in == null ? List.of(entity) : List.of(entity, in);
        }
    }

    /** A set of the values of expressions. */
    record SetOf(List<Expr> elements) implements Expr {
        public SetOf {
            elements = List.copyOf(elements);
        }

        @Override
        public List<Expr> parts() {
            return elements;
        }
    }

    /** A record of the values of expressions. */
    record RecordOf(SortedMap<String, Expr> attributes) implements Expr {
        public RecordOf {
            attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
        }

        /** Returns the record of some attributes. */
        public static RecordOf of(Map<String, ? extends Expr> attributes) {
            return new RecordOf(new TreeMap<>(attributes));
        }

        @Override
        public List<Expr> parts() {
            return List.copyOf(attributes.values());
        }
    }

    /**
     * A call of an extension function; of a method, with its receiver as first argument. As in Cedar, a call with a wrong
     * number of arguments can be written down, but has no value.
     */
    record Call(ExtensionFunction function, List<Expr> arguments) implements Expr {
        /**
         * Creates a call.
         *
         * @throws IllegalArgumentException if a method has no receiver
         */
        public Call {
            arguments = List.copyOf(arguments);
            if (function.isMethod() && arguments.isEmpty()) {
                throw new IllegalArgumentException(
                        "'" + function.cedarName() + "' is a method: expected its receiver as first argument");
            }
        }

        /** Returns the call of a constructor. */
        public static Call of(ExtensionFunction constructor, String text) {
            return new Call(constructor, List.of(new Literal(new Value.StringValue(text))));
        }

        @Override
        public List<Expr> parts() {
            return arguments;
        }
    }

    /** The variables of a request. */
    enum Variable {
        PRINCIPAL("principal"),
        ACTION("action"),
        RESOURCE("resource"),
        CONTEXT("context");

        private final String cedarName;

        Variable(String cedarName) {
            this.cedarName = cedarName;
        }

        /** Returns the name in Cedar. */
        public String cedarName() {
            return cedarName;
        }
    }

    /** The operators on one operand. */
    enum UnaryOperator {
        NOT("!"),
        NEGATE("neg"),
        IS_EMPTY("isEmpty");

        private final String cedarName;

        UnaryOperator(String cedarName) {
            this.cedarName = cedarName;
        }

        /** Returns the name in the JSON form. */
        public String cedarName() {
            return cedarName;
        }
    }

    /** The operators on two operands. */
    enum BinaryOperator {
        OR("||"),
        AND("&&"),
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        IN("in"),
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        CONTAINS("contains"),
        CONTAINS_ALL("containsAll"),
        CONTAINS_ANY("containsAny"),
        GET_TAG("getTag"),
        HAS_TAG("hasTag");

        private final String cedarName;

        BinaryOperator(String cedarName) {
            this.cedarName = cedarName;
        }

        /** Returns the name in Cedar. */
        public String cedarName() {
            return cedarName;
        }
    }

    /**
     * Returns the condition that there is an attribute of an attribute and so on, each looked for only if those before it
     * are there: {@code x has a.b} is {@code x has a && x.a has b}.
     *
     * @param names at least one
     */
    static Expr hasPath(Expr of, List<String> names) {
        List<Expr> all = new ArrayList<>();
        Expr owner = of;
        for (String name : names) {
            all.add(new Has(owner, name));
            owner = new GetAttr(owner, name);
        }
        return chain(BinaryOperator.AND, all);
    }

    /**
     * Joins operands by {@code &&} or {@code ||}, from left to right. A chain too long to nest is joined in groups, which
     * means the same, for both operators may be grouped at will; the same chain always in the same groups.
     *
     * @param operands at least one; the first may itself be a chain
     * @throws IllegalArgumentException if there are more than {@link #MAX_CHAIN}
     */
    static Expr chain(BinaryOperator operator, List<Expr> operands) {
        Deque<Expr> all = new ArrayDeque<>(operands);
        while (all.getFirst() instanceof Binary pair && pair.operator() == operator && all.size() <= MAX_CHAIN) {
            all.removeFirst();
            all.addFirst(pair.right());
            all.addFirst(pair.left());
        }
        if (all.size() > MAX_CHAIN) {
            throw new IllegalArgumentException("a chain of '" + operator.cedarName() + "' must have at most "
                    + MAX_CHAIN + " operands; use sets or several policies");
        }
        List<Expr> level = List.copyOf(all);
        if (level.size() > Grouping.LONGEST) {
            while (level.size() > Grouping.SIZE) {
                List<Expr> groups = new ArrayList<>();
                for (int i = 0; i < level.size(); i += Grouping.SIZE) {
                    groups.add(nested(operator, level.subList(i, Math.min(i + Grouping.SIZE, level.size()))));
                }
                level = groups;
            }
        }
        return nested(operator, level);
    }

    private static Expr nested(BinaryOperator operator, List<Expr> operands) {
        Expr all = operands.get(0);
        for (Expr operand : operands.subList(1, operands.size())) {
            all = new Binary(operator, all, operand);
        }
        return all;
    }

    /** How long chains are grouped: so that what comes of it, read again, is not so long that it is grouped once more. */
    final class Grouping {
        private static final int LONGEST = 128;
        private static final int SIZE = 32;

        private Grouping() {}
    }

    /**
     * Refuses an expression that nests too deeply or is too large, without recursion.
     *
     * @throws IllegalArgumentException if it exceeds {@link #MAX_DEPTH} or {@link #MAX_PARTS}
     */
    static void requireBounded(Expr root) {
        record Item(Expr expr, int depth) {}
        Deque<Item> open = new ArrayDeque<>();
        open.push(new Item(root, 1));
        int count = 0;
        while (!open.isEmpty()) {
            Item item = open.pop();
            if (item.depth() > MAX_DEPTH) {
                throw new IllegalArgumentException("expression must nest at most " + MAX_DEPTH
                        + " deep, a chain of operators other than && and || counted by its length; use sets or several"
                        + " policies");
            }
            if (++count > MAX_PARTS) {
                throw new IllegalArgumentException("expression must have at most " + MAX_PARTS + " parts");
            }
            for (Expr part : item.expr().parts()) {
                open.push(new Item(part, item.depth() + 1));
            }
        }
    }
}
