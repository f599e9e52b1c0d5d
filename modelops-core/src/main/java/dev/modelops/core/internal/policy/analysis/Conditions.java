package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.analysis.Region.Kind;
import dev.modelops.core.internal.policy.analysis.Space.Key;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr;
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
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.ExprCompiler;
import dev.modelops.core.internal.policy.cedar.ExprCompiler.Compiled;
import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Turns policies into functions of the variables of a space, exactly where each comparison is of one place with constants;
 * any other comparison becomes a variable of its own, free to come out any way, so that whatever holds of the function holds
 * of the policy. Comparisons are evaluated by the engine itself, on one request for each region. To be used twice, first to
 * learn what is asked, then to build.
 */
final class Conditions {
    private static final int MOST_CASES = 20_000;
    private static final int ELSE = 3;
    private static final Diagram.Op THEN =
            (test, then) -> test == Diagram.TRUE ? then : test == Diagram.FALSE ? ELSE : Diagram.ERROR;
    private static final Diagram.Op OTHERWISE = (chosen, otherwise) -> chosen == ELSE ? otherwise : chosen;
    private static final Diagram.Op GUARD = (present, value) -> present == Diagram.TRUE ? value : Diagram.ERROR;
    private static final Diagram.Op PRESENT = (value, unused) -> value == Diagram.ERROR ? Diagram.FALSE : Diagram.TRUE;
    private static final Set<ExtensionFunction> COMPARISONS = EnumSet.of(
            ExtensionFunction.LESS_THAN,
            ExtensionFunction.LESS_THAN_OR_EQUAL,
            ExtensionFunction.GREATER_THAN,
            ExtensionFunction.GREATER_THAN_OR_EQUAL);
    private static final Expr NOTHING = new SetOf(List.of());

    private final Space space;
    private final Diagram diagram;
    private final boolean building;
    private final Map<Expr, Integer> built = new HashMap<>();
    private final SortedSet<String> notLookedInto = new TreeSet<>();

    private Conditions(Space space, Diagram diagram, boolean building) {
        this.space = space;
        this.diagram = diagram;
        this.building = building;
    }

    /** Divides the requests of a setting by all that some policies ask, and returns what builds them. */
    static Conditions over(Setting setting, Collection<CedarPolicy> policies, Diagram diagram) {
        Space space = new Space(setting);
        Conditions learning = new Conditions(space, diagram, false);
        policies.forEach(learning::of);
        space.settle();
        return new Conditions(space, diagram, true);
    }

    Space space() {
        return space;
    }

    /** Returns the comparisons that were not looked into so far, as text. */
    SortedSet<String> notLookedInto() {
        return notLookedInto;
    }

    /** Returns whether a policy is satisfied, not satisfied or errs. */
    int of(CedarPolicy policy) {
        int result = scope(policy);
        for (Clause clause : policy.clauses()) {
            result = diagram.apply(Diagram.AND, result, of(clause));
        }
        return result;
    }

    /** Returns whether the head of a policy accepts. */
    int scope(CedarPolicy policy) {
        int result = truth(test(policy.action(), new Var(Expr.Variable.ACTION)));
        result = diagram.apply(Diagram.AND, result, truth(test(policy.principal(), new Var(Expr.Variable.PRINCIPAL))));
        return diagram.apply(Diagram.AND, result, truth(test(policy.resource(), new Var(Expr.Variable.RESOURCE))));
    }

    /** Returns whether a clause lets a policy apply. */
    int of(Clause clause) {
        int body = truth(clause.body());
        return clause.kind() == Clause.Kind.WHEN ? body : diagram.apply(Diagram.NOT, body, Diagram.FALSE);
    }

    /** Returns what a part of a head asks of a variable. */
    static Expr test(Scope scope, Expr variable) {
        if (scope instanceof Scope.All) {
            return new Literal(BoolValue.of(true));
        } else if (scope instanceof Scope.Eq eq) {
            return new Binary(BinaryOperator.EQUAL, variable, new Literal(eq.entity()));
        } else if (scope instanceof Scope.In in) {
            return new Binary(BinaryOperator.IN, variable, new Literal(in.entity()));
        } else if (scope instanceof Scope.InAny any) {
            List<Expr> all = new ArrayList<>();
            any.entities().forEach(entity -> all.add(new Literal(entity)));
            return new Binary(BinaryOperator.IN, variable, new SetOf(all));
        } else if (scope instanceof Scope.Is is) {
            return new Is(variable, is.type(), null);
        } else if (scope instanceof Scope.IsIn isIn) {
            return new Is(variable, isIn.type(), new Literal(isIn.entity()));
        }
        throw new IllegalArgumentException("a policy with slots decides nothing before it is linked");
    }

