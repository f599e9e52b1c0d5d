package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.RuleTerms;
import dev.modelops.core.internal.policy.analysis.Diagram.TooLargeException;
import dev.modelops.core.internal.policy.analysis.Space.Key;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.CompiledPolicy;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.validation.Validator;
import dev.modelops.policy.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares what two policy sets decide, over all requests: a forbid that errs denies, an advisory one does not count. That they are the same is only said
 * where it is proven, and that they differ only with a request on which both were evaluated and do differ.
 */
public final class PolicyComparison {
    private static final int HELD = 3;
    private static final int MOST_NODES = 400_000;
    private static final int MOST_PATHS = 200;
    private static final int MOST_TRIES = 6_000;
    private static final int MOST_TRIES_FOR_ONE = 600;

    private final CedarPolicySet before;
    private final CedarPolicySet after;
    private final Authorizer beforeEngine;
    private final Authorizer afterEngine;
    private final @Nullable Schema schema;
    private int tries;

    private PolicyComparison(CedarPolicySet before, CedarPolicySet after, @Nullable Schema schema) {
        this.before = before;
        this.after = after;
        this.beforeEngine = new Authorizer(before);
        this.afterEngine = new Authorizer(after);
        this.schema = schema;
    }

    /** What a set decides. */
    public enum Outcome {
        /** The request is allowed. */
        ALLOWED,
        /** The request is refused by soft rules alone, which can be overridden. */
        DENIED_UNLESS_OVERRIDDEN,
        /** The request is refused. */
        DENIED
    }

    /** What a comparison found. */
    public sealed interface Result {
        /** Both sets decide every request alike. */
        record Same() implements Result {}

        /** They decide a request differently. */
        record Different(Cell request, Outcome before, Outcome after, List<String> rulesBefore, List<String> rulesAfter)
                implements Result {
            public Different {
                rulesBefore = List.copyOf(rulesBefore);
                rulesAfter = List.copyOf(rulesAfter);
            }
        }

