package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.If;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.RecordOf;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns expressions into trees of closures, once, so that evaluation neither inspects the expression again nor allocates for
 * it. Semantics are Cedar's: operands are checked when they are evaluated, {@code &&}, {@code ||} and {@code if} evaluate
 * only what they need, equality is total.
 */
public final class ExprCompiler {
    private static final Var PRINCIPAL = new Var(Variable.PRINCIPAL);

    private ExprCompiler() {}

    /** A compiled expression. */
    @FunctionalInterface
    public interface Compiled {
        /**
         * Evaluates.
         *
         * @throws EvaluationException if the expression has no value
         */
        Value evaluate(Query query);

        /**
         * Evaluates to a truth value.
         *
         * @throws EvaluationException if the expression has no value or another one
         */
        default boolean test(Query query) {
            Value value = evaluate(query);
            if (value instanceof BoolValue bool) {
                return bool.value();
            }
            throw EvaluationException.type("Bool", value);
        }
    }

    private interface Test extends Compiled {
        @Override
        boolean test(Query query);

        @Override
        default Value evaluate(Query query) {
            return BoolValue.of(test(query));
        }
    }

    /**
     * Compiles an expression.
     *
     * @throws IllegalArgumentException if it nests too deeply
     */
    public static Compiled compile(Expr expr) {
        Expr.requireBounded(expr);
        return node(expr);
    }

    /** Returns what {@code &&} joins, in order; the expression itself if it is no conjunction. */
    public static List<Expr> conjuncts(Expr expr) {
        return operands(expr, BinaryOperator.AND);
    }

    private static List<Expr> operands(Expr expr, BinaryOperator operator) {
        List<Expr> found = new ArrayList<>();
        Deque<Expr> open = new ArrayDeque<>();
        open.push(expr);
        while (!open.isEmpty()) {
            Expr next = open.pop();
            if (next instanceof Binary pair && pair.operator() == operator) {
                open.push(pair.right());
                open.push(pair.left());
            } else {
                found.add(next);
            }
        }
        return found;
    }

    private static Compiled node(Expr expr) {
        if (expr instanceof Literal literal) {
            return constant(literal.value());
        } else if (expr instanceof Var var) {
            return variable(var.variable());
        } else if (expr instanceof Unary unary) {
            return unary(unary, node(unary.operand()));
        } else if (expr instanceof Binary binary) {
            return binary(binary);
        } else if (expr instanceof If choice) {
            Compiled condition = node(choice.condition());
            Compiled then = node(choice.then());
            Compiled otherwise = node(choice.otherwise());
            return query -> (condition.test(query) ? then : otherwise).evaluate(query);
        } else if (expr instanceof GetAttr get) {
            return attribute(get);
        } else if (expr instanceof Has has) {
            return has(has);
        } else if (expr instanceof Like like) {
            Compiled text = node(like.text());
            Pattern pattern = like.pattern();
            return (Test) query -> pattern.matches(text(text.evaluate(query)));
        } else if (expr instanceof Is is) {
            return is(is);
        } else if (expr instanceof SetOf set) {
            List<Compiled> elements = nodes(set.elements());
            if (set.elements().stream().allMatch(Literal.class::isInstance)) {
                return constant(SetValue.of(set.elements().stream()
                        .map(element -> ((Literal) element).value())
                        .toList()));
            }
            return query -> SetValue.of(evaluate(elements, query));
        } else if (expr instanceof RecordOf record) {
            return record(record);
        } else if (expr instanceof Call call) {
            return call(call);
        }
        throw new IllegalArgumentException(
                "unknown expression " + expr.getClass().getName());
    }

    private static Compiled constant(Value value) {
        return new Constant(value);
    }

    /** A compiled expression that has the same value whatever the query. */
    private record Constant(Value value) implements Compiled {
        @Override
        public Value evaluate(Query query) {
            return value;
        }
    }

    private static Compiled variable(Variable variable) {
        return switch (variable) {
            case PRINCIPAL -> Query::principal;
            case ACTION -> Query::action;
            case RESOURCE -> Query::resource;
            case CONTEXT -> Query::context;
        };
    }

    private static Compiled unary(Unary expr, Compiled operand) {
        return switch (expr.operator()) {
            case NOT -> (Test) query -> !operand.test(query);
            case NEGATE ->
                query -> {
                    long number = number(operand.evaluate(query));
                    if (number == Long.MIN_VALUE) {
                        throw overflow("-(" + number + ")");
                    }
                    return new LongValue(-number);
                };
            case IS_EMPTY ->
                (Test) query -> set(operand.evaluate(query)).elements().isEmpty();
        };
    }