    /** Returns what an expression comes to where a truth value is wanted. */
    int truth(Expr expr) {
        Integer known = building ? built.get(expr) : null;
        if (known != null) {
            return known;
        }
        int result = structure(expr);
        built.put(expr, result);
        return result;
    }

    private int structure(Expr expr) {
        if (expr instanceof Unary not && not.operator() == UnaryOperator.NOT) {
            return diagram.apply(Diagram.NOT, truth(not.operand()), Diagram.FALSE);
        } else if (expr instanceof If choice) {
            int then = truth(choice.then());
            int otherwise = truth(choice.otherwise());
            int chosen = diagram.apply(THEN, truth(choice.condition()), then);
            return diagram.apply(OTHERWISE, chosen, otherwise);
        } else if (expr instanceof Is is && is.in() != null) {
            return truth(new Binary(
                    BinaryOperator.AND,
                    new Is(is.entity(), is.type(), null),
                    new Binary(BinaryOperator.IN, is.entity(), is.in())));
        } else if (expr instanceof Binary pair) {
            return switch (pair.operator()) {
                case AND -> both(Diagram.AND, pair.left(), pair.right());
                case OR -> both(Diagram.OR, pair.left(), pair.right());
                case IN -> eachOf(pair, BinaryOperator.IN, Diagram.OR, true);
                case CONTAINS_ALL -> eachOf(pair, BinaryOperator.CONTAINS, Diagram.AND, false);
                case CONTAINS_ANY -> eachOf(pair, BinaryOperator.CONTAINS, Diagram.OR, false);
                default -> comparison(expr);
            };
        }
        return comparison(expr);
    }

    private int both(Diagram.Op op, Expr left, Expr right) {
        return diagram.apply(op, truth(left), truth(right));
    }

    /** Takes a test against several constants as one test against each, which stays small. */
    private int eachOf(Binary pair, BinaryOperator single, Diagram.Op op, boolean entities) {
        boolean splits = pair.right() instanceof SetOf set
                && set.elements().size() > 1
                && Spot.of(pair.left()) != null
                && set.elements().stream().allMatch(element -> isSimple(element, entities));
        if (!splits) {
            boolean wrap = !entities
                    && pair.right() instanceof SetOf set
                    && set.elements().size() == 1
                    && Spot.of(pair.left()) != null
                    && isSimple(set.elements().get(0), false);
            return comparison(
                    wrap
                            ? new Binary(
                                    single,
                                    pair.left(),
                                    ((SetOf) pair.right()).elements().get(0))
                            : pair);
        }
        List<Expr> elements = ((SetOf) pair.right()).elements();
        int result = truth(new Binary(single, pair.left(), elements.get(0)));
        for (Expr element : elements.subList(1, elements.size())) {
            result = diagram.apply(op, result, truth(new Binary(single, pair.left(), element)));
        }
        return result;
    }

    private static boolean isSimple(Expr element, boolean entity) {
        return element instanceof Literal literal && (!entity || literal.value() instanceof EntityUid);
    }

    private int comparison(Expr expr) {
        Set<Key> reads = new LinkedHashSet<>();
        if (isDetermined(expr, reads, true)) {
            if (!building) {
                return Diagram.FALSE;
            }
            List<Integer> variables = variables(reads);
            if (cases(variables) > MOST_CASES) {
                throw new Diagram.TooLargeException("'" + CedarText.of(expr) + "' has too many cases");
            }
            return byCases(ExprCompiler.compile(expr), variables);
        }
        return unknown(expr);
    }

