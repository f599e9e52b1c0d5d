package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
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

    /** Returns a set that also has templates and links. */
    CedarPolicySet policySet(int count) {
        SortedMap<String, CedarPolicy> statics = new TreeMap<>();
        SortedMap<String, CedarPolicy> templates = new TreeMap<>();
        SortedMap<String, TemplateLink> links = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            CedarPolicy policy = named("p" + i, policy());
            statics.put("p" + i, policy);
            CedarPolicy template = named("t" + i, template(policy));
            templates.put("t" + i, template);
            SortedMap<Slot, EntityUid> values = new TreeMap<>();
            template.slots().forEach(slot -> values.put(slot, uid("User", pick("a", "b"))));
            links.put("l" + i, new TemplateLink("t" + i, values));
        }
        return new CedarPolicySet(statics, templates, links);
    }

    /** Returns a policy with slots in its head. */
    CedarPolicy template(CedarPolicy policy) {
        boolean both = random.nextBoolean();
        boolean first = both || random.nextBoolean();
        return new CedarPolicy(
                policy.effect(),
                first ? slot() : policy.principal(),
                policy.action(),
                both || !first ? slot() : policy.resource(),
                policy.annotations(),
                policy.clauses());
    }

    private static CedarPolicy named(String id, CedarPolicy policy) {
        SortedMap<String, String> annotations = new TreeMap<>(policy.annotations());
        annotations.put("id", id);
        return new CedarPolicy(
                policy.effect(), policy.principal(), policy.action(), policy.resource(), annotations, policy.clauses());
    }

    private Scope slot() {
        return pick(new Scope.EqSlot(), new Scope.InSlot(), new Scope.IsInSlot("Other::Thing"));
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
            annotations.put(pick("expects", "if", "permit", "_x1"), text());
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
                        new Entity(
                                uid("User", "a"),
                                attributes,
                                Set.of(uid("User", "b")),
                                new TreeMap<>(Map.of("a", new LongValue(1)))),
                        new Entity(uid("Action", "a"), RecordValue.EMPTY, Set.of(uid("Action", "b"))))));
    }

    Expr expr(int depth) {
        if (depth == 0 || random.nextInt(6) == 0) {
            return switch (random.nextInt(6)) {
                case 0 -> Exprs.num(random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(4) - 1);
                case 1 -> Exprs.num(pick(Long.MIN_VALUE, Long.MAX_VALUE, -1L));
                case 2 -> Exprs.str(text());
                case 3 -> Exprs.bool(random.nextBoolean());
                case 4 -> Exprs.entity(pick("User", "Other::Thing", "permit"), text());
                default -> new Var(pick(Variable.values()));
            };
        }
        return switch (random.nextInt(14)) {
            case 0 -> new Unary(pick(UnaryOperator.values()), expr(depth - 1));
            case 1 -> Exprs.choose(truth(depth - 1), expr(depth - 1), expr(depth - 1));
            case 2 -> Exprs.get(expr(depth - 1), pick(NAMES));
            case 3 -> Exprs.set(expr(depth - 1), expr(depth - 1));
            case 4 -> Exprs.record(Map.of(pick(NAMES), expr(depth - 1), pick("if", "when"), expr(depth - 1)));
            case 5 ->
                Exprs.call(
                        pick(
                                ExtensionFunction.DECIMAL,
                                ExtensionFunction.IP,
                                ExtensionFunction.DATETIME,
                                ExtensionFunction.DURATION),
                        Exprs.str(pick("0.5", "x", "10.0.0.0/8", "::1", "2024-10-15", "1d2h", "-5ms")));
            case 6 -> call(depth);
            case 7 -> Exprs.bin(expr(depth - 1), BinaryOperator.HAS_TAG, Exprs.str(pick(NAMES)));
            case 8 -> new Like(expr(depth - 1), pattern());
            case 9 -> new Is(expr(depth - 1), "Other::Thing", random.nextBoolean() ? null : expr(depth - 1));
            case 10 -> Exprs.has(expr(depth - 1), pick(NAMES));
            default -> new Binary(pick(BinaryOperator.values()), expr(depth - 1), expr(depth - 1));
        };
    }

    private Expr call(int depth) {
        ExtensionFunction function = pick(ExtensionFunction.values());
        List<Expr> arguments = new ArrayList<>();
        int count = random.nextInt(8) == 0 ? 1 + random.nextInt(3) : function.arity();
        for (int i = 0; i < count; i++) {
            arguments.add(expr(depth - 1));
        }
        return new Call(function, arguments);
    }

    private Pattern pattern() {
        Pattern.Builder pattern = new Pattern.Builder();
        for (int i = random.nextInt(5); i > 0; i--) {
            if (random.nextBoolean()) {
                pattern.wildcard();
            } else {
                pattern.text(text());
            }
        }
        return pattern.build();
    }

    /** Returns a name of the small world, or a text of characters that are hard to write. */
    private String text() {
        if (random.nextInt(3) > 0) {
            return pick(NAMES);
        }
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.appendCodePoint(pick(
                    0, 1, 9, 10, 13, 0x22, 0x27, 0x2a, 0x5c, 0x7f, 0x85, 0xad, 0xe9, 0x202e, 0x2028, 0xfeff, 0x1f600,
                    0x10ffff));
        }
        return text.toString();
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