    private static Compiled binary(Binary expr) {
        if (expr.operator() == BinaryOperator.AND) {
            return all(operands(expr, BinaryOperator.AND));
        }
        if (expr.operator() == BinaryOperator.OR) {
            return any(nodes(operands(expr, BinaryOperator.OR)));
        }
        if (expr.operator() == BinaryOperator.IN) {
            return in(expr);
        }
        Compiled left = node(expr.left());
        Compiled right = node(expr.right());
        if (expr.left().equals(PRINCIPAL) && expr.operator() == BinaryOperator.EQUAL) {
            return (Test) query -> query.isPrincipal(right.evaluate(query));
        }
        if (expr.left().equals(PRINCIPAL) && expr.operator() == BinaryOperator.NOT_EQUAL) {
            return (Test) query -> !query.isPrincipal(right.evaluate(query));
        }
        if (right instanceof Constant constant) {
            Compiled known = withConstant(expr.operator(), left, constant.value());
            if (known != null) {
                return known;
            }
        }
        return switch (expr.operator()) {
            case EQUAL -> (Test) query -> left.evaluate(query).equals(right.evaluate(query));
            case NOT_EQUAL -> (Test) query -> !left.evaluate(query).equals(right.evaluate(query));
            case LESS -> (Test) query -> compare(left.evaluate(query), right.evaluate(query)) < 0;
            case LESS_OR_EQUAL -> (Test) query -> compare(left.evaluate(query), right.evaluate(query)) <= 0;
            case GREATER -> (Test) query -> compare(left.evaluate(query), right.evaluate(query)) > 0;
            case GREATER_OR_EQUAL -> (Test) query -> compare(left.evaluate(query), right.evaluate(query)) >= 0;
            case ADD, SUBTRACT, MULTIPLY ->
                query -> arithmetic(expr.operator(), number(left.evaluate(query)), number(right.evaluate(query)));
            case CONTAINS ->
                (Test) query -> {
                    SetValue set = set(left.evaluate(query));
                    return set.elements().contains(right.evaluate(query));
                };
            case CONTAINS_ALL ->
                (Test) query -> {
                    SetValue set = set(left.evaluate(query));
                    return set.elements().containsAll(set(right.evaluate(query)).elements());
                };
            case CONTAINS_ANY ->
                (Test) query -> {
                    SetValue set = set(left.evaluate(query));
                    return !Collections.disjoint(
                            set.elements(), set(right.evaluate(query)).elements());
                };
            case GET_TAG ->
                query -> {
                    EntityUid entity = entity(left.evaluate(query));
                    String name = text(right.evaluate(query));
                    Value value = query.tag(entity, name);
                    if (value == null) {
                        throw new EvaluationException(entity + " has no tag \"" + Names.brief(name) + "\"");
                    }
                    return value;
                };
            case HAS_TAG ->
                (Test) query -> {
                    EntityUid entity = entity(left.evaluate(query));
                    return query.tag(entity, text(right.evaluate(query))) != null;
                };
            case AND, OR, IN -> throw new IllegalStateException("compiled above");
        };
    }

    /** Compiles the operators that conditions mostly are made of, each beside a value written down; null for the others. */
    private static @Nullable Compiled withConstant(BinaryOperator operator, Compiled left, Value right) {
        return switch (operator) {
            case EQUAL -> (Test) query -> right.equals(left.evaluate(query));
            case NOT_EQUAL -> (Test) query -> !right.equals(left.evaluate(query));
            case LESS -> (Test) query -> compare(left.evaluate(query), right) < 0;
            case LESS_OR_EQUAL -> (Test) query -> compare(left.evaluate(query), right) <= 0;
            case GREATER -> (Test) query -> compare(left.evaluate(query), right) > 0;
            case GREATER_OR_EQUAL -> (Test) query -> compare(left.evaluate(query), right) >= 0;
            case CONTAINS ->
                (Test) query -> set(left.evaluate(query)).elements().contains(right);
            default -> null;
        };
    }

    private static Compiled all(List<Expr> conjuncts) {
        List<Compiled> steps = new ArrayList<>();
        int i = 0;
        while (i < conjuncts.size()) {
            int end = endOfGuards(conjuncts, i);
            if (end - i > 1) {
                steps.add(guards(conjuncts.subList(i, end)));
            } else {
                steps.add(node(conjuncts.get(i)));
            }
            i = end;
        }
        Compiled[] nodes = steps.toArray(Compiled[]::new);
        return (Test) query -> {
            for (Compiled node : nodes) {
                if (!node.test(query)) {
                    return false;
                }
            }
            return true;
        };
    }