    private List<Integer> variables(Set<Key> reads) {
        SortedSet<Integer> all = new TreeSet<>();
        for (Key key : reads) {
            if (key instanceof Key.OtherElement other) {
                Place place = space.place(other.spot());
                place.elements().forEach(element -> all.add(space.index(new Key.Element(other.spot(), element))));
            }
            Spot spot = spot(key);
            for (Spot at = spot; at != null; at = at.parent()) {
                all.add(space.index(new Key.At(at)));
            }
            all.add(space.index(key));
        }
        return List.copyOf(all);
    }

    private static @Nullable Spot spot(Key key) {
        if (key instanceof Key.At at) {
            return at.spot();
        } else if (key instanceof Key.In in) {
            return in.spot();
        } else if (key instanceof Key.Element element) {
            return element.spot();
        } else if (key instanceof Key.OtherElement other) {
            return other.spot();
        }
        return null;
    }

    private long cases(List<Integer> variables) {
        long cases = 1;
        for (int variable : variables) {
            cases = Math.min(cases * space.variables().get(variable).size(), Integer.MAX_VALUE);
        }
        return cases;
    }

    private int byCases(Compiled test, List<Integer> variables) {
        SortedSet<Spot> spots = spots(variables);
        return byCases(cell -> evaluate(test, space.request(cell, spots)), variables, 0, space.anywhere());
    }

    private SortedSet<Spot> spots(List<Integer> variables) {
        SortedSet<Spot> spots = new TreeSet<>(List.of(Spot.PRINCIPAL, Spot.ACTION, Spot.RESOURCE, Spot.CONTEXT));
        for (int variable : variables) {
            if (space.variables().get(variable).key() instanceof Key.At at) {
                spots.add(at.spot());
            }
        }
        return spots;
    }

    private int byCases(ToIntFunction<int[]> outcome, List<Integer> variables, int at, int[] cell) {
        if (at == variables.size()) {
            return outcome.applyAsInt(cell);
        }
        int variable = variables.get(at);
        if (!matters(space.variables().get(variable).key(), cell)) {
            return byCases(outcome, variables, at + 1, cell);
        }
        int[] children = new int[space.variables().get(variable).size()];
        for (int i = 0; i < children.length; i++) {
            cell[variable] = i;
            children[i] = byCases(outcome, variables, at + 1, cell);
        }
        cell[variable] = -1;
        return diagram.node(variable, children);
    }

    private static int evaluate(Compiled test, Cell request) {
        try {
            return test.test(request) ? Diagram.TRUE : Diagram.FALSE;
        } catch (EvaluationException e) {
            return Diagram.ERROR;
        }
    }

    /** Tells whether a variable has a meaning, given the regions of the places that lead to it. */
    private boolean matters(Key key, int[] cell) {
        if (key instanceof Key.At at) {
            Spot parent = at.spot().parent();
            return parent == null
                    || isThere(cell, parent) && region(cell, parent).hasAttributes();
        } else if (key instanceof Key.In in) {
            return isThere(cell, in.spot()) && region(cell, in.spot()).kind() == Kind.ENTITY;
        } else if (key instanceof Key.Element element) {
            return isThere(cell, element.spot()) && region(cell, element.spot()).kind() == Kind.SET;
        } else if (key instanceof Key.OtherElement other) {
            return isThere(cell, other.spot()) && region(cell, other.spot()).kind() == Kind.SET;
        }
        return true;
    }

    private boolean isThere(int[] cell, Spot spot) {
        return space.region(cell, spot) != null;
    }

    private Region region(int[] cell, Spot spot) {
        Region region = space.region(cell, spot);
        if (region == null) {
            throw new IllegalStateException(spot + " comes after what is in it");
        }
        return region;
    }

