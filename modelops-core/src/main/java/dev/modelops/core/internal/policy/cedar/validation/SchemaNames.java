package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Literal;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.schema.EntityDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.validation.Finding.Kind;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Checks that every entity type, action and enumerated entity a policy names is declared, even where nothing evaluates it. */
final class SchemaNames {
    private final Schema schema;
    private final Set<String> actionTypes = new HashSet<>();

    SchemaNames(Schema schema) {
        this.schema = schema;
        schema.actions().keySet().forEach(action -> actionTypes.add(action.type()));
    }

    void check(CedarPolicy policy, Findings findings) {
        for (Scope scope : List.of(policy.principal(), policy.action(), policy.resource())) {
            if (scope instanceof Scope.Eq eq) {
                check(eq.entity(), findings);
            } else if (scope instanceof Scope.In in) {
                check(in.entity(), findings);
            } else if (scope instanceof Scope.InAny any) {
                any.entities().forEach(entity -> check(entity, findings));
            } else if (scope instanceof Scope.Is is) {
                check(is.type(), "is " + is.type(), findings);
            } else if (scope instanceof Scope.IsIn isIn) {
                check(isIn.type(), "is " + isIn.type(), findings);
                check(isIn.entity(), findings);
            } else if (scope instanceof Scope.IsInSlot isIn) {
                check(isIn.type(), "is " + isIn.type(), findings);
            }
        }
        policy.clauses().forEach(clause -> check(clause.body(), findings));
    }

    private void check(Expr root, Findings findings) {
        Deque<Expr> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty() && !findings.isFull()) {
            Expr expr = open.pop();
            if (expr instanceof Literal literal && literal.value() instanceof EntityUid uid) {
                check(uid, findings);
            } else if (expr instanceof Is is) {
                check(is.type(), "is " + is.type(), findings);
            }
            List<Expr> parts = expr.parts();
            for (int i = parts.size() - 1; i >= 0; i--) {
                open.push(parts.get(i));
            }
        }
    }

    private void check(EntityUid uid, Findings findings) {
        EntityDeclaration declared = schema.entityType(uid.type());
        if (declared != null) {
            Set<String> ids = declared.ids();
            if (ids != null && !ids.contains(uid.id())) {
                add(
                        findings,
                        Kind.UNKNOWN_ENTITY_ID,
                        uid.toString(),
                        "'" + uid.type() + "' is enumerated and has no entity of this id",
                        uid.id(),
                        ids);
            }
        } else if (actionTypes.contains(uid.type())) {
            if (schema.action(uid) == null) {
                Set<String> ids = new TreeSet<>();
                schema.actions().keySet().stream()
                        .filter(action -> action.type().equals(uid.type()))
                        .forEach(action -> ids.add(action.id()));
                add(findings, Kind.UNKNOWN_ACTION, uid.toString(), "the schema has no such action", uid.id(), ids);
            }
        } else {
            check(uid.type(), uid.toString(), findings);
        }
    }

    private void check(String type, String expression, Findings findings) {
        if (schema.entityType(type) == null && !actionTypes.contains(type)) {
            Set<String> known = new TreeSet<>(actionTypes);
            known.addAll(schema.entityTypes().keySet());
            String message = "the schema has no entity type '" + type + "'";
            add(findings, Kind.UNKNOWN_ENTITY_TYPE, expression, message, type, known);
        }
    }

    private static void add(
            Findings findings, Kind kind, String expression, String message, String name, Collection<String> known) {
        findings.add(kind, expression, message + ": " + Spelling.hint(name, known), null);
    }
}