    /** Returns the end of a run such as {@code context has a && context.a has b}, each step guarding the next. */
    private static int endOfGuards(List<Expr> conjuncts, int from) {
        int end = from + 1;
        while (end < conjuncts.size()
                && conjuncts.get(end - 1) instanceof Has guard
                && conjuncts.get(end) instanceof Has next
                && next.of() instanceof GetAttr get
                && get.name().equals(guard.name())
                && get.of().equals(guard.of())) {
            end++;
        }
        return end;
    }

    private static Compiled guards(List<Expr> run) {
        Has last = (Has) run.get(run.size() - 1);
        AttributePath path = AttributePath.of(new GetAttr(last.of(), last.name()));
        Compiled[] steps = nodes(run).toArray(Compiled[]::new);
        return (Test) query -> {
            Boolean known = path == null ? null : query.has(path);
            if (known != null) {
                return known;
            }
            for (Compiled step : steps) {
                if (!step.test(query)) {
                    return false;
                }
            }
            return true;
        };
    }

    private static Compiled any(List<Compiled> disjuncts) {
        Compiled[] nodes = disjuncts.toArray(Compiled[]::new);
        return (Test) query -> {
            for (Compiled node : nodes) {
                if (node.test(query)) {
                    return true;
                }
            }
            return false;
        };
    }

    private static Compiled in(Binary expr) {
        EntityUid[] ancestors = entities(expr.right());
        if (ancestors != null && expr.left().equals(PRINCIPAL)) {
            return (Test) query -> {
                for (EntityUid ancestor : ancestors) {
                    if (query.isPrincipalIn(ancestor)) {
                        return true;
                    }
                }
                return false;
            };
        }
        Compiled left = node(expr.left());
        if (ancestors != null) {
            return (Test) query -> {
                EntityUid entity = entity(left.evaluate(query));
                for (EntityUid ancestor : ancestors) {
                    if (entity.equals(ancestor) || query.isDescendant(entity, ancestor)) {
                        return true;
                    }
                }
                return false;
            };
        }
        Compiled right = node(expr.right());
        return (Test) query -> {
            EntityUid entity = entity(left.evaluate(query));
            return isIn(entity, right.evaluate(query), query);
        };
    }

    /** Returns the entities that an expression writes down, null if it is anything else. */
    static EntityUid @Nullable [] entities(Expr expr) {
        List<Expr> all = expr instanceof SetOf set ? set.elements() : List.of(expr);
        EntityUid[] found = new EntityUid[all.size()];
        for (int i = 0; i < found.length; i++) {
            if (all.get(i) instanceof Literal literal && literal.value() instanceof EntityUid uid) {
                found[i] = uid;
            } else {
                return null;
            }
        }
        return found;
    }

    private static boolean isIn(EntityUid entity, Value where, Query query) {
        if (where instanceof EntityUid ancestor) {
            return entity.equals(ancestor) || query.isDescendant(entity, ancestor);
        }
        if (!(where instanceof SetValue set)) {
            throw EvaluationException.type("Entity or Set of entities", where);
        }
        boolean found = false;
        for (Value element : set.elements()) {
            EntityUid ancestor = entity(element);
            found |= entity.equals(ancestor) || query.isDescendant(entity, ancestor);
        }
        return found;
    }

    private static Compiled is(Is expr) {
        Compiled entity = node(expr.entity());
        String type = expr.type();
        if (expr.in() == null && expr.entity() instanceof Var var && var.variable() == Expr.Variable.RESOURCE) {
            return (Test) query -> query.resourceType().equals(type);
        }
        if (expr.in() == null) {
            return (Test) query -> entity(entity.evaluate(query)).type().equals(type);
        }
        Compiled in = node(expr.in());
        return (Test) query -> {
            EntityUid uid = entity(entity.evaluate(query));
            return uid.type().equals(type) && isIn(uid, in.evaluate(query), query);
        };
    }

    private static Compiled attribute(GetAttr expr) {
        Compiled of = node(expr.of());
        String name = expr.name();
        AttributePath path = AttributePath.of(expr);
        AttributePath first = path != null && path.names().size() == 1 ? path : null;
        return query -> {
            Value quick = path == null ? null : query.lookup(path);
            if (quick != null) {
                return quick;
            }
            if (first != null && Boolean.FALSE.equals(query.has(first))) {
                throw new EvaluationException(
                        EvaluationException.Kind.MISSING, "the record has no attribute \"" + Names.brief(name) + "\"");
            }
            Value owner = of.evaluate(query);
            Value value = attribute(owner, name, query);
            if (value == null) {
                throw new EvaluationException(
                        EvaluationException.Kind.MISSING,
                        (owner instanceof EntityUid uid ? uid + " has" : "the record has") + " no attribute \""
                                + Names.brief(name) + "\"");
            }
            return value;
        };
    }