    /** Tells whether the value of an expression, or that it has none, follows from variables; notes those. */
    private boolean isDetermined(Expr expr, Set<Key> reads, boolean asTruth) {
        Spot spot = Spot.of(expr);
        if (spot != null) {
            if (!asTruth) {
                return false;
            }
            return ask(spot, reads, Place::asksForBool);
        } else if (expr instanceof Literal) {
            return true;
        } else if (expr instanceof Has has) {
            Spot of = Spot.of(has.of());
            return of == null ? isConstant(has.of()) : ask(of.child(has.name()), reads, place -> {});
        } else if (expr instanceof Is is) {
            Spot of = Spot.of(is.entity());
            return is.in() == null
                    && (of == null
                            ? isDetermined(is.entity(), reads, false)
                            : ask(of, reads, place -> place.asksForEntityType(is.type())));
        } else if (expr instanceof Like like) {
            return Spot.of(like.text()) == null && isDetermined(like.text(), reads, false);
        } else if (expr instanceof Unary unary) {
            Spot of = Spot.of(unary.operand());
            if (unary.operator() == UnaryOperator.IS_EMPTY && of != null) {
                return askWhole(of, Set.of(), reads);
            }
            return isDetermined(unary.operand(), reads, unary.operator() == UnaryOperator.NOT);
        } else if (expr instanceof If choice) {
            return isDetermined(choice.condition(), reads, true)
                    && isDetermined(choice.then(), reads, asTruth)
                    && isDetermined(choice.otherwise(), reads, asTruth);
        } else if (expr instanceof SetOf || expr instanceof RecordOf) {
            return expr.parts().stream().allMatch(part -> isDetermined(part, reads, false));
        } else if (expr instanceof Call call) {
            return isDetermined(call, reads);
        } else if (expr instanceof Binary pair) {
            return isDetermined(pair, reads);
        } else if (expr instanceof GetAttr) {
            return isConstant(expr);
        }
        return false;
    }

    private boolean isDetermined(Call call, Set<Key> reads) {
        if (COMPARISONS.contains(call.function())) {
            Boolean asked = compared(call.arguments().get(0), call.arguments().get(1), reads);
            if (asked != null) {
                return asked;
            }
        }
        return call.arguments().stream().allMatch(argument -> isDetermined(argument, reads, false));
    }

    private boolean isDetermined(Binary pair, Set<Key> reads) {
        return switch (pair.operator()) {
            case AND, OR -> isDetermined(pair.left(), reads, true) && isDetermined(pair.right(), reads, true);
            case EQUAL, NOT_EQUAL -> {
                Boolean asked = equalled(pair.left(), pair.right(), reads);
                if (asked == null) {
                    asked = equalled(pair.right(), pair.left(), reads);
                }
                yield asked != null
                        ? asked
                        : isDetermined(pair.left(), reads, false) && isDetermined(pair.right(), reads, false);
            }
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> {
                Boolean asked = compared(pair.left(), pair.right(), reads);
                yield asked != null
                        ? asked
                        : isDetermined(pair.left(), reads, false) && isDetermined(pair.right(), reads, false);
            }
            case IN -> isIn(pair, reads);
            case CONTAINS -> contains(pair, reads);
            case CONTAINS_ALL, CONTAINS_ANY -> containsSeveral(pair, reads);
            case ADD, SUBTRACT, MULTIPLY ->
                isDetermined(pair.left(), reads, false) && isDetermined(pair.right(), reads, false);
            default -> false;
        };
    }

    /** Asks a place for equality with a constant; null if this is no such comparison. */
    private @Nullable Boolean equalled(Expr place, Expr constant, Set<Key> reads) {
        Spot spot = Spot.of(place);
        if (spot == null || !isConstant(constant)) {
            return null;
        }
        Value value = constantOf(constant);
        if (value == null) {
            return ask(spot, reads, unused -> {});
        }
        if (value instanceof SetValue set) {
            return askWhole(spot, set.elements(), reads);
        }
        return !(value instanceof RecordValue) && ask(spot, reads, asked -> asked.asksFor(value));
    }

    /** Asks a place for its size against a constant; null if this is no such comparison. */
    private @Nullable Boolean compared(Expr left, Expr right, Set<Key> reads) {
        Spot spot = Spot.of(left);
        Expr constant = right;
        if (spot == null) {
            spot = Spot.of(right);
            constant = left;
        }
        if (spot == null || !isConstant(constant)) {
            return null;
        }
        Value value = constantOf(constant);
        if (value == null || value instanceof SetValue || value instanceof RecordValue) {
            return ask(spot, reads, unused -> {});
        }
        boolean comparable = Place.isOrdered(value)
                || value instanceof BoolValue
                || value instanceof StringValue
                || value instanceof EntityUid;
        return comparable && ask(spot, reads, asked -> asked.asksFor(value));
    }

