package dev.modelops.core.internal.policy;

import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.AttributePath;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarText;
import dev.modelops.core.internal.policy.cedar.CompiledPolicy;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.EvaluationException;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.ExprCompiler;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Requirement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what a refused request lacks: every failing condition of every refusing rule, with the facts found. */
final class Explainer {
    private static final int LONGEST = 1000;

    private final AccessRequest request;
    private final Query query;

    Explainer(AccessRequest request, Query query) {
        this.request = request;
        this.query = query;
    }

    /** Returns what a forbid demands and did not find; the failure is that of its evaluation, if it failed. */
    List<Requirement> forbidden(CompiledPolicy policy, @Nullable String failure) {
        CedarPolicy source = policy.source();
        List<Shortfall> shortfalls = new ArrayList<>();
        int demands = 0;
        for (Clause clause : source.clauses()) {
            if (clause.kind() == Clause.Kind.UNLESS) {
                demands += demands(ExprCompiler.conjuncts(clause.body())).size();
                shortfalls.addAll(shortfalls(clause.body()));
            } else if (failure != null && failureOf(clause.body()) != null) {
                shortfalls.add(new Shortfall(clause.body(), failure));
            }
        }
        String remedy = annotation(
                source, "remedy", "ask those who keep the policy set what rule '" + policy.id() + "' is for");
        if (shortfalls.isEmpty()) {
            String expected = annotation(source, "expects", "not what rule '" + policy.id() + "' forbids");
            return List.of(requirement(policy.id(), expected, found(whenBodies(source), failure), remedy));
        }
        List<Requirement> unmet = new ArrayList<>();
        for (Shortfall shortfall : shortfalls) {
            String text = CedarText.of(shortfall.expr());
            String expects = source.annotations().get("expects");
            String expected = expects == null ? text : demands <= 1 ? expects : expects + " (" + text + ")";
            unmet.add(
                    requirement(policy.id(), expected, found(List.of(shortfall.expr()), shortfall.failure()), remedy));
        }
        return unmet;
    }

    /** Returns what the permits for the action demand and did not find, nearest first. */
    List<Requirement> notPermitted(List<CompiledPolicy> candidates, boolean ambiguous) {
        if (ambiguous) {
            return List.of(requirement(
                    PolicyEngine.DEFAULT_DENY,
                    "a step of the life cycle that is not named like another action",
                    "'" + query.action().id() + "', which policies cannot tell from that action",
                    "give the step another name in the life cycle"));
        }
        SortedSet<String> roles = new TreeSet<>();
        SortedSet<String> distantRoles = new TreeSet<>();
        List<Requirement> conditions = new ArrayList<>();
        for (CompiledPolicy policy : candidates) {
            if (policy.forbids() || !policy.acceptsResource(query)) {
                continue;
            }
            Near near = near(policy);
            if (near.roles().isEmpty() && near.principal()) {
                near.shortfalls().forEach(shortfall -> conditions.add(unmetPermit(policy, shortfall)));
            } else if (!near.roles().isEmpty()) {
                (near.shortfalls().isEmpty() ? roles : distantRoles).addAll(near.roles());
            }
        }
        List<Requirement> unmet = new ArrayList<>();
        SortedSet<String> wanted = roles.isEmpty() && conditions.isEmpty() ? distantRoles : roles;
        if (!wanted.isEmpty()) {
            unmet.add(requirement(
                    PolicyEngine.DEFAULT_DENY,
                    (wanted.size() == 1 ? "the role " : "one of the roles ") + String.join(", ", wanted),
                    rolesHeld(),
                    "ask somebody who holds the role, or have an administrator grant it"));
        }
        unmet.addAll(conditions);
        if (unmet.isEmpty()) {
            unmet.add(requirement(
                    PolicyEngine.DEFAULT_DENY,
                    "a rule that permits this",
                    "no rule for action '" + query.action().id() + "' on " + describe(query.resource()) + " by "
                            + describe(query.principal()),
                    "have the policy set changed if this should be permitted"));
        }
        return unmet;
    }

    private record Near(boolean principal, Set<String> roles, List<Shortfall> shortfalls) {}

    private Near near(CompiledPolicy policy) {
        Set<String> roles = new TreeSet<>();
        boolean principal = policy.acceptsPrincipal(query);
        if (!principal && policy.source().principal() instanceof Scope.In in) {
            addRole(roles, in.entity());
        }
        List<Shortfall> others = new ArrayList<>();
        for (Clause clause : policy.source().clauses()) {
            if (clause.kind() == Clause.Kind.WHEN) {
                for (Shortfall shortfall : shortfalls(clause.body())) {
                    Set<String> asked = rolesAsked(shortfall.expr());
                    if (asked.isEmpty()) {
                        others.add(shortfall);
                    } else {
                        roles.addAll(asked);
                    }
                }
            } else if (holds(clause.body())) {
                others.add(new Shortfall(new Unary(UnaryOperator.NOT, clause.body()), null));
            } else {
                String failure = failureOf(clause.body());
                if (failure != null) {
                    others.add(new Shortfall(new Unary(UnaryOperator.NOT, clause.body()), failure));
                }
            }
        }
        return new Near(principal, roles, others);
    }

    private Requirement unmetPermit(CompiledPolicy policy, Shortfall shortfall) {
        CedarPolicy source = policy.source();
        return requirement(
                policy.id(),
                annotation(source, "expects", CedarText.of(shortfall.expr())),
                found(List.of(shortfall.expr()), shortfall.failure()),
                annotation(source, "remedy", "meet the condition under which rule '" + policy.id() + "' permits this"));
    }

