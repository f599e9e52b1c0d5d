package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Binary;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Expr.SetOf;
import dev.modelops.core.internal.policy.cedar.Expr.Unary;
import dev.modelops.core.internal.policy.cedar.Expr.UnaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.PolicyPrinter;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.schema.ActionDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks one policy in all request environments. The three parts of the head depend on one part of the environment each, so
 * they are checked once for each type, and the conditions only where the head may match, once for all environments that are
 * alike in what the conditions mention.
 */
final class PolicyChecker {
    private final Schema schema;
    private final CedarPolicy policy;
    private final int level;
    private final Effort effort;
    private final ExprNumbers numbers = new ExprNumbers();
    private final Findings findings;
    private final Expr principal;
    private final Expr action;
    private final Expr resource;
    private final List<Expr> conditions;
    private final Map<String, Boolean> principals = new HashMap<>();
    private final Map<EntityUid, Boolean> actions = new HashMap<>();
    private final Map<String, Boolean> resources = new HashMap<>();
    private final Set<Variable> mentioned;
    private final Map<RecordType, Integer> contexts = new IdentityHashMap<>();
    private final Set<List<Object>> checked = new HashSet<>();
    private boolean applicable;
    private boolean possible;

    PolicyChecker(Schema schema, CedarPolicy policy, int level, Effort effort, Findings findings) {
        this.schema = schema;
        this.policy = policy;
        this.level = level;
        this.effort = effort;
        this.findings = findings;
        this.principal = expr(Variable.PRINCIPAL, policy.principal());
        this.action = expr(Variable.ACTION, policy.action());
        this.resource = expr(Variable.RESOURCE, policy.resource());
        this.conditions = policy.clauses().stream()
                .map(clause ->
                        clause.kind() == Clause.Kind.WHEN ? clause.body() : new Unary(UnaryOperator.NOT, clause.body()))
                .toList();
        this.mentioned = variables(conditions);
    }

    /** Writes a scope as the expression it stands for; a slot may hold whatever its variable may be in. */
    private static Expr expr(Variable variable, Scope scope) {
        Expr var = new Var(variable);
        if (scope instanceof Scope.Eq eq) {
            return new Binary(BinaryOperator.EQUAL, var, new Literal(eq.entity()));
        } else if (scope instanceof Scope.In in) {
            return new Binary(BinaryOperator.IN, var, new Literal(in.entity()));
        } else if (scope instanceof Scope.InAny any) {
            List<Expr> entities =
                    any.entities().stream().<Expr>map(Literal::new).toList();
            return new Binary(BinaryOperator.IN, var, new SetOf(entities));
        } else if (scope instanceof Scope.Is is) {
            return new Is(var, is.type(), null);
        } else if (scope instanceof Scope.IsIn isIn) {
            return new Is(var, isIn.type(), new Literal(isIn.entity()));
        } else if (scope instanceof Scope.EqSlot) {
            return new Binary(BinaryOperator.EQUAL, var, var);
        } else if (scope instanceof Scope.InSlot) {
            return new Binary(BinaryOperator.IN, var, var);
        } else if (scope instanceof Scope.IsInSlot isIn) {
            return new Is(var, isIn.type(), var);
        }
        return new Literal(BoolValue.of(true));
    }

    void check() {
        try {
            schema.actions().values().forEach(this::check);
        } catch (Rejected e) {
            findings.add(e.kind(), e.expr(), e.text(), null);
        }
        if (findings.isEmpty() && !applicable) {
            findings.add(
                    Finding.Kind.NOT_APPLICABLE,
                    head(),
                    "the schema must let an action of the head apply to its principals and resources, but none does; "
                            + "see what the action applies to, and which types may be in which",
                    null);
        } else if (findings.isEmpty() && !possible) {
            findings.add(
                    Finding.Kind.IMPOSSIBLE_POLICY,
                    conditions.get(0),
                    "the policy applies to no request that the schema allows, as its conditions are always false; "
                            + "see which attributes and types the schema declares",
                    null);
        }
    }

    private String head() {
        CedarPolicy head = new CedarPolicy(
                policy.effect(),
                policy.principal(),
                policy.action(),
                policy.resource(),
                Collections.emptySortedMap(),
                List.of());
        return PolicyPrinter.print(head)
                .replace("(\n    ", "(")
                .replace("\n    ", " ")
                .replace("\n", "");
    }

    private void check(ActionDeclaration declared) {
        for (String principalType : declared.principals()) {
            for (String resourceType : declared.resources()) {
                if (Boolean.FALSE.equals(actions.get(declared.uid())) || findings.isFull()) {
                    return;
                }
                if (Boolean.FALSE.equals(principals.get(principalType))) {
                    break;
                }
                check(new RequestEnvironment(principalType, declared.uid(), resourceType), declared);
            }
        }
    }

    private void check(RequestEnvironment environment, ActionDeclaration declared) {
        effort.spend(1, action);
        TypeChecker types = new TypeChecker(schema, environment, declared.context(), numbers, effort);
        try {
            if (matches(principals, environment.principalType(), principal, types, environment)
                    && matches(actions, environment.action(), action, types, environment)
                    && matches(resources, environment.resourceType(), resource, types, environment)) {
                applicable = true;
                if (checked.add(mentioned(environment, declared))) {
                    possible |= conditionsMayHold(types, environment);
                }
            }
        } catch (Rejected e) {
            if (e.kind() == Finding.Kind.TOO_LARGE) {
                throw e;
            }
            findings.add(e.kind(), e.expr(), e.text(), environment);
        }
    }

    private <K> boolean matches(
            Map<K, Boolean> known, K key, Expr scope, TypeChecker types, RequestEnvironment environment) {
        Boolean matches = known.get(key);
        if (matches == null) {
            matches = !truth(scope, Capabilities.NONE, types, environment).isFalse();
            known.put(key, matches);
        }
        return matches;
    }

    /** Returns the parts of an environment on which the types of the conditions depend. */
    private List<Object> mentioned(RequestEnvironment environment, ActionDeclaration declared) {
        List<Object> parts = new ArrayList<>(4);
        for (Variable variable : mentioned) {
            parts.add(
                    switch (variable) {
                        case PRINCIPAL -> environment.principalType();
                        case ACTION -> environment.action();
                        case RESOURCE -> environment.resourceType();
                        case CONTEXT -> contexts.computeIfAbsent(declared.context(), context -> contexts.size());
                    });
        }
        return parts;
    }

    private static Set<Variable> variables(List<Expr> roots) {
        Set<Variable> found = EnumSet.noneOf(Variable.class);
        Deque<Expr> open = new ArrayDeque<>(roots);
        while (!open.isEmpty()) {
            Expr expr = open.pop();
            if (expr instanceof Var var) {
                found.add(var.variable());
            }
            expr.parts().forEach(open::push);
        }
        return found;
    }

    private boolean conditionsMayHold(TypeChecker types, RequestEnvironment environment) {
        Capabilities known = Capabilities.NONE;
        for (Expr condition : conditions) {
            Typed typed = truth(condition, known, types, environment);
            if (typed.isFalse()) {
                return false;
            }
            known = known.and(typed.capabilities());
        }
        return true;
    }

    private Typed truth(Expr expr, Capabilities known, TypeChecker types, RequestEnvironment environment) {
        Typed typed = types.truth(expr, known);
        if (level != Validator.NO_LEVEL) {
            new LevelChecker(level, environment.action()).check(typed);
        }
        return typed;
    }
}