    private boolean isIn(Binary pair, Set<Key> reads) {
        Spot spot = Spot.of(pair.left());
        if (spot == null || !isConstant(pair.right())) {
            return false;
        }
        Value where = constantOf(pair.right());
        Collection<? extends Value> all =
                where instanceof SetValue set ? set.elements() : where == null ? List.of() : List.of(where);
        for (Value one : all) {
            if (one instanceof EntityUid uid) {
                ask(spot, reads, asked -> asked.asksForAncestor(uid));
                reads.add(new Key.In(spot, uid));
            }
        }
        return ask(spot, reads, Place::asksForEntity);
    }

    private boolean contains(Binary pair, Set<Key> reads) {
        Spot set = Spot.of(pair.left());
        Spot element = Spot.of(pair.right());
        if (set != null && element == null && isConstant(pair.right())) {
            Value value = constantOf(pair.right());
            return value == null ? ask(set, reads, unused -> {}) : askElement(set, value, reads);
        }
        if (element != null && set == null && isConstant(pair.left())) {
            Value value = constantOf(pair.left());
            Collection<Value> all = value instanceof SetValue held ? held.elements() : List.of();
            for (Value one : all) {
                if (one instanceof SetValue || one instanceof RecordValue) {
                    return false;
                }
            }
            return ask(element, reads, asked -> all.forEach(asked::asksFor));
        }
        return set == null
                && element == null
                && isDetermined(pair.left(), reads, false)
                && isDetermined(pair.right(), reads, false);
    }

    private boolean containsSeveral(Binary pair, Set<Key> reads) {
        Spot left = Spot.of(pair.left());
        Spot right = Spot.of(pair.right());
        Spot spot = left != null ? left : right;
        if (left != null && right != null) {
            return false;
        }
        if (spot == null) {
            return isDetermined(pair.left(), reads, false) && isDetermined(pair.right(), reads, false);
        }
        Expr constant = left != null ? pair.right() : pair.left();
        if (!isConstant(constant)) {
            return false;
        }
        Set<Value> elements = constantOf(constant) instanceof SetValue set ? set.elements() : Set.of();
        return askWhole(spot, elements, reads);
    }

    private boolean ask(Spot spot, Set<Key> reads, Consumer<Place> question) {
        if (!building) {
            question.accept(space.place(spot));
        }
        reads.add(new Key.At(spot));
        return true;
    }

    private boolean askElement(Spot spot, Value element, Set<Key> reads) {
        reads.add(new Key.Element(spot, element));
        return ask(spot, reads, asked -> asked.asksForElement(element));
    }

    /** Asks for all that a set holds. */
    private boolean askWhole(Spot spot, Collection<Value> elements, Set<Key> reads) {
        elements.forEach(element -> askElement(spot, element, reads));
        reads.add(new Key.OtherElement(spot));
        return ask(spot, reads, Place::asksForOtherElements);
    }

    /** Tells whether an expression has the same value, or none, for every request and all entities. */
    static boolean isConstant(Expr expr) {
        if (expr instanceof Var || expr instanceof Is is && is.in() != null) {
            return false;
        }
        if (expr instanceof Binary pair
                && (pair.operator() == BinaryOperator.IN
                        || pair.operator().name().endsWith("_TAG"))) {
            return false;
        }
        if (expr instanceof GetAttr get && !(get.of() instanceof RecordOf)
                || expr instanceof Has has && !(has.of() instanceof RecordOf)) {
            return false;
        }
        return expr.parts().stream().allMatch(Conditions::isConstant);
    }

    /** Returns the value of a constant expression, null if it has none. */
    private @Nullable Value constantOf(Expr expr) {
        try {
            return ExprCompiler.compile(expr)
                    .evaluate(new Cell(
                            space.setting().action(),
                            space.setting().action(),
                            space.setting().action(),
                            RecordValue.EMPTY,
                            Map.of(),
                            Map.of()));
        } catch (EvaluationException e) {
            return null;
        }
    }