    /** A condition that does not hold, and why it could not be evaluated if it could not. */
    private record Shortfall(Expr expr, @Nullable String failure) {}

    /** Evaluates each part of a conjunction by itself and returns those that do not hold. */
    private List<Shortfall> shortfalls(Expr body) {
        List<Expr> conjuncts = ExprCompiler.conjuncts(body);
        List<Shortfall> found = shortfallsAmong(demands(conjuncts));
        return found.isEmpty() ? shortfallsAmong(conjuncts) : found;
    }

    private List<Shortfall> shortfallsAmong(List<Expr> exprs) {
        List<Shortfall> found = new ArrayList<>();
        for (Expr expr : exprs) {
            if (!holds(expr)) {
                found.add(new Shortfall(expr, failureOf(expr)));
            }
        }
        return found;
    }

    /** Leaves out a {@code has} that only guards a later part, which tells more. */
    private static List<Expr> demands(List<Expr> conjuncts) {
        List<Expr> demands = new ArrayList<>();
        for (int i = 0; i < conjuncts.size(); i++) {
            Expr conjunct = conjuncts.get(i);
            if (!(conjunct instanceof Has has)
                    || conjuncts.subList(i + 1, conjuncts.size()).stream()
                            .noneMatch(later -> contains(later, new GetAttr(has.of(), has.name())))) {
                demands.add(conjunct);
            }
        }
        return demands;
    }

    private static boolean contains(Expr whole, Expr part) {
        return whole.equals(part) || whole.parts().stream().anyMatch(inner -> contains(inner, part));
    }

    private boolean holds(Expr expr) {
        try {
            return ExprCompiler.compile(expr).test(query);
        } catch (EvaluationException e) {
            return false;
        }
    }

    private @Nullable String failureOf(Expr expr) {
        try {
            ExprCompiler.compile(expr).test(query);
            return null;
        } catch (EvaluationException e) {
            return e.getMessage();
        }
    }

    private static List<Expr> whenBodies(CedarPolicy policy) {
        return policy.clauses().stream()
                .filter(clause -> clause.kind() == Clause.Kind.WHEN)
                .map(Clause::body)
                .toList();
    }

    private String found(List<Expr> exprs, @Nullable String failure) {
        Map<String, Expr> read = new LinkedHashMap<>();
        exprs.forEach(expr -> read(expr, read));
        List<String> readings = new ArrayList<>();
        read.forEach((name, expr) -> {
            if (read.keySet().stream().noneMatch(other -> other.startsWith(name + "."))) {
                readings.add(rolesAsked(expr).isEmpty() ? name + " is " + valueOf(expr) : rolesHeld());
            }
        });
        if (readings.isEmpty()) {
            readings.add("action '" + query.action().id() + "' on " + describe(query.resource()) + " by "
                    + describe(query.principal()));
        }
        String text = String.join(", ", readings);
        boolean absent = readings.stream().anyMatch(reading -> reading.endsWith(" is absent"));
        return failure == null || absent ? text : text + " (" + failure + ")";
    }

    /** Collects what an expression reads, by the name to show it under. */
    private static void read(Expr expr, Map<String, Expr> found) {
        Expr attribute = expr instanceof Has has ? new GetAttr(has.of(), has.name()) : expr;
        AttributePath path = AttributePath.of(attribute);
        if (path != null) {
            found.putIfAbsent(path.dotted(), attribute);
        } else if (expr instanceof Var var) {
            if (var.variable() != Variable.CONTEXT) {
                found.putIfAbsent(var.variable().cedarName(), expr);
            }
        } else if (!rolesAsked(expr).isEmpty()) {
            found.putIfAbsent("roles", expr);
        } else {
            expr.parts().forEach(part -> read(part, found));
        }
    }

    private String valueOf(Expr expr) {
        try {
            return describe(ExprCompiler.compile(expr).evaluate(query));
        } catch (EvaluationException e) {
            return "absent";
        }
    }

    private static String describe(Value value) {
        if (value instanceof EntityUid uid) {
            return uid.id();
        }
        if (value instanceof DecimalValue decimal) {
            return decimal.toString();
        }
        return value instanceof StringValue text ? "'" + text.value() + "'" : CedarText.of(value);
    }

    private String rolesHeld() {
        return request.roles().isEmpty()
                ? "no role"
                : (request.roles().size() == 1 ? "the role " : "the roles ")
                        + request.roles().stream().map(Role::value).sorted().collect(Collectors.joining(", "));
    }

    private static Set<String> rolesAsked(Expr expr) {
        Set<String> roles = new TreeSet<>();
        if (expr instanceof Binary in
                && in.operator() == BinaryOperator.IN
                && in.left().equals(new Var(Variable.PRINCIPAL))) {
            List<Expr> asked = in.right() instanceof SetOf set ? set.elements() : List.of(in.right());
            for (Expr role : asked) {
                if (role instanceof Literal literal && literal.value() instanceof EntityUid uid) {
                    addRole(roles, uid);
                }
            }
        }
        return roles;
    }

    private static void addRole(Set<String> roles, EntityUid uid) {
        if (uid.type().equals(EntityNames.ROLE)) {
            roles.add(uid.id());
        }
    }

    private static String annotation(CedarPolicy policy, String key, String otherwise) {
        return policy.annotations().getOrDefault(key, otherwise);
    }

    private static Requirement requirement(String rule, String expected, String actual, String remedy) {
        return new Requirement(rule, cut(expected), cut(actual), cut(remedy));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 3) + "...";
    }
}