        /** Neither could be shown, for some reasons. */
        record Unknown(List<String> reasons) implements Result {
            public Unknown {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /**
     * Compares two policy sets.
     *
     * @param schema what requests conform to; null for any request at all
     */
    public static Result of(CedarPolicySet before, CedarPolicySet after, @Nullable Schema schema) {
        return new PolicyComparison(before, after, schema).run();
    }

    private Result run() {
        Set<String> reasons = new LinkedHashSet<>();
        List<Setting> settings = schema == null ? openSettings(policies()) : SchemaSetting.all(schema);
        for (Setting setting : settings) {
            try {
                Result result = compare(setting, reasons);
                if (result != null) {
                    return result;
                }
            } catch (TooLargeException e) {
                reasons.add("for " + setting + ": " + e.getMessage());
            }
        }
        reasons.addAll(misfits());
        return reasons.isEmpty() ? new Result.Same() : new Result.Unknown(List.copyOf(reasons));
    }

    /** What does not fit the schema may speak of requests that were not looked at. */
    private Set<String> misfits() {
        Set<String> reasons = new LinkedHashSet<>();
        if (schema != null) {
            Validator validator = new Validator(schema);
            for (CedarPolicySet set : List.of(before, after)) {
                validator
                        .validate(set)
                        .errors()
                        .forEach(error -> reasons.add("rule '" + error.policy() + "' does not fit the schema: "
                                + error.message() + "; in: " + error.expression()));
            }
        }
        return reasons;
    }

    private List<CedarPolicy> policies() {
        List<CedarPolicy> all = new ArrayList<>(before.policies().values());
        all.addAll(after.policies().values());
        return all;
    }

    private @Nullable Result compare(Setting setting, Set<String> reasons) {
        Map<String, CedarPolicy> left = candidates(before, setting);
        Map<String, CedarPolicy> right = candidates(after, setting);
        if (bare(left.values()).equals(bare(right.values()))) {
            return null;
        }
        Diagram diagram = new Diagram(MOST_NODES);
        List<CedarPolicy> all = new ArrayList<>(left.values());
        all.addAll(right.values());
        Conditions conditions = Conditions.over(setting, all, diagram);
        int differs = diagram.apply(
                (one, other) -> one == other ? Diagram.FALSE : Diagram.TRUE,
                outcome(left.values(), conditions, diagram),
                outcome(right.values(), conditions, diagram));
        if (!diagram.reaches(differs, Diagram.TRUE)) {
            return null;
        }
        List<Result> found = new ArrayList<>();
        int[] paths = {0};
        diagram.visit(differs, Diagram.TRUE, conditions.space().anywhere(), cell -> {
            Result witness = witness(conditions.space(), cell, all);
            if (witness != null) {
                found.add(witness);
            }
            return witness != null || ++paths[0] >= MOST_PATHS || tries >= MOST_TRIES;
        });
        if (!found.isEmpty()) {
            return found.get(0);
        }
        reasons.addAll(reasons(left, right, conditions));
        return null;
    }

    private static List<String> reasons(
            Map<String, CedarPolicy> left, Map<String, CedarPolicy> right, Conditions conditions) {
        SortedSet<String> texts = conditions.notLookedInto();
        Set<String> reasons = new LinkedHashSet<>();
        for (Map<String, CedarPolicy> side : List.of(left, right)) {
            side.forEach((id, policy) -> {
                Map<String, Expr> parts = new LinkedHashMap<>();
                policy.clauses().forEach(clause -> index(clause.body(), parts));
                for (String text : texts) {
                    Expr part = parts.get(text);
                    if (part != null) {
                        reasons.add("rule '" + id + "': '" + CedarText.of(part)
                                + "' is more than a comparison of one place with constants");
                    }
                }
            });
        }
        if (reasons.isEmpty()) {
            reasons.add(
                    "for " + conditions.space().setting()
                            + ": a difference shows in the conditions one by one, but no request was found that meets all it takes");
        }
        return List.copyOf(reasons);
    }

    private static int outcome(Collection<CedarPolicy> policies, Conditions conditions, Diagram diagram) {
        int permitted = Diagram.FALSE;
        int denied = Diagram.FALSE;
        int held = Diagram.FALSE;
        for (CedarPolicy policy : policies) {
            int function = conditions.of(policy);
            if (policy.effect() == CedarPolicy.Effect.PERMIT) {
                permitted = diagram.apply(ALSO_SATISFIED, permitted, function);
            } else if (level(policy) == Level.HARD) {
                denied = diagram.apply(ALSO_SATISFIED_OR_ERRING, denied, function);
            } else if (level(policy) == Level.SOFT) {
                held = diagram.apply(ALSO_SATISFIED_OR_ERRING, held, function);
            }
        }
        return diagram.apply(UNLESS_HELD, diagram.apply(ALLOWED, permitted, denied), held);
    }

    static final Diagram.Op ALSO_SATISFIED =
            (some, one) -> some == Diagram.TRUE || one == Diagram.TRUE ? Diagram.TRUE : Diagram.FALSE;
    static final Diagram.Op ALSO_SATISFIED_OR_ERRING =
            (some, one) -> some == Diagram.TRUE || one != Diagram.FALSE ? Diagram.TRUE : Diagram.FALSE;
    private static final Diagram.Op ALLOWED =
            (permitted, denied) -> permitted == Diagram.TRUE && denied == Diagram.FALSE ? Diagram.TRUE : Diagram.FALSE;
    private static final Diagram.Op UNLESS_HELD =
            (allowed, held) -> allowed == Diagram.TRUE && held == Diagram.TRUE ? HELD : allowed;

    /** Returns how firmly a policy forbids. */
    static Level level(CedarPolicy policy) {
        return Level.find(policy.annotations().getOrDefault(RuleTerms.LEVEL, ""))
                .orElse(Level.HARD);
    }

    /** Returns the policies whose heads may accept the action. */
    static Map<String, CedarPolicy> candidates(CedarPolicySet set, Setting setting) {
        Map<String, CedarPolicy> found = new TreeMap<>();
        set.policies().forEach((id, policy) -> {
            if (accepts(policy.action(), setting)) {
                found.put(id, policy);
            }
        });
        return found;
    }

    static boolean accepts(Scope scope, Setting setting) {
        Set<EntityUid> ancestors = setting.actionAncestors();
        if (scope instanceof Scope.Eq eq) {
            return eq.entity().equals(setting.action());
        } else if (scope instanceof Scope.In in) {
            return ancestors == null || isIn(setting.action(), ancestors, in.entity());
        } else if (scope instanceof Scope.InAny any) {
            return ancestors == null && !any.entities().isEmpty()
                    || ancestors != null
                            && any.entities().stream().anyMatch(one -> isIn(setting.action(), ancestors, one));
        }
        return true;
    }

    private static boolean isIn(EntityUid action, Set<EntityUid> ancestors, EntityUid one) {
        return action.equals(one) || ancestors.contains(one);
    }

    private static Set<CedarPolicy> bare(Collection<CedarPolicy> policies) {
        Set<CedarPolicy> bare = new LinkedHashSet<>();
        policies.forEach(policy -> bare.add(bare(policy)));
        return bare;
    }

    /** Returns a policy without its annotations, but for its level. */
    static CedarPolicy bare(CedarPolicy policy) {
        SortedMap<String, String> kept = new TreeMap<>();
        if (level(policy) != Level.HARD) {
            kept.put(RuleTerms.LEVEL, level(policy).id());
        }
        return new CedarPolicy(
                policy.effect(), policy.principal(), policy.action(), policy.resource(), kept, policy.clauses());
    }

    private @Nullable Result witness(Space space, int[] cell, Collection<CedarPolicy> policies) {
        Result plain = verified(space.request(cell, Map.of()));
        if (plain != null) {
            return plain;
        }
        Map<Spot, List<Value>> candidates = candidates(space, cell, policies);
        if (candidates.isEmpty()) {
            return null;
        }
        return search(space, cell, List.copyOf(candidates.entrySet()), 0, new LinkedHashMap<>(), new int[1]);
    }

    private @Nullable Result search(
            Space space,
            int[] cell,
            List<Map.Entry<Spot, List<Value>>> candidates,
            int at,
            Map<Spot, Value> chosen,
            int[] triesHere) {
        if (at == candidates.size()) {
            tries++;
            triesHere[0]++;
            return verified(space.request(cell, chosen));
        }
        Spot spot = candidates.get(at).getKey();
        for (Value value : candidates.get(at).getValue()) {
            if (tries >= MOST_TRIES || triesHere[0] >= MOST_TRIES_FOR_ONE) {
                return null;
            }
            chosen.put(spot, value);
            Result found = search(space, cell, candidates, at + 1, chosen, triesHere);
            if (found != null) {
                return found;
            }
        }
        chosen.remove(spot);
        return null;
    }

    /** Returns values that may bring about what the cell asks of conditions that are not looked into. */
    private Map<Spot, List<Value>> candidates(Space space, int[] cell, Collection<CedarPolicy> policies) {
        Map<String, Expr> texts = new HashMap<>();
        policies.forEach(policy -> policy.clauses().forEach(clause -> index(clause.body(), texts)));
        Map<Spot, Set<Value>> found = new LinkedHashMap<>();
        for (int i = 0; i < cell.length; i++) {
            if (cell[i] >= 0 && space.variables().get(i).key() instanceof Key.Opaque opaque) {
                Expr expr = texts.get(opaque.text());
                if (expr != null) {
                    suggest(space, cell, expr, found);
                }
            }
        }
        Map<Spot, List<Value>> lists = new LinkedHashMap<>();
        found.forEach((spot, values) -> lists.put(spot, List.copyOf(values)));
        return lists;
    }

    private static void index(Expr expr, Map<String, Expr> texts) {
        texts.put(CedarText.of(expr), expr);
        if (expr instanceof Expr.Binary pair) {
            // Comparisons are kept under the form in which they are not looked into.
            switch (pair.operator()) {
                case NOT_EQUAL, EQUAL -> {
                    texts.put(CedarText.of(binary(Expr.BinaryOperator.EQUAL, pair.left(), pair.right())), expr);
                    texts.put(CedarText.of(binary(Expr.BinaryOperator.EQUAL, pair.right(), pair.left())), expr);
                }
                case GREATER, LESS_OR_EQUAL ->
                    texts.put(CedarText.of(binary(Expr.BinaryOperator.LESS, pair.right(), pair.left())), expr);
                case GREATER_OR_EQUAL ->
                    texts.put(CedarText.of(binary(Expr.BinaryOperator.LESS, pair.left(), pair.right())), expr);
                default -> {}
            }
        }
        if (expr instanceof Is is && is.in() != null) {
            texts.put(CedarText.of(binary(Expr.BinaryOperator.IN, is.entity(), is.in())), expr);
        }
        expr.parts().forEach(part -> index(part, texts));
    }

    private static Expr binary(Expr.BinaryOperator operator, Expr left, Expr right) {
        return new Expr.Binary(operator, left, right);
    }

    private void suggest(Space space, int[] cell, Expr expr, Map<Spot, Set<Value>> found) {
        Set<Spot> spots = new TreeSet<>();
        Set<Value> pool = new LinkedHashSet<>();
        gather(expr, spots, pool);
        Cell now = space.request(cell, Map.of());
        for (Spot spot : spots) {
            Value value = valueAt(now, spot);
            if (value != null) {
                pool.add(value);
            }
        }
        for (long number : new long[] {0, 1, -1, 2, 10, 1000, Long.MAX_VALUE, Long.MIN_VALUE}) {
            pool.add(new LongValue(number));
        }
        for (Spot spot : spots) {
            if (spot.equals(Spot.ACTION) || spot.equals(Spot.CONTEXT)) {
                continue;
            }
            Value own = valueAt(now, spot);
            Set<Value> values = found.computeIfAbsent(spot, unused -> new LinkedHashSet<>());
            if (own != null) {
                values.add(own);
            }
            for (Value value : pool) {
                if (fits(space.setting(), spot, own, value)) {
                    values.add(value);
                }
            }
            if (values.isEmpty()) {
                found.remove(spot);
            }
        }
    }

    private static boolean fits(Setting setting, Spot spot, @Nullable Value own, Value value) {
        Setting.Knowledge known = setting.of(spot);
        if (spot.isRoot() && !(value instanceof EntityUid)) {
            return false;
        }
        if (known == null) {
            return true;
        }
        if (own == null) {
            return false;
        }
        return own.typeName().equals(value.typeName())
                && (!(own instanceof EntityUid mine)
                        || value instanceof EntityUid other && mine.type().equals(other.type()));
    }

    private static @Nullable Value valueAt(Cell request, Spot spot) {
        Value at = switch (spot.root()) {
            case PRINCIPAL -> request.principal();
            case ACTION -> request.action();
            case RESOURCE -> request.resource();
            case CONTEXT -> request.context();
        };
        for (String name : spot.names()) {
            at = at instanceof Value.RecordValue record
                    ? record.get(name)
                    : at instanceof EntityUid uid ? request.attribute(uid, name) : null;
            if (at == null) {
                return null;
            }
        }
        return at;
    }

    private static void gather(Expr expr, Set<Spot> spots, Set<Value> pool) {
        Spot spot = Spot.of(expr);
        if (spot != null) {
            spots.add(spot);
            return;
        }
        if (expr instanceof Literal literal) {
            pool.add(literal.value());
            if (literal.value() instanceof LongValue number) {
                pool.add(new LongValue(number.value() + 1));
                pool.add(new LongValue(number.value() - 1));
            }
        } else if (expr instanceof Like like) {
            pool.add(new StringValue(String.join("", like.pattern().texts())));
            pool.add(new StringValue(String.join("x", like.pattern().texts())));
            pool.add(new StringValue("x" + String.join("y", like.pattern().texts()) + "z"));
        } else if (expr instanceof Expr.SetOf && Conditions.isConstant(expr)) {
            pool.add(new Value.SetValue(Set.of()));
        }
        pool.add(BoolValue.of(true));
        pool.add(BoolValue.of(false));
        expr.parts().forEach(part -> gather(part, spots, pool));
    }

    private @Nullable Result verified(Cell request) {
        Response one = beforeEngine.authorize(request);
        Response other = afterEngine.authorize(request);
        Outcome before = outcome(one);
        Outcome after = outcome(other);
        return before == after
                ? null
                : new Result.Different(request, before, after, rules(one, before), rules(other, after));
    }

    private static Outcome outcome(Response response) {
        if (response.permits().isEmpty() || refusing(response).anyMatch(policy -> level(policy) == Level.HARD)) {
            return Outcome.DENIED;
        }
        return refusing(response).anyMatch(policy -> level(policy) == Level.SOFT)
                ? Outcome.DENIED_UNLESS_OVERRIDDEN
                : Outcome.ALLOWED;
    }

    private static Stream<CedarPolicy> refusing(Response response) {
        return Stream.concat(
                        response.forbids().stream(),
                        response.failures().stream()
                                .map(Authorizer.Failure::policy)
                                .filter(CompiledPolicy::forbids))
                .map(CompiledPolicy::source);
    }

    private static List<String> rules(Response response, Outcome outcome) {
        Set<String> rules = new TreeSet<>();
        if (outcome == Outcome.ALLOWED) {
            response.permits().forEach(permit -> rules.add(permit.id()));
        } else {
            Stream.concat(
                            response.forbids().stream(),
                            response.failures().stream()
                                    .map(Authorizer.Failure::policy)
                                    .filter(CompiledPolicy::forbids))
                    .filter(policy -> level(policy.source()) != Level.ADVISORY)
                    .forEach(policy -> rules.add(policy.id()));
        }
        return List.copyOf(rules);
    }

    /** Returns requests for every action that policies tell apart, and for any other. */
    static List<Setting> openSettings(Collection<CedarPolicy> policies) {
        Set<EntityUid> named = new LinkedHashSet<>();
        Set<String> types = new TreeSet<>(Set.of("Action"));
        for (CedarPolicy policy : policies) {
            Scope scope = policy.action();
            if (scope instanceof Scope.Eq eq) {
                named.add(eq.entity());
            } else if (scope instanceof Scope.In in) {
                named.add(in.entity());
            } else if (scope instanceof Scope.InAny any) {
                named.addAll(any.entities());
            }
            policy.clauses().forEach(clause -> actions(clause.body(), named, types));
        }
        named.forEach(action -> types.add(action.type()));
        List<Setting> settings = new ArrayList<>();
        named.forEach(action -> settings.add(new Setting.Open(action)));
        String fresh = "Other";
        while (types.contains(fresh)) {
            fresh += "_";
        }
        types.add(fresh);
        for (String type : types) {
            String id = "another";
            while (named.contains(new EntityUid(type, id))) {
                id += "-";
            }
            settings.add(new Setting.Open(new EntityUid(type, id)));
        }
        return settings;
    }

    private static void actions(Expr expr, Set<EntityUid> named, Set<String> types) {
        if (expr.parts().stream().anyMatch(part -> part.equals(new Var(Variable.ACTION)))) {
            gatherEntities(expr, named);
            if (expr instanceof Is is) {
                types.add(is.type());
            }
        }
        expr.parts().forEach(part -> actions(part, named, types));
    }

    private static void gatherEntities(Expr expr, Set<EntityUid> named) {
        if (expr instanceof Literal literal && literal.value() instanceof EntityUid uid) {
            named.add(uid);
        }
        expr.parts().forEach(part -> gatherEntities(part, named));
    }
}
