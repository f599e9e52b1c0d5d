package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
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
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import dev.modelops.core.internal.policy.cedar.Pattern;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Policies and requests over few names and few values, so that chance meets every corner of a comparison. */
final class SmallWorld {
    private static final String[] ATTRIBUTES = {"n", "s", "b", "d", "e", "set", "r"};
    private final Random random;
    private final boolean simple;
    private boolean typed;

    /** What requests conform to once they are {@link #typed}. */
    static final String SCHEMA = """
            entity Group in [Group] { n: Long, s: String, b: Bool, set: Set<String>, d?: decimal, e?: User, r?: R1 };
            entity User in [User, Group] { n: Long, s: String, b: Bool, set: Set<String>, d?: decimal, e?: User, r?: R1 };
            entity Doc in [Group] { n: Long, s: String, b: Bool, set: Set<String>, d?: decimal, e?: User, r?: R1 };
            type R0 = { n: Long, s: String, b: Bool, set: Set<String>, d?: decimal, e?: User, r?: {} };
            type R1 = { n: Long, s: String, b: Bool, set: Set<String>, d?: decimal, e?: User, r?: R0 };
            type R2 = { n: Long, s: String, b: Bool, set: Set<String>, d?: decimal, e?: User, r?: R1 };
            action x, y, z appliesTo { principal: User, resource: Doc, context: R2 };
            """;

    /** Makes requests conform to the schema from now on. */
    SmallWorld typed() {
        typed = true;
        return this;
    }

    /**
     * Creates a world.
     *
     * @param simple whether to compare places only with constants
     */
    SmallWorld(long seed, boolean simple) {
        this.random = new Random(seed);
        this.simple = simple;
    }

    CedarPolicySet policies(int most) {
        SortedMap<String, CedarPolicy> all = new TreeMap<>();
        int count = 1 + random.nextInt(most);
        for (int i = 0; i < count; i++) {
            all.put("p" + i, policy());
        }
        return new CedarPolicySet(all);
    }

