package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Policies and queries drawn at random from a small world, so that they often meet. */
final class RandomPolicies {
    private static final String[] NAMES = {"a", "b", "c d", "é*\"\\"};
    private final Random random;

    RandomPolicies(long seed) {
        this.random = new Random(seed);
    }

    CedarPolicySet policies(int count) {
        SortedMap<String, CedarPolicy> policies = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            policies.put("p" + i, policy());
        }
        return new CedarPolicySet(policies);
    }

    CedarPolicy policy() {
        return policy(random.nextInt(3) == 0 ? Effect.FORBID : Effect.PERMIT);
    }

    CedarPolicy policy(Effect effect) {
        List<Clause> clauses = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            clauses.add(new Clause(random.nextBoolean() ? Clause.Kind.WHEN : Clause.Kind.UNLESS, truth(3)));
        }
        SortedMap<String, String> annotations = new TreeMap<>();
        if (random.nextBoolean()) {
            annotations.put("expects", pick(NAMES));
        }
        return new CedarPolicy(effect, scope(), actionScope(), scope(), annotations, clauses);
    }

    Query query() {
        RecordValue attributes =
                RecordValue.of(Map.of("a", new LongValue(random.nextInt(3)), "b", BoolValue.of(random.nextBoolean())));
        return new StoredQuery(
                uid("User", pick("a", "b")),
                uid("Action", pick("a", "b")),
                uid("User", pick("a", "b")),
                RecordValue.of(Map.of(
                        "a",
                        new LongValue(random.nextInt(3)),
                        "b",
                        BoolValue.of(random.nextBoolean()),
                        "c d",
                        new StringValue(pick(NAMES)))),
                EntityStore.of(List.of(
                        new Entity(uid("User", "a"), attributes, Set.of(uid("User", "b"))),
                        new Entity(uid("Action", "a"), RecordValue.EMPTY, Set.of(uid("Action", "b"))))));
    }

    Expr expr(int depth) {
        if (depth == 0 || random.nextInt(6) == 0) {
            return switch (random.nextInt(5)) {
                case 0 -> Exprs.num(random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(4));
                case 1 -> Exprs.str(pick(NAMES));
                case 2 -> Exprs.bool(random.nextBoolean());
                case 3 -> Exprs.entity("User", pick(NAMES));
                default -> new Var(pick(Variable.values()));
            };
        }
        return switch (random.nextInt(9)) {
            case 0 -> new Unary(pick(UnaryOperator.values()), expr(depth - 1));
            case 1 -> Exprs.choose(truth(depth - 1), expr(depth - 1), expr(depth - 1));
            case 2 -> Exprs.get(expr(depth - 1), pick(NAMES));
            case 3 -> Exprs.set(expr(depth - 1), expr(depth - 1));
            case 4 -> Exprs.record(Map.of(pick(NAMES), expr(depth - 1)));
            case 5 -> Exprs.call(ExtensionFunction.DECIMAL, Exprs.str(pick("0.5", "x")));
            case 6 -> Exprs.call(ExtensionFunction.LESS_THAN, expr(depth - 1), Exprs.decimal("0.5"));
            default -> new Binary(pick(BinaryOperator.values()), expr(depth - 1), expr(depth - 1));
        };
    }

    private Expr truth(int depth) {
        if (depth == 0) {
            return Exprs.bool(random.nextBoolean());
        }
        return switch (random.nextInt(8)) {
            case 0 -> Exprs.and(truth(depth - 1), truth(depth - 1));
            case 1 -> Exprs.or(truth(depth - 1), truth(depth - 1));
            case 2 -> Exprs.has(new Var(pick(Variable.values())), pick(NAMES));
            case 3 -> new Like(Exprs.get(Exprs.CONTEXT, "c d"), Pattern.parse(pick("*", "c*", "\\*")));
            case 4 -> new Is(Exprs.PRINCIPAL, "User", random.nextBoolean() ? null : Exprs.entity("User", "b"));
            case 5 -> Exprs.bin(Exprs.get(Exprs.CONTEXT, "a"), BinaryOperator.LESS, Exprs.num(random.nextInt(3)));
            case 6 -> Exprs.bin(Exprs.get(Exprs.PRINCIPAL, "a"), BinaryOperator.EQUAL, Exprs.num(1));
            default -> expr(depth);
        };
    }

    private Scope scope() {
        return switch (random.nextInt(7)) {
            case 0 -> new Scope.Eq(uid("User", pick("a", "b")));
            case 1 -> new Scope.In(uid("User", pick("a", "b")));
            case 2 -> new Scope.Is(pick("User", "Other::Thing"));
            case 3 -> new Scope.IsIn("User", uid("User", "b"));
            default -> new Scope.All();
        };
    }

    private Scope actionScope() {
        return switch (random.nextInt(6)) {
            case 0 -> new Scope.Eq(uid("Action", pick("a", "b")));
            case 1 -> new Scope.In(uid("Action", pick("a", "b")));
            case 2 -> new Scope.InAny(List.of(uid("Action", pick("a", "b")), uid("Action", "c")));
            case 3 -> new Scope.InAny(List.of());
            default -> new Scope.All();
        };
    }

    private EntityUid uid(String type, String id) {
        return new EntityUid(type, id);
    }

    @SafeVarargs
    private <T> T pick(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