    private static Compiled has(Has expr) {
        Compiled of = node(expr.of());
        String name = expr.name();
        AttributePath path = AttributePath.of(new GetAttr(expr.of(), name));
        boolean isFirst = path != null && path.names().size() == 1;
        return (Test) query -> {
            Boolean known = path == null ? null : query.has(path);
            // Of a longer path, what it is read from may be missing too, which is an error.
            return known != null && (known || isFirst) ? known : attribute(of.evaluate(query), name, query) != null;
        };
    }

    private static @Nullable Value attribute(Value owner, String name, Query query) {
        if (owner instanceof RecordValue record) {
            return record.get(name);
        }
        if (owner instanceof EntityUid uid) {
            return query.attribute(uid, name);
        }
        throw EvaluationException.type("Record or Entity", owner);
    }

    private static Compiled record(RecordOf expr) {
        SortedMap<String, Compiled> attributes = new TreeMap<>();
        expr.attributes().forEach((name, value) -> attributes.put(name, node(value)));
        return query -> {
            SortedMap<String, Value> values = new TreeMap<>();
            attributes.forEach((name, value) -> values.put(name, value.evaluate(query)));
            return new RecordValue(values);
        };
    }

    private static Compiled call(Call expr) {
        List<Compiled> arguments = nodes(expr.arguments());
        ExtensionFunction function = expr.function();
        if (expr.arguments().stream().allMatch(Literal.class::isInstance)) {
            List<Value> constants = expr.arguments().stream()
                    .map(argument -> ((Literal) argument).value())
                    .toList();
            try {
                return constant(function.apply(constants));
            } catch (EvaluationException e) {
                return query -> {
                    throw e;
                };
            }
        }
        if (arguments.size() == 2 && function.arity() == 2) {
            Compiled first = arguments.get(0);
            Compiled second = arguments.get(1);
            if (second instanceof Constant constant) {
                Value value = constant.value();
                return query -> function.apply(first.evaluate(query), value);
            }
            return query -> function.apply(first.evaluate(query), second.evaluate(query));
        }
        return query -> function.apply(evaluate(arguments, query));
    }

    private static List<Compiled> nodes(List<Expr> exprs) {
        return exprs.stream().map(ExprCompiler::node).toList();
    }

    private static List<Value> evaluate(List<Compiled> nodes, Query query) {
        List<Value> values = new ArrayList<>(nodes.size());
        for (Compiled node : nodes) {
            values.add(node.evaluate(query));
        }
        return values;
    }

    private static LongValue arithmetic(BinaryOperator operator, long left, long right) {
        try {
            return new LongValue(
                    switch (operator) {
                        case ADD -> Math.addExact(left, right);
                        case SUBTRACT -> Math.subtractExact(left, right);
                        case MULTIPLY -> Math.multiplyExact(left, right);
                        default -> throw new IllegalStateException(operator + " is not arithmetic");
                    });
        } catch (ArithmeticException e) {
            throw overflow(left + " " + operator.cedarName() + " " + right);
        }
    }

    private static EvaluationException overflow(String what) {
        return new EvaluationException(EvaluationException.Kind.OVERFLOW, what + " does not fit in 64 bits");
    }

    private static int compare(Value left, Value right) {
        if (left instanceof LongValue a && right instanceof LongValue b) {
            return Long.compare(a.value(), b.value());
        } else if (left instanceof DatetimeValue a && right instanceof DatetimeValue b) {
            return a.compareTo(b);
        } else if (left instanceof DurationValue a && right instanceof DurationValue b) {
            return a.compareTo(b);
        }
        if (isOrdered(left)) {
            throw EvaluationException.type(left.typeName(), right);
        }
        throw EvaluationException.type(isOrdered(right) ? right.typeName() : "Long, datetime or duration", left);
    }

    private static boolean isOrdered(Value value) {
        return value instanceof LongValue || value instanceof DatetimeValue || value instanceof DurationValue;
    }

    private static long number(Value value) {
        if (value instanceof LongValue number) {
            return number.value();
        }
        throw EvaluationException.type("Long", value);
    }

    private static String text(Value value) {
        if (value instanceof StringValue text) {
            return text.value();
        }
        throw EvaluationException.type("String", value);
    }

    private static SetValue set(Value value) {
        if (value instanceof SetValue set) {
            return set;
        }
        throw EvaluationException.type("Set", value);
    }

    private static EntityUid entity(Value value) {
        if (value instanceof EntityUid uid) {
            return uid;
        }
        throw EvaluationException.type("Entity", value);
    }
}