    CedarPolicy policy() {
        List<Clause> clauses = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            clauses.add(new Clause(random.nextBoolean() ? Clause.Kind.WHEN : Clause.Kind.UNLESS, truth(3)));
        }
        return new CedarPolicy(
                random.nextInt(3) == 0 ? Effect.FORBID : Effect.PERMIT,
                scope(),
                actionScope(),
                scope(),
                new TreeMap<>(),
                clauses);
    }

    /** Returns a set that decides alike, or nearly so. */
    CedarPolicySet reworded(CedarPolicySet set, boolean slip) {
        SortedMap<String, CedarPolicy> all = new TreeMap<>();
        int slipping = slip ? random.nextInt(set.policies().size()) : -1;
        int[] at = {0};
        set.policies().forEach((id, policy) -> {
            boolean slips = at[0]++ == slipping;
            List<Clause> clauses = new ArrayList<>();
            for (Clause clause : policy.clauses()) {
                Expr body = reworded(clause.body());
                boolean turn = random.nextBoolean();
                clauses.add(
                        turn
                                ? new Clause(
                                        clause.kind() == Clause.Kind.WHEN ? Clause.Kind.UNLESS : Clause.Kind.WHEN,
                                        new Unary(UnaryOperator.NOT, body))
                                : new Clause(clause.kind(), body));
            }
            if (slips) {
                clauses.add(new Clause(Clause.Kind.WHEN, truth(1)));
            }
            all.put(
                    "q" + id,
                    new CedarPolicy(
                            policy.effect(),
                            policy.principal(),
                            policy.action(),
                            policy.resource(),
                            new TreeMap<>(),
                            clauses));
        });
        return new CedarPolicySet(all);
    }

    private Expr reworded(Expr expr) {
        if (expr instanceof Binary pair && pair.operator() == BinaryOperator.AND) {
            return switch (random.nextInt(3)) {
                case 0 -> new If(reworded(pair.left()), reworded(pair.right()), new Literal(BoolValue.of(false)));
                case 1 -> not(binary(BinaryOperator.OR, not(reworded(pair.left())), not(reworded(pair.right()))));
                default -> binary(BinaryOperator.AND, reworded(pair.left()), reworded(pair.right()));
            };
        }
        if (expr instanceof Unary not && not.operator() == UnaryOperator.NOT) {
            return not(reworded(not.operand()));
        }
        if (expr instanceof Binary pair && pair.operator() == BinaryOperator.LESS) {
            return random.nextBoolean()
                    ? binary(BinaryOperator.GREATER, pair.right(), pair.left())
                    : not(binary(BinaryOperator.LESS_OR_EQUAL, pair.right(), pair.left()));
        }
        if (expr instanceof Binary pair && pair.operator() == BinaryOperator.EQUAL) {
            return random.nextBoolean()
                    ? binary(BinaryOperator.EQUAL, pair.right(), pair.left())
                    : not(binary(BinaryOperator.NOT_EQUAL, pair.left(), pair.right()));
        }
        return expr;
    }

    private static Expr not(Expr expr) {
        return new Unary(UnaryOperator.NOT, expr);
    }

    private Expr truth(int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            return switch (random.nextInt(4)) {
                case 0 -> binary(BinaryOperator.AND, truth(depth - 1), truth(depth - 1));
                case 1 -> binary(BinaryOperator.OR, truth(depth - 1), truth(depth - 1));
                case 2 -> not(truth(depth - 1));
                default -> new If(truth(depth - 1), truth(depth - 1), truth(depth - 1));
            };
        }
        if (!simple && random.nextInt(4) == 0) {
            return switch (random.nextInt(6)) {
                case 0 -> binary(BinaryOperator.EQUAL, variable(), place());
                case 1 -> binary(BinaryOperator.LESS, attribute("n"), attribute("n"));
                case 2 -> new Like(attribute("s"), Pattern.parse(pick("a*", "*", "*b", "a")));
                case 3 -> binary(BinaryOperator.IN, variable(), attribute(pick("e", "set")));
                case 4 ->
                    binary(
                            BinaryOperator.LESS,
                            binary(BinaryOperator.ADD, attribute("n"), num(random.nextInt(3))),
                            num(2));
                default -> binary(BinaryOperator.CONTAINS, attribute("set"), place());
            };
        }
        return switch (random.nextInt(13)) {
            case 0 -> new Has(random.nextInt(4) == 0 ? attribute("r") : owner(), pick(ATTRIBUTES));
            case 1 -> binary(BinaryOperator.EQUAL, place(), constant());
            case 2 ->
                binary(
                        pick(BinaryOperator.LESS, BinaryOperator.GREATER_OR_EQUAL, BinaryOperator.LESS_OR_EQUAL),
                        attribute("n"),
                        num(random.nextInt(4)));
            case 3 -> binary(BinaryOperator.IN, pick(variable(), attribute("e")), new Literal(entity()));
            case 4 ->
                binary(BinaryOperator.IN, variable(), new SetOf(List.of(new Literal(entity()), new Literal(entity()))));
            case 5 ->
                new Is(variable(), pick("User", "Group", "Doc"), random.nextBoolean() ? null : new Literal(entity()));
            case 6 ->
                binary(
                        pick(BinaryOperator.CONTAINS_ALL, BinaryOperator.CONTAINS_ANY),
                        attribute("set"),
                        new SetOf(List.of(text(), text())));
            case 7 -> binary(BinaryOperator.CONTAINS, attribute("set"), text());
            case 8 -> new Unary(UnaryOperator.IS_EMPTY, attribute("set"));
            case 9 -> binary(BinaryOperator.CONTAINS, new SetOf(List.of(text(), num(1))), place());
            case 10 -> attribute("b");
            case 11 ->
                new Call(
                        pick(ExtensionFunction.LESS_THAN, ExtensionFunction.GREATER_THAN_OR_EQUAL),
                        List.of(attribute("d"), decimal()));
            default -> new Literal(BoolValue.of(random.nextBoolean()));
        };
    }

    private Expr decimal() {
        return new Call(ExtensionFunction.DECIMAL, List.of(new Literal(new StringValue(pick("0.5", "0.5001", "1.0")))));
    }

    private Expr variable() {
        return new Var(pick(Variable.PRINCIPAL, Variable.RESOURCE, Variable.ACTION));
    }

    private Expr owner() {
        return new Var(pick(Variable.PRINCIPAL, Variable.RESOURCE, Variable.CONTEXT, Variable.CONTEXT));
    }

    private Expr attribute(String name) {
        Expr of = random.nextInt(4) == 0 ? new GetAttr(owner(), "r") : owner();
        return new GetAttr(of, name);
    }

    private Expr place() {
        return random.nextInt(4) == 0 ? variable() : attribute(pick(ATTRIBUTES));
    }

    private Expr constant() {
        return switch (random.nextInt(6)) {
            case 0 -> num(random.nextInt(4));
            case 1 -> text();
            case 2 -> new Literal(BoolValue.of(random.nextBoolean()));
            case 3 -> new Literal(entity());
            case 4 -> decimal();
            default -> new SetOf(random.nextBoolean() ? List.of() : List.of(text()));
        };
    }

    private static Expr num(long value) {
        return new Literal(new LongValue(value));
    }

    private Expr text() {
        return new Literal(new StringValue(pick("a", "b")));
    }

    private static Expr binary(BinaryOperator operator, Expr left, Expr right) {
        return new Binary(operator, left, right);
    }

    private EntityUid entity() {
        return new EntityUid(pick("User", "Group"), pick("a", "b"));
    }

    private Scope scope() {
        return switch (random.nextInt(8)) {
            case 0 -> new Scope.Eq(entity());
            case 1, 2 -> new Scope.In(entity());
            case 3 -> new Scope.Is(pick("User", "Doc"));
            case 4 -> new Scope.IsIn("User", entity());
            default -> new Scope.All();
        };
    }

    private Scope actionScope() {
        return switch (random.nextInt(6)) {
            case 0 -> new Scope.Eq(action());
            case 1 -> new Scope.In(action());
            case 2 -> new Scope.InAny(List.of(action(), action()));
            default -> new Scope.All();
        };
    }

    private EntityUid action() {
        return new EntityUid("Action", pick("x", "y", "z"));
    }

    /** Returns any request of this world, well typed or not. */
    Cell request() {
        List<EntityUid> entities = new ArrayList<>();
        for (String type : new String[] {"User", "Group", "Doc"}) {
            for (String id : new String[] {"a", "b", "c"}) {
                entities.add(new EntityUid(type, id));
            }
        }
        Map<EntityUid, Set<EntityUid>> parents = new HashMap<>();
        Map<EntityUid, RecordValue> attributes = new HashMap<>();
        for (EntityUid entity : entities) {
            attributes.put(entity, record(2));
            for (EntityUid above : entities) {
                boolean fits = !typed
                        || above.type().equals("Group")
                        || above.type().equals("User") && entity.type().equals("User");
                if (fits && random.nextInt(6) == 0) {
                    parents.computeIfAbsent(entity, unused -> new HashSet<>()).add(above);
                }
            }
        }
        EntityUid action = new EntityUid("Action", typed ? pick("x", "y", "z") : pick("x", "y", "z", "w"));
        if (!typed && random.nextBoolean()) {
            parents.put(action, Set.of(action()));
        }
        return new Cell(
                typed ? new EntityUid("User", pick("a", "b", "c")) : pick(entities),
                action,
                typed ? new EntityUid("Doc", pick("a", "b", "c")) : pick(entities),
                record(2),
                attributes,
                parents);
    }

    private RecordValue record(int depth) {
        SortedMap<String, Value> values = new TreeMap<>();
        for (String name : ATTRIBUTES) {
            boolean required = typed && List.of("n", "s", "b", "set").contains(name);
            if (required || random.nextInt(3) > 0) {
                values.put(
                        name, !typed && random.nextInt(5) == 0 ? value(pick(ATTRIBUTES), depth) : value(name, depth));
            }
        }
        return new RecordValue(values);
    }

    private Value value(String name, int depth) {
        return switch (name) {
            case "n" -> new LongValue(random.nextInt(12) == 0 ? Long.MAX_VALUE : random.nextInt(5) - 1);
            case "s" -> new StringValue(pick("a", "b", "ab", "c"));
            case "b" -> BoolValue.of(random.nextBoolean());
            case "d" -> new DecimalValue(pick(0L, 5000L, 5001L, 5002L, 10000L, 20000L));
            case "e" -> new EntityUid(typed ? "User" : pick("User", "Group", "Doc"), pick("a", "b", "c"));
            case "set" -> {
                Set<Value> held = new HashSet<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    held.add(
                            random.nextInt(6) == 0 ? new EntityUid("User", "a") : new StringValue(pick("a", "b", "c")));
                }
                yield new SetValue(held);
            }
            default -> depth == 0 ? RecordValue.EMPTY : record(depth - 1);
        };
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