    private int unknown(Expr expr) {
        if (expr instanceof Binary pair) {
            switch (pair.operator()) {
                case NOT_EQUAL -> {
                    int equal = unknown(new Binary(BinaryOperator.EQUAL, pair.left(), pair.right()));
                    return diagram.apply(Diagram.NOT, equal, Diagram.FALSE);
                }
                case GREATER -> {
                    return unknown(new Binary(BinaryOperator.LESS, pair.right(), pair.left()));
                }
                case GREATER_OR_EQUAL -> {
                    return unknown(new Binary(BinaryOperator.LESS_OR_EQUAL, pair.right(), pair.left()));
                }
                case LESS_OR_EQUAL -> {
                    int less = unknown(new Binary(BinaryOperator.LESS, pair.right(), pair.left()));
                    return diagram.apply(Diagram.NOT, less, Diagram.FALSE);
                }
                case EQUAL -> {
                    if (CedarText.of(pair.left()).compareTo(CedarText.of(pair.right())) > 0) {
                        return unknown(new Binary(BinaryOperator.EQUAL, pair.right(), pair.left()));
                    }
                }
                default -> {}
            }
        }
        String text = CedarText.of(expr);
        Spot matched = expr instanceof Like like ? Spot.of(like.text()) : null;
        Set<Spot> needed = new TreeSet<>();
        collect(expr, needed);
        if (!building) {
            needed.forEach(space::place);
            if (matched != null) {
                space.place(matched).asksForText();
            }
            space.addOpaque(text, matched == null && mayFail(expr));
            return Diagram.FALSE;
        }
        notLookedInto.add(text);
        int variable = space.index(new Key.Opaque(text));
        int[] outcomes = new int[space.variables().get(variable).size()];
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = i;
        }
        int result = diagram.node(variable, outcomes);
        if (matched != null) {
            return like(expr, matched, result);
        }
        for (Spot spot : needed) {
            result = diagram.apply(GUARD, presence(spot), result);
        }
        return result;
    }

    /** Evaluates a pattern where the text is known and leaves it open where it is not. */
    private int like(Expr expr, Spot spot, int open) {
        Compiled test = ExprCompiler.compile(expr);
        List<Integer> variables = variables(Set.of(new Key.At(spot)));
        SortedSet<Spot> spots = spots(variables);
        return byCases(
                cell -> {
                    Region region = space.region(cell, spot);
                    boolean unknown = region != null && !region.exact() && region.value() instanceof StringValue;
                    return unknown ? open : evaluate(test, space.request(cell, spots));
                },
                variables,
                0,
                space.anywhere());
    }

    /** Returns whether a place holds a value. */
    private int presence(Spot spot) {
        Compiled read = ExprCompiler.compile(new Binary(BinaryOperator.EQUAL, spot.expr(), NOTHING));
        List<Integer> variables = variables(Set.of(new Key.At(spot)));
        int equal = byCases(read, variables);
        return diagram.apply(PRESENT, equal, Diagram.FALSE);
    }

    /** Collects the places that are read whatever else holds. */
    static void collect(Expr expr, Set<Spot> needed) {
        Spot spot = Spot.of(expr);
        if (spot != null) {
            needed.add(spot);
        } else if (expr instanceof If choice) {
            collect(choice.condition(), needed);
        } else if (expr instanceof Binary pair
                && (pair.operator() == BinaryOperator.AND || pair.operator() == BinaryOperator.OR)) {
            collect(pair.left(), needed);
        } else if (expr instanceof Is is) {
            collect(is.entity(), needed);
        } else {
            expr.parts().forEach(part -> collect(part, needed));
        }
    }

    /** Tells whether an expression can fail though all it reads is there. */
    private boolean mayFail(Expr expr) {
        if (expr instanceof Literal || Spot.of(expr) != null) {
            return false;
        }
        boolean total = expr instanceof SetOf
                || expr instanceof RecordOf
                || expr instanceof Binary pair
                        && (pair.operator() == BinaryOperator.EQUAL || pair.operator() == BinaryOperator.NOT_EQUAL);
        boolean typed = space.setting().actionAncestors() != null
                && (expr instanceof Call call && COMPARISONS.contains(call.function())
                        || expr instanceof Unary unary && unary.operator() == UnaryOperator.IS_EMPTY
                        || expr instanceof Binary pair
                                && switch (pair.operator()) {
                                    case LESS, IN, CONTAINS, CONTAINS_ALL, CONTAINS_ANY -> true;
                                    default -> false;
                                });
        return !(total || typed) || expr.parts().stream().anyMatch(this::mayFail);
    }
}
